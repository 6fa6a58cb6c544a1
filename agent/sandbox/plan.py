"""What the launcher is told: one run, as plain data that goes to another process as JSON.

The launcher starts for every run and must be there within milliseconds, so this module and those
that it uses import next to nothing; that is why these are NamedTuples.
"""

from __future__ import annotations

import json
from typing import NamedTuple

INNER_ID = 1000
"""User and group of the command, as it sees itself."""

SHARED_MEMORY = 64 * 1024 * 1024
"""Bytes of /dev/shm in a sandbox."""


class Bind(NamedTuple):
    """A folder or file of this machine that the command sees at `target`."""

    source: str
    target: str
    is_writable: bool = False


class Bounds(NamedTuple):
    """Limits of one run; bytes and seconds.

    disk: what the folder at `disk_folder` may hold altogether. private: of the sandbox's own /tmp.
    """

    seconds: float
    cpu_seconds: float
    memory: int
    file: int
    processes: int
    disk_folder: str
    disk: int
    private: int


class Plan(NamedTuple):
    """One run. parent: the process that must live for it to go on.

    method: a `Method` of agent/sandbox/isolation.py. user: the user and group of this machine that
    the command runs as, None for our own. root: an empty folder on which its view of the files is
    built of `binds`, `links` (name, target) and `files` (name, text).
    """

    method: str
    command: list[str]
    folder: str
    environment: dict[str, str]
    parent: int
    status_fd: int
    bounds: Bounds
    user: tuple[int, int] | None = None
    root: str = ""
    binds: list[Bind] = []  # noqa: RUF012 - never changed, and dataclasses are slow to import
    links: list[tuple[str, str]] = []  # noqa: RUF012
    files: list[tuple[str, str]] = []  # noqa: RUF012


def to_text(plan: Plan) -> str:
    """As JSON."""
    return json.dumps(plan._asdict())


def from_text(text: str) -> Plan:
    """Read what `to_text` wrote."""
    fields = json.loads(text)
    fields["bounds"] = Bounds(*fields["bounds"])
    fields["binds"] = [Bind(*bind) for bind in fields["binds"]]
    return Plan(**fields)
