"""The four questions of retrieval, answered in domain values from one corpus and its graph."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from graphdb.errors import NotFoundError
from graphdb.queries.rows import symbols_by_uid
from graphdb.queries.source import sources_by_uid
from graphdb.retrieval.asked import Asked
from graphdb.retrieval.context import Scored, rank_context
from graphdb.retrieval.evidence import Evidence
from graphdb.retrieval.features import USES, Place
from graphdb.retrieval.packing import CHARACTERS_PER_TOKEN, Material, Packed, pack
from graphdb.retrieval.repomap import rank_symbols
from graphdb.retrieval.vectors import ranked_files, ranked_symbols
from graphdb.schema import CODE_KINDS, NodeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from graphdb.retrieval.corpus import Corpus
    from graphdb.retrieval.locate import ScoredFile
    from graphdb.retrieval.vectors import Meaning
    from graphdb.store import GraphReader
    from graphdb.symbols import SourceText, Symbol

_PACKED = 400
"""How many of the best symbols compete for a budget."""

_CLASSES = (NodeKind.CLASS,)
_CALLABLES = (NodeKind.FUNCTION, NodeKind.METHOD)
_SCOPES = frozenset({NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD})
_SEEDS_OF_TEXT = 3
"""How many symbols of a text's answer bring their own context into its pack."""


@dataclass(frozen=True, slots=True)
class Found:
    """A symbol, its score within this answer, and why it is there."""

    symbol: Symbol
    score: float
    why: str


@dataclass(frozen=True, slots=True)
class Located:
    """What a text is about: files, then classes and modules, then functions and methods."""

    files: tuple[ScoredFile, ...]
    classes: tuple[Found, ...]
    functions: tuple[Found, ...]


