"""What can be told about a symbol as context for a place in the code: one number per fact.

Every number is between 0 and about 1, and is read off the graph and the words alone, so that the
same weights hold for any repository and language.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import IntEnum
from math import log1p
from typing import TYPE_CHECKING, NamedTuple

from graphdb.retrieval.asked import Asked
from graphdb.retrieval.corpus import CALLABLE
from graphdb.retrieval.words import parts
from graphdb.schema import EdgeKind, NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphdb.retrieval.corpus import Corpus


class Fact(IntEnum):
    """Position of each number in a candidate's list."""

    USED = 0
    OWN_METHOD = 1
    OWN_FIELD = 2
    INHERITED = 3
    OWNER = 4
    BASE = 5
    SAME_FILE = 6
    FILE_MEMBER = 7
    IMPORTED = 8
    IMPORTED_MODULE = 9
    IMPORTED_MEMBER = 10
    TYPED_MEMBER = 11
    IDLE = 12
    CLASS_USES = 13
    FILE_USES = 14
    PEER_USES = 15
    PEER_NAME = 16
    ALIKE_USES = 17
    WORDS = 18
    NAME_WORDS = 19
    MENTIONED = 20
    IS_CLASS = 21
    IS_METHOD = 22
    IS_FIELD = 23
    IS_FUNCTION = 24
    IS_GLOBAL = 25
    IS_MODULE = 26
    IS_SPECIAL = 27
    IS_TEST = 28


class Meaning(NamedTuple):
    """What a fact weighs, and how it is said as a reason; "" for what is no reason by itself."""

    weight: float
    reason: str


MEANINGS: dict[Fact, Meaning] = {
    Fact.USED: Meaning(3.0, "used there"),
    Fact.OWN_METHOD: Meaning(1.9, "method of the same class"),
    Fact.OWN_FIELD: Meaning(3.0, "field of the same class"),
    Fact.INHERITED: Meaning(1.2, "inherited member of the class"),
    Fact.OWNER: Meaning(-2.6, "around it"),
    Fact.BASE: Meaning(0.0, "base of the class"),
    Fact.SAME_FILE: Meaning(2.0, "same file"),
    Fact.FILE_MEMBER: Meaning(0.4, "member of a class in the same file"),
    Fact.IMPORTED: Meaning(2.2, "imported into the file"),
    Fact.IMPORTED_MODULE: Meaning(0.6, "in a module that the file imports"),
    Fact.IMPORTED_MEMBER: Meaning(1.2, "member of a class that the file imports"),
    Fact.TYPED_MEMBER: Meaning(0.8, "of a type that the signature or a field has"),
    Fact.IDLE: Meaning(1.2, "not used in the file yet"),
    Fact.CLASS_USES: Meaning(1.1, "used by the class's methods"),
    Fact.FILE_USES: Meaning(1.5, "used in the file"),
    Fact.PEER_USES: Meaning(0.0, "used by a method of this name elsewhere"),
    Fact.PEER_NAME: Meaning(1.1, "a method of this name elsewhere uses one so called"),
    Fact.ALIKE_USES: Meaning(1.2, "used by functions with similar words"),
    Fact.WORDS: Meaning(1.5, "words of the text"),
    Fact.NAME_WORDS: Meaning(2.0, "name in the words of the text"),
    Fact.MENTIONED: Meaning(3.0, "named in the text"),
    Fact.IS_CLASS: Meaning(-1.0, ""),
    Fact.IS_METHOD: Meaning(-0.6, ""),
    Fact.IS_FIELD: Meaning(-0.7, ""),
    Fact.IS_FUNCTION: Meaning(-0.2, ""),
    Fact.IS_GLOBAL: Meaning(0.0, ""),
    Fact.IS_MODULE: Meaning(-0.9, ""),
    Fact.IS_SPECIAL: Meaning(-0.4, ""),
    Fact.IS_TEST: Meaning(-1.5, ""),
}
"""Weights of a logistic regression on development data (docs/benchmarks.md says which), by facts
that were seen with the body hidden. Two are set by hand: USED, because a body that is there is
known, and MENTIONED, because whoever spells a name in code's own way means it."""

USES = frozenset({EdgeKind.CALLS, EdgeKind.USES, EdgeKind.INSTANTIATES, EdgeKind.RETURNS_TYPE})
_MEMBER = (EdgeKind.HAS_METHOD, EdgeKind.HAS_FIELD)
_ALIKE = 20
"""How many functions with similar words are asked what they use."""

