"""Edits as differences: unified diffs, and hunks that a person takes or leaves one by one.

Pure, and lines end at line feeds only: `str.splitlines` would also cut at form feeds, which stand
in the middle of real source lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from agent.draft import Edit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    _Opcode = tuple[str, int, int, int, int]

CONTEXT = 3
"""Unchanged lines that are shown around a change."""

_EXACT = 3_000
"""Differing lines up to which popular lines are matched too, which costs their square."""

_NO_NEWLINE = "\\ No newline at end of file\n"


@dataclass(frozen=True, slots=True)
class Hunk:
    """One group of neighbouring changes of an edit, numbered from 0.

    start_before, start_after: 1-based line of its first line, context included; 0 where a side has
    none. text: as in a unified diff, from its `@@` line on, each line ended.
    """

    number: int
    start_before: int
    count_before: int
    start_after: int
    count_after: int
    text: str


def lines_of(text: str) -> list[str]:
    """The lines of a text with their ends; an empty text has none."""
    lines = text.split("\n")
    last = lines.pop()
    return [line + "\n" for line in lines] + ([last] if last else [])


def bare_lines(text: str) -> list[str]:
    """The lines of a text without their ends."""
    return [line.rstrip("\r\n") for line in lines_of(text)]


def unified_diff(edits: Iterable[Edit], context: int = CONTEXT) -> str:
    """The edits as one patch with `a/` and `b/` before the paths; empty where nothing changes."""
    return "".join(_file_diff(edit, context) for edit in edits)


def _file_diff(edit: Edit, context: int) -> str:
    parts = hunks(edit, context)
    if not parts and edit.before is not None:
        return ""
    before = "/dev/null" if edit.before is None else _header("a", edit.path)
    head = f"--- {before}\n+++ {_header('b', edit.path)}\n"
    return head + "".join(hunk.text for hunk in parts)


def _header(side: str, path: str) -> str:
    """A path for a header line; odd ones are quoted as git does, so that no header is forged."""
    name = f"{side}/{path}"
    if name.isprintable() and '"' not in name and "\\" not in name:
        # A tab ends the name of a path with blanks, for `patch` and git alike.
        return f"{name}\t" if " " in name else name
    quoted = "".join(_QUOTED.get(char) or _octal(char) for char in name)
    return f'"{quoted}"'


_QUOTED = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def _octal(char: str) -> str:
    if char.isprintable():
        return char
    return "".join(f"\\{byte:03o}" for byte in char.encode("utf-8", "surrogateescape"))


def hunks(edit: Edit, context: int = CONTEXT) -> tuple[Hunk, ...]:
    """The changes of an edit in order; changes nearer than twice the context are one hunk."""
    before, after = lines_of(edit.before or ""), lines_of(edit.after)
    groups = _groups(_opcodes(before, after), context)
    return tuple(_hunk(number, group, before, after) for number, group in enumerate(groups))


def accepted(edit: Edit, numbers: Collection[int], context: int = CONTEXT) -> Edit | None:
    """The edit with only some of its hunks; None where that changes nothing.

    context: that of `hunks` when the numbers were given. Raises ValueError for an unknown number.
    """
    before, after = lines_of(edit.before or ""), lines_of(edit.after)
    groups = _groups(_opcodes(before, after), context)
    unknown = sorted(set(numbers) - set(range(len(groups))))
    if unknown:
        raise ValueError(f"{edit.path} has no hunk {unknown[0]}: it has {len(groups)}")
    if edit.before is None and not groups:
        return edit
    kept: list[str] = []
    done = 0
    for number, group in enumerate(groups):
        for _, start, end, first, last in group:
            kept += before[done:start]
            kept += after[first:last] if number in numbers else before[start:end]
            done = end
    text = "".join(kept + before[done:])
    return None if text == (edit.before or "") else Edit(edit.path, edit.before, text)


def changed_lines(edit: Edit) -> frozenset[int]:
    """The lines after the edit, 1-based, that are not as they were before it."""
    before, after = lines_of(edit.before or ""), lines_of(edit.after)
    rows = _opcodes(before, after)
    return frozenset(
        line + 1 for tag, *_, j1, j2 in rows if tag != "equal" for line in range(j1, j2)
    )


def line_before(edit: Edit) -> dict[int, int]:
    """For lines after the edit that have not changed, which line they were before it."""
    before, after = lines_of(edit.before or ""), lines_of(edit.after)
    found: dict[int, int] = {}
    for tag, i1, _, j1, j2 in _opcodes(before, after):
        if tag == "equal":
            found.update({j + 1: i1 + j - j1 + 1 for j in range(j1, j2)})
    return found


def _opcodes(before: Sequence[str], after: Sequence[str]) -> list[_Opcode]:
    """As difflib's; the common start and end, which are most of a file, are told apart first."""
    shared = min(len(before), len(after))
    start = next((i for i in range(shared) if before[i] != after[i]), shared)
    rest = shared - start
    end = next((i for i in range(rest) if before[-1 - i] != after[-1 - i]), rest)
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    matcher = SequenceMatcher(None, old, new, autojunk=max(len(old), len(new)) > _EXACT)
    rows: list[_Opcode] = [("equal", 0, start, 0, start)] if start else []
    rows += [
        (tag, i1 + start, i2 + start, j1 + start, j2 + start)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
    ]
    if end:
        rows.append(("equal", len(before) - end, len(before), len(after) - end, len(after)))
    return rows


def _groups(rows: list[_Opcode], context: int) -> list[list[_Opcode]]:
    """Changes with at most so many equal lines around them and twice as many between them."""
    groups: list[list[_Opcode]] = []
    current: list[_Opcode] = []
    for number, (tag, i1, i2, j1, j2) in enumerate(rows):
        if tag != "equal":
            current.append((tag, i1, i2, j1, j2))
            continue
        is_long = i2 - i1 > 2 * context
        if current and (is_long or number == len(rows) - 1):
            kept = min(context, i2 - i1)
            groups.append([*current, (tag, i1, i1 + kept, j1, j1 + kept)])
            current = []
        if number < len(rows) - 1 and (is_long or not groups or current):
            kept = min(context, i2 - i1) if not current else i2 - i1
            current.append((tag, i2 - kept, i2, j2 - kept, j2))
    return [*groups, current] if any(row[0] != "equal" for row in current) else groups


def _hunk(number: int, rows: list[_Opcode], before: list[str], after: list[str]) -> Hunk:
    i1, i2, j1, j2 = rows[0][1], rows[-1][2], rows[0][3], rows[-1][4]
    start_before = i1 + 1 if i2 > i1 else i1
    start_after = j1 + 1 if j2 > j1 else j1
    head = f"@@ -{_range(start_before, i2 - i1)} +{_range(start_after, j2 - j1)} @@\n"
    parts = [head]
    for tag, a1, a2, b1, b2 in rows:
        if tag == "equal":
            parts += [_line(" ", line) for line in before[a1:a2]]
        else:
            parts += [_line("-", line) for line in before[a1:a2]]
            parts += [_line("+", line) for line in after[b1:b2]]
    return Hunk(number, start_before, i2 - i1, start_after, j2 - j1, "".join(parts))


def _range(start: int, count: int) -> str:
    return str(start) if count == 1 else f"{start},{count}"


def _line(mark: str, line: str) -> str:
    return mark + line if line.endswith("\n") else f"{mark}{line}\n{_NO_NEWLINE}"
