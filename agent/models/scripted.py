"""A model that answers from a list: for tests, demonstrations and replays, without a network.

It is strict where a real model is not: a reply that nobody scripted is an error and not an empty
text, so that a test that passes saw what it was written for.
"""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.messages import Finish, Reply, ToolCall, Usage
from agent.model import Capabilities
from agent.models.counting import tokens_of_reply, tokens_of_request
from graphdb.errors import ModelTimeoutError, ModelUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agent.messages import Request
    from agent.models.settings import ModelSettings

_MAX_SHOWN = 80
_PIECE = re.compile(r"\s*\S+\s*|\s+")


class ScriptError(ModelUnavailableError):
    """A script that cannot be read, or that has no reply for a request."""


@dataclass(frozen=True, slots=True)
class ScriptedReply:
    """One reply of a script.

    when: a regular expression that the prompt must contain a match of; without one it fits every
    prompt. repeat: it may be given again and again. error: raised in the place of a reply, after
    the text was streamed. finish: CUT for a stream that broke off. delay_s: before the first word;
    as long as the request's time or longer, it is a time-out. usage: counted when it is None.
    """

    text: str = ""
    calls: tuple[ToolCall, ...] = ()
    when: str | None = None
    repeat: bool = False
    error: ModelUnavailableError | None = None
    finish: Finish = Finish.STOP
    delay_s: float = 0.0
    usage: Usage | None = None

    def fits(self, prompt: str) -> bool:
        """Whether it answers a prompt."""
        return self.when is None or re.search(self.when, prompt, re.MULTILINE) is not None


Entry = str | ScriptedReply
Answer = Entry | ToolCall


class ScriptedModel:
    """The port `agent.model.Model` over a script. Threads may share it.

    Each request takes the first reply that is left and fits; a function in the place of replies is
    asked every time. `requests` holds what was asked, in order.
    """

    def __init__(
        self,
        replies: Iterable[Answer] | Callable[[Request], Answer],
        *,
        name: str = "scripted",
        capabilities: Capabilities | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self.capabilities = capabilities or Capabilities()
        self.requests: list[Request] = []
        self._answer = replies if callable(replies) else None
        self._left = [] if callable(replies) else [_entry(reply) for reply in replies]
        self._sleep = sleep
        self._lock = threading.Lock()

    @property
    def unused(self) -> tuple[ScriptedReply, ...]:
        """Replies that nobody got, those that repeat left aside: a test wants none."""
        return tuple(reply for reply in self._left if not reply.repeat)

    def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Reply:
        """Answer from the script.

        Raises:
            ScriptError: no reply that is left fits.
            ModelUnavailableError: what the script says, or a delay that outlasts the request.
        """
        reply = self._next(request)
        if reply.delay_s:
            self._sleep(min(reply.delay_s, request.timeout_s))
        if reply.delay_s >= request.timeout_s:
            raise ModelTimeoutError(f"model {self.name} sent nothing in {request.timeout_s:g} s")
        if on_text is not None:
            for piece in _PIECE.findall(reply.text):
                on_text(piece)
        if reply.error is not None:
            raise reply.error
        usage = reply.usage or Usage(
            tokens_of_request(request), tokens_of_reply(reply.text, reply.calls), None, counted=True
        )
        return Reply(reply.text, reply.calls, usage, reply.finish, reply.delay_s)

    def close(self) -> None:
        """Nothing to release."""

    def _next(self, request: Request) -> ScriptedReply:
        with self._lock:
            self.requests.append(request)
            if self._answer is not None:
                return _entry(self._answer(request))
            prompt = prompt_of(request)
            for number, reply in enumerate(self._left):
                if reply.fits(prompt):
                    return reply if reply.repeat else self._left.pop(number)
            asked = len(self.requests)
        left = f"{len(self._left)} left, none fits" if self._left else "none is left"
        last = prompt.strip().rpartition("\n")[2][:_MAX_SHOWN]
        raise ScriptError(f"script {self.name} has no reply for request {asked} ({left}): {last}")


def prompt_of(request: Request) -> str:
    """All that a request says, as one text: the messages with an empty line between them."""
    return "\n\n".join(message.content for message in request.messages)


def open_script(settings: ModelSettings) -> ScriptedModel:
    """The model that a file scripts. Raises ScriptError naming file and reply."""
    from agent.models.script_file import read_script

    if settings.path is None:
        raise ScriptError("a scripted model needs its script: set model.path to a JSON file")
    return read_script(settings.path)


def _entry(answer: Answer) -> ScriptedReply:
    if isinstance(answer, ToolCall):
        return ScriptedReply(calls=(answer,))
    return ScriptedReply(answer) if isinstance(answer, str) else answer
