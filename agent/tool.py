"""What a tool is: named parameters in, a bounded list of items out.

Arguments of a model are held against the parameters and never executed; whatever is wrong with them
is an answer with near misses, because a model can mend a call only if it is told what was wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Protocol

from agent.messages import ToolSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_STRING = 20_000
"""Characters of one argument; whole files are passed to some tools."""


class ArgumentsError(Exception):
    """Arguments that do not fit a tool's parameters; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument. kind: string, integer, boolean or strings (a list).

    default: for an argument that is not given; None with `is_required` False means "not given".
    """

    name: str
    kind: str
    description: str
    is_required: bool = False
    default: Any = None
    choices: tuple[str, ...] = ()
    maximum: int | None = None

    def schema(self) -> dict[str, Any]:
        """As JSON schema."""
        if self.kind == "strings":
            found: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
        else:
            found = {"type": self.kind}
        if self.choices:
            found["enum"] = list(self.choices)
        if self.maximum is not None:
            found |= {"minimum": 0, "maximum": self.maximum}
        return found | {"description": self.description}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a tool's answer. uid: of the graph's node, None for what is none."""

    text: str
    uid: str | None = None
    qname: str | None = None
    kind: str | None = None
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class ToolResult:
    """A tool's answer. total: of all items there are. next: `offset` of the first left out.

    error: one line when it could not answer. near: names that may have been meant.
    """

    items: tuple[Item, ...] = ()
    total: int = 0
    next: int | None = None
    notes: tuple[str, ...] = ()
    error: str | None = None
    near: tuple[str, ...] = ()

    @property
    def is_truncated(self) -> bool:
        """True when items were left out."""
        return self.next is not None


class Tool(Protocol):
    """Something that a model can ask. budget: tokens of its answer at most."""

    name: str
    description: str
    parameters: tuple[Parameter, ...]
    budget: int

    def run(self, arguments: Mapping[str, Any]) -> ToolResult:
        """Answer; `arguments` has every parameter. May raise CodexGraphError."""
        ...


def spec_of(tool: Tool) -> ToolSpec:
    """A tool as a model sees it."""
    schema = {
        "type": "object",
        "properties": {p.name: p.schema() for p in tool.parameters},
        "required": [p.name for p in tool.parameters if p.is_required],
        "additionalProperties": False,
    }
    return ToolSpec(tool.name, tool.description, schema)


def read_arguments(parameters: Sequence[Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """Every parameter's value. Raises ArgumentsError for what does not fit."""
    known = {p.name: p for p in parameters}
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f": did you mean {near[0]}?" if near else f": known are {', '.join(known)}"
            raise ArgumentsError(f"no argument {name!r}{hint}")
    return {name: _value(parameter, given.get(name)) for name, parameter in known.items()}


def _value(parameter: Parameter, value: Any) -> Any:
    if value is None:
        if parameter.is_required:
            raise ArgumentsError(f"argument {parameter.name!r} is missing: {parameter.description}")
        return parameter.default
    read = _READERS[parameter.kind](value)
    if read is None:
        raise ArgumentsError(f"argument {parameter.name!r} must be {_NAMES[parameter.kind]}")
    if parameter.choices and read not in parameter.choices:
        choices = ", ".join(parameter.choices)
        raise ArgumentsError(f"argument {parameter.name!r} must be one of {choices}")
    if parameter.maximum is not None and isinstance(read, int):
        return max(0, min(read, parameter.maximum))
    return read


def _string(value: Any) -> str | None:
    return value[:MAX_STRING] if isinstance(value, str) else None


def _integer(value: Any) -> int | None:
    """Small models write numbers as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        return int(value.strip()[:9])
    return int(value) if isinstance(value, int | float) and abs(value) < 1e9 else None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    return value if isinstance(value, bool) else None


def _strings(value: Any) -> list[str] | None:
    if isinstance(value, str):
        return [value[:MAX_STRING]]
    if not isinstance(value, list):
        return None
    items: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType]
    return (
        [str(item)[:MAX_STRING] for item in items]
        if all(isinstance(i, str) for i in items)
        else None
    )


_READERS = {"string": _string, "integer": _integer, "boolean": _boolean, "strings": _strings}
_NAMES = {
    "string": "a text",
    "integer": "a whole number",
    "boolean": "true or false",
    "strings": "a list of texts",
}
