"""Reads the script of a scripted model from a JSON file; docs/models.md describes its format.

What the format does not have is refused by its place, so that a slip is not a reply that never
comes.
"""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from agent.messages import Finish, ToolCall
from agent.model import Capabilities
from agent.models.scripted import ScriptedModel, ScriptedReply, ScriptError
from agent.models.values import items, mapping
from graphdb.errors import (
    ModelBusyError,
    ModelKeyError,
    ModelRefusedError,
    ModelTimeoutError,
    ModelUnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from graphdb.errors import ModelUnavailableError

VERSION = 1
ERRORS: dict[str, type[ModelUnavailableError]] = {
    "key": ModelKeyError,
    "busy": ModelBusyError,
    "timeout": ModelTimeoutError,
    "unreachable": ModelUnreachableError,
    "refused": ModelRefusedError,
}
_MEMBERS = {
    "text": str,
    "calls": list,
    "when": str,
    "repeat": bool,
    "error": str,
    "message": str,
    "finish": str,
    "delay_s": (int, float),
}
_TYPES = {str: "a text", list: "a list", bool: "true or false", (int, float): "a number"}
_CAPABILITIES = ("tools", "schema", "infill")


def read_script(path: Path) -> ScriptedModel:
    """The model that a file scripts. Raises ScriptError naming file and reply."""
    try:
        script: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise ScriptError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ScriptError(f"{path}: not JSON: {error}") from error
    try:
        return _model(script, path.stem)
    except ValueError as error:
        raise ScriptError(f"{path}: {error}") from error


def _model(script: object, name: str) -> ScriptedModel:
    fields = mapping(script)
    if fields.get("version") != VERSION:
        raise ValueError(f'a script begins with "version": {VERSION}')
    _refuse_unknown(fields, ("version", "name", "capabilities", "replies"))
    if not isinstance(fields.get("replies"), list):
        raise ValueError("replies must be a list")
    has = items(fields.get("capabilities"))
    _refuse_unknown(has, _CAPABILITIES)
    replies: list[ScriptedReply] = []
    for number, entry in enumerate(items(fields["replies"])):
        try:
            replies.append(_reply(entry))
        except ValueError as error:
            raise ValueError(f"replies[{number}]: {error}") from error
    given = Capabilities(**{capability: capability in has for capability in _CAPABILITIES})
    return ScriptedModel(replies, name=str(fields.get("name", name)), capabilities=given)


def _reply(entry: object) -> ScriptedReply:
    if isinstance(entry, str):
        return ScriptedReply(entry)
    if not isinstance(entry, dict):
        raise ValueError("a reply is a text or an object")
    fields = mapping(entry)  # pyright: ignore[reportUnknownArgumentType]
    _refuse_unknown(fields, _MEMBERS)
    for name, value in fields.items():
        if not isinstance(value, _MEMBERS[name]):
            raise ValueError(f"{name} must be {_TYPES[_MEMBERS[name]]}")
    return ScriptedReply(
        text=fields.get("text", ""),
        calls=tuple(_call(call) for call in fields.get("calls", ())),
        when=_pattern(fields.get("when")),
        repeat=fields.get("repeat", False),
        error=_error(fields),
        finish=Finish(fields.get("finish", "stop")),
        delay_s=max(0.0, float(fields.get("delay_s", 0.0))),
    )


def _call(call: object) -> ToolCall:
    fields = mapping(call)
    _refuse_unknown(fields, ("name", "arguments"))
    name, arguments = fields.get("name"), fields.get("arguments", {})
    if not isinstance(name, str) or not isinstance(arguments, dict | str):
        raise ValueError("a call has a name, and arguments as an object or a text")
    return ToolCall(name, arguments)  # pyright: ignore[reportUnknownArgumentType]


def _pattern(text: str | None) -> str | None:
    try:
        return text and re.compile(text).pattern
    except re.error as error:
        raise ValueError(f"when is no regular expression: {error}") from error


def _error(fields: Mapping[str, Any]) -> ModelUnavailableError | None:
    if "error" not in fields:
        return None
    _refuse_unknown([fields["error"]], ERRORS)
    return ERRORS[fields["error"]](fields.get("message", f"scripted error: {fields['error']}"))


def _refuse_unknown(given: Iterable[Any], known: Iterable[str]) -> None:
    names = tuple(known)
    for name in given:
        if name not in names:
            near = get_close_matches(str(name), names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "known are " + ", ".join(names)
            raise ValueError(f"{name!r} is not known: {hint}")
