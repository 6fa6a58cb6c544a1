"""What a run in the sandbox may take, how it ended, and what kept it apart from this machine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from agent.draft import Edit


@dataclass(frozen=True, slots=True)
class RunLimits:
    """Bounds of one run: wall and processor seconds, memory and file size in MiB, output bytes.

    Processor time, memory and processes are those of all that it starts, together. file_mb: of one
    file, and of all that the copy may grow by.
    """

    seconds: float = 60.0
    cpu_seconds: float = 120.0
    memory_mb: int = 2_048
    file_mb: int = 512
    output_bytes: int = 200_000
    processes: int = 256


class End(StrEnum):
    """How a run ended."""

    EXITED = "exited"
    TIMEOUT = "timeout"
    CPU = "cpu"
    MEMORY = "memory"
    OUTPUT = "output"
    PROCESSES = "processes"
    DISK = "disk"
    KILLED = "killed"
    NOT_STARTED = "not started"


@dataclass(frozen=True, slots=True)
class Ran:
    """One run. output: standard output and error as they came, the middle cut when it is too long.

    exit_code: None where it did not exit by itself. apart: what was isolated. open: what was not,
    one line each, for a person to read.
    """

    command: tuple[str, ...]
    end: End
    exit_code: int | None
    output: str
    seconds: float
    apart: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def is_ok(self) -> bool:
        """True when it ended by itself with code 0."""
        return self.end is End.EXITED and self.exit_code == 0


class Sandbox(Protocol):
    """A copy of a repository in which commands run."""

    folder: Path

    def apply(self, edits: Iterable[Edit]) -> None:
        """Write files of the copy; a path that leads out of it is refused with CodexGraphError."""
        ...

    def run(
        self,
        command: Sequence[str],
        limits: RunLimits,
        *,
        cwd: str = "",
        environment: Mapping[str, str] | None = None,
        readable: Sequence[Path] = (),
    ) -> Ran:
        """Run a command below the copy, without network, and kill all it started.

        environment: beside a minimal one; nothing of this process's own is passed on. readable:
        folders outside the copy that it may read, such as an interpreter's or a package cache.
        """
        ...

    def close(self) -> None:
        """Remove the copy; calling it twice is allowed."""
        ...
