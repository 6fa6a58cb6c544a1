"""Puts a reply together from what an endpoint streams, whatever that is.

Every event is JSON of unknown shape: what is not where the protocol has it is passed over, because
a reply that is half understood is worth more than an exception.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from agent.messages import Finish, ToolCall
from agent.models import values
from agent.models.repetition import is_circular
from agent.models.values import items, mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_CHARACTERS = 2_000_000
"""Of one reply; no model writes as much, and a stream without an end must not fill the memory."""


_LOOK = 200
"""Characters between two looks at whether a reply repeats itself."""


@dataclass(slots=True)
class _Call:
    """A tool call as far as it came. key: what its pieces are told apart by."""

    key: object
    name: str = ""
    pieces: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class Assembly:
    """What came of one reply.

    finish: the endpoint's word for why it ended, empty before that. is_circular: it goes round in
    circles.
    """

    pieces: list[str] = field(default_factory=list[str])
    finish: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    size: int = 0
    is_circular: bool = False
    _seen: int = 0
    _calls: list[_Call] = field(default_factory=list[_Call])

    def add(self, event: object) -> str:
        """Take an event; the text that it adds."""
        fields = mapping(event)
        self._count(mapping(fields.get("usage")))
        choice = mapping(next(iter(items(fields.get("choices"))), None))
        # A reply that was not streamed has a message in the place of what is added to one.
        delta = mapping(choice.get("delta")) or mapping(choice.get("message")) or choice
        text = "".join(values.text(delta.get(name)) for name in ("content", "refusal", "text"))
        for piece in items(delta.get("tool_calls")):
            self._add_call(mapping(piece))
        if isinstance(finish := choice.get("finish_reason"), str):
            self.finish = finish
        if text:
            self.pieces.append(text)
            self.size += len(text)
        if self.size - self._seen >= _LOOK:
            self._seen = self.size
            written = (self.pieces, *(call.pieces for call in self._calls))
            self.is_circular = any(map(is_circular, written))
        return whole(text)

    @property
    def has_content(self) -> bool:
        """True when something came that is worth keeping."""
        return bool(self.pieces or self._calls)

    @property
    def is_full(self) -> bool:
        """True when no more is taken."""
        return self.size > MAX_CHARACTERS

    @property
    def text(self) -> str:
        """The text of the reply."""
        return whole("".join(self.pieces))

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The tool calls, in their order; one without a name cannot be answered."""
        return tuple(
            ToolCall(call.name, read_arguments("".join(call.pieces)))
            for call in self._calls
            if call.name
        )

    @property
    def ending(self) -> Finish:
        """Why a reply that was whole ended."""
        return Finish.LENGTH if self.finish == "length" else Finish.STOP

    def _count(self, usage: Mapping[str, Any]) -> None:
        """The last count stands: some endpoints send one with every event."""
        prompt = values.count(usage.get("prompt_tokens"))
        completion = values.count(usage.get("completion_tokens"))
        if prompt is not None and completion is not None:
            self.prompt_tokens, self.completion_tokens = prompt, completion

    def _add_call(self, piece: Mapping[str, Any]) -> None:
        call = self._call_of(piece)
        function = mapping(piece.get("function"))
        name, arguments = function.get("name"), function.get("arguments")
        if isinstance(name, str) and not call.name:
            call.name = whole(name)
        if isinstance(arguments, dict | list):
            arguments = json.dumps(arguments)
        if isinstance(arguments, str):
            call.pieces.append(arguments)
            self.size += len(arguments)

    def _call_of(self, piece: Mapping[str, Any]) -> _Call:
        """The call that a piece belongs to: by index, else by id, else the last one."""
        index, name = piece.get("index"), piece.get("id")
        key = index if isinstance(index, int) else name if isinstance(name, str) else None
        if key is None and self._calls:
            return self._calls[-1]
        for call in self._calls:
            if call.key == key:
                return call
        self._calls.append(_Call(key))
        return self._calls[-1]


def read_arguments(text: str) -> Mapping[str, Any] | str:
    """A tool call's arguments: values when the text is a JSON object, else the text.

    Refused as values are NaN and halves of characters, which no other program would read again.
    """
    if not text.strip():
        return {}
    try:
        value: Any = json.loads(text, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return whole(text)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else whole(text)


def whole(text: str) -> str:
    """A text that can be written: halves of characters are joined, or replaced when alone."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _refuse(constant: str) -> object:
    raise ValueError(constant)
