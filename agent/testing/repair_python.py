"""Repairs of a generated Python test module, on its text and by its syntax tree once it has one."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from typing import TYPE_CHECKING

from agent.edits import bare_lines
from agent.testing.known_names import python_imports
from agent.testing.repair_text import Repair, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.testing.origins import Origins

_BLOCK = re.compile(r"^(?P<indent>[ \t]*)(?:async[ \t]+def|def|class|@)[ \t]*(?P<name>\w*)")
_MAX_REPAIRS = 20
_MODULE_NAMES = frozenset(
    ["__name__", "__file__", "__doc__", "__package__", "__spec__", "__loader__", "__builtins__"]
)


def with_whole_tests(text: str) -> Step:
    """Without what does not parse: parentheses closed where one line lacks them, else left out.

    What is left out is the innermost function or class around each error, which at the end of the
    text is the one that was cut off.
    """
    repairs: list[Repair] = []
    for _ in range(_MAX_REPAIRS):
        error = _error(text)
        if error is None:
            return Step(text, tuple(repairs))
        step = _closed(text, error) or _without_block(text, error)
        if step is None:
            break
        text = step.text
        repairs += step.repairs
    return Step(text, tuple(repairs))


def _error(text: str) -> SyntaxError | None:
    try:
        ast.parse(text)
    except SyntaxError as error:
        return error
    except ValueError:
        # Null bytes: nothing can be said of a place.
        return None
    return None


def _closed(text: str, error: SyntaxError) -> Step | None:
    """The line of the error with its parentheses closed, if the error is gone or later then."""
    lines = bare_lines(text)
    number = error.lineno or 0
    if not 0 < number <= len(lines):
        return None
    line = lines[number - 1]
    missing = _open_brackets(line)
    if not missing:
        return None
    stem, colon = (line[:-1], ":") if line.rstrip().endswith(":") else (line, "")
    lines[number - 1] = stem.rstrip() + missing + colon
    changed = "\n".join(lines) + "\n"
    after = _error(changed)
    if after is not None and (after.lineno or 0) <= number:
        return None
    return Step(changed, (Repair("missing closing bracket added", number),))


def _open_brackets(line: str) -> str:
    pairs = {"(": ")", "[": "]", "{": "}"}
    stack: list[str] = []
    bare = re.sub(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|#.*", "", line)
    for letter in bare:
        if letter in pairs:
            stack.append(pairs[letter])
        elif stack and letter == stack[-1]:
            stack.pop()
    return "".join(reversed(stack))


def _without_block(text: str, error: SyntaxError) -> Step | None:
    lines = bare_lines(text)
    number = min(error.lineno or len(lines), len(lines))
    start = number - 1
    while start >= 0 and not _begins(lines, start, number - 1):
        start -= 1
    if start < 0:
        return None
    match = _BLOCK.match(lines[start])
    indent = len(match["indent"]) if match else 0
    name = match["name"] if match else ""
    end = start + 1
    while end < len(lines) and (not lines[end].strip() or _indent(lines[end]) > indent):
        end += 1
    while (
        start > 0
        and lines[start - 1].strip().startswith("@")
        and _indent(lines[start - 1]) == indent
    ):
        start -= 1
    is_last = not any(line.strip() for line in lines[end:])
    kept = [*lines[:start], *lines[end:]]
    while kept and not kept[-1].strip():
        kept.pop()
    if not kept:
        return None
    what = "incomplete last" if is_last else "unreadable"
    return Step(
        "\n".join(kept) + "\n", (Repair(f"{what} {name or 'definition'} removed", start + 1),)
    )


def _begins(lines: list[str], at: int, error: int) -> bool:
    """Whether a definition that an error may be in begins at a line."""
    match = _BLOCK.match(lines[at])
    if match is None or (lines[at].strip().startswith("@") and at != error):
        return False
    is_inside = _indent(lines[error]) > len(match["indent"]) or not lines[error].strip()
    return at == error or is_inside or error == len(lines) - 1


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def with_own_names(text: str) -> Step:
    """With no two tests of one name in one place: the first would never run."""
    tree = _tree(text)
    if tree is None:
        return Step(text)
    lines = bare_lines(text)
    repairs: list[Repair] = []
    for body in _bodies(tree):
        taken = {node.name for node in body}
        seen: set[str] = set()
        for node in body:
            if node.name not in seen:
                seen.add(node.name)
                continue
            number = 2
            while f"{node.name}_{number}" in taken:
                number += 1
            fresh = f"{node.name}_{number}"
            taken.add(fresh)
            at = node.lineno - 1
            lines[at] = re.sub(rf"\b{node.name}\b", fresh, lines[at], count=1)
            repairs.append(Repair(f"second {node.name} renamed to {fresh}", node.lineno))
    return Step("\n".join(lines) + "\n", tuple(repairs)) if repairs else Step(text)


def _bodies(
    tree: ast.Module,
) -> Iterator[list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for owner in (tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))):
        yield [
            node
            for node in owner.body
            if isinstance(node, kinds) and node.name.lower().startswith("test")
        ]


def with_imports(text: str, origins: Origins) -> Step:
    """With imports of names that nothing binds, wrong ones of the repository put right."""
    step = _right_imports(text, origins)
    tree = _tree(step.text)
    if tree is None:
        return step
    repairs = list(step.repairs)
    statements: list[str] = []
    known = python_imports()
    for name, line in _unbound(tree).items():
        origin = origins.of(name)
        statement = (
            _statement(name, origin.owner, origin.full_name) if origin and origin.is_own else None
        )
        statement = statement or known.get(name)
        if statement is None and origin is not None:
            statement = _statement(name, origin.owner, origin.full_name)
        if statement:
            statements.append(statement)
            repairs.append(Repair(f"{statement} added", line))
    if not statements:
        return step
    lines = bare_lines(step.text)
    at = _after_header(tree)
    lines[at:at] = sorted(set(statements))
    return Step("\n".join(lines) + "\n", tuple(repairs))


def _statement(name: str, owner: str, full_name: str) -> str:
    if owner:
        return f"from {owner} import {name}"
    package = full_name.rpartition(".")[0]
    return f"from {package} import {name}" if package else f"import {name}"


def _right_imports(text: str, origins: Origins) -> Step:
    """Imports from modules that the repository does not have, of names that it has elsewhere."""
    tree = _tree(text)
    if tree is None:
        return Step(text)
    lines = bare_lines(text)
    repairs: list[Repair] = []
    found = [n for n in tree.body if isinstance(n, ast.ImportFrom) and n.module and not n.level]
    for node in reversed(found):
        module = node.module or ""
        if module.partition(".")[0] in sys.stdlib_module_names or origins.has(module):
            continue
        fresh: list[str] = []
        for alias in node.names:
            origin = origins.of(alias.name)
            if origin is None or not origin.is_own:
                break
            as_name = f" as {alias.asname}" if alias.asname else ""
            fresh.append(_statement(alias.name, origin.owner, origin.full_name) + as_name)
        else:
            lines[node.lineno - 1 : node.end_lineno] = sorted(fresh)
            repairs.insert(0, Repair(f"import from {module}: {'; '.join(fresh)}", node.lineno))
    return Step("\n".join(lines) + "\n", tuple(repairs)) if repairs else Step(text)


def _unbound(tree: ast.Module) -> dict[str, int]:
    """Names that are read and bound nowhere in the module, with the line of their first use."""
    bound = set(dir(builtins)) | _MODULE_NAMES
    used: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                used[node.id] = min(node.lineno, used.get(node.id, node.lineno))
            else:
                bound.add(node.id)
        else:
            bound |= _bound_by(node)
    if "*" in bound:
        return {}
    return {
        name: line
        for name, line in sorted(used.items(), key=lambda item: item[::-1])
        if name not in bound
    }


def _bound_by(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.arg):
        return {node.arg}
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return {node.name} if node.name else set()
    if isinstance(node, ast.Global | ast.Nonlocal):
        return set(node.names)
    if isinstance(node, ast.MatchMapping):
        return {node.rest} if node.rest else set()
    return set()


def _after_header(tree: ast.Module) -> int:
    """The number of lines before the first statement that imports may stand before."""
    at = 0
    for number, node in enumerate(tree.body):
        is_docstring = (
            number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        )
        is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not (is_docstring or is_future):
            break
        at = node.end_lineno or at
    return at


def _tree(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None
