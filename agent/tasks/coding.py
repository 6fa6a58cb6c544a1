"""Jobs whose answer is code at a place: generate, a whole class, a gap."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, ClassVar

from agent.draft import Draft, Edit
from agent.edits import lines_of
from agent.fences import blocks
from agent.joining import joined, names_in
from agent.prompts import prompt
from agent.splicing import added_method, replaced
from agent.task import Brief, Gap, Limits, UnreadableReplyError
from agent.tasks.ground import code_in
from graphdb.errors import CodexGraphError
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from agent.draft import Check
    from agent.tasks.ground import Work
    from graphdb.symbols import Symbol

_MAX_BEFORE, _MAX_AFTER = 3_000, 1_500
_MAX_SHOWN = 8_000
_MAX_NAMES = 50
_CALLABLE = (NodeKind.FUNCTION, NodeKind.METHOD)
_REMARKS = {".py": "#", ".java": "//"}
"""What begins a line that is a remark, by a file's ending."""


@dataclass(frozen=True, slots=True)
class Generate:
    """Code described in words, written into a class, in the place of a function, or into a file.

    symbol: the class that gets a member or the function whose body is written; None for `path`.
    """

    work: Work
    what: str
    path: str
    symbol: Symbol | None = None
    name: ClassVar[str] = "generate"
    limits: ClassVar[Limits] = Limits(tokens=12_000, rounds=3, reply_tokens=1_500)

    def brief(self) -> Brief:
        """What is wanted, where, and what stands there."""
        where, context = self.path, self.work.about(self.what)
        if self.symbol is not None:
            _, text, first, last = self.work.span(self.symbol)
            shown = "".join(lines_of(text)[first - 1 : last])[:_MAX_SHOWN]
            where = f"{self.symbol.full_name} in {self.path}, which now reads\n```\n{shown}\n```"
            context = self.work.around(self.symbol, self.what)
        question = f"Write: {self.what}\nWhere: {where}\n{prompt(self._shape())}"
        return Brief(prompt("role_code"), question, context)

    def _shape(self) -> str:
        if self.symbol is None:
            return "shape_file"
        return "shape_definition" if self.symbol.kind in _CALLABLE else "shape_member"

    def read(self, reply: str) -> Draft:
        """The code at its place."""
        code = code_in(reply, self.path)
        before = self.work.ground.read_file(self.path)
        if self.symbol is None:
            after = joined(before, code, self.path)
        else:
            _, text, first, last = self.work.span(self.symbol)
            place = replaced if self.symbol.kind in _CALLABLE else added_method
            try:
                after = place(text, first, last, code)
            except ValueError as error:
                raise UnreadableReplyError(f"{self.path}: {error}") from error
        return Draft(reply.strip(), (Edit(self.path, before, after),))

    def checks(self) -> tuple[Check, ...]:
        """The file must hold."""
        return self.work.checks(self.name, self.symbol)


@dataclass(frozen=True, slots=True)
class WriteClass:
    """A whole class from its description, in a new file or one that is there (RepoClassBench)."""

    work: Work
    description: str
    path: str
    name: ClassVar[str] = "class"
    limits: ClassVar[Limits] = Limits(tokens=40_000, rounds=4, reply_tokens=4_000)

    def brief(self) -> Brief:
        """The description, with what of the repository it speaks of."""
        question = f"Write the file {self.path} with this class:\n{self.description[:_MAX_SHOWN]}"
        names = names_in(self.work.ground.read_file(self.path) or "")
        if names:
            question += f"\nThe file has {', '.join(names[:_MAX_NAMES])} already, which is kept:"
            question += " write the class alone, with the imports that it needs."
        question += f"\n{prompt('shape_file')}"
        return Brief(prompt("role_code"), question, self.work.about(self.description))

    def read(self, reply: str) -> Draft:
        """The file."""
        before = self.work.ground.read_file(self.path)
        code = code_in(reply, self.path)
        analyst = self.work.analyst
        found = analyst.analyse(self.path, code).symbols if analyst is not None else ()
        if analyst is not None and not any(symbol.kind is NodeKind.CLASS for symbol in found):
            raise UnreadableReplyError("there is no class in the reply: write the whole file")
        return Draft(reply.strip(), (Edit(self.path, before, joined(before, code, self.path)),))

    def checks(self) -> tuple[Check, ...]:
        """The file must hold."""
        return self.work.checks(self.name, None)


@dataclass(frozen=True, slots=True)
class Complete:
    """What stands at a place of a file: the rest of a line, a statement, a body.

    line: 1-based. column: 0-based, in characters; None for the end of the line.
    """

    work: Work
    path: str
    line: int
    column: int | None = None
    name: ClassVar[str] = "complete"
    limits: ClassVar[Limits] = Limits(tokens=11_000, rounds=2, reply_tokens=400)

    def _split(self) -> tuple[str, str]:
        lines = lines_of(self.work.text_of(self.path))
        if not 1 <= self.line <= len(lines) + 1:
            raise CodexGraphError(
                f"{self.path} has {len(lines)} lines: line {self.line} is outside"
            )
        start, rest = "".join(lines[: self.line - 1]), "".join(lines[self.line - 1 :])
        line = lines[self.line - 1].rstrip("\r\n") if self.line <= len(lines) else ""
        column = len(line) if self.column is None else min(self.column, len(line))
        return start + rest[:column], rest[column:]

    def brief(self) -> Brief:
        """The text around the gap, and what it needs from other files."""
        before, after = self._split()
        before, after = before[-_MAX_BEFORE:], after[:_MAX_AFTER]
        retriever = self.work.ground.retriever()
        context = retriever.context_at(self.path, self.line, self.work.context_tokens, before).text
        question = prompt("shape_gap", path=self.path, before=before, after=after)
        mark = _REMARKS.get(PurePosixPath(self.path).suffix, "#")
        remarks = "".join(f"{mark} {line}".rstrip() + "\n" for line in context.splitlines())
        return Brief(prompt("role_code"), question, context, Gap(remarks + before, after))

    def read(self, reply: str) -> Draft:
        """The text in the gap."""
        before, after = self._split()
        fenced = [block.code for block in blocks(reply) if block.code.strip()]
        code = (max(fenced, key=len) if fenced else reply).rstrip("\n")
        last = before.rpartition("\n")[2]
        if last.strip():
            code = code.removeprefix(last).removeprefix(last.lstrip())
        elif last and not code.startswith(last):
            first, newline, rest = code.partition("\n")
            code = first.lstrip() + newline + rest
        else:
            code = code.removeprefix(last)
        if not code.strip():
            raise UnreadableReplyError("the gap would stay empty: write the text that stands in it")
        return Draft(reply.strip(), (Edit(self.path, before + after, before + code + after),))

    def checks(self) -> tuple[Check, ...]:
        """The file must hold."""
        return self.work.checks(self.name, None)
