"""What a setting may hold: each function reads one kind of value, from TOML or from text.

Raises ValueError with what the value must be, which the caller puts into a sentence with its place.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Callable

PASSWORD_VARIABLE = "CODEXGRAPH_NEO4J_PASSWORD"  # noqa: S105 - a variable's name
MODEL_KEY_VARIABLE = "CODEXGRAPH_MODEL_KEY"


class ConfigError(CodexGraphError):
    """A setting that is unknown or has a value that it cannot have."""


def read_text(value: object) -> str:
    """Any text that is not blank."""
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError("a text")


def read_uri(value: object) -> str:
    """The address of a Neo4j server, without a password."""
    text = read_text(value)
    if "://" not in text:
        raise ValueError("an address such as bolt://127.0.0.1:7687")
    if "@" in text:
        raise ConfigError(
            f"a user or password does not belong in neo4j.uri: set {PASSWORD_VARIABLE}"
        )
    return text


def is_on_this_machine(address: str) -> bool:
    """Whether an address leads to this machine itself, by a name that only means that."""
    from ipaddress import ip_address

    try:
        host = urlsplit(address).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def read_url(value: object) -> str:
    """The address of a model's endpoint, without a key, and without a slash at its end."""
    text = read_text(value).strip()
    try:
        address = urlsplit(text)
        is_known = address.scheme in ("http", "https") and bool(address.hostname)
        is_known = is_known and address.port != 0
    except ValueError:
        is_known = False
    if not is_known or any(c.isspace() for c in text):
        raise ValueError("an address such as http://127.0.0.1:8080/v1")
    if "@" in text or "?" in text or "#" in text:
        raise ConfigError(
            f"a user, key or query does not belong in model.base_url: set {MODEL_KEY_VARIABLE}"
        )
    return text.rstrip("/")


def read_choice(*choices: str) -> Callable[[object], str]:
    """One of a few words."""

    def read(value: object) -> str:
        if isinstance(value, str) and value in choices:
            return value
        raise ValueError("one of " + ", ".join(choices))

    return read


def read_switch(value: object) -> str:
    """Yes, no, or find out."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return read_choice("auto", "yes", "no")(value)


def read_folder(value: object) -> Path:
    """A path, with `~` for the user's home."""
    return Path(read_text(value)).expanduser()


def read_count(value: object) -> int:
    """A whole number from 0."""
    number = int(value) if isinstance(value, str) and value.strip().isdecimal() else value
    if isinstance(number, int) and not isinstance(number, bool) and number >= 0:
        return number
    raise ValueError("a whole number, 0 or more")


def read_positive(value: object) -> int:
    """A whole number from 1."""
    if number := read_count(value):
        return number
    raise ValueError("a whole number, 1 or more")


def read_number(value: object) -> float:
    """A number from 0."""
    number = _number(value)
    if number is not None and number >= 0:
        return number
    raise ValueError("a number, 0 or more")


def read_seconds(value: object) -> float:
    """A time above 0."""
    number = _number(value)
    if number is not None and number > 0:
        return number
    raise ValueError("a number of seconds above 0")


def _number(value: object) -> float | None:
    try:
        number = float(value) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and not isinstance(value, bool) else None


def read_flag(value: object) -> bool:
    """True or false."""
    if isinstance(value, str):
        value = {"true": True, "1": True, "false": False, "0": False}.get(value.lower())
    if isinstance(value, bool):
        return value
    raise ValueError("true or false")


def read_patterns(value: object) -> tuple[str, ...]:
    """A list of texts, or one text with commas."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, list | tuple):
        items: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType]
        if all(isinstance(item, str) for item in items):
            return tuple(str(item) for item in items)
    raise ValueError("a list of patterns")
