"""Repairs of a generated Java test class, on its text."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from agent.edits import bare_lines
from agent.testing.java_text import braces, masked, unclosed
from agent.testing.known_names import JAVA_LANG, java_calls, java_types
from agent.testing.repair_text import Repair, Step, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.testing.origins import Origins

_PACKAGE = re.compile(r"^[ \t]*package[ \t]+([\w.$]+)[ \t]*;", re.MULTILINE)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+(static[ \t]+)?([\w.]+)(\.\*)?[ \t]*;", re.MULTILINE)
_TYPE = re.compile(
    r"\b(?:class|interface|enum|record)\s+([A-Za-z_$][\w$]*)(?=\s*(?:[<({]|extends\b|implements\b))"
)
_TYPE_PARAMETER = re.compile(r"<\s*([A-Z]\w*)\s*(?:extends\b[^<>]*)?>\s+[\w<>\[\]., ]+\(")
_STATEMENT = re.compile(r"[;{}]\s*$", re.MULTILINE)
_HEADING = re.compile(r"^#+ .*$")
_MEMBER = re.compile(
    r"^[ \t]*(?:(?:public|private|protected|static)\s+)*void\s+\w+\s*\(", re.MULTILINE
)
_METHOD = re.compile(r"\b(?:void|[A-Za-z_$][\w$<>\[\], .]*)\s+([a-z_$][\w$]*)\s*\(\s*\)")
_DELIMITER = re.compile(r"\b(?:for|try)\s*\(|[(){};]")
"""The head of a loop or `try` is one delimiter: semicolons in it end no statement."""

_USED_TYPE = re.compile(r"(?<![\w$.])([A-Z][\w$]*)")
_USED_CALL = re.compile(r"(?<![\w$.])([a-z]\w*)\s*\(")
_DECLARED_CALL = re.compile(r"(?:[\w>\]]\s+)([a-z]\w*)\s*\([^()]*\)\s*(?:throws[\w\s,.]+)?\{")


def without_headings(text: str) -> Step:
    """Without lines of markdown that no Java has."""
    lines = bare_lines(text)
    wrong = [number for number, line in enumerate(lines) if _HEADING.match(line)]
    if not wrong:
        return Step(text)
    kept = [line for number, line in enumerate(lines) if number not in wrong]
    repairs = tuple(Repair("markdown heading removed", number + 1) for number in wrong)
    return Step("\n".join(kept) + "\n", repairs)


def with_class(text: str, path: str) -> Step:
    """With a class around bare methods, and a method around bare statements."""
    mask = masked(text)
    if _TYPE.search(mask):
        return Step(text)
    headers = [match.end() for regex in (_PACKAGE, _IMPORT) for match in regex.finditer(mask)]
    at = max(headers, default=0)
    body = text[at:].strip("\n")
    if not _STATEMENT.search(mask[at:]):
        return Step(text)
    line = line_of(text, at + len(text[at:]) - len(text[at:].lstrip()))
    what = "class added around methods"
    if not _MEMBER.search(mask[at:]):
        body, what = f"@Test\nvoid test() {{\n{body}\n}}", "class and method added around code"
    elif "@Test" not in mask[at:]:
        body = _MEMBER.sub(lambda match: f"@Test\n{match[0].lstrip()}", body)
        what = "class and @Test added around methods"
    # Where the end was cut off, the brace is added when that is repaired.
    end = "}\n" if braces(masked(body)).depth == 0 else ""
    head = text[:at] + "\n\n" if at else ""
    stem = PurePosixPath(path).stem
    return Step(f"{head}class {stem} {{\n{body}\n{end}", (Repair(what, line),))


def with_package(text: str, package: str) -> Step:
    """With the package line that its folder asks for."""
    match = _PACKAGE.search(masked(text))
    if match and match[1] == package:
        return Step(text)
    if match and package:
        changed = text[: match.start(1)] + package + text[match.end(1) :]
        return Step(
            changed,
            (Repair(f"package {match[1]} changed to {package}", line_of(text, match.start(1))),),
        )
    if match:
        changed = text[: match.start()] + text[match.end() :].lstrip("\n")
        return Step(changed, (Repair("package line removed", line_of(text, match.start())),))
    if not package:
        return Step(text)
    return Step(f"package {package};\n\n{text}", (Repair(f"package {package} added", 1),))


def with_class_name(text: str, path: str) -> Step:
    """With its outermost class called as its file is."""
    stem = PurePosixPath(path).stem
    mask = masked(text)
    types = _outermost(mask)
    if not types or any(name == stem for name, _ in types):
        return Step(text)
    public = [item for item in types if re.search(r"\bpublic\b[\w\s]*$", mask[: item[1]])]
    name, offset = (public or types)[0]
    pattern = re.compile(rf"(?<![\w$.]){re.escape(name)}(?![\w$])")
    # The mask tells where code is, so that texts of messages keep their words.
    places = [match.start() for match in pattern.finditer(mask)]
    for place in reversed(places):
        text = text[:place] + stem + text[place + len(name) :]
    return Step(
        text, (Repair(f"class {name} renamed to {stem}, as its file", line_of(mask, offset)),)
    )


def _outermost(mask: str) -> list[tuple[str, int]]:
    """Types that are declared in no other, with the offset of their keyword."""
    return [(m[1], m.start()) for m in _TYPE.finditer(mask) if not _depth(mask, m.start())]


def _depth(mask: str, offset: int) -> int:
    return mask.count("{", 0, offset) - mask.count("}", 0, offset)


def with_whole_members(text: str) -> Step:
    """Without what is cut off at its end, and with the braces that are missing there."""
    mask = masked(text)
    cut = unclosed(mask)
    if cut is not None:
        mask = mask[:cut]
    if not _TYPE.search(mask):
        return Step(text)
    found = braces(mask)
    if found.extra is not None:
        return _without_extra(text, found.extra)
    if found.depth == 0 and cut is None:
        return Step(text)
    if not found.members:
        return _closed(text, mask)
    end = found.members[-1]
    if found.depth == 1 and not mask[end:].strip():
        line = line_of(text, len(text.rstrip()))
        return Step(text.rstrip() + "\n}\n", (Repair("missing closing brace added", line),))
    line = line_of(text, end) + 1
    return Step(text[:end].rstrip() + "\n}\n", (Repair("incomplete last method removed", line),))


def _closed(text: str, mask: str) -> Step:
    """What there is of a first method that was cut off, up to its last whole statement."""
    end = max(mask.rfind(letter) for letter in ";{}") + 1
    depth = braces(mask[:end]).depth
    if not depth:
        return Step(text)
    repair = Repair("only method closed after its last whole statement", line_of(text, end))
    return Step(text[:end] + "\n" + "}\n" * depth, (repair,))


def _without_extra(text: str, offset: int) -> Step:
    """Without closing braces at the end that close nothing."""
    if text[offset:].replace("}", "").strip():
        return Step(text)
    repair = Repair("closing brace too many removed", line_of(text, offset))
    return Step(text[:offset].rstrip() + "\n", (repair,))


def with_parentheses(text: str) -> Step:
    """With the parentheses that a statement lacks before its semicolon."""
    mask = masked(text)
    places = list(_short_statements(mask))
    for offset, count in reversed(places):
        text = text[:offset] + ")" * count + text[offset:]
    what = "missing closing parenthesis added"
    return Step(text, tuple(Repair(what, line_of(mask, offset)) for offset, _ in places))


def _short_statements(mask: str) -> Iterator[tuple[int, int]]:
    """Semicolons with parentheses open before them, and how many; those of a `for` left out."""
    # One count for each open brace: the body of a lambda has statements of its own.
    depths, heads = [0], list[int]()
    for match in _DELIMITER.finditer(mask):
        letter = match[0]
        if letter == "{":
            depths.append(0)
        elif letter == "}":
            depths = depths[:-1] or [0]
        elif letter == ")":
            depths[-1] = max(0, depths[-1] - 1)
            heads = [head for head in heads if head <= sum(depths)]
        elif letter == ";":
            if depths[-1] and not heads:
                yield match.start(), depths[-1]
                depths[-1] = 0
        else:
            depths[-1] += 1
            if letter != "(":
                heads.append(sum(depths))


def with_own_names(text: str) -> Step:
    """With no two methods without parameters of one name in the outermost class."""
    mask = masked(text)
    seen: dict[str, int] = {}
    repairs: list[Repair] = []
    shift = 0
    taken = {match[1] for match in _METHOD.finditer(mask)}
    for match in _METHOD.finditer(mask):
        name = match[1]
        if _depth(mask, match.start()) != 1 or re.search(
            r"\b(?:return|new|throw)\s*$", mask[: match.start(1)][-9:]
        ):
            continue
        seen[name] = seen.get(name, 0) + 1
        if seen[name] == 1:
            continue
        number = seen[name]
        while f"{name}{number}" in taken:
            number += 1
        fresh = f"{name}{number}"
        taken.add(fresh)
        at = match.end(1) + shift
        text = text[: match.start(1) + shift] + fresh + text[at:]
        shift += len(fresh) - len(name)
        repairs.append(
            Repair(f"second method {name} renamed to {fresh}", line_of(mask, match.start(1)))
        )
    return Step(text, tuple(repairs))


def with_imports(text: str, package: str, origins: Origins) -> Step:
    """With imports of what it names and nothing says where from, wrong ones of them put right."""
    step = _right_imports(text, origins)
    text, repairs = step.text, list(step.repairs)
    mask = masked(text)
    wanted = [*_missing_types(mask, package, origins), *_missing_calls(mask, origins)]
    if not wanted:
        return Step(text, tuple(repairs))
    imports = list(_IMPORT.finditer(mask))
    header = _PACKAGE.search(mask)
    at = imports[-1].end() if imports else header.end() if header else 0
    lines = "\n".join(sorted({statement for statement, _ in wanted}))
    before = text[:at] + ("\n" if imports else "\n\n" if header else "")
    after = text[at:] if at else "\n" + text
    repairs += [Repair(f"{statement} added", line) for statement, line in wanted]
    return Step(before + lines + ("" if at else "\n") + after, tuple(repairs))


def _right_imports(text: str, origins: Origins) -> Step:
    repairs: list[Repair] = []
    known = set(java_types(is_junit4=True).values()) | set(java_types(is_junit4=False).values())
    for match in reversed(list(_IMPORT.finditer(masked(text)))):
        full = match[2]
        if match[1] or match[3] or full in known or origins.has(full):
            continue
        origin = origins.of(full.rpartition(".")[2])
        if origin is None or not origin.is_own or origin.full_name == full:
            continue
        text = text[: match.start(2)] + origin.full_name + text[match.end(2) :]
        line = line_of(text, match.start(2))
        repairs.insert(0, Repair(f"import {full} changed to {origin.full_name}", line))
    return Step(text, tuple(repairs))


def _missing_types(mask: str, package: str, origins: Origins) -> list[tuple[str, int]]:
    imported = {m[2].rpartition(".")[2] for m in _IMPORT.finditer(mask) if not m[3]}
    stars = {m[2] for m in _IMPORT.finditer(mask) if m[3] and not m[1]}
    declared = {m[1] for m in _TYPE.finditer(mask)} | set(_TYPE_PARAMETER.findall(mask))
    known = java_types(is_junit4=_is_junit4(mask, origins))
    found: list[tuple[str, int]] = []
    body = _IMPORT.sub(lambda m: " " * len(m[0]), mask)
    for match in _USED_TYPE.finditer(body):
        name = match[1]
        if name in imported or name in declared or name in JAVA_LANG:
            continue
        imported.add(name)
        origin = origins.of(name)
        full = origin.full_name if origin and (origin.is_own or name not in known) else None
        full = full or known.get(name, "")
        if full and full.rpartition(".")[0] not in ("", package, "java.lang", *stars):
            found.append((f"import {full};", line_of(mask, match.start())))
    return found


def _missing_calls(mask: str, origins: Origins) -> list[tuple[str, int]]:
    imported = {m[2].rpartition(".")[2] for m in _IMPORT.finditer(mask) if m[1] and not m[3]}
    stars = {m[2] for m in _IMPORT.finditer(mask) if m[1] and m[3]}
    declared = set(_DECLARED_CALL.findall(mask))
    known = java_calls(is_junit4=_is_junit4(mask, origins))
    has_base = bool(re.search(r"\bclass\s+\w+\s+extends\b", mask))
    found: list[tuple[str, int]] = []
    for match in _USED_CALL.finditer(mask):
        name = match[1]
        full = known.get(name)
        if full is None or name in imported or name in declared or has_base:
            continue
        imported.add(name)
        if full.rpartition(".")[0] not in stars:
            found.append((f"import static {full};", line_of(mask, match.start())))
    return found


def _is_junit4(mask: str, origins: Origins) -> bool:
    """By the test's own imports, else by those of the repository's tests."""
    if "org.junit.jupiter" in mask:
        return False
    if re.search(r"import\s+(?:static\s+)?org\.junit\.(?!jupiter)", mask):
        return True
    origin = origins.of("Test")
    return origin is not None and origin.full_name == "org.junit.Test"
