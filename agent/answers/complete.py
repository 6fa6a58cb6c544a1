"""What can stand at a place of a file: members behind a dot, parameters in a call, names in scope.

Only what is certain is offered behind a dot. The text is read as it is now, up to the place; what
is ranked first is what retrieval says that the code around needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.answers.answer import GraphAnswer, Row, Section, code_of, inline, rows_section
from agent.answers.receivers import Scope
from agent.answers.relations import look
from agent.answers.subjects import kind_name
from agent.edits import bare_lines
from graphdb.errors import NotFoundError
from graphdb.queries.members import members_of, parameters
from graphdb.queries.names import normal_path
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.answers.ground import Ground
    from graphdb.symbols import Symbol

_PLACE = re.compile(r"^(?P<path>.+?):(?P<line>\d+)(?::(?P<column>\d+))?$")
_WORD = re.compile(r"[A-Za-z_$][\w$]*$")
_CHAIN = re.compile(
    r"(?P<chain>[A-Za-z_$][\w$]*(?:\([^()]*\))?(?:\.[A-Za-z_$][\w$]*(?:\([^()]*\))?)*)$"
)
_BUDGET = 600
_MAX_BEFORE = 1_500
_MAX_CHARACTERS = 4_000
"""Of the text before a place in which the opening bracket of a call is looked for."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a text. before: all text up to it. word: the part of a name that stands there."""

    path: str
    line: int
    before: str
    word: str


def completions(ground: Ground, place: str) -> GraphAnswer:
    """What can stand at `path:line[:column]`, both from 1; without a column, at the line's end."""
    cursor = _cursor(ground, place)
    if cursor is None:
        note = "Give a place in an indexed file, such as `src/pkg/module.py:12` or `…:12:8`."
        return GraphAnswer("Completion", (Section("", (note,)),), is_found=False)
    scope = Scope(ground, cursor.path, cursor.line, cursor.before)
    useful = _useful(ground, cursor)
    head = cursor.before[: len(cursor.before) - len(cursor.word)].rstrip(" \t")
    sections = [_shown(cursor)]
    if head.endswith("."):
        sections += _members(scope, head[:-1], cursor.word, useful)
    else:
        sections += _call(scope, cursor.before)
        named = {s.name.rpartition(".")[2]: s for s in scope.names()}
        sections += _listed("Names in scope", named.values(), cursor.word, useful)
        sections += _locals(scope, cursor.word)
    title = f"What can stand at {cursor.path}:{cursor.line}"
    return GraphAnswer(title, tuple(sections), is_found=len(sections) > 1)


def _cursor(ground: Ground, place: str) -> Cursor | None:
    match = _PLACE.match(place.strip().strip("`"))
    path = normal_path(ground.reader, match["path"]) if match else ""
    text = ground.read_file(path) if path else None
    if match is None or text is None:
        return None
    lines = bare_lines(text)
    number = min(int(match["line"]), len(lines) + 1)
    line = lines[number - 1] if 0 < number <= len(lines) else ""
    column = int(match["column"]) - 1 if match["column"] else len(line)
    before = "\n".join([*lines[: max(0, number - 1)], line[: max(0, column)]])
    word = _WORD.search(before)
    return Cursor(path, number, before, word[0] if word else "")


def _shown(cursor: Cursor) -> Section:
    """The last lines before the place, with a mark at it."""
    text = "\n".join([*bare_lines(cursor.before)[-3:]]) + "▏"
    return Section("", codes=(code_of(text, f"{cursor.path}:{cursor.line}"),))


def _members(scope: Scope, before: str, word: str, useful: dict[str, int]) -> list[Section]:
    match = _CHAIN.search(before)
    owners = scope.owners(match["chain"]) if match else []
    if not owners:
        what = inline(match["chain"]) if match else "what stands before the dot"
        return [Section("Members", (f"The graph cannot tell what {what} is.",))]
    found = {s.name: s for s in members_of(scope.reader, owners)}
    text = f"Members of {', '.join(inline(owner.full_name) for owner in owners)}"
    return _listed(text, found.values(), word, useful)


def _call(scope: Scope, before: str) -> list[Section]:
    """The parameters of the call that is being written."""
    opening = _opening(before[-_MAX_CHARACTERS:])
    match = _CHAIN.search(before[-_MAX_CHARACTERS:][:opening]) if opening is not None else None
    if match is None or opening is None:
        return []
    callees = scope.callables(match["chain"])
    written = before[-_MAX_CHARACTERS:][opening + 1 :]
    given = len(parameters(f"({written}_)")) - 1
    sections: list[Section] = []
    for callee in callees[:4]:
        wanted = scope.parameters_of(callee)
        rows = [
            Row(text, None, "here" if number == given else "") for number, text in enumerate(wanted)
        ]
        place = (f"{look(callee)}, {callee.location}",)
        if rows:
            sections.append(rows_section(f"Parameters of {inline(callee.name)}", rows, *place))
    return sections


def _listed(
    heading: str, symbols: Iterable[Symbol], word: str, useful: dict[str, int]
) -> list[Section]:
    """Names that fit what is written: as spelt first, then as the context needs them."""
    fitting = [s for s in symbols if word.lower() in s.name.rpartition(".")[2].lower()]

    def order(symbol: Symbol) -> tuple[bool, bool, int, str]:
        name = symbol.name.rpartition(".")[2]
        is_hidden = name.startswith("_") and not word.startswith("_")
        return (
            not name.lower().startswith(word.lower()),
            is_hidden,
            useful.get(symbol.uid, len(useful)),
            name.lower(),
        )

    fitting.sort(key=order)
    rows = [
        Row(
            look(symbol) if symbol.signature else symbol.name.rpartition(".")[2],
            None if symbol.kind is NodeKind.EXTERNAL else symbol.location,
            kind_name(symbol),
        )
        for symbol in fitting
    ]
    return [rows_section(heading, rows)] if rows else []


def _locals(scope: Scope, word: str) -> list[Section]:
    """Parameters and variables of the functions around."""
    found = [n for n in scope.local_names() if n.lower().startswith(word.lower()) and n != word]
    return [rows_section("In the function", (Row(name) for name in found))] if found else []


def _useful(ground: Ground, cursor: Cursor) -> dict[str, int]:
    """Rank by uid of what retrieval says that this place needs."""
    try:
        packed = ground.retriever().context_at(
            cursor.path, cursor.line, _BUDGET, cursor.before[-_MAX_BEFORE:]
        )
    except NotFoundError:
        return {}
    return {item.symbol.uid: rank for rank, item in enumerate(packed.items)}


def _opening(text: str) -> int | None:
    """Where the innermost bracket opens that is not closed, if it is a round one."""
    closed: list[str] = []
    pairs: dict[str, str] = {")": "(", "]": "[", "}": "{"}
    for index in range(len(text) - 1, -1, -1):
        letter = text[index]
        if letter in pairs:
            closed.append(pairs[letter])
        elif letter in "([{":
            if not closed:
                return index if letter == "(" else None
            if closed.pop() != letter:
                return None
    return None