class Retriever:
    """Asks one corpus; the graph behind it gives the texts."""

    def __init__(self, reader: GraphReader, corpus: Corpus, meaning: Meaning | None = None) -> None:
        """Meaning: asked, too, what a text is about, where it is given."""
        self._reader = reader
        self._corpus = corpus
        self._meaning = meaning

    def search(
        self, text: str, kinds: Collection[NodeKind] = CODE_KINDS, limit: int = 20
    ) -> tuple[Found, ...]:
        """Symbols that a text is about, tests after everything else only by their score."""
        evidence = Evidence(self._corpus, text)
        near = self._near(evidence)
        return self._found(ranked_symbols(evidence, kinds, limit, near=near, with_tests=True))

    def locate(self, text: str, limit: int = 10) -> Located:
        """Files, classes and functions that a text is about, tests left out."""
        evidence = Evidence(self._corpus, text)
        near = self._near(evidence)
        found = {
            kinds: ranked_symbols(evidence, kinds, limit, near=near)
            for kinds in (_CLASSES, _CALLABLES)
        }
        return Located(
            files=tuple(ranked_files(evidence, limit, near=near)),
            classes=self._found(found[_CLASSES]),
            functions=self._found(found[_CALLABLES]),
        )

    def context_of(
        self, symbol: Symbol, budget: int, text: str = "", *, with_code: bool = True
    ) -> Packed:
        """What a reader or writer of a symbol needs, within a budget of tokens.

        text: a description of its purpose. with_code: show its own code first, up to half the
        budget; False for who has it already.
        """
        number = self._corpus.number_of[symbol.uid]
        ranked = rank_context(self._corpus, Place(number, text), _PACKED)
        around = [n for n in self._corpus.owners(number) if not self._corpus.is_module(n)]
        owners = [Scored(n, ranked[0].score if ranked else 1.0, "around it") for n in around]
        shown = [*owners, *ranked]
        sources = self._sources([number, *(item.node for item in shown)])
        heading = ""
        if with_code:
            own = sources.get(symbol.uid)
            code = (own and own.code) or symbol.signature or ""
            heading = f"# {symbol.full_name}  {symbol.location}\n{code}"
            heading = heading[: budget * CHARACTERS_PER_TOKEN // 2]
        used = self._corpus.targets(number, USES)
        return pack(self._materials(shown, sources, used), budget, heading)

    def context_at(self, path: str, line: int, budget: int, text: str) -> Packed:
        """What whoever writes at a line of a file needs from other files, signatures only.

        text: the code before the cursor. Raises NotFoundError when the file is not indexed.
        """
        corpus = self._corpus
        file = corpus.path_number.get(path)
        if file is None:
            raise NotFoundError(f"{path} is not indexed: check the path or run codexgraph index")
        around = [n for n in corpus.in_file[file] if corpus.start[n] <= line <= corpus.end[n]]
        scopes = [n for n in around if corpus.kind_of(n) in _SCOPES] or corpus.in_file[file][:1]
        place = max(scopes, key=lambda n: (corpus.start[n], n))
        ranked = rank_context(corpus, Place(place, text))
        others = [item for item in ranked if corpus.path[item.node] != file]
        return self._pack(others[:_PACKED], budget, bodies=False)

    def context_for(self, text: str, budget: int) -> Packed:
        """What a text is about and what belongs to it, within a budget of tokens."""
        evidence = Evidence(self._corpus, text)
        found = ranked_symbols(evidence, CODE_KINDS, _PACKED, near=self._near(evidence))
        scores = {item.node: item for item in found}
        asked = evidence.asked if evidence.asked.text == text else Asked(self._corpus, text)
        for seed in found[:_SEEDS_OF_TEXT]:
            place = Place(seed.node, text)
            near = rank_context(self._corpus, place, _PACKED // 4, asked=asked)
            top = near[0].score if near else 1.0
            for item in near:
                score = seed.score * 0.5 * item.score / top if top > 0 else 0.0
                known = scores.get(item.node)
                if known is None or known.score < score:
                    name = self._corpus.name[seed.node]
                    scores[item.node] = Scored(item.node, score, f"for {name}: {item.why}")
        ranked = sorted(scores.values(), key=lambda item: (-item.score, item.node))
        return self._pack(ranked[:_PACKED], budget)

    def map(self, budget: int) -> Packed:
        """The repository's most used symbols, within a budget of tokens."""
        return self._pack(self._central, budget, bodies=False)

    def _near(self, evidence: Evidence) -> list[int]:
        return self._meaning.near(evidence) if self._meaning else []

    @cached_property
    def _central(self) -> list[Scored]:
        """What the map is made of; it depends on the graph alone."""
        return rank_symbols(self._corpus, _PACKED)

    def _pack(self, ranked: Sequence[Scored], budget: int, *, bodies: bool = True) -> Packed:
        sources = self._sources([item.node for item in ranked])
        return pack(self._materials(ranked, sources), budget, bodies=bodies)

    def _found(self, ranked: Sequence[Scored]) -> tuple[Found, ...]:
        symbols = self._symbols(ranked)
        return tuple(
            Found(symbols[self._corpus.uid[item.node]], item.score, item.why)
            for item in ranked
            if self._corpus.uid[item.node] in symbols
        )

    def _sources(self, numbers: Sequence[int]) -> dict[str, SourceText]:
        uids: dict[NodeKind, list[str]] = {}
        for number in dict.fromkeys(numbers):
            uids.setdefault(self._corpus.kind_of(number), []).append(self._corpus.uid[number])
        return sources_by_uid(self._reader, uids)

    def _materials(
        self,
        ranked: Sequence[Scored],
        sources: Mapping[str, SourceText],
        needed: Collection[int] = (),
    ) -> list[Material]:
        once = {self._corpus.uid[item.node]: item for item in reversed(ranked)}
        order = sorted(once.values(), key=lambda item: (-item.score, item.node))
        return [
            Material(source.symbol, source.code or "", item.score, item.why, item.node in needed)
            for item in order
            if (source := sources.get(self._corpus.uid[item.node]))
        ]

    def _symbols(self, ranked: Sequence[Scored]) -> dict[str, Symbol]:
        kinds = sorted({self._corpus.kind_of(item.node) for item in ranked})
        if not kinds:
            return {}
        return symbols_by_uid(self._reader, [self._corpus.uid[i.node] for i in ranked], kinds)
