"""Search that mixes names and text: what a person gets who knows a word and not a name.

The two lists are joined by reciprocal rank, because the stores' text scores compare with nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.queries.rows import symbols_by_uid
from graphdb.queries.symbols import search_symbols
from graphdb.schema import CODE_KINDS, NodeKind
from graphdb.symbols import SearchHit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphdb.store import GraphReader

_DAMPING = 60
_NAME_WEIGHT = 2.0


def search(
    reader: GraphReader,
    text: str,
    kinds: Sequence[NodeKind] = CODE_KINDS,
    limit: int = 20,
) -> tuple[SearchHit, ...]:
    """Symbols that fit `text` by name or by their text, best first."""
    by_name = search_symbols(reader, text, kinds, limit * 2)
    by_text = reader.search_text(text, kinds, limit * 2)
    scores: dict[str, float] = {}
    for rank, symbol in enumerate(by_name):
        scores[symbol.uid] = _NAME_WEIGHT / (_DAMPING + rank)
    for rank, hit in enumerate(by_text):
        scores[hit.uid] = scores.get(hit.uid, 0.0) + 1 / (_DAMPING + rank)
    symbols = {symbol.uid: symbol for symbol in by_name}
    names, texts = set(symbols), {hit.uid for hit in by_text}
    missing = [uid for uid in scores if uid not in symbols]
    if missing:
        symbols |= symbols_by_uid(reader, missing, kinds)
    best = sorted((uid for uid in scores if uid in symbols), key=lambda uid: (-scores[uid], uid))
    return tuple(
        SearchHit(symbols[uid], round(scores[uid], 6), _matched(uid, names, texts))
        for uid in best[:limit]
    )


def _matched(uid: str, names: set[str], texts: set[str]) -> str:
    if uid in names and uid in texts:
        return "name and text"
    return "name" if uid in names else "text"
