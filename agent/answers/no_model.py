"""The one way in for all who show answers without a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.answers.ground import Changes, Ground, Hunk
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from agent.answers.answer import GraphAnswer

__all__ = ["JOBS", "Changes", "Ground", "Hunk", "answer"]

JOBS = ("ask", "debug", "test", "generate", "comment", "class", "complete")


def answer(ground: Ground, job: str, text: str, path: str = "") -> GraphAnswer:
    """What the graph alone says to a job.

    Args:
        ground: what it is drawn from.
        job: one of `JOBS`; `chat` is another name of ask.
        text: a question; an issue or a trace; a name; a description or SPEC.md; a name or path; a
            description; a place as `path:line` or `path:line:column`.
        path: where generated code is to stand, if the text does not say.

    Raises:
        CodexGraphError: the job is none of these, a path leads out of the repository, or the graph
            cannot be read.
    """
    if job in ("ask", "chat"):
        from agent.answers.intents import ask

        return ask(ground, text)
    if job == "debug":
        from agent.answers.debug import debug

        return debug(ground, text)
    if job == "test":
        from agent.answers.unit_test import skeleton_tests

        return skeleton_tests(ground, text)
    if job in ("generate", "class"):
        from agent.answers.generate import skeleton_code

        return skeleton_code(ground, text, path)
    if job == "comment":
        from agent.answers.comment import skeleton_docstrings

        return skeleton_docstrings(ground, text)
    if job == "complete":
        from agent.answers.complete import completions

        return completions(ground, text)
    raise CodexGraphError(f"no job is called {job!r}: there are {', '.join(JOBS)}")
