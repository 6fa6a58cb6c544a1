"""One run as a file: every prompt, tool call, result, check, token count and time, versioned.

It is written anew after each event, so that a run that dies leaves what it had; and it can be run
again without a model, because its replies are in it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

from agent.events import ModelAnswered, TextCame
from agent.messages import Finish, Reply, ToolCall, Usage
from agent.model import Capabilities
from agent.task import Limits
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from agent.events import Event, Observer
    from agent.messages import Request
    from agent.model import Model
    from agent.task import Outcome

VERSION = 1


class TrajectoryError(CodexGraphError):
    """A trajectory that cannot be written, read or followed."""


class Recorder:
    """Writes what it observes, and passes it on.

    path: the file, replaced whole each time. begin: what was asked, as JSON values.
    """

    def __init__(self, path: Path, begin: Mapping[str, Any], then: Observer) -> None:
        if path.is_dir():
            raise TrajectoryError(f"{path}: is a folder; name the file of the trace")
        self._path = path
        self._then = then
        self._record: dict[str, Any] = {
            "version": VERSION,
            "began": datetime.now(UTC).isoformat(timespec="seconds"),
            **begin,
            "events": [],
            "outcome": None,
        }
        self._write()

    def __call__(self, event: Event) -> None:
        """Take notice of an event. Raises TrajectoryError when the file cannot be written."""
        if not isinstance(event, TextCame):
            self._record["events"].append({"event": type(event).__name__, **_plain(event)})
            self._write()
        self._then(event)

    def end(self, outcome: Outcome) -> None:
        """Write how the run ended."""
        self._record["outcome"] = _plain(outcome)
        self._write()

    def _write(self) -> None:
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}.tmp")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(self._record, ensure_ascii=False, indent=1)
            # What JSON escapes and UTF-8 has not, a lone surrogate, is written as JSON has it.
            temporary.write_bytes((text + "\n").encode("utf-8", "backslashreplace"))
            temporary.replace(self._path)
        except OSError as error:
            raise TrajectoryError(f"{self._path}: cannot be written: {error.strerror}") from error


def begin(
    task: str, text: str, model: Model, limits: Limits, *, is_translated: bool = False
) -> Any:
    """What a recorder is told of a run before it begins."""
    return {
        "task": task,
        "text": text,
        "model": model.name,
        "capabilities": asdict(model.capabilities),
        "limits": asdict(limits),
        "translated": is_translated,
    }


def limits_of(record: Mapping[str, Any]) -> Limits:
    """The limits of a recorded run. Raises TrajectoryError."""
    try:
        return Limits(**record["limits"])
    except (KeyError, TypeError) as error:
        raise TrajectoryError("the trajectory does not say which limits it ran with") from error


class Replay:
    """The port `agent.model.Model` over a trajectory: its replies again, in their order.

    on_difference is told once when a prompt is not the recorded one, because the graph or the tools
    have changed since.
    """

    def __init__(self, record: Mapping[str, Any], on_difference: Callable[[str], None]) -> None:
        self.name = f"replay of {record.get('model', 'a model')}"
        self.capabilities = Capabilities(**record.get("capabilities", {}))
        answered = [each for each in record["events"] if each["event"] == ModelAnswered.__name__]
        self._left = list(answered)
        self._count = 0
        self._on_difference = on_difference
        self._is_same = True

    def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Reply:
        """The next recorded reply. Raises TrajectoryError when there is none."""
        self._count += 1
        if not self._left:
            raise TrajectoryError(f"the trajectory has no reply {self._count}: it ended there")
        asked = _plain(request.messages)
        # Tools that run side by side may ask in another order than they did.
        fits = (n for n, each in enumerate(self._left) if each["request"]["messages"] == asked)
        event = self._left.pop(next(fits, 0))
        if self._is_same and event["request"]["messages"] != asked:
            self._is_same = False
            self._on_difference(f"prompt {self._count} is not the recorded one: the index changed")
        if event["reply"] is None:
            raise TrajectoryError(f"recorded: {event['error']}")
        reply = _reply(event["reply"])
        if on_text is not None:
            on_text(reply.text)
        return reply

    def close(self) -> None:
        """Nothing to release."""


def load(path: Path) -> dict[str, Any]:
    """A trajectory. Raises TrajectoryError, naming the file, for what is none."""
    try:
        value: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TrajectoryError(f"{path}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise TrajectoryError(f"{path}: not JSON: {error}") from error
    if not isinstance(value, dict) or not isinstance(value.get("events"), list):  # pyright: ignore[reportUnknownMemberType]
        raise TrajectoryError(f"{path}: not a trajectory of this program")
    found = cast("dict[str, Any]", value)
    if found.get("version") != VERSION:
        raise TrajectoryError(f"{path}: version {found.get('version')}, this reads {VERSION}")
    try:
        _check(found)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TrajectoryError(f"{path}: a trajectory that is damaged ({error})") from error
    return found


def _check(record: Mapping[str, Any]) -> None:
    """Raises whatever reading all of a record raises."""
    Capabilities(**record["capabilities"])
    Limits(**record["limits"])
    for event in record["events"]:
        if event["event"] == ModelAnswered.__name__:
            dict(event["request"])["messages"]
            _reply(event["reply"]) if event["reply"] is not None else event["error"]


def _reply(value: Mapping[str, Any]) -> Reply:
    calls = tuple(ToolCall(call["name"], call["arguments"]) for call in value["calls"])
    usage = Usage(**value["usage"])
    return Reply(value["text"], calls, usage, Finish(value["finish"]), value["seconds"])


def _plain(value: Any) -> Any:
    """Events as JSON values; a field's name is its key."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in cast("dict[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in cast("list[Any]", value)]
    return value
