"""What every job stands on, and the few steps that jobs share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.draft import Edit
from agent.fences import code_of
from agent.languages import language_of
from agent.search_replace import changed, changes
from agent.task import UnreadableReplyError
from graphdb.errors import CodexGraphError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.analysis import Analyst
    from agent.answers.ground import Ground
    from agent.draft import Check
    from graphdb.symbols import Symbol


@dataclass(frozen=True, slots=True)
class Work:
    """The ports of a job.

    checks: chooses what a draft must pass, by the job's name and the definition that it writes.
    context_tokens: of what the graph says before anything is asked.
    """

    ground: Ground
    checks: Callable[[str, Symbol | None], tuple[Check, ...]]
    analyst: Analyst | None = None
    context_tokens: int = 1_200

    def about(self, text: str) -> str:
        """What the repository has on a text."""
        return self.ground.retriever().context_for(text, self.context_tokens).text

    def around(self, symbol: Symbol, text: str = "") -> str:
        """What somebody who works on a symbol needs to read, without its own code."""
        retriever = self.ground.retriever()
        return retriever.context_of(symbol, self.context_tokens, text, with_code=False).text

    def text_of(self, path: str) -> str:
        """A file of the repository. Raises NotFoundError."""
        text = self.ground.read_file(path)
        if text is None:
            raise NotFoundError(f"{path} is no file of the repository: check the path")
        if "\0" in text:
            raise CodexGraphError(f"{path} is binary: name a file of text")
        return text

    def span(self, symbol: Symbol) -> tuple[str, str, int, int]:
        """Path, text and lines of a definition. Raises CodexGraphError for what has none."""
        path, first, last = symbol.file_path, symbol.start_line, symbol.end_line
        if path is None or first is None or last is None:
            raise CodexGraphError(
                f"{symbol.full_name} is outside the repository: name what is in it"
            )
        return path, self.text_of(path), first, last


def code_in(reply: str, path: str) -> str:
    """The code of a reply for one file. Raises UnreadableReplyError for a reply without any."""
    code = code_of(reply, language_of(path), path)
    if not code.strip():
        raise UnreadableReplyError("there was no code: answer with one fenced code block")
    return code.strip("\n") + "\n"


def edits_of(reply: str, read_file: Callable[[str], str | None]) -> tuple[Edit, ...]:
    """The search-and-replace blocks of a reply as edits, one a file.

    Raises UnreadableReplyError for a block that does not fit its file.
    """
    before: dict[str, str | None] = {}
    after: dict[str, str] = {}
    for change in changes(reply):
        if change.path not in after:
            try:
                before[change.path] = read_file(change.path)
            except CodexGraphError as error:
                raise UnreadableReplyError(f"{change.path[:200]}: {error}") from error
            after[change.path] = before[change.path] or ""
        if not change.search.strip():
            if after[change.path]:
                raise UnreadableReplyError(f"{change.path} exists: give the SEARCH text to replace")
            after[change.path] = change.replace
        else:
            after[change.path] = changed(after[change.path], change)
    return tuple(Edit(path, before[path], text) for path, text in after.items())
