"""How a request is put to one endpoint, and what that endpoint turned out not to understand.

Endpoints that call themselves compatible differ in their options and say so in prose alone. An
option that a refusal names is left out for as long as the model is open.
"""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

from agent.messages import Role
from agent.model import Capabilities
from agent.models.failures import FailureKind, is_too_long
from agent.models.settings import Switch

if TYPE_CHECKING:
    from agent.messages import Request
    from agent.models.failures import Failure
    from agent.models.settings import ModelSettings

_NAMED_BY = {
    "tools": re.compile(r"\btools?\b|tool[ _](?:choice|use|call)|function call", re.IGNORECASE),
    "response_format": re.compile(r"response_format|json_schema|structured output", re.IGNORECASE),
    "stream_options": re.compile(r"stream_options|include_usage", re.IGNORECASE),
    "temperature": re.compile(r"\btemperature\b", re.IGNORECASE),
    "suffix": re.compile(r"\bsuffix\b", re.IGNORECASE),
}
_OTHER_LIMIT = re.compile(
    r"max_completion_tokens.*instead|unsupported.*max_tokens|max_tokens.*not supported",
    re.IGNORECASE | re.DOTALL,
)
_REFUSALS = (400, 404, 422, 501)


class Dialect:
    """The body of a request, in what an endpoint understands. Threads may share it."""

    def __init__(self, settings: ModelSettings) -> None:
        self._model = settings.name
        switches = {
            "tools": settings.tools,
            "response_format": settings.schema,
            "suffix": settings.infill,
        }
        self._demanded = {name for name, switch in switches.items() if switch is Switch.YES}
        self._left_out = {name for name, switch in switches.items() if switch is Switch.NO}
        # Most endpoints take a suffix and ignore it, so nothing is learned by trying.
        if settings.infill is Switch.AUTO:
            self._left_out.add("suffix")
        self._context_tokens = settings.context_tokens
        self._limit = "max_tokens"
        self._lock = threading.Lock()

    @property
    def capabilities(self) -> Capabilities:
        """What the endpoint has, as far as is known."""
        return Capabilities(
            tools="tools" not in self._left_out,
            schema="response_format" not in self._left_out,
            infill="suffix" not in self._left_out,
            context_tokens=self._context_tokens,
        )

    def path(self, request: Request) -> str:
        """Where a request goes, below the base address."""
        return "/chat/completions" if request.suffix is None else "/completions"

    def body(self, request: Request) -> dict[str, Any]:
        """What is sent."""
        body: dict[str, Any] = {
            "model": self._model,
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": request.temperature,
            self._limit: request.max_tokens,
        }
        if request.suffix is None:
            body |= _chat(request)
        else:
            before = next((m.content for m in request.messages[::-1] if m.role is Role.USER), "")
            body |= {"prompt": before, "suffix": request.suffix}
        return {name: value for name, value in body.items() if name not in self._left_out}

    def learns(self, body: dict[str, Any], failure: Failure) -> bool:
        """Whether a failure tells to ask again with other options, which are then remembered."""
        if failure.kind is not FailureKind.REFUSED or failure.status not in _REFUSALS:
            return False
        with self._lock:
            if self._limit in body and self._limit == "max_tokens" and _is_other_limit(failure):
                self._limit = "max_completion_tokens"
                return True
            named = _named_option(body, failure)
            if named is None or named in self._demanded:
                return False
            self._left_out.add(named)
            return named != "suffix"


def _chat(request: Request) -> dict[str, Any]:
    messages = [{"role": m.role.value, "content": m.content} for m in request.messages]
    body: dict[str, Any] = {"messages": messages}
    if request.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": dict(tool.parameters),
                },
            }
            for tool in request.tools
        ]
    if request.schema is not None:
        held = {"name": "reply", "strict": True, "schema": dict(request.schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": held}
    return body


def _is_other_limit(failure: Failure) -> bool:
    return _OTHER_LIMIT.search(failure.detail) is not None


def _named_option(body: dict[str, Any], failure: Failure) -> str | None:
    """The option that a refusal is about. A prompt that is too long is about none."""
    sent = [name for name in _NAMED_BY if name in body]
    param = re.split(r"[.\[]", failure.param)[0]
    if param in sent:
        return param
    if is_too_long(failure):
        return None
    return next((name for name in sent if _NAMED_BY[name].search(failure.detail)), None)
