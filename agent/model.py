"""The port to language models, whatever serves them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.messages import Reply, Request


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an endpoint understands beside plain text.

    tools: native tool calls. schema: replies held to a JSON schema. infill: filling in the middle.
    context_tokens: of a prompt and its reply together, 0 where nobody knows.
    """

    tools: bool = False
    schema: bool = False
    infill: bool = False
    context_tokens: int = 0


class Model(Protocol):
    """A language model."""

    name: str

    @property
    def capabilities(self) -> Capabilities:
        """What it understands; it may learn so from its first refusals."""
        ...

    def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Reply:
        """Answer a request, handing each piece of text to `on_text` as it comes.

        What `on_text` raises ends the call and passes through. Raises ModelUnavailableError, in one
        line that says what to do: no key, refused, no answer in time, rate limit that lasts.
        """
        ...

    def close(self) -> None:
        """Release connections or memory; calling it twice is allowed."""
        ...
