"""Checks of what an edit must leave alone: code around comments, and signatures others rely on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.checks.results import each_edit
from agent.draft import Problem
from agent.edits import changed_lines
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from agent.analysis import Analyst
    from agent.checks.python_source import PythonSource
    from agent.draft import CheckResult, Draft, Edit
    from graphdb.symbols import Symbol

_JAVA_TOKENS = re.compile(
    r'"""(?:\\.|[^\\])*?"""'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])*'"
    r"|(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|[^\W\d][\w$]*|\d[\w.]*|\s+|.",
    re.DOTALL,
)


class DocstringOnlyCheck:
    """An edit changes nothing but comments and docstrings."""

    name = "docstring_only"

    def __init__(self, python: PythonSource) -> None:
        self._python = python

    def run(self, draft: Draft) -> CheckResult:
        """Look at a draft."""
        return each_edit(self.name, draft, self._problems)

    def _problems(self, edit: Edit) -> Iterator[Problem]:
        if edit.before is None:
            yield Problem("this adds a file; only comments and docstrings are to change", edit.path)
        elif not self._is_same(edit.path, edit.before, edit.after):
            line = min(changed_lines(edit), default=None)
            said = "this changes code; only comments and docstrings are to change"
            yield Problem(said, edit.path, line)

    def _is_same(self, path: str, before: str, after: str) -> bool:
        if path.endswith((".py", ".pyi")):
            old, new = self._python.bare([before, after])
            return old is not None and old == new
        if path.endswith(".java"):
            return java_code(before) == java_code(after)
        # Of a language that nobody here reads, nothing may change.
        return before == after


def java_code(text: str) -> list[str]:
    """The tokens of Java text, without comments and blanks."""
    return [
        found[0]
        for found in _JAVA_TOKENS.finditer(text)
        if found["comment"] is None and not found[0].isspace()
    ]


class SameSignatureCheck:
    """Public definitions keep their signatures, and stay; but for those whose change is the task.

    targets: full names that may change, with all in them.
    """

    name = "same_signature"

    def __init__(self, analyst: Analyst, targets: Collection[str] = ()) -> None:
        self._analyst = analyst
        self._targets = tuple(targets)

    def run(self, draft: Draft) -> CheckResult:
        """Look at a draft."""
        return each_edit(self.name, draft, self._problems)

    def _problems(self, edit: Edit) -> Iterator[Problem]:
        if edit.before is None:
            return
        after = self._public(edit.path, edit.after)
        for uid, old in self._public(edit.path, edit.before).items():
            new = after.get(uid)
            if new is None:
                yield Problem(f"{old.full_name} is gone; it was {old.signature}", edit.path)
            elif new.signature != old.signature:
                said = f"the signature of {old.full_name} was {old.signature}; leave it so"
                yield Problem(said, edit.path, new.start_line)

    def _public(self, path: str, text: str) -> dict[str, Symbol]:
        symbols = self._analyst.analyse(path, text).symbols
        return {s.uid: s for s in symbols if s.kind in _SIGNED and self._counts(s)}

    def _counts(self, symbol: Symbol) -> bool:
        is_target = any(
            symbol.full_name == name or symbol.full_name.startswith(f"{name}.")
            for name in self._targets
        )
        return not is_target and _is_public(symbol)


_SIGNED = frozenset({NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD})


def _is_public(symbol: Symbol) -> bool:
    """False for what a language's own means keep to a file: `_name` and `private`."""
    parts = symbol.full_name.split(".")
    is_hidden = any(part.startswith("_") and not part.endswith("__") for part in parts)
    return not is_hidden and "private" not in (symbol.signature or "").partition("(")[0].split()
