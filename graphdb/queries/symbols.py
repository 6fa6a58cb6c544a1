"""Find symbols by a part of their name, and the outline of a file.

Ranks: the exact name, a prefix, a part in any case, and last the starts of its words, so that `qs`
and `QuSe` find `QuerySet`. Names are ranked here and only the winners are read in full, because a
two-letter text fits a good part of any repository.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphdb.queries.names import normal_path, symbols_of_file
from graphdb.queries.rows import per_kind, symbols_by_uid
from graphdb.schema import CODE_KINDS, NodeKind
from graphdb.symbols import OutlineEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_KIND_ORDER = {
    kind: position
    for position, kind in enumerate(
        (NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD, NodeKind.MODULE)
    )
}
_NO_MATCH = 9
_LETTERS = 50


def search_symbols(
    reader: GraphReader,
    text: str,
    kinds: Sequence[NodeKind] = CODE_KINDS,
    limit: int = 50,
) -> tuple[Symbol, ...]:
    """Symbols whose name fits `text`, best first; a dotted text is matched on full names."""
    text = text.strip()
    if not text:
        return ()
    dotted = "." in text
    names = _names_like(reader, text, kinds, dotted=dotted)
    ranked = [
        (rank, len(name), _KIND_ORDER.get(kind, 9), name, uid, kind)
        for uid, name, kind in names
        if (rank := match_rank(text, name, dotted=dotted)) < _NO_MATCH
    ]
    best = sorted(ranked)[:limit]
    order = [item[4] for item in best]
    symbols = symbols_by_uid(reader, order, tuple(dict.fromkeys(item[5] for item in best)))
    return tuple(symbols[uid] for uid in order if uid in symbols)


def match_rank(text: str, name: str, *, dotted: bool = False) -> int:
    """How well a name fits: 0 exact to 5, or 9 for not at all."""
    if name == text or (dotted and name.endswith("." + text)):
        return 0
    low_text, low_name = text.lower(), name.lower()
    if low_name == low_text or (dotted and low_name.endswith("." + low_text)):
        return 1
    if name.startswith(text):
        return 2
    if low_name.startswith(low_text):
        return 3
    if low_text in low_name:
        return 4
    return 5 if not dotted and _fits_words(text, name) else _NO_MATCH


def outline(reader: GraphReader, path: str) -> tuple[OutlineEntry, ...]:
    """The symbols of a file in order of line, with their nesting; empty when it is not indexed."""
    entries: list[OutlineEntry] = []
    open_ends: list[int] = []
    for symbol in symbols_of_file(reader, normal_path(reader, path)):
        if symbol.kind == NodeKind.MODULE:
            continue
        while open_ends and open_ends[-1] < (symbol.start_line or 0):
            open_ends.pop()
        entries.append(OutlineEntry(symbol, len(open_ends)))
        open_ends.append(symbol.end_line or 0)
    return tuple(entries)


def _names_like(
    reader: GraphReader, text: str, kinds: Sequence[NodeKind], *, dotted: bool
) -> list[tuple[str, str, NodeKind]]:
    if not kinds:
        return []
    name = "n.full_name" if dotted else "n.name"
    where = f"(toLower({name}) CONTAINS $text OR {name} =~ $words)"
    part = (
        f"MATCH (n:%s) WHERE n.repo = $repo AND {where} "
        f"RETURN n.uid AS uid, {name} AS name, '%s' AS kind"
    )
    params = {"text": text.lower(), "words": _word_pattern(text)}
    rows = reader.query(per_kind(kinds, part), params, max_rows=None).rows
    return [(row[0], row[1] or "", NodeKind(row[2])) for row in rows]


def _word_pattern(text: str) -> str:
    """A regular expression that lets through all names whose words may start as `text` says."""
    return "(?i)_*" + in_this_order(text) + ".*"


def in_this_order(text: str, but: str = "") -> str:
    """A pattern of the letters of a text with anything but some characters between them.

    Each letter is the next there is, so that a text that does not fit is not tried in all the ways
    in which it might; the first letters of a long one sift as well.
    """
    first, *others = [re.escape(char) for char in text if char.isalnum()][:_LETTERS] or [""]
    return first + "".join(f"[^{char}{but}]*{char}" for char in others)


def _fits_words(text: str, name: str) -> bool:
    """True when `text` can be cut into starts of the words of `name`, in their order."""
    letters = "".join(char for char in text.lower() if char.isalnum())
    ends: set[int] | None = None
    for word in _WORDS.findall(name):
        found = {end for at in ends or (0,) for end in _ends(letters, word.lower(), at)}
        # Any word may be passed over but the first.
        ends = found if ends is None else ends | found
        if not ends:
            return False
    return bool(letters) and ends is not None and len(letters) in ends


def _ends(letters: str, word: str, at: int) -> Iterator[int]:
    """Where starts of a word end that are found in letters at a place."""
    for offset, char in enumerate(word, at):
        if offset == len(letters) or letters[offset] != char:
            return
        yield offset + 1
