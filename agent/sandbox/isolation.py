"""Which isolation this machine allows, found by trying it, and what each kind keeps apart.

Root prefers our own namespaces to bubblewrap: they run the command as nobody, and the kernel's
limit on processes holds for nobody but not for root.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from agent.sandbox.plan import INNER_ID, SHARED_MEMORY, Bind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.sandbox.plan import Plan

HOME = "/tmp/home"  # noqa: S108 - of the sandbox, whose /tmp is its own
_NOBODY = 65_534
"""The user that owns nothing, by convention; only its number matters."""
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store")
_SETTINGS = (
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/maven",
    "/etc/mime.types",
    "/etc/ssl/certs",
)
_CODE_INSIDE = "/launcher"
_JAVA_SETTINGS = "java-*"
_FILES = (
    ("/etc/passwd", f"sandbox:x:{INNER_ID}:{INNER_ID}::{HOME}:/bin/sh\n"),
    ("/etc/group", f"sandbox:x:{INNER_ID}:\n"),
    ("/etc/hosts", "127.0.0.1 localhost sandbox\n::1 localhost\n"),
    ("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
)


class Method(StrEnum):
    """How a command is kept apart."""

    NAMESPACES = "namespaces"
    BUBBLEWRAP = "bubblewrap"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Isolation:
    """A method with what it keeps apart and what not, one line each, for a person to read."""

    method: Method
    apart: tuple[str, ...]
    open: tuple[str, ...]

    @property
    def is_closed(self) -> bool:
        """True when code of unknown origin may run."""
        return self.method is not Method.OPEN


_CLOSED = (
    "files: the copy is writable; the system and folders passed to it are read-only; all else,"
    " home included, is not there",
    "network: none but its own loopback",
    "processes: its own, not seen by and not seeing others; all end with the run",
    "environment: none of this process's variables",
)
_WATCHED = "memory, disk and processor time: watched 20 times a second, not reserved"
_KERNEL = "kernel: shared with this machine, system calls are not filtered"
_ALSO_OPEN = {
    Method.BUBBLEWRAP: ("namespaces: the command can make more of them, inside its own",),
}


def isolation_of(method: Method, reasons: Sequence[str] = ()) -> Isolation:
    """What a method keeps apart. reasons: why nothing better works here."""
    is_nobody = outer_user(method) is not None
    if method is Method.OPEN:
        user = "user: nobody, who can read what all users of this machine can"
        mine = "files: all that this user can read and write, home and the original included"
        return Isolation(
            method,
            ("files: runs in a copy", "environment: none of this process's variables"),
            (
                user if is_nobody else mine,
                "network: open",
                "processes: sees all, and can signal those of its user",
                _WATCHED,
                *reasons,
            ),
        )
    user = "nobody" if is_nobody else "ours, seen as another"
    apart = (*_CLOSED, f"user: {user}, with no privilege and no way to gain one")
    return Isolation(method, apart, (_WATCHED, _KERNEL, *_ALSO_OPEN.get(method, ())))


def candidates() -> tuple[Method, ...]:
    """Methods that could work here, best first."""
    if sys.platform != "linux":
        return ()
    if outer_user(Method.NAMESPACES):
        return (Method.NAMESPACES,)
    with_bubblewrap = (Method.BUBBLEWRAP,) if shutil.which("bwrap") else ()
    return (*with_bubblewrap, Method.NAMESPACES)


def outer_user(method: Method) -> tuple[int, int] | None:
    """User and group of this machine that the command gets; None where it keeps ours."""
    if os.geteuid() != 0 or method is Method.BUBBLEWRAP:
        return None
    # Root of a container may be the only user that there is.
    is_known = all(_maps(name, _NOBODY) for name in ("uid_map", "gid_map"))
    return (_NOBODY, _NOBODY) if is_known else None


def _maps(table: str, user: int) -> bool:
    try:
        rows = Path("/proc/self", table).read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    ranges = [tuple(int(field) for field in row.split()) for row in rows]
    return any(first <= user < first + count for first, _, count in ranges)


def system_view() -> tuple[list[Bind], list[tuple[str, str]], list[tuple[str, str]]]:
    """Folders, links and files of the system that a command needs to start at all.

    Of /etc only what programs need to run: the rest tells of this machine and its users.
    """
    places = [Path(name) for name in (*_SYSTEM, *_SETTINGS)]
    places += Path("/etc").glob(_JAVA_SETTINGS)
    binds: list[Bind] = []
    links: list[tuple[str, str]] = []
    for place in places:
        if place.is_symlink() and str(place) in _SYSTEM:
            links.append((str(place), str(place.readlink())))
        elif place.exists():
            binds.append(Bind(str(place), str(place)))
    return binds, links, list(_FILES)


def launcher(code_folder: Path) -> list[str]:
    """The command line of the launcher, which reads its plan from standard input."""
    start = (
        f"import sys; sys.path.insert(0, {str(code_folder)!r});"
        " from agent.sandbox.launcher import main; main()"
    )
    return [str(Path(sys.executable).resolve()), "-I", "-S", "-B", "-c", start]


def bubblewrap(plan: Plan, code_folder: Path, told: int) -> list[str]:
    """The launcher's command line inside bubblewrap: as its first process, with the same view.

    told: a descriptor on which bubblewrap says who that is; it keeps it from the launcher.
    """
    runtime = dict.fromkeys((sys.base_prefix, sys.base_exec_prefix))
    binds = [*plan.binds, *(Bind(place, place) for place in runtime)]
    # Not where it is: a copy of our own repository has another.
    binds.append(Bind(str(code_folder / "agent"), f"{_CODE_INSIDE}/agent"))
    line = ["bwrap", "--unshare-all", "--as-pid-1", "--die-with-parent", "--new-session"]
    line += ["--json-status-fd", str(told), "--cap-drop", "ALL", "--clearenv"]
    line += ["--uid", str(INNER_ID), "--gid", str(INNER_ID), "--hostname", "sandbox"]
    line += ["--proc", "/proc", "--dev", "/dev", "--size", str(plan.bounds.private)]
    line += ["--perms", "1777", "--tmpfs", "/tmp"]  # noqa: S108 - the sandbox's own
    line += ["--size", str(SHARED_MEMORY), "--perms", "1777", "--tmpfs", "/dev/shm"]  # noqa: S108
    for name, text in plan.links:
        line += ["--symlink", text, name]
    for bind in sorted(binds, key=lambda bind: bind.target.count("/")):
        line += ["--bind" if bind.is_writable else "--ro-bind", bind.source, bind.target]
    for name, _ in plan.files:
        line += ["--ro-bind", f"{plan.root}{name}", name]
    # What is left of these is in memory, without a limit.
    line += ["--remount-ro", "/dev", "--remount-ro", "/"]
    return [*line, "--", *launcher(Path(_CODE_INSIDE))]
