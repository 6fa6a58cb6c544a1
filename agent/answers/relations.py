"""Answers about one symbol and what it is joined to: callers, uses, hierarchy, tests, impact."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from agent.answers.answer import MAX_ROWS, GraphAnswer, Row, counted, inline, listed, rows_section
from agent.answers.subjects import (
    CALLABLES,
    CLASSES,
    Subject,
    kind_name,
    short_name,
)
from graphdb.queries.call_hierarchy import CALL_EDGES, incoming_calls, outgoing_calls, own_members
from graphdb.queries.impact import impact
from graphdb.queries.members import members_of
from graphdb.queries.paths import USE_EDGES, shortest_path
from graphdb.queries.references import find_references
from graphdb.queries.rows import Follow, fetch_symbols, reading_order, step
from graphdb.queries.traits import files_of_tests
from graphdb.schema import EdgeKind, NodeKind, Tier

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from agent.answers.answer import Section
    from agent.answers.asked import Asked
    from agent.answers.ground import Ground
    from graphdb.symbols import Relation, Symbol

_TYPES_AND_MEMBERS = (NodeKind.CLASS, NodeKind.METHOD, NodeKind.FIELD)
_HOW = {
    EdgeKind.CALLS: "calls it",
    EdgeKind.INSTANTIATES: "makes one",
    EdgeKind.USES: "names it",
    EdgeKind.INHERITS: "inherits from it",
    EdgeKind.IMPLEMENTS: "implements it",
    EdgeKind.OVERRIDES: "overrides it",
    EdgeKind.IMPORTS: "imports it",
    EdgeKind.HAS_TYPE: "is of this type",
    EdgeKind.RETURNS_TYPE: "returns it",
    EdgeKind.DECORATES: "is decorated with it",
}
_RUNNABLE = (NodeKind.FUNCTION, NodeKind.METHOD)
_MAX_LINES = 4
"""Lines of further sites that a row names."""


def callers(asked: Asked) -> GraphAnswer:
    """Who calls something."""
    subject = asked.subject(kinds=CALLABLES)
    found = [r for s in subject.symbols for r in incoming_calls(asked.ground.reader, s).items]
    verb = "makes instances of" if subject.first.kind is NodeKind.CLASS else "calls"
    return _related(asked.ground, f"Who {verb} {subject.name}", "Callers", subject, found)


def callees(asked: Asked) -> GraphAnswer:
    """What something calls."""
    subject = asked.subject(kinds=CALLABLES)
    found = [r for s in subject.symbols for r in outgoing_calls(asked.ground.reader, s).items]
    return _related(asked.ground, f"What {subject.name} calls", "Calls", subject, found)


def references(asked: Asked) -> GraphAnswer:
    """Every place that names something."""
    subject = asked.subject()
    found = [r for s in subject.symbols for r in find_references(asked.ground.reader, s).items]
    title = f"What uses {subject.name}"
    return _related(asked.ground, title, "Uses", subject, found, has_verb=True)


def importers(asked: Asked) -> GraphAnswer:
    """What imports something."""
    subject = asked.subject(kinds=(NodeKind.MODULE, *CLASSES, NodeKind.FUNCTION))
    follow = Follow((EdgeKind.IMPORTS,), incoming=True)
    found = step(asked.ground.reader, subject.symbols, follow)
    return _related(asked.ground, f"What imports {subject.name}", "Importers", subject, found)


def imports(asked: Asked) -> GraphAnswer:
    """What a module imports; of anything else, what it calls and names."""
    subject = asked.subject()
    is_module = subject.first.kind is NodeKind.MODULE
    edges = (EdgeKind.IMPORTS,) if is_module else USE_EDGES
    found = step(asked.ground.reader, subject.symbols, Follow(edges, incoming=False))
    title = f"What {subject.name} {'imports' if is_module else 'depends on'}"
    return _related(asked.ground, title, "Imports" if is_module else "Names", subject, found)


def tests(asked: Asked) -> GraphAnswer:
    """Which tests reach something: directly, and through what depends on it."""
    subject = asked.subject()
    symbols = list(subject.symbols)
    if subject.first.kind is NodeKind.CLASS:
        symbols += own_members(asked.ground.reader, symbols)
    follow = Follow((EdgeKind.TESTS,), incoming=True)
    direct = {r.symbol.uid: r.symbol for r in step(asked.ground.reader, symbols, follow)}
    reached = impact(asked.ground.reader, subject.symbols)
    further = [t for t in reached.tests if t.uid not in direct and t.kind in _RUNNABLE]
    if not direct and not further:
        return nothing(f"Tests of {subject.name}", "No test in the graph reaches it.", subject)
    sections = [origin(subject)]
    if direct:
        sections.append(_tests_section("Tests that call it", direct.values()))
    if further:
        sections.append(_tests_section("Tests that reach it through other code", further))
    return GraphAnswer(f"Tests of {subject.name}", tuple(sections))


def breaks(asked: Asked) -> GraphAnswer:
    """What a change may break."""
    subject = asked.subject()
    found = impact(asked.ground.reader, subject.symbols)
    title = f"What a change of {subject.name} may break"
    if not found.dependants and not found.tests:
        text = "Nothing in the repository depends on it; code outside may."
        return nothing(title, text, subject)
    in_tests = test_uids(asked.ground, (row.symbol for row in found.dependants))
    product = [row for row in found.dependants if row.symbol.uid not in in_tests]
    runnable = [test for test in found.tests if test.kind in _RUNNABLE]
    files = {row.symbol.file_path for row in product}
    near = sum(row.depth == 1 for row in product)
    users = (
        f"{counted(near, 'symbol')} directly and {len(product) - near} further away, in "
        f"{counted(len(files), 'file')}"
    )
    summary = (
        f"{users if product else 'Nothing but tests depends on it'}; "
        f"{counted(len(runnable), 'test')} to run."
        f"{' There is more than was read.' if found.truncated else ''}"
    )
    sections = [replace(origin(subject), paragraphs=(summary,))]
    for title_of, depth_is_one in (("Directly", True), ("Further away", False)):
        rows = [[row] for row in product if (row.depth == 1) is depth_is_one]
        if rows:
            sections.append(listed(title_of, rows, partial(_row, asked.ground, has_verb=True)))
    if runnable:
        sections.append(_tests_section("Tests to run", runnable))
    return GraphAnswer(title, tuple(sections))


def having(asked: Asked) -> GraphAnswer:
    """Which classes define a member of some name."""
    name = asked.word("x").strip("`'\"").rpartition(".")[2].partition("(")[0]
    kinds = (NodeKind.METHOD, NodeKind.FIELD)
    found = fetch_symbols(asked.ground.reader, "n.name = $name", {"name": name}, kinds)
    found.sort(key=lambda s: (s.is_test, s.full_name, s.start_line or 0))
    title = f"Classes that have {inline(name)}"
    rows = [Row(s.full_name.rpartition(".")[0], s.location, kind_name(s)) for s in found]
    if not rows:
        return nothing(title, f"No class defines a member called {inline(name)}.")
    return GraphAnswer(title, (rows_section("Classes", rows),))


def members(asked: Asked) -> GraphAnswer:
    """What a class or module has, inherited members below the class that they come from."""
    subject = asked.subject(kinds=(*CLASSES, NodeKind.MODULE))
    sections = member_sections(asked.ground, subject.first, limit=100)
    title = f"Members of {subject.name}"
    if not sections:
        return nothing(title, "It has none.", subject)
    return GraphAnswer(title, (origin(subject), *sections))


def path(asked: Asked) -> GraphAnswer:
    """How one symbol reaches another: by calls, else also by names."""
    ground = asked.ground
    start, end = asked.subject("x"), asked.subject("y")
    sources, targets = _with_members(ground, start), _with_members(ground, end)
    title = f"From {start.name} to {end.name}"
    for edges, text in (
        (CALL_EDGES, "By calls."),
        (
            USE_EDGES,
            "No chain of calls leads there; this one also goes through what is only named.",
        ),
    ):
        way = shortest_path(ground.reader, sources, targets, edges=edges)
        if way is not None:
            names = {s.uid: s for s in (*sources, *(r.symbol for r in way))}
            rows = [
                Row(
                    f"{short_name(names[r.via])} → {short_name(r.symbol)}",
                    r.location,
                    _sureness(r),
                    ground.quote(r),
                )
                for r in way
            ]
            text = text if way else "One is part of the other."
            return GraphAnswer(title, (origin(start), rows_section("Steps", rows, text)))
    back = shortest_path(ground.reader, targets, sources, edges=USE_EDGES)
    more = f" The other way round, {end.name} does reach {start.name}." if back else ""
    return nothing(title, f"No chain of calls or uses in the graph leads there.{more}", start)


def member_sections(ground: Ground, owner: Symbol, limit: int) -> list[Section]:
    """The members of a class or module by kind, then how many it inherits from where."""
    found = members_of(ground.reader, [owner])
    prefix = f"{owner.full_name}."
    own = [s for s in found if s.full_name.startswith(prefix) and s.file_path == owner.file_path]
    own.sort(key=lambda s: s.start_line or 0)
    groups = (
        ("Classes", (NodeKind.CLASS,)),
        ("Functions", (NodeKind.FUNCTION,)),
        ("Methods", (NodeKind.METHOD,)),
        ("Fields", (NodeKind.FIELD,)),
        ("Variables", (NodeKind.GLOBAL_VARIABLE,)),
    )
    sections: list[Section] = []
    for heading, kinds in groups:
        rows = [Row(look(s), s.location) for s in own if s.kind in kinds]
        if rows:
            sections.append(rows_section(heading, rows, limit=limit))
    inherited: dict[str, int] = {}
    for symbol in found:
        if symbol not in own and owner.kind is NodeKind.CLASS:
            base = symbol.full_name.rpartition(".")[0]
            inherited[base] = inherited.get(base, 0) + 1
    if inherited:
        rows = [Row(base, None, counted(n, "member")) for base, n in sorted(inherited.items())]
        sections.append(rows_section("Inherited from", rows))
    return sections


def look(symbol: Symbol) -> str:
    """A symbol by its signature, tightened to one line; by its name where it has none."""
    text = " ".join((symbol.signature or symbol.name).split())
    text = text.replace("( ", "(").replace(", )", ")").replace(" )", ")")
    return text if len(text) <= 160 else f"{text[:159]}…"


def origin(subject: Subject) -> Section:
    """Where the subject itself is, with what of its name was left aside."""
    rows = [Row(look(s), s.location, kind_name(s)) for s in subject.symbols]
    aside = (
        (f"{counted(len(subject.aside), 'other')} of this name in tests, left aside.",)
        if subject.aside
        else ()
    )
    return replace(rows_section("", rows, *aside), heading="")


def nothing(title: str, text: str, subject: Subject | None = None) -> GraphAnswer:
    """An answer that there is none, in a sentence."""
    section = origin(subject) if subject else rows_section("", ())
    return GraphAnswer(title, (replace(section, heading="", paragraphs=(text,)),), is_found=False)


def _related(
    ground: Ground,
    title: str,
    heading: str,
    subject: Subject,
    found: Sequence[Relation],
    *,
    has_verb: bool = False,
) -> GraphAnswer:
    groups: dict[tuple[str, str | None], list[Relation]] = {}
    for relation in sorted(found, key=reading_order):
        groups.setdefault((relation.symbol.uid, relation.file_path), []).append(relation)
    if not groups:
        text = "Nothing in the graph does; calls that cannot be resolved are not in it."
        return nothing(title, text, subject)
    in_tests = test_uids(ground, (group[0].symbol for group in groups.values()))
    product = [g for g in groups.values() if g[0].symbol.uid not in in_tests]
    tests_ = [g for g in groups.values() if g[0].symbol.uid in in_tests]
    sections = [origin(subject)]
    for name, part in ((heading, product), (f"{heading} in tests", tests_)):
        if part:
            sections.append(listed(name, part, partial(_row, ground, has_verb=has_verb)))
    return GraphAnswer(title, tuple(sections))


def _row(ground: Ground, group: Sequence[Relation], *, has_verb: bool) -> Row:
    first = group[0]
    lines = sorted({site.line for relation in group for site in relation.sites})
    notes: list[str] = []
    if has_verb:
        notes += dict.fromkeys(_HOW.get(relation.edge, "") for relation in group)
    if len(lines) > 1:
        more = ", ".join(map(str, lines[1 : _MAX_LINES + 1]))
        rest = len(lines) - 1 - _MAX_LINES
        notes.append(f"also line {more}{f' and {rest} more' if rest > 0 else ''}")
    if sure := _sureness(first):
        notes.append(sure)
    name = short_name(first.symbol)
    return Row(name, first.location, "; ".join(filter(None, notes)), ground.quote(first))


def _sureness(relation: Relation) -> str:
    return "" if relation.tier is Tier.EXACT else relation.tier.value


def test_uids(ground: Ground, symbols: Iterable[Symbol]) -> set[str]:
    """Those of some symbols that stand in test files, by uid."""
    found = list(symbols)
    paths = files_of_tests(ground.reader, {s.file_path for s in found if s.file_path})
    return {s.uid for s in found if s.is_test or s.file_path in paths}


def _tests_section(heading: str, tests_: Collection[Symbol]) -> Section:
    """Tests one by one; by file where there are many."""
    tests_ = sorted(tests_, key=lambda t: (t.file_path or "", t.start_line or 0, t.uid))
    if len(tests_) <= MAX_ROWS:
        return rows_section(heading, (Row(short_name(t), t.location) for t in tests_))
    files: dict[str, list[Symbol]] = {}
    for test in tests_:
        files.setdefault(test.file_path or "", []).append(test)
    ordered = sorted(files.items(), key=lambda item: (-len(item[1]), item[0]))
    rows = (Row("", path, counted(len(found), "test")) for path, found in ordered)
    return replace(rows_section(heading, rows), heading=f"{heading} ({len(tests_)})")


def _with_members(ground: Ground, subject: Subject) -> list[Symbol]:
    """A class and its own methods, because they do its calling."""
    classes = [s for s in subject.symbols if s.kind is NodeKind.CLASS]
    found = [*subject.symbols, *own_members(ground.reader, classes, (EdgeKind.HAS_METHOD,))]
    modules = [s for s in subject.symbols if s.kind is NodeKind.MODULE]
    return [*found, *(s for s in members_of(ground.reader, modules))]
