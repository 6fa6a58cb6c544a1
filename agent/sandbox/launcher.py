"""The process that starts a command in its sandbox, watches over it and ends all of it.

It runs as `python -I -S` with a plan on its standard input, and tells what happens in lines of
JSON. In namespaces it is their first process: however it ends, the kernel then ends the rest.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
import time
from typing import TYPE_CHECKING, NoReturn

from agent.sandbox import namespaces, watch
from agent.sandbox.plan import INNER_ID, Plan, from_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_TICK = 0.05
_SHARE = 20
"""Looking takes at most one part in so many of the time."""
_TASKS = 4
"""Threads for each allowed process: the kernel counts them alike."""
_SPARE_MEMORY = 1024**3
"""Above the limit that is watched: for what is asked for between two looks."""
_KILLING = 5.0
"""Seconds of killing what keeps starting anew, where there are no namespaces."""


def main() -> None:
    """Read the plan, run it, and tell how it ended."""
    plan = from_text(sys.stdin.read())
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGTERM})
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.set_inheritable(plan.status_fd, False)
    try:
        _METHODS[plan.method](plan)
    except OSError as error:
        _tell(plan, {"end": "not started", "detail": str(error)})
        raise SystemExit(1) from error


def _in_namespaces(plan: Plan) -> None:
    namespaces.die_with(plan.parent)
    namespaces.enter(plan)
    lives, held = os.pipe()
    first = os.fork()
    if first:
        os.close(lives)
        _tell(plan, {"child-pid": first})
        os.waitpid(first, 0)
        os.close(held)
        return
    os.close(held)
    inner = (INNER_ID, INNER_ID) if plan.user else None
    try:
        namespaces.build(plan)
        command = _start(plan, inner)
        namespaces.drop_rights(inner)
        namespaces.hide_self()
        namespaces.die_with(None)  # not before: a change of the user takes it back
        if select.select([lives], [], [], 0)[0]:
            os._exit(1)  # our parent had ended by then
        _watch(plan, command)
    except OSError as error:
        _tell(plan, {"end": "not started", "detail": str(error)})
    os._exit(0)


def _in_bubblewrap(plan: Plan) -> None:
    namespaces.hide_self()
    _watch(plan, _start(plan, None))


def _in_the_open(plan: Plan) -> None:
    """Without namespaces: what leaves its session is found as a descendant of ours."""
    namespaces.die_with(plan.parent, signal.SIGTERM)
    namespaces.adopt_orphans()
    command = _start(plan, plan.user)
    try:
        _watch(plan, command)
    finally:
        _end_descendants()


_METHODS = {
    "namespaces": _in_namespaces,
    "bubblewrap": _in_bubblewrap,
    "open": _in_the_open,
}


def _start(plan: Plan, user: tuple[int, int] | None) -> int:
    """Fork the command. Raises OSError when it cannot be run."""
    failed, told = os.pipe()
    child = os.fork()
    if child == 0:
        _become(plan, user, told)
    os.close(told)
    with open(failed, "rb") as pipe:
        reason = pipe.read().decode()
    if reason:
        os.waitpid(child, 0)
        raise OSError(reason)
    return child


def _become(plan: Plan, user: tuple[int, int] | None, told: int) -> NoReturn:
    try:
        if plan.method == "open":
            namespaces.die_with(None)
        os.setsid()
        _limit(plan)
        namespaces.drop_rights(user)
        if plan.method == "open":
            namespaces.die_with(None)  # changing the user takes it back
        for ignored in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(ignored, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.makedirs(plan.environment["HOME"], exist_ok=True)
        os.chdir(plan.folder)
        os.execvpe(plan.command[0], plan.command, plan.environment)  # noqa: S606
    except OSError as error:
        os.write(told, f"{plan.command[0]}: {error.strerror or error}".encode())
    finally:
        os._exit(127)


def _limit(plan: Plan) -> None:
    """The kernel's own limits, for one process each; the watch adds them up."""
    bounds = plan.bounds
    tasks = bounds.processes * _TASKS
    if plan.method == "open":
        tasks += _tasks_of(plan.user[0] if plan.user else os.getuid())
    seconds = int(bounds.cpu_seconds) + 1
    for kind, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, bounds.file),
        # Data and not address space: a Java machine reserves far more than it uses.
        (resource.RLIMIT_DATA, bounds.memory + max(bounds.memory, _SPARE_MEMORY)),
        (resource.RLIMIT_NPROC, tasks),
    ):
        _, most = resource.getrlimit(kind)
        limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
        # A second between the signal that names the limit and the one that ends the process.
        hard = limit + 1 if kind == resource.RLIMIT_CPU and most != limit else limit
        resource.setrlimit(kind, (limit, hard))


def _tasks_of(user: int) -> int:
    """Threads that a user has already; without namespaces the kernel counts them too."""
    found = 0
    for process in watch.processes():
        try:
            if os.stat(f"/proc/{process.pid}").st_uid == user:
                found += len(os.listdir(f"/proc/{process.pid}/task"))
        except OSError:
            continue
    return found


def _watch(plan: Plan, command: int) -> None:
    """Wait for the command and hold all that it started to the limits; then tell."""
    _tell(plan, {"started": True})
    me = os.getpid()
    bounds = plan.bounds
    disk = watch.Disk(bounds.disk_folder, bounds.disk, bounds.file // 2)
    deadline = time.monotonic() + bounds.seconds
    tick = _TICK
    while True:
        pause = max(0.0, min(tick, deadline - time.monotonic()))
        came = signal.sigtimedwait({signal.SIGCHLD, signal.SIGTERM}, pause)
        if came and came.si_signo == signal.SIGTERM and me != 1:
            return
        began = time.monotonic()
        # Before they are collected: a bomb that burnt out between two looks is told, too.
        watched = _watched(me)
        status = _reap(command)
        if status is not None and len(watched) <= bounds.processes:
            _tell(plan, _ending(status))
            return
        reason = "timeout" if began > deadline else watch.over(bounds, watched, disk)
        tick = max(_TICK, _SHARE * (time.monotonic() - began))
        if reason:
            _tell(plan, {"end": reason})
            return


def _watched(me: int) -> list[watch.Process]:
    if me != 1:
        return watch.descendants(me)
    return [process for process in watch.processes() if process.pid != 1]


def _reap(command: int) -> int | None:
    """Collect all that have ended; the command's status when it is one of them."""
    found = None
    while True:
        try:
            process, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if process == 0:
            return found
        if process == command:
            found = status


def _ending(status: int) -> Mapping[str, object]:
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return {"end": "exited", "code": code}
    if -code == signal.SIGXCPU:
        return {"end": "cpu"}
    return {"end": "killed", "detail": f"ended by signal {-code}"}


def _end_descendants() -> None:
    """Kill until nothing is left: who is killed first cannot stop others from forking."""
    me = os.getpid()
    until = time.monotonic() + _KILLING
    while time.monotonic() < until:
        for process in watch.descendants(me):
            try:
                os.kill(process.pid, signal.SIGKILL)
            except OSError:
                continue
        _reap(0)
        if not watch.descendants(me):
            return


def _tell(plan: Plan, event: Mapping[str, object]) -> None:
    os.write(plan.status_fd, json.dumps(event).encode() + b"\n")
