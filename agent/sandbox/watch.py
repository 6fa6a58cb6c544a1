"""What the processes of a sandbox take, read from /proc by the one that watches over them.

Watched and not reserved: a control group would be the kernel's own limit, but few machines let a
user make one. What looks like too much is looked at twice, since the cheap figures count shared
pages once for each process and the disk of the whole machine.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.sandbox.plan import Bounds

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_BLOCK = 512
_MANY_FILES = 200_000
_PARENT, _USER_TIME, _CHILDREN_TIME, _RESIDENT = 1, 11, 15, 21


class Process(NamedTuple):
    """A row of /proc. seconds: of the processor, with those of its children that have ended."""

    pid: int
    parent: int
    seconds: float
    resident: int


def processes() -> list[Process]:
    """Every process that this one can see."""
    found = [_process(name) for name in os.listdir("/proc") if name.isdigit()]
    return [process for process in found if process is not None]


def descendants(of: int) -> list[Process]:
    """The processes that one started, itself left out, in whatever sessions they are."""
    children: dict[int, list[Process]] = {}
    for process in processes():
        children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    waiting = [of]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += [process.pid for process in below]
    return found


def _process(name: str) -> Process | None:
    text = _read(f"/proc/{name}/stat")
    if text is None:
        return None
    # The command's name is in parentheses and may hold any byte, these too.
    fields = text[text.rindex(b")") + 2 :].split()
    ticks = sum(int(field) for field in fields[_USER_TIME:_CHILDREN_TIME])
    resident = int(fields[_RESIDENT]) * _PAGE
    return Process(int(name), int(fields[_PARENT]), ticks / _TICKS, resident)


class Disk:
    """What a folder takes; only looked at closely when the disk has lost about as much."""

    def __init__(self, folder: str, limit: int, step: int) -> None:
        self._folder = folder
        self._limit = limit
        self._step = step
        self._free, self._files = self._state()

    def is_over(self, unnamed: int) -> bool:
        """True when it takes too much. unnamed: bytes of files that are open and have no name."""
        free, files = self._state()
        lost = self._free - free
        if lost < self._step and self._files - files < _MANY_FILES:
            return False
        size = _size_of(self._folder, self._limit - unnamed)
        # What cannot be looked at is taken for all that the disk has lost.
        return (lost if size is None else size + unnamed) > self._limit

    def _state(self) -> tuple[int, int]:
        state = os.statvfs(self._folder)
        return state.f_bavail * state.f_frsize, state.f_ffree


def _size_of(folder: str, enough: int) -> int | None:
    """Bytes on disk below a folder, no further than `enough`; None when some of it is closed."""
    size = count = 0
    waiting = [folder]
    while waiting and size <= enough:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    count += 1
                    size += entry.stat(follow_symlinks=False).st_blocks * _BLOCK
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return enough + 1 if count > _MANY_FILES else size


def over(bounds: Bounds, watched: list[Process], disk: Disk) -> str | None:
    """Which limit the processes are over, as a value of `End`; None when they keep them all."""
    if len(watched) > bounds.processes:
        return "processes"
    if sum(process.seconds for process in watched) > bounds.cpu_seconds:
        return "cpu"
    memory, unnamed = _unnamed(watched)
    resident = sum(process.resident for process in watched) + memory
    if resident > bounds.memory:
        proportional = sum(_proportional(process) for process in watched) + memory
        if proportional > bounds.memory:
            return "memory"
    return "disk" if disk.is_over(unnamed) else None


def _proportional(process: Process) -> int:
    """Resident bytes, with a shared page counted in parts."""
    text = _read(f"/proc/{process.pid}/smaps_rollup")
    for line in (text or b"").splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) * 1024
    return process.resident


def _unnamed(watched: Iterable[Process]) -> tuple[int, int]:
    """Bytes of open files without a name: those in memory, and those on a disk."""
    memory: dict[tuple[int, int], int] = {}
    disk: dict[tuple[int, int], int] = {}
    for process in watched:
        folder = f"/proc/{process.pid}/fd"
        try:
            for name in os.listdir(folder):
                target = os.readlink(f"{folder}/{name}")
                if target.endswith(" (deleted)"):
                    state = os.stat(f"{folder}/{name}")
                    place = memory if target.startswith("/memfd:") else disk
                    place[state.st_dev, state.st_ino] = state.st_blocks * _BLOCK
        except OSError:
            continue  # it has just ended, or belongs to another user
    return sum(memory.values()), sum(disk.values())


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None