_SAID = 100
"""How many of the best matches by words are candidates."""

_KIND_FACT = {
    NodeKind.CLASS: Fact.IS_CLASS,
    NodeKind.METHOD: Fact.IS_METHOD,
    NodeKind.FIELD: Fact.IS_FIELD,
    NodeKind.FUNCTION: Fact.IS_FUNCTION,
    NodeKind.GLOBAL_VARIABLE: Fact.IS_GLOBAL,
    NodeKind.MODULE: Fact.IS_MODULE,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where context is wanted: a symbol, and what is known of its purpose.

    node: the symbol's number; what it defines inside itself is never context for it. text: a
    description, or the code before a cursor.
    """

    node: int
    text: str = ""


class Facts:
    """Collects the facts about all candidates for one place."""

    def __init__(self, corpus: Corpus, place: Place, asked: Asked | None = None) -> None:
        self._corpus = corpus
        self._place = place
        self._asked = asked or Asked(corpus, place.text)
        self.rows: dict[int, list[float]] = {}
        inside = self._inside(place.node)
        self._hidden = inside | {place.node}
        self._class = _class_around(corpus, place.node)
        self._module = corpus.module_of(place.node)

    def collect(self) -> dict[int, list[float]]:
        """Candidate number -> its facts, in the order of `Fact`."""
        self._structure()
        self._imports()
        self._types()
        self._usage()
        self._peers()
        self._words()
        for number in list(self.rows):
            self._shape(number)
        return self.rows

    # Where a candidate stands

    def _structure(self) -> None:
        corpus, node = self._corpus, self._place.node
        self._mark(corpus.targets(node, USES), Fact.USED)
        self._mark(corpus.owners(node), Fact.OWNER)
        if self._class is not None:
            self._members(self._class, Fact.OWN_METHOD, Fact.OWN_FIELD, Fact.INHERITED)
            self._mark(_ancestors(corpus, self._class), Fact.BASE)
        if self._module is None:
            return
        top = corpus.children.get(self._module, ())
        self._mark(top, Fact.SAME_FILE)
        for number in top:
            if number != self._class and corpus.kind_of(number) is NodeKind.CLASS:
                self._mark(corpus.children.get(number, ()), Fact.FILE_MEMBER)

    def _members(self, owner: int, method: Fact, field: Fact, inherited: Fact) -> None:
        for n in self._corpus.outgoing.of(owner):
            if n.edge in _MEMBER:
                own = method if n.edge is EdgeKind.HAS_METHOD else field
                self._mark([n.node], inherited if n.is_derived else own)

    def _imports(self) -> None:
        if self._module is None:
            return
        corpus = self._corpus
        for number in corpus.targets(self._module, (EdgeKind.IMPORTS,)):
            kind = corpus.kind_of(number)
            self._mark([number], Fact.IMPORTED)
            if kind is NodeKind.MODULE:
                exported = corpus.targets(number, (EdgeKind.CONTAINS, EdgeKind.EXPORTS))
                self._mark(exported, Fact.IMPORTED_MODULE)
            elif kind is NodeKind.CLASS:
                members = corpus.targets(number, _MEMBER, derived=True)
                self._mark(members, Fact.IMPORTED_MEMBER)

    def _types(self) -> None:
        """Members of the classes that the signature names and that the class's fields hold."""
        corpus = self._corpus
        classes = {
            n for n in corpus.targets(self._place.node, USES) if corpus.kind_of(n) is NodeKind.CLASS
        }
        if self._class is not None:
            for field in corpus.targets(self._class, (EdgeKind.HAS_FIELD,), derived=True):
                classes |= corpus.targets(field, (EdgeKind.HAS_TYPE,))
        for number in sorted(classes - {self._class}):
            self._mark([number], Fact.TYPED_MEMBER, 0.5)
            self._mark(corpus.targets(number, _MEMBER, derived=True), Fact.TYPED_MEMBER)

    # What others use

    def _usage(self) -> None:
        corpus = self._corpus
        if self._module is None:
            return
        file_uses: Counter[int] = Counter()
        class_uses: Counter[int] = Counter()
        methods = 0
        for number in corpus.in_file[corpus.path[self._place.node]]:
            if number in self._hidden:
                continue
            used = corpus.targets(number, USES)
            file_uses.update(used)
            if self._class is not None and corpus.parent[number] == self._class:
                class_uses.update(used)
                methods += corpus.kind_of(number) in CALLABLE
        for number, count in class_uses.items():
            self._mark([number], Fact.CLASS_USES, count / max(1, methods))
        for number, count in file_uses.items():
            self._mark([number], Fact.FILE_USES, min(1.0, log1p(count) / 3))
        for number, row in self.rows.items():
            is_near = row[Fact.SAME_FILE] or row[Fact.IMPORTED] or row[Fact.OWN_METHOD]
            if (is_near or row[Fact.OWN_FIELD]) and not file_uses[number]:
                row[Fact.IDLE] = 1.0

    def _peers(self) -> None:
        """What methods of the same name elsewhere use."""
        corpus, node = self._corpus, self._place.node
        peers = {
            n
            for n in corpus.by_name.get(corpus.name[node].lower(), ())
            if n not in self._hidden and corpus.kind_of(n) in CALLABLE and not corpus.is_test[n]
        }
        names: set[str] = set()
        for peer in sorted(peers):
            used = corpus.targets(peer, USES)
            self._mark(used, Fact.PEER_USES)
            names |= {corpus.name[n] for n in used}
        for number, row in self.rows.items():
            if corpus.name[number] in names:
                row[Fact.PEER_NAME] = 1.0

    def _words(self) -> None:
        corpus, asked = self._corpus, self._asked
        found = asked.scores_with(corpus.name[self._place.node].rpartition(".")[2])
        best = found.largest(_SAID, self._hidden)
        top = found[best[0]] if best else 1.0
        alike = [n for n in best if corpus.kind_of(n) in CALLABLE][:_ALIKE]
        for number in alike:
            if not corpus.is_test[number]:
                used = corpus.targets(number, USES)
                for other in used:
                    if other not in self._hidden:
                        row = self._row(other)
                        row[Fact.ALIKE_USES] += found[number] / top / 2
        mentioned = asked.named.symbols
        for number in (*best, *mentioned):
            if number not in self._hidden:
                self._row(number)
        for number, row in self.rows.items():
            row[Fact.WORDS] = found[number] / top
            row[Fact.MENTIONED] = mentioned.get(number, 0.0)
            row[Fact.ALIKE_USES] = min(2.0, row[Fact.ALIKE_USES])
        self._names()

    def _names(self) -> None:
        corpus, said = self._corpus, self._asked.words
        telling = corpus.telling
        for number, row in self.rows.items():
            # In the name's order: a sum in the order of a set differs between processes.
            words = dict.fromkeys(parts(corpus.name[number].rpartition(".")[2]))
            shared = [word for word in words if word in said]
            if shared:
                total = sum([telling[word] for word in words])
                row[Fact.NAME_WORDS] = sum([telling[word] for word in shared]) / total

    def _shape(self, number: int) -> None:
        corpus, row = self._corpus, self.rows[number]
        row[_KIND_FACT[corpus.kind_of(number)]] = 1.0
        name = corpus.name[number]
        is_special = name.startswith("__") and name.endswith("__")
        row[Fact.IS_SPECIAL] = float(is_special)
        row[Fact.IS_TEST] = float(corpus.is_test[number])

    # Rows

    def _row(self, number: int) -> list[float]:
        row = self.rows.get(number)
        if row is None:
            row = self.rows[number] = [0.0] * len(Fact)
        return row

    def _mark(self, numbers: Iterable[int], fact: Fact, value: float = 1.0) -> None:
        for number in numbers:
            if number not in self._hidden:
                row = self._row(number)
                row[fact] = max(row[fact], value)

    def _inside(self, node: int) -> set[int]:
        """What a symbol defines inside itself; the members of a class are no part of it here."""
        corpus = self._corpus
        if corpus.kind_of(node) not in CALLABLE:
            return set()
        found: set[int] = set()
        open_ = list(corpus.children.get(node, ()))
        while open_:
            number = open_.pop()
            found.add(number)
            open_ += corpus.children.get(number, ())
        return found


def _class_around(corpus: Corpus, node: int) -> int | None:
    """The class that a symbol is or stands in."""
    around = (node, *corpus.owners(node))
    return next((n for n in around if corpus.kind_of(n) is NodeKind.CLASS), None)


def _ancestors(corpus: Corpus, node: int) -> Iterator[int]:
    seen, open_ = {node}, [node]
    while open_:
        for base in sorted(
            corpus.targets(open_.pop(), (EdgeKind.INHERITS, EdgeKind.IMPLEMENTS)) - seen
        ):
            seen.add(base)
            open_.append(base)
            yield base
