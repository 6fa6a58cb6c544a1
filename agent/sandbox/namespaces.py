"""Linux namespaces: a view of the files built from scratch, no network, own processes, no rights.

Calls the C library, because `os.unshare` is younger than the oldest Python we run on, and because
`unshare(1)` cannot run the command as a user other than the caller's: limits on processes do not
hold for root. See namespaces(7), user_namespaces(7), pivot_root(2), mount_setattr(2).
"""

from __future__ import annotations

import ctypes
import os
import signal
import stat
import struct
from fcntl import ioctl
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket
from typing import TYPE_CHECKING

from agent.sandbox.plan import INNER_ID, SHARED_MEMORY, Plan

if TYPE_CHECKING:
    from collections.abc import Iterable

_CLONE_NEWNS, _CLONE_NEWCGROUP, _CLONE_NEWUTS = 0x00020000, 0x02000000, 0x04000000
_CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWPID = 0x08000000, 0x10000000, 0x20000000
_CLONE_NEWNET = 0x40000000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 0x20, 0x1000, 0x4000, 0x40000
_MNT_DETACH = 2
_ATTR_RDONLY, _ATTR_NOSUID, _ATTR_NODEV = 1, 2, 4
_AT_RECURSIVE, _AT_EMPTY_PATH = 0x8000, 0x1000
_SYS_MOUNT_SETATTR = 442
"""The same number on every architecture, as all newer system calls have."""
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 36, 38
_CAPABILITY_VERSION_3 = 0x20080522
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_DEVICES = ("null", "zero", "full", "random", "urandom")


class _C:
    """The C library; every call raises OSError with what was tried."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None, use_errno=True)

    def call(self, name: str, *arguments: object, about: str = "") -> int:
        """Call a function that tells failure by a negative result."""
        result: int = getattr(self._library, name)(*arguments)
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, f"{name} {about}".strip() + f": {os.strerror(number)}")
        return result

    def mount(
        self, source: str, target: str, kind: str | None, flags: int, options: str = ""
    ) -> None:
        """Mount; the target is a descriptor's path where something could be a link."""
        self.call(
            "mount",
            os.fsencode(source),
            os.fsencode(target),
            kind.encode() if kind else None,
            ctypes.c_ulong(flags),
            options.encode(),
            about=f"{kind or 'bind'} at {target}",
        )

    def prctl(self, option: int, value: int) -> None:
        """Set something about this process itself."""
        zero = ctypes.c_ulong(0)
        self.call("prctl", option, ctypes.c_ulong(value), zero, zero, zero, about=str(option))


def die_with(parent: int | None, sent: signal.Signals = signal.SIGKILL) -> None:
    """Get a signal when the parent ends; end now when it has ended already. parent: its id."""
    _C().prctl(_PR_SET_PDEATHSIG, sent)
    if parent is not None and os.getppid() != parent:
        raise SystemExit(1)


def adopt_orphans() -> None:
    """Become the parent of descendants whose parents end."""
    _C().prctl(_PR_SET_CHILD_SUBREAPER, 1)


def hide_self() -> None:
    """Keep processes of the same user from reading or tracing this one."""
    _C().prctl(_PR_SET_DUMPABLE, 0)


def enter(plan: Plan) -> None:
    """Move this process and its children into namespaces; the next child is their first process.

    Raises OSError where the system does not allow it.
    """
    go, told = os.pipe()
    helper = os.fork()
    if helper == 0:
        # Only a process outside may say which users of the machine the inner ones are.
        os.close(told)
        os._exit(_write_maps(os.getppid(), plan.user) if os.read(go, 1) else 0)
    os.close(go)
    library = _C()
    kinds = _CLONE_NEWNS | _CLONE_NEWPID | _CLONE_NEWNET | _CLONE_NEWIPC | _CLONE_NEWUTS
    try:
        library.call("unshare", _CLONE_NEWUSER, about="of users")
        os.write(told, b"1")
    finally:
        os.close(told)
        _, status = os.waitpid(helper, 0)
    if status:
        raise OSError(os.waitstatus_to_exitcode(status), "the user map could not be written")
    library.call("unshare", kinds | _CLONE_NEWCGROUP, about="of mounts, processes and network")


def _write_maps(process: int, user: tuple[int, int] | None) -> int:
    """Say who the inner users are. user: None maps our own, else root and that user."""
    users, groups = user or (os.geteuid(), os.getegid())
    root = "" if user is None else "0 0 1\n"
    folder = Path(f"/proc/{process}")
    try:
        if user is None:
            (folder / "setgroups").write_text("deny", encoding="utf-8")
        (folder / "uid_map").write_text(f"{root}{INNER_ID} {users} 1\n", encoding="utf-8")
        (folder / "gid_map").write_text(f"{root}{INNER_ID} {groups} 1\n", encoding="utf-8")
    except OSError as error:
        return error.errno or 1
    return 0


def build(plan: Plan) -> None:
    """As the first process of the namespaces: make the files, the network and the names ours."""
    library = _C()
    library.mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    library.mount("sandbox", plan.root, "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=755,size=16m")
    root = os.open(plan.root, os.O_PATH | os.O_DIRECTORY)
    for name, text in plan.files:
        _write_file(root, name, text)
    for name, target in plan.links:
        os.symlink(target, name.lstrip("/"), dir_fd=root)
    _mount_private(library, root, plan)
    for bind in sorted(plan.binds, key=lambda bind: bind.target.count("/")):
        _bind(library, root, bind.source, bind.target, is_writable=bind.is_writable)
    flags = _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID | _MS_NODEV
    library.mount("none", plan.root, None, flags)
    os.fchdir(root)
    os.chdir(plan.root)
    library.call("pivot_root", b".", b".")
    library.call("umount2", b".", _MNT_DETACH)
    os.close(root)
    os.chdir("/")
    _forbid_user_namespaces()
    _raise_loopback()
    library.call("sethostname", b"sandbox", 7)


