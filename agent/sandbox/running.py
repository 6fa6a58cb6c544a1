"""One run seen from outside: starts the launcher, reads what comes, and ends it when it must.

Nothing is left when `run_plan` returns or raises: the first process of the sandbox is held by a
descriptor, so that it can be killed and waited for even when those between it and us are gone.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.sandbox.isolation import Method, bubblewrap, launcher
from agent.sandbox.plan import to_text
from agent.sandbox.ran import End

if TYPE_CHECKING:
    from agent.sandbox.plan import Plan

_CODE = Path(__file__).resolve().parents[2]
_READ = 1 << 16
_FAR_OVER = 50
"""Times the output that is kept: more is a flood, and is ended."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_GRACE = 10.0
"""Seconds after its time in which the launcher must have ended a run by itself."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended, as the launcher and we saw it. left: what could not be ended."""

    end: End
    exit_code: int | None
    output: str
    seconds: float
    left: tuple[str, ...] = ()


class _Output:
    """The beginning and the end of a text of any length."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._half = max(size // 2, 1)
        self._head = bytearray()
        self._tail = bytearray()
        self.total = 0

    def add(self, data: bytes) -> None:
        self.total += len(data)
        room = self._half - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail += data
        del self._tail[: -self._half]

    def text(self) -> str:
        cut = self.total - len(self._head) - len(self._tail)
        middle = f"\n[... {cut} bytes cut ...]\n".encode() if cut else b""
        # Some tools colour even for a pipe, which would hide a line's beginning from who reads it.
        return _COLOUR.sub("", (self._head + middle + self._tail).decode("utf-8", "replace"))


class _Run:
    """The processes of one run and what they said."""

    def __init__(self, process: subprocess.Popen[bytes], output_bytes: int) -> None:
        self.process = process
        self.output = _Output(output_bytes)
        self.events: dict[str, Any] = {}
        self.forced: End | None = None
        self._first: int | None = None
        self._partial = b""

    def hear(self, data: bytes) -> None:
        """Take in lines of the launcher's, and of bubblewrap's."""
        *lines, self._partial = (self._partial + data).split(b"\n")
        for line in lines:
            event: dict[str, Any] = json.loads(line)
            self.events |= event
            if "child-pid" in event and self._first is None:
                self._hold(event["child-pid"])

    def _hold(self, pid: int) -> None:
        try:
            self._first = os.pidfd_open(pid)
        except OSError:
            return  # ended already

    def kill(self, method: Method) -> None:
        """End all of it. In the open the launcher is asked: it knows its descendants."""
        if self._first is not None:
            try:
                signal.pidfd_send_signal(self._first, signal.SIGKILL)
            except ProcessLookupError:
                return
        elif method is Method.OPEN:
            self.process.terminate()
        else:
            self.process.kill()

    def end(self, method: Method) -> tuple[str, ...]:
        """Wait until nothing is left; lines for what is."""
        if self.process.poll() is None and "end" not in self.events:
            self.kill(method)
        try:
            self.process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self._first is None:
            return ()
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._first, selectors.EVENT_READ)
            is_gone = bool(waiting.select(0))
            if not is_gone:
                signal.pidfd_send_signal(self._first, signal.SIGKILL)
                is_gone = bool(waiting.select(_GRACE))
        os.close(self._first)
        return () if is_gone else ("processes: the run could not be ended within 10 s",)


def run_plan(plan: Plan, output_bytes: int) -> Ending:
    """Run a plan to its end. plan: `status_fd` is filled in here."""
    method = Method(plan.method)
    status, told = os.pipe()
    again = os.dup(told)
    plan = plan._replace(status_fd=told, parent=os.getpid())
    is_wrapped = method is Method.BUBBLEWRAP
    command = bubblewrap(plan, _CODE, again) if is_wrapped else launcher(_CODE)
    began = time.monotonic()
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": os.defpath},
            pass_fds=(told, again),
            start_new_session=True,
        )
    except OSError as error:
        os.close(status)
        return Ending(End.NOT_STARTED, None, f"{command[0]}: {error.strerror}", 0.0)
    finally:
        os.close(told)
        os.close(again)
    run = _Run(process, output_bytes)
    left: tuple[str, ...] = ()
    try:
        _give(process, to_text(plan))
        _follow(run, status, method, began + plan.bounds.seconds + _GRACE)
    finally:
        left = run.end(method)
        os.close(status)
        if process.stdout:
            process.stdout.close()
    return _ending(run, time.monotonic() - began, left)


def _give(process: subprocess.Popen[bytes], plan: str) -> None:
    try:
        with process.stdin or open(os.devnull, "wb") as pipe:  # noqa: PTH123
            pipe.write(plan.encode())
    except BrokenPipeError:
        return  # it ended before it read; what it said tells why


def _follow(run: _Run, status: int, method: Method, deadline: float) -> None:
    """Read until both pipes have ended, or the run must be ended."""
    output = run.process.stdout
    if output is None:
        return
    with selectors.DefaultSelector() as reading:
        reading.register(output, selectors.EVENT_READ, run.output.add)
        reading.register(status, selectors.EVENT_READ, run.hear)
        while reading.get_map():
            ready = reading.select(max(0.0, deadline - time.monotonic()))
            for key, _ in ready:
                data = os.read(key.fd, _READ)
                if data:
                    key.data(data)
                else:
                    reading.unregister(key.fileobj)
            if run.forced is None:
                run.forced = _too_much(run, is_late=not ready)
                if run.forced:
                    run.kill(method)
                    deadline = time.monotonic() + _GRACE
            elif not ready:
                return


def _too_much(run: _Run, *, is_late: bool) -> End | None:
    if run.output.total > _FAR_OVER * run.output.size:
        return End.OUTPUT
    return End.TIMEOUT if is_late else None


def _ending(run: _Run, seconds: float, left: tuple[str, ...]) -> Ending:
    output = run.output.text()
    if run.forced:
        return Ending(run.forced, None, output, seconds, left)
    told = run.events.get("end")
    detail = str(run.events.get("detail", ""))
    if told is None:
        end = End.KILLED if "started" in run.events else End.NOT_STARTED
        detail = "the launcher was killed" if end is End.KILLED else "the launcher did not start"
    else:
        end = End(told)
    if detail:
        output = f"{output.rstrip()}\n{detail}".lstrip()
    return Ending(end, run.events.get("code"), output, seconds, left)
