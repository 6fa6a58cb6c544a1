"""From a name in a question to what it means here, or to an answer that says what it may mean.

Overloads of one method are one subject. What stands in test files counts only where nothing else
has the name; what was left aside for that is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.answers.answer import GraphAnswer, Row, counted, inline, rows_section
from graphdb.queries.names import candidates, near_names, normal_path
from graphdb.queries.rows import fetch_symbols
from graphdb.queries.traits import files_of_tests
from graphdb.schema import CODE_KINDS, NodeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from agent.answers.answer import Section
    from agent.answers.ground import Ground
    from graphdb.symbols import Symbol

CLASSES = (NodeKind.CLASS,)
CALLABLES = (NodeKind.FUNCTION, NodeKind.METHOD, NodeKind.CLASS)
_MAX_NEAR = 8
_MAX_FOUND = 6


class UnclearNameError(Exception):
    """A name that stands for nothing, or for several things; `answer` says so.

    hole: where it stands in the question, once known.
    """

    def __init__(self, answer: GraphAnswer, meant: Sequence[Subject] = ()) -> None:
        super().__init__(answer.title)
        self.answer = answer
        self.meant = tuple(meant)
        self.hole = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question is about.

    symbols: one, or the overloads of one method. aside: others of the name, in tests.
    """

    symbols: tuple[Symbol, ...]
    aside: tuple[Symbol, ...] = ()

    @property
    def first(self) -> Symbol:
        """The symbol, or the first overload."""
        return self.symbols[0]

    @property
    def name(self) -> str:
        """As an answer's title spells it: the last two parts of the full name."""
        return inline(short_name(self.first))


def find_subject(
    ground: Ground, name: str, kinds: Collection[NodeKind] = (), within: str = ""
) -> Subject:
    """What a name means. kinds: those that are meant if there is a choice. within: a class or path.

    Raises UnclearNameError.
    """
    name, within = clean(name), clean(within)
    found = _within(ground, name, within, kinds) if within else _called(ground, name, kinds)
    if not found:
        raise UnclearNameError(unknown(ground, name, within))
    found = _leading(found)
    groups = _groups(found)
    if len(groups) == 1:
        return Subject(tuple(found))
    tests = files_of_tests(ground.reader, {s.file_path for s in found if s.file_path})
    product = [s for s in found if s.file_path not in tests]
    groups = _groups(product)
    if len(groups) != 1:
        meant = product or found
        raise UnclearNameError(ambiguous(name, meant), _subjects(meant))
    return Subject(tuple(product), tuple(s for s in found if s.file_path in tests))


def clean(name: str) -> str:
    """A name as the graph spells it: without quotes and arguments, with dots between its parts."""
    name = name.strip().strip("`'\"").strip()
    if name.endswith(")"):
        name = name.partition("(")[0]
    return name.replace("::", ".").replace("#", ".").removesuffix("/")


def short_name(symbol: Symbol) -> str:
    """The last two parts of a full name: enough to know it by. A module's is its whole name."""
    if symbol.kind in (NodeKind.MODULE, NodeKind.EXTERNAL):
        return symbol.full_name
    parts = symbol.full_name.split(".")
    if symbol.kind in (NodeKind.METHOD, NodeKind.FIELD):
        return ".".join(parts[-2:])
    return parts[-1]


def kind_name(symbol: Symbol) -> str:
    """A symbol's kind in words."""
    for label in ("INTERFACE", "ENUM", "RECORD"):
        if label in symbol.labels:
            return label.lower()
    if symbol.kind is NodeKind.EXTERNAL:
        return "outside the repository"
    return symbol.kind.value.lower().replace("_", " ")


def symbol_row(symbol: Symbol, note: str = "") -> Row:
    """A symbol as a line of a list."""
    location = None if symbol.kind is NodeKind.EXTERNAL else symbol.location
    return Row(symbol.full_name, location, note or kind_name(symbol))


def ambiguous(name: str, found: Sequence[Symbol]) -> GraphAnswer:
    """The candidates of a name."""
    ordered = sorted(found, key=lambda s: (s.full_name, s.start_line or 0))
    section = rows_section(
        "Candidates",
        (symbol_row(symbol) for symbol in ordered),
        "Ask again with more of the name, or with `path:line`.",
    )
    title = f"{inline(name)} is the name of {counted(len(found), 'symbol')}"
    return GraphAnswer(title, (section,), is_found=False)


def unknown(ground: Ground, name: str, within: str = "") -> GraphAnswer:
    """Near misses of a name that is none, and what a search for it finds."""
    place = f" in {inline(within)}" if within else ""
    sections: list[Section] = []
    names = near_names(ground.reader, name, _MAX_NEAR)
    if names:
        near = fetch_symbols(ground.reader, "n.full_name IN $names", {"names": names}, CODE_KINDS)
        near.sort(key=lambda s: (names.index(s.full_name), s.file_path or "", s.start_line or 0))
        sections.append(rows_section("Spelt almost like it", map(symbol_row, near)))
    found = ground.retriever().search(name, limit=_MAX_FOUND)
    if found:
        rows = (Row(f.symbol.full_name, f.symbol.location, f.why) for f in found)
        sections.append(rows_section("A search for it", rows))
    return GraphAnswer(f"Nothing is called {inline(name)}{place}", tuple(sections), is_found=False)


def _called(ground: Ground, name: str, kinds: Collection[NodeKind]) -> list[Symbol]:
    found = candidates(ground.reader, name, kinds)
    if found or not name.replace(".", "_").isidentifier():
        return found
    last = name.rpartition(".")[2].lower()
    found = fetch_symbols(ground.reader, "toLower(n.name) = $name", {"name": last}, CODE_KINDS)
    ending = f".{name.lower()}"
    found = [s for s in found if f".{s.full_name.lower()}".endswith(ending)]
    return [s for s in found if s.kind in kinds] or found


def _within(ground: Ground, name: str, within: str, kinds: Collection[NodeKind]) -> list[Symbol]:
    """What of a name is a member of something, or stands in a file or folder."""
    members = candidates(ground.reader, f"{within}.{name}", kinds)
    if members:
        return members
    path = normal_path(ground.reader, within)
    owners = tuple(f"{s.full_name}." for s in candidates(ground.reader, within))
    return [
        symbol
        for symbol in candidates(ground.reader, name, kinds)
        if symbol.file_path == path
        or (symbol.file_path or "").startswith(f"{path}/")
        or (owners and symbol.full_name.startswith(owners))
    ]


def _leading(found: Sequence[Symbol]) -> list[Symbol]:
    """Without the constructors of a class, and the file of a class, that are called like it."""
    classes = {s.full_name for s in found if s.kind is NodeKind.CLASS}
    kept = [
        s
        for s in found
        if not (s.kind is NodeKind.METHOD and s.full_name.rpartition(".")[0] in classes)
        and not (s.kind is NodeKind.MODULE and s.full_name in classes)
    ]
    return sorted(kept, key=lambda s: (s.file_path or "~", s.start_line or 0))


def _subjects(found: Sequence[Symbol]) -> list[Subject]:
    groups: dict[tuple[str, str | None], list[Symbol]] = {}
    for symbol in found:
        groups.setdefault((symbol.full_name, symbol.file_path), []).append(symbol)
    return [Subject(tuple(group)) for group in groups.values()]


def _groups(found: Sequence[Symbol]) -> set[tuple[str, str | None]]:
    return {(symbol.full_name, symbol.file_path) for symbol in found}