def _forbid_user_namespaces() -> None:
    """They would give the command no right that it can use outside, but much of the kernel."""
    try:
        Path("/proc/sys/user/max_user_namespaces").write_text("0", encoding="utf-8")
    except OSError:
        return  # kept read-only, as by some container runtimes, which forbid them by themselves


def _mount_private(library: _C, root: int, plan: Plan) -> None:
    owner = f"uid={INNER_ID},gid={INNER_ID}"
    with _Target(root, "/proc") as target:
        library.mount("proc", target, "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    for name, size in (("/tmp", plan.bounds.private), ("/dev/shm", SHARED_MEMORY)):  # noqa: S108
        with _Target(root, name) as target:
            options = f"mode=1777,size={size},nr_inodes=100000,{owner}"
            library.mount("tmpfs", target, "tmpfs", _MS_NOSUID | _MS_NODEV, options)
    for device in _DEVICES:
        _bind(library, root, f"/dev/{device}", f"/dev/{device}", is_writable=True)
    with _Target(root, "/dev/pts") as target:
        options = "newinstance,ptmxmode=0666,mode=620"
        library.mount("devpts", target, "devpts", _MS_NOSUID | _MS_NOEXEC, options)
    for name, link in (("ptmx", "pts/ptmx"), ("fd", "/proc/self/fd")):
        os.symlink(link, f"dev/{name}", dir_fd=root)


def _bind(library: _C, root: int, source: str, target: str, *, is_writable: bool) -> None:
    """Show a folder or file, with all that is mounted below it."""
    is_folder = stat.S_ISDIR(os.stat(source).st_mode)
    with _Target(root, target, is_folder=is_folder) as place:
        library.mount(source, place, None, _MS_BIND | _MS_REC)
    if source.startswith("/dev/"):
        return
    attributes = _ATTR_NOSUID | _ATTR_NODEV | (0 if is_writable else _ATTR_RDONLY)
    with _Target(root, target, is_folder=is_folder) as place:
        changes = struct.pack("QQQQ", attributes, 0, 0, 0)
        library.call(
            "syscall",
            ctypes.c_long(_SYS_MOUNT_SETATTR),
            -100,  # AT_FDCWD, and not used: the path is absolute
            place.encode(),
            ctypes.c_uint(_AT_RECURSIVE),
            changes,
            ctypes.c_size_t(len(changes)),
            about=f"of {target} (Linux 5.12 or later is needed)",
        )


class _Target:
    """A place below the new root, made where it is missing; a link on the way is an error.

    The copy holds what earlier runs left there, and a link in it would lead out into the machine.
    """

    def __init__(self, root: int, name: str, *, is_folder: bool = True) -> None:
        self._fd = os.dup(root)
        parts = name.strip("/").split("/")
        for part in parts[:-1]:
            self._enter(part, is_folder=True)
        self._enter(parts[-1], is_folder=is_folder)

    def _enter(self, part: str, *, is_folder: bool) -> None:
        try:
            if is_folder:
                os.mkdir(part, 0o755, dir_fd=self._fd)
            else:
                made = os.O_CREAT | os.O_EXCL | os.O_WRONLY
                os.close(os.open(part, made, 0o644, dir_fd=self._fd))
        except OSError as error:
            if not _exists(part, self._fd):
                raise OSError(error.errno, f"{part}: {os.strerror(error.errno or 0)}") from error
        flags = os.O_PATH | os.O_NOFOLLOW | (os.O_DIRECTORY if is_folder else 0)
        inner = os.open(part, flags, dir_fd=self._fd)
        os.close(self._fd)
        self._fd = inner
        if stat.S_ISLNK(os.fstat(inner).st_mode):
            raise OSError(f"{part} is a link where something is to be mounted")

    def __enter__(self) -> str:
        return f"/proc/self/fd/{self._fd}"

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)


def _exists(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return True


def _write_file(root: int, name: str, text: str) -> None:
    with _Target(root, name, is_folder=False) as place:
        Path(place).write_text(text, encoding="utf-8")


def _raise_loopback() -> None:
    """Programs under test talk to themselves; the namespace has no other interface."""
    with socket(AF_INET, SOCK_DGRAM) as control:
        request = struct.pack("16sH22x", b"lo", 0)
        flags: int = struct.unpack("16sH22x", ioctl(control, _SIOCGIFFLAGS, request))[1]
        ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", flags | _IFF_UP))


def drop_rights(user: tuple[int, int] | None) -> None:
    """Become a user without any privilege, for good. user: None stays who we are."""
    library = _C()
    for capability in _held_by_system():
        try:
            library.prctl(_PR_CAPBSET_DROP, capability)
        except OSError:
            break  # without the right to drop them there are none that a program could gain
    if user is not None:
        os.setgroups([])
        os.setresgid(user[1], user[1], user[1])
        os.setresuid(user[0], user[0], user[0])
    library.prctl(_PR_SET_NO_NEW_PRIVS, 1)
    header = struct.pack("II", _CAPABILITY_VERSION_3, 0)
    library.call("capset", header, struct.pack("6I", 0, 0, 0, 0, 0, 0))


def _held_by_system() -> Iterable[int]:
    last = Path("/proc/sys/kernel/cap_last_cap").read_text(encoding="utf-8")
    return range(int(last) + 1)
