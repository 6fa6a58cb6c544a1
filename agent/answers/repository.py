"""Answers about the repository or a part of it: shape, counts, entry points, knots, dead code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.answers.answer import GraphAnswer, Row, Section, counted, inline, rows_section
from agent.answers.relations import members, test_uids
from agent.answers.subjects import clean, kind_name, symbol_row
from graphdb.queries.import_knots import import_knots
from graphdb.queries.names import normal_path
from graphdb.queries.overview import overview
from graphdb.queries.problems import import_cycles, import_graph, unused_symbols
from graphdb.queries.rows import fetch_symbols, symbols_by_uid
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agent.answers.asked import Asked
    from agent.answers.ground import Ground
    from graphdb.symbols import Overview, Ranked, Symbol

_MAX_FILES = 300
"""Files whose unused symbols are looked for in one answer."""

_MAX_KNOTS = 8
_READ, _SHOWN = 60, 10
"""How many of each list are read, and shown of what is no test."""

_NOUNS: dict[str, NodeKind | None] = {
    "class": NodeKind.CLASS,
    "classe": NodeKind.CLASS,
    "function": NodeKind.FUNCTION,
    "method": NodeKind.METHOD,
    "field": NodeKind.FIELD,
    "attribute": NodeKind.FIELD,
    "variable": NodeKind.GLOBAL_VARIABLE,
    "module": NodeKind.MODULE,
    "file": None,
}


def whole(asked: Asked) -> GraphAnswer:
    """The shape of the whole repository."""
    return folder_answer(asked.ground, "")


def is_folder(ground: Ground, name: str) -> bool:
    """Whether a name is the path of a folder with indexed files."""
    path = normal_path(ground.reader, clean(name)).rstrip("/")
    if path in ("", "."):
        return path == "."
    rows = ground.reader.query(
        "MATCH (f:FILE) WHERE f.repo = $repo AND f.file_path STARTS WITH $below "
        "RETURN f.file_path AS path LIMIT 1",
        {"below": f"{path}/"},
        max_rows=None,
    ).rows
    return bool(rows)


def folder_answer(ground: Ground, path: str) -> GraphAnswer:
    """The shape of a folder; "" is the whole repository."""
    path = clean(path)
    found = overview(ground.reader, path, _READ)
    title = "The repository" if found.path == "." else f"The folder {inline(found.path)}"
    sections = [Section("", (f"{counted(found.files, 'file')}: {_kinds(found)}.",))]
    sections += _folders(ground, "" if found.path == "." else f"{found.path}/")
    for heading, ranked, noun in (
        ("Largest modules", found.largest_modules, "definition"),
        ("Largest classes", found.largest_classes, "member"),
        ("Most called", found.most_called, "caller"),
    ):
        if shown := _outside_tests(ground, ranked)[:_SHOWN]:
            sections.append(Section(heading, rows=tuple(_ranked(shown, noun))))
    starts = entry_symbols(ground, found)
    if starts:
        sections.append(rows_section("Entry points by their name", map(symbol_row, starts)))
    return GraphAnswer(title, tuple(sections), is_found=bool(found.files))


def _outside_tests(ground: Ground, ranked: Sequence[Ranked]) -> Sequence[Ranked]:
    """What is no test; all of it where there is nothing else, as in a folder of tests."""
    in_tests = test_uids(ground, (item.symbol for item in ranked))
    return [item for item in ranked if item.symbol.uid not in in_tests] or ranked


def entry_points(asked: Asked) -> GraphAnswer:
    """Where programs start."""
    found = overview(asked.ground.reader, clean(asked.word("x")), _READ)
    starts = entry_symbols(asked.ground, found)
    text = "Functions and modules whose name says that a program starts there."
    section = rows_section("Entry points", map(symbol_row, starts), text)
    return GraphAnswer("Where programs start", (section,), is_found=bool(starts))


def entry_symbols(ground: Ground, found: Overview) -> list[Symbol]:
    """Entry points, with the `main` methods of classes."""
    below = "" if found.path == "." else found.path
    mains = fetch_symbols(
        ground.reader,
        "n.name = 'main' AND n.signature CONTAINS 'static void main' "
        "AND n.file_path STARTS WITH $below",
        {"below": below},
        (NodeKind.METHOD,),
    )
    starts = [*found.entry_points, *sorted(mains, key=lambda s: s.location)]
    in_tests = test_uids(ground, starts)
    return [symbol for symbol in starts if symbol.uid not in in_tests]


def counts(asked: Asked) -> GraphAnswer:
    """How many classes, functions or files there are."""
    noun = asked.word("what").lower().removesuffix("s")
    place = clean(asked.word("x"))
    found = overview(asked.ground.reader, place)
    if place and not found.files:
        return members(asked)
    kind = _NOUNS.get(noun)
    number = found.symbols.get(kind.value, 0) if kind else found.files
    if noun == "test":
        number = _tests(asked.ground, place)
    where = "the repository" if found.path == "." else inline(found.path)
    names = {"classe": "class", "attribute": "field"}
    said = counted(number, names.get(noun, noun), "classes" if kind is NodeKind.CLASS else "")
    section = Section("", (f"All together: {counted(found.files, 'file')}: {_kinds(found)}.",))
    title = f"{said[0].upper()}{said[1:]} in {where}"
    return GraphAnswer(title, (section,), is_found=bool(found.files))


def cycles(asked: Asked) -> GraphAnswer:
    """Modules that import each other, each group with a shortest cycle in it."""
    reader = asked.ground.reader
    imports = import_graph(reader)
    knots = import_knots(imports)
    place = normal_path(reader, clean(asked.word("x")))
    if place:
        knots = [knot for knot in knots if any(f":{place}" in uid for uid in knot)]
    title = "Modules that import each other"
    if not knots:
        return GraphAnswer(title, (Section("", ("There are no import cycles.",)),), is_found=False)
    sections = [Section("", ("Imports for type checkers and inside functions count, too.",))]
    for knot in knots[:_MAX_KNOTS]:
        modules = symbols_by_uid(reader, knot, (NodeKind.MODULE,))
        inside = {uid: {t: s for t, s in imports[uid].items() if t in modules} for uid in modules}
        problems = (p for uid in knot for p in import_cycles(inside, modules[uid]))
        shortest = min(problems, key=lambda p: (p.message.count("→"), p.message), default=None)
        text = (
            f"The shortest cycle: {inline(shortest.message.partition(': ')[2])}."
            if shortest
            else ""
        )
        rows = (Row(m.full_name, m.file_path) for m in modules.values())
        sections.append(rows_section(f"{len(knot)} modules", rows, *filter(None, [text])))
    if len(knots) > _MAX_KNOTS:
        sections.append(Section("", (f"… and {len(knots) - _MAX_KNOTS} further groups.",)))
    return GraphAnswer(title, tuple(sections))


def unused(asked: Asked) -> GraphAnswer:
    """Definitions of a file or folder that nothing in the repository names."""
    reader = asked.ground.reader
    path = normal_path(reader, clean(asked.word("x")))
    files = _files(asked.ground, path)
    where = inline(path) if path else "the repository"
    title = f"What nothing uses in {where}"
    if not files:
        return GraphAnswer(
            title, (Section("", (f"No indexed file is at {where}.",)),), is_found=False
        )
    found = [p.symbol for f in files[:_MAX_FILES] for p in unused_symbols(reader, f) if p.symbol]
    if not found:
        all_used = Section("", (f"Something in the repository names each definition in {where}.",))
        return GraphAnswer(title, (all_used,), is_found=False)
    text = (
        "Nothing in the repository names these. Left out are tests, what is decorated or overrides "
        "something, and names between underscores; callers outside are not known."
    )
    cut = f"Only the first {_MAX_FILES} of {len(files)} files were read."
    notes = (text, cut) if len(files) > _MAX_FILES else (text,)
    section = rows_section("Unused", map(symbol_row, found), *notes, limit=60)
    return GraphAnswer(title, (section,))


def _files(ground: Ground, path: str) -> list[str]:
    """The indexed files of a path or below it, tests left out unless one of them is meant."""
    rows = ground.reader.query(
        "MATCH (n:MODULE) WHERE n.repo = $repo AND ($path = '' OR n.file_path = $path "
        "OR n.file_path STARTS WITH $below OR n.file_path ENDS WITH $end) "
        "RETURN n.file_path AS path, labels(n) AS labels",
        {"path": path, "below": f"{path}/", "end": f"/{path}"},
        max_rows=None,
    ).rows
    product = sorted(row[0] for row in rows if "TEST" not in row[1])
    return product or sorted(row[0] for row in rows)


def _tests(ground: Ground, path: str) -> int:
    where = "n:TEST AND n.file_path STARTS WITH $path"
    kinds = (NodeKind.FUNCTION, NodeKind.METHOD)
    return len(fetch_symbols(ground.reader, where, {"path": path}, kinds))


def _folders(ground: Ground, prefix: str) -> list[Section]:
    """The folders and files right below a path, with how many files each has."""
    rows = ground.reader.query(
        "MATCH (f:FILE) WHERE f.repo = $repo AND f.file_path STARTS WITH $prefix "
        "RETURN f.file_path AS path",
        {"prefix": prefix},
        max_rows=None,
    ).rows
    sizes: dict[str, int] = {}
    for (path,) in rows:
        first, slash, _ = path.removeprefix(prefix).partition("/")
        sizes[first + slash] = sizes.get(first + slash, 0) + 1
    if len(sizes) < 2:
        return []
    folders = [
        Row(f"{prefix}{name}", None, counted(count, "file"))
        for name, count in sorted(sizes.items(), key=lambda item: (-item[1], item[0]))
        if name.endswith("/")
    ]
    files = [Row("", f"{prefix}{name}") for name in sorted(sizes) if not name.endswith("/")]
    found = [rows_section("Folders", folders, limit=15)] if folders else []
    return [*found, rows_section("Files", files, limit=40)] if files else found


def _kinds(found: Overview) -> str:
    order = ("CLASS", "FUNCTION", "METHOD", "FIELD", "GLOBAL_VARIABLE")
    names = {"GLOBAL_VARIABLE": "global variable"}
    parts = [
        counted(found.symbols.get(k, 0), names.get(k, k.lower()), "classes" if k == "CLASS" else "")
        for k in order
    ]
    return ", ".join(parts)


def _ranked(ranked: Sequence[Ranked], noun: str) -> Iterable[Row]:
    for item in ranked:
        note = counted(item.count, noun)
        name = kind_name(item.symbol)
        shown = item.symbol.file_path if name == "module" else item.symbol.location
        yield Row(item.symbol.full_name, shown, note)
