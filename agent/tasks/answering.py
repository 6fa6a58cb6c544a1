"""Jobs whose answer is prose with places: questions, and issues or traces to be explained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from agent.answers.answer import markdown
from agent.draft import Draft
from agent.prompts import prompt
from agent.task import Brief, Limits, UnreadableReplyError
from agent.tasks.ground import edits_of

if TYPE_CHECKING:
    from agent.draft import Check
    from agent.tasks.ground import Work

_MAX_QUESTION = 6_000
_MAX_ISSUE = 12_000
_MAX_FACTS = 6_000
_MAX_EARLIER = 600


@dataclass(frozen=True, slots=True)
class Ask:
    """A question about the repository; CodexGraph's code chat. history: earlier turns, in brief."""

    work: Work
    question: str
    history: str = ""
    name: ClassVar[str] = "ask"
    limits: ClassVar[Limits] = Limits(tokens=11_000, rounds=2, reply_tokens=900)

    def brief(self) -> Brief:
        """The question with what the graph has on it."""
        question = self.question[:_MAX_QUESTION]
        asked = f"{self.history}\n\n{question}" if self.history else question
        # "Who calls it?" means what was spoken of last.
        about = f"{question}\n{self.history[-_MAX_EARLIER:]}" if self.history else question
        return Brief(prompt("role_ask"), asked, self.work.about(about))

    def read(self, reply: str) -> Draft:
        """The answer as it stands."""
        if not reply.strip():
            raise UnreadableReplyError("there was no answer: write one, with path:line for claims")
        return Draft(reply.strip(), (), _cut(self.question, _MAX_QUESTION))

    def checks(self) -> tuple[Check, ...]:
        """What it cites must be there."""
        return self.work.checks(self.name, None)


@dataclass(frozen=True, slots=True)
class Debug:
    """An issue or a trace; CodexGraph's debugger. Its draft may change files."""

    work: Work
    issue: str
    name: ClassVar[str] = "debug"
    limits: ClassVar[Limits] = Limits(tokens=50_000, rounds=4, reply_tokens=2_500)

    def brief(self) -> Brief:
        """The issue, with the frames of a trace or the places that it is about."""
        from agent.answers.debug import debug

        issue = self.issue[:_MAX_ISSUE]
        facts = markdown(debug(self.work.ground, issue))[:_MAX_FACTS]
        return Brief(prompt("role_debug"), issue, f"{facts}\n{self.work.about(issue)}")

    def read(self, reply: str) -> Draft:
        """The explanation, and the changes that stand in it."""
        if not reply.strip():
            raise UnreadableReplyError("there was no answer: explain the cause, then the change")
        edits = edits_of(reply, self.work.ground.read_file)
        return Draft(reply.strip(), edits, _cut(self.issue, _MAX_ISSUE))

    def checks(self) -> tuple[Check, ...]:
        """Places must be there; changed files must hold."""
        return self.work.checks(self.name, None)


def _cut(text: str, limit: int) -> tuple[str, ...]:
    """What a person should know of a text that is longer than a prompt takes."""
    if len(text) <= limit:
        return ()
    return (f"the model was shown the first {limit:,} of {len(text):,} characters",)
