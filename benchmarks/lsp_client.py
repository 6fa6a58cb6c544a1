"""A language server as a measured process: requests one at a time, CPU and memory of its tree.

Linux only: processes are read from /proc, because a server's helpers come and go while it runs.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from graphdb.errors import CodexGraphError

START_S = 60.0
ANSWER_S = 120.0
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Answer:
    """A result, or why there is none, with the wall seconds that it took."""

    result: Any
    seconds: float
    error: str | None = None


@dataclass(slots=True)
class _Usage:
    """CPU seconds of processes that were seen, and the largest memory of all together."""

    cpu: dict[int, float] = field(default_factory=dict[int, float])
    peak_mb: float = 0.0


class Server:
    """A server on one folder, spoken to over its standard streams."""

    def __init__(self, command: list[str], root: Path) -> None:
        """Start a server. Raises CodexGraphError when its command cannot be run."""
        self.root = root
        self._usage = _Usage()
        self._number = 0
        self._answers: dict[int, queue.Queue[dict[str, Any]]] = {}
        self._write_lock = threading.Lock()
        try:
            self._process = subprocess.Popen(
                command,
                cwd=root,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise CodexGraphError(f"{command[0]} cannot be started: {error.strerror}") from error
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def initialize(self, options: dict[str, Any] | None = None) -> None:
        """Open the folder."""
        capabilities = {
            "general": {"positionEncodings": ["utf-8", "utf-16"]},
            "textDocument": {"definition": {"linkSupport": False}},
            "workspace": {"workspaceFolders": True, "configuration": True},
        }
        folder = {"uri": self.root.as_uri(), "name": self.root.name}
        params = {
            "processId": os.getpid(),
            "rootUri": folder["uri"],
            "workspaceFolders": [folder],
            "capabilities": capabilities,
            "initializationOptions": options or {},
        }
        answer = self.ask("initialize", params, START_S)
        if answer.error:
            raise CodexGraphError(f"a language server does not start: {answer.error}")
        self.notify("initialized", {})

    def open(self, path: str) -> None:
        """Open a file, by its path relative to the folder."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        item = {"uri": file.as_uri(), "languageId": "python", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def ask(self, method: str, params: Any, timeout_s: float = ANSWER_S) -> Answer:
        """One request, waited for."""
        self._number += 1
        number = self._number
        waiting = self._answers[number] = queue.Queue()
        begun = time.perf_counter()
        self._send({"id": number, "method": method, "params": params})
        try:
            message = waiting.get(timeout=timeout_s)
        except queue.Empty:
            return Answer(None, timeout_s, f"no answer to {method} in {timeout_s:g} s")
        seconds = time.perf_counter() - begun
        error = message.get("error")
        return Answer(message.get("result"), seconds, error and str(error.get("message")))

    def notify(self, method: str, params: Any) -> None:
        """Tell something that is not answered."""
        self._send({"method": method, "params": params})

    def cpu_s(self) -> float:
        """CPU seconds of the server and all its helpers so far."""
        memory = 0.0
        for pid in _tree(self._process.pid):
            try:
                stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            except (OSError, IndexError):
                continue
            self._usage.cpu[pid] = sum(map(int, stat[11:15])) / _TICKS
            memory += pages * os.sysconf("SC_PAGE_SIZE") / 1e6
        self._usage.peak_mb = max(self._usage.peak_mb, memory)
        return sum(self._usage.cpu.values())

    def peak_mb(self) -> float:
        """The most resident memory that was seen, of all processes together."""
        self.cpu_s()
        return self._usage.peak_mb

    def stop(self) -> None:
        """End the server."""
        self.ask("shutdown", None, 5.0)
        try:
            self.notify("exit", None)
            self._process.wait(5)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait(10)
        self._reader.join(5)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stream = self._process.stdin
        if stream is None:
            return
        try:
            with self._write_lock:
                stream.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
                stream.flush()
        except OSError:
            for waiting in self._answers.values():
                waiting.put({"error": {"message": "the server has ended"}})

    def _read(self) -> None:
        stream = self._process.stdout
        while stream is not None:
            length = 0
            while (line := stream.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not line:
                return
            self._take(json.loads(stream.read(length)))

    def _take(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            self._answers[message["id"]].put(message)
        elif "id" in message:
            params: dict[str, Any] = message.get("params") or {}
            items: list[Any] = params.get("items") or []
            is_configuration = message["method"] == "workspace/configuration"
            self._send(
                {"id": message["id"], "result": [None] * len(items) if is_configuration else None}
            )


Place = tuple[str, int, int]
"""A file relative to the root, 0-based line and character."""


def places(root: Path, result: Any) -> set[Place]:
    """The places of an answer that lie in the repository."""
    if not result:
        return set()
    rows: list[dict[str, Any]] = [result] if isinstance(result, dict) else result
    found: set[Place] = set()
    for row in rows:
        file = Path(unquote(urlparse(str(row.get("uri") or row.get("targetUri"))).path))
        span: dict[str, Any] = row.get("range") or row.get("targetSelectionRange") or {}
        start: dict[str, int] = span.get("start") or {}
        if start and file.is_relative_to(root):
            found.add((file.relative_to(root).as_posix(), start["line"], start["character"]))
    return found


def _tree(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for each in found:
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            try:
                found += map(int, task.read_text().split())
            except OSError:
                continue
    return found
