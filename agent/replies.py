"""What a model wrote, read as tool calls: natively, as JSON, or as lines of plain text.

Nothing is executed: a call is a name and JSON values. What cannot be read is told, not guessed.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

from agent.messages import ToolCall
from agent.prompts import prompt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agent.messages import Reply, ToolSpec
    from agent.model import Capabilities

_LINE = re.compile(r"^\s*(?:TOOL|tool)\s*:?\s+([A-Za-z_][\w-]*)\s*(.*)$")
_NATIVE_FROM = 4_096
"""Tokens of a window from which on tools are given as JSON; as lines they take less than half."""

_FENCE = re.compile(r"```(?:json)?\s*\n(.*?)```", re.DOTALL)


def calls_schema(specs: Sequence[ToolSpec]) -> dict[str, Any]:
    """The JSON schema of a reply that says what was learned and which tools to run."""
    call = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "enum": [spec.name for spec in specs]},
            "arguments": {"type": "object"},
        },
        "required": ["name", "arguments"],
    }
    return {
        "type": "object",
        "properties": {
            "thoughts": {"type": "string"},
            "calls": {"type": "array", "items": call},
        },
        "required": ["thoughts", "calls"],
    }


def offered(
    can: Capabilities, question: str, specs: tuple[ToolSpec, ...]
) -> tuple[str, tuple[ToolSpec, ...], dict[str, Any] | None]:
    """A question with tools, in the way that a model understands: text, tools and schema."""
    is_small = 0 < can.context_tokens < _NATIVE_FROM
    if (can.tools and not is_small) or not specs:
        return question, specs, None
    name = "tools_json" if can.schema else "tools"
    text = f"{question}\n{prompt(name, tools=describe(specs))}"
    return text, (), calls_schema(specs) if can.schema else None


def describe(specs: Sequence[ToolSpec]) -> str:
    """Tools for a model that has no calls of its own: a line each."""
    lines: list[str] = []
    for spec in specs:
        properties: Mapping[str, Any] = spec.parameters.get("properties", {})
        required = set(spec.parameters.get("required", ()))
        names = ", ".join(name + ("" if name in required else "?") for name in properties)
        lines.append(f"- {spec.name}({names}): {spec.description}")
    return "\n".join(lines)


def read_calls(reply: Reply) -> tuple[str, tuple[ToolCall, ...]]:
    """What a reply says beside its calls, and the calls."""
    if reply.calls:
        return reply.text.strip(), reply.calls
    for text in (reply.text, *_FENCE.findall(reply.text)):
        value = _json(text)
        if isinstance(value, list):
            value = {"calls": cast("list[Any]", value)}
        if isinstance(value, dict) and ("calls" in value or "name" in value):
            found = cast("dict[str, Any]", value)
            return str(found.get("thoughts", "")).strip(), tuple(_calls(found))
    rest, calls = _plain(reply.text)
    if not calls and rest.startswith(("{", "[", "```json")):
        return "(a choice of tools that cannot be read as JSON: nothing was run)", ()
    return rest, calls


def _plain(text: str) -> tuple[str, tuple[ToolCall, ...]]:
    calls: list[ToolCall] = []
    rest: list[str] = []
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None:
            rest.append(line)
        else:
            value: Any = _json(match[2]) if match[2].strip() else {}
            given = cast("dict[str, Any]", value) if isinstance(value, dict) else match[2]
            calls.append(ToolCall(match[1], given))
    return "\n".join(rest).strip(), tuple(calls)


def _calls(value: Mapping[str, Any]) -> Iterator[ToolCall]:
    found = value.get("calls", [value])
    for item in cast("list[Any]", found) if isinstance(found, list) else []:
        call = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
        if isinstance(name := call.get("name"), str):
            arguments: Any = call.get("arguments") or {}
            is_read = isinstance(arguments, dict)
            yield ToolCall(name, cast("dict[str, Any]", arguments) if is_read else str(arguments))


def _json(text: str) -> Any:
    try:
        return json.loads(text.strip())
    except (ValueError, RecursionError):
        return None
