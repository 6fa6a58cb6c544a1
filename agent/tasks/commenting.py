"""Jobs that write documentation comments: of one definition, or of all in a file that lack one.

Of a file only the comments are asked for and put in their places here, so that a model that cannot
copy code does not change it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from agent.draft import Draft, Edit
from agent.edits import lines_of
from agent.prompts import prompt
from agent.splicing import replaced
from agent.task import Brief, Limits, UnreadableReplyError
from agent.tasks.ground import code_in
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.answers.python_docs import Gap
    from agent.draft import Check
    from agent.tasks.ground import Work
    from graphdb.symbols import Symbol

_MAX_SHOWN = 8_000
_MAX_FILE = 16_000
_MAX_CODE = 2_000
"""Characters of one definition that are shown."""
_HEADING = re.compile(r"^#{1,6}\s*`?(?P<name>[\w.$]+)(?:\(.*?\))?`?\s*:?\s*$", re.MULTILINE)
_MARKS = re.compile(r'^\s*(?:[rR]?"""|\'\'\'|/\*\*|```\w*)|(?:"""|\'\'\'|\*/|```)\s*$')


@dataclass(frozen=True, slots=True)
class Comment:
    """A documentation comment for one definition, which is otherwise left as it is."""

    work: Work
    symbol: Symbol
    name: ClassVar[str] = "comment"
    limits: ClassVar[Limits] = Limits(tokens=11_000, rounds=2, reply_tokens=2_000)

    def brief(self) -> Brief:
        """The definition, with what it uses and who uses it."""
        path, text, first, last = self.work.span(self.symbol)
        shown = "".join(lines_of(text)[first - 1 : last])
        if len(shown) > _MAX_SHOWN:
            raise CodexGraphError(
                f"{self.symbol.full_name} has {len(shown)} characters: comment its members instead,"
                f" or all that lack one by `comment {path}`"
            )
        question = f"{path}\n```\n{shown}\n```\n{prompt('shape_comment')}"
        return Brief(prompt("role_code"), question, self.work.around(self.symbol))

    def read(self, reply: str) -> Draft:
        """The definition with its comment."""
        path, text, first, last = self.work.span(self.symbol)
        after = replaced(text, first, last, code_in(reply, path))
        return Draft(reply.strip(), (Edit(path, text, after),))

    def checks(self) -> tuple[Check, ...]:
        """Nothing but comments may change."""
        return self.work.checks(self.name, self.symbol)


@dataclass(frozen=True, slots=True)
class CommentFile:
    """Documentation comments for what is public in a file and has none.

    Those that do not fit into one prompt are left for the next run, which is said.
    """

    work: Work
    path: str
    gaps: tuple[Gap, ...]
    name: ClassVar[str] = "comment"
    limits: ClassVar[Limits] = Limits(tokens=40_000, rounds=3, reply_tokens=4_000)

    def brief(self) -> Brief:
        """The definitions without a comment, as many as fit."""
        lines = lines_of(self.work.text_of(self.path))
        asked = self._asked()
        ends = [gap.start for gap in asked[1:]] + [len(lines) + 1]
        shown = [
            f"## {gap.name}\n```\n{''.join(lines[gap.start - 1 : end - 1])[:_MAX_CODE]}\n```"
            for gap, end in zip(asked, ends, strict=True)
        ]
        question = "\n".join([f"Document {self.path}:", *shown, prompt("shape_comments")])
        return Brief(prompt("role_code"), question, self.work.about(self.path))

    def _asked(self) -> tuple[Gap, ...]:
        return self.gaps[: _MAX_FILE // _MAX_CODE]

    def read(self, reply: str) -> Draft:
        """The file with its comments; what was asked for and not given is told."""
        from agent.answers.comment import with_comments

        text = self.work.text_of(self.path)
        asked = self._asked()
        given = _sections(reply)
        if not given and len(asked) == 1:
            given = {asked[0].name: reply}
        written = {
            gap.name: lines
            for gap in asked
            if (lines := _lines(given.get(gap.name, ""), self.path))
        }
        if not written:
            raise UnreadableReplyError(
                'no comment was found: write a line "## NAME" for each name, then its comment'
            )
        after = with_comments(text, [gap for gap in asked if gap.name in written], written)
        return Draft(reply.strip(), (Edit(self.path, text, after),), tuple(self._notes(written)))

    def _notes(self, written: Iterable[str]) -> list[str]:
        missing = [gap.name for gap in self._asked() if gap.name not in set(written)]
        notes = [f"no comment was written for {', '.join(missing)}"] if missing else []
        left = len(self.gaps) - len(self._asked())
        return [*notes, *([f"{left} more have none: run it again for them"] if left else [])]

    def checks(self) -> tuple[Check, ...]:
        """Nothing but comments may change."""
        return self.work.checks(self.name, None)


def comment_file(work: Work, path: str) -> CommentFile:
    """The job of commenting a file. Raises CodexGraphError where nothing lacks a comment."""
    from agent.answers.comment import gaps_of_file

    gaps = tuple(gaps_of_file(work.ground, path, work.text_of(path)))
    if not gaps:
        raise CodexGraphError(f"{path}: all that is public in it has its comment already")
    return CommentFile(work, path, gaps)


def _sections(reply: str) -> dict[str, str]:
    """The text below each heading, by the name in it."""
    heads = list(_HEADING.finditer(reply))
    ends = [head.start() for head in heads[1:]] + [len(reply)]
    return {head["name"]: reply[head.end() : end] for head, end in zip(heads, ends, strict=True)}


def _lines(text: str, path: str) -> list[str]:
    """A documentation comment in the language of a file, without indentation; empty for no text."""
    bare = text.strip()
    while (less := _MARKS.sub("", bare).strip()) != bare:
        bare = less
    lines = [re.sub(r"^\s*\*\s?", "", line).rstrip() for line in bare.split("\n")]
    if not bare:
        return []
    if path.endswith(".py"):
        return _docstring([line.rstrip() for line in bare.split("\n")])
    # Java reads unicode escapes in comments, too.
    body = [line.replace("*/", "*&#47;").replace("\\u", "&#92;u") for line in lines]
    return ["/**", *(f" * {line}".rstrip() for line in body), " */"]


def _docstring(lines: list[str]) -> list[str]:
    text = "\n".join(lines).replace('"""', "'''")
    opening = 'r"""' if "\\" in text else '"""'
    if len(lines) == 1 and not text.endswith(('"', "\\")):
        return [f'{opening}{text}"""']
    return [*f"{opening}{text}".split("\n"), '"""']
