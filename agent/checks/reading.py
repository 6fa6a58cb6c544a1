"""Checks of a text by the indexer's own reading: it parses, its imports and names denote something.

What is reported is proved missing (`agent.analysis`), so it is worth a model's next attempt; near
names and import statements of the repository say what was probably meant.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Protocol

from agent.analysis import Missing
from agent.checks.results import each_edit, new_problems
from agent.draft import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.analysis import Analyst, FileAnalysis, Unresolved
    from agent.draft import CheckResult, Draft, Edit

_WORD = re.compile(r"[^\W\d]\w*")
_SHOWN = 3
"""Near names and statements that are offered for one problem."""


class Hints(Protocol):
    """What may have been meant by a name that denotes nothing."""

    def near(self, name: str, owner: str | None) -> Sequence[str]:
        """Near names, best first; with an owner the near members of that class or module."""
        ...

    def imports(self, name: str, path: str) -> Sequence[str]:
        """Statements that would bring a simple name into a file, best first."""
        ...


class ParseCheck:
    """The text parses where it did before."""

    name = "parse"

    def __init__(self, analyst: Analyst) -> None:
        self._analyst = analyst

    def run(self, draft: Draft) -> CheckResult:
        """Look at a draft."""
        return each_edit(self.name, draft, self._problems)

    def _problems(self, edit: Edit) -> tuple[Problem, ...]:
        after = self._analyst.analyse(edit.path, edit.after).parse_problems
        return new_problems(edit, after, self._before(edit))

    def _before(self, edit: Edit) -> tuple[Problem, ...]:
        if edit.before is None:
            return ()
        return self._analyst.analyse(edit.path, edit.before).parse_problems


class NamesCheck:
    """The imports, or the names and members, of a text denote something.

    kinds: what to look at. hints: what is offered beside each problem, None for nothing.
    """

    def __init__(
        self, name: str, kinds: frozenset[Missing], analyst: Analyst, hints: Hints | None
    ) -> None:
        self.name = name
        self._kinds = kinds
        self._analyst = analyst
        self._hints = hints

    def run(self, draft: Draft) -> CheckResult:
        """Look at a draft."""
        return each_edit(self.name, draft, self._problems)

    def _problems(self, edit: Edit) -> Iterator[Problem]:
        after = self._analyst.analyse(edit.path, edit.after)
        had = {(u.name, u.kind, u.owner) for u in self._missing(self._before(edit))}
        for use in self._missing(after):
            if (use.name, use.kind, use.owner) not in had:
                yield Problem(self._message(use, edit, after), edit.path, use.line)

    def _before(self, edit: Edit) -> FileAnalysis | None:
        return self._analyst.analyse(edit.path, edit.before) if edit.before is not None else None

    def _missing(self, analysis: FileAnalysis | None) -> list[Unresolved]:
        return [u for u in analysis.unresolved if u.kind in self._kinds] if analysis else []

    def _message(self, use: Unresolved, edit: Edit, after: FileAnalysis) -> str:
        said = _WHAT[use.kind].format(name=use.name, owner=use.owner)
        statements = () if use.kind is Missing.MEMBER else self._imports(use, edit.path)
        if statements:
            return f"{said}; to import it: {' or '.join(statements)}"
        near = [*_near_here(use, edit.after, after), *self._near(use)]
        near = [name for name in dict.fromkeys(near) if name != use.name][:_SHOWN]
        return f"{said}; did you mean {' or '.join(near)}?" if near else said

    def _imports(self, use: Unresolved, path: str) -> Sequence[str]:
        simple = use.name.rpartition(".")[2]
        return self._hints.imports(simple, path)[:_SHOWN] if self._hints else ()

    def _near(self, use: Unresolved) -> Sequence[str]:
        return self._hints.near(use.name, use.owner) if self._hints else ()


def _near_here(use: Unresolved, text: str, after: FileAnalysis) -> list[str]:
    """Near names in the text itself: of members those of the class, where it is written there."""
    if use.kind is Missing.MEMBER:
        inside = f"{use.owner}."
        known = {s.name for s in after.symbols if s.full_name == inside + s.name}
    elif use.kind is Missing.NAME:
        known = {word for word in _WORD.findall(text) if len(word) > 1}
    else:
        return []
    return get_close_matches(use.name, known - {use.name}, n=1, cutoff=0.75)


_WHAT = {
    Missing.IMPORT: "nothing can be imported as {name}",
    Missing.NAME: "{name} is not defined and not imported",
    Missing.MEMBER: "{owner} has no member {name}",
}


def imports_check(analyst: Analyst, hints: Hints | None = None) -> NamesCheck:
    """Imports of the repository exist."""
    return NamesCheck("imports", frozenset({Missing.IMPORT}), analyst, hints)


def names_check(analyst: Analyst, hints: Hints | None = None) -> NamesCheck:
    """Names are defined, members are there."""
    return NamesCheck("names", frozenset({Missing.NAME, Missing.MEMBER}), analyst, hints)
