"""A client that speaks to a server over its standard streams, message by message."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from pathlib import Path

TIMEOUT_S = 60.0


class ServerError(Exception):
    """The server answered with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["code"]


class Refusal:
    """A reply that says no."""

    error: ClassVar = {"code": -32803, "message": "not now"}


class RawClient:
    """Starts a server and keeps all that it says by itself in `said`; `replies` to its requests."""

    def __init__(self, command: list[str], cwd: Path, env: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.said: list[dict[str, Any]] = []
        self.replies: dict[str, Any] = {}
        self.initialized: dict[str, Any] = {}
        self.errors: list[str] = []
        self._answers: dict[int, queue.Queue[dict[str, Any]]] = {}
        self._number = 0
        self._threads = [
            threading.Thread(target=target, daemon=True)
            for target in (self._read, self._read_errors)
        ]
        for thread in self._threads:
            thread.start()

    # Messages

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def begin(self, method: str, params: Any) -> int:
        self._number += 1
        self._answers[self._number] = queue.Queue()
        self.send({"id": self._number, "method": method, "params": params})
        return self._number

    def end(self, number: int, timeout: float = TIMEOUT_S) -> Any:
        answer = self._answers[number].get(timeout=timeout)
        if "error" in answer:
            raise ServerError(answer["error"])
        return answer["result"]

    def ask(self, method: str, params: Any, timeout: float = TIMEOUT_S) -> Any:
        return self.end(self.begin(method, params), timeout)

    # Life

    def initialize(self, *folders: Path, **more: Any) -> dict[str, Any]:
        capabilities = more.pop("capabilities", None) or {
            "window": {"workDoneProgress": True},
            "general": {"positionEncodings": ["utf-8"]},
            "textDocument": {"documentSymbol": {"hierarchicalDocumentSymbolSupport": True}},
        }
        result = self.ask(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": folders[0].as_uri() if folders else None,
                "workspaceFolders": [{"uri": f.as_uri(), "name": f.name} for f in folders],
                "capabilities": capabilities,
                **more,
            },
        )
        self.notify("initialized", {})
        self.initialized = result
        return result

    def open(self, file: Path, text: str | None = None) -> str:
        text = file.read_text() if text is None else text
        item = {"uri": file.as_uri(), "languageId": "any", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return file.as_uri()

    def at(self, file: Path, line: int, character: int) -> dict[str, Any]:
        return {
            "textDocument": {"uri": file.as_uri()},
            "position": {"line": line, "character": character},
        }

    def wait_for(self, method: str, kind: str | None = None, timeout: float = TIMEOUT_S) -> Any:
        """The first message of a method that the server sent by itself; kind: of progress."""
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            for message in list(self.said):
                value = message.get("params", {}).get("value", {})
                if message["method"] == method and (kind is None or value.get("kind") == kind):
                    return message["params"]
            time.sleep(0.01)
        raise AssertionError(f"no {method} {kind or ''} within {timeout} s: {self.said}")

    def wait_until_indexed(self, timeout: float = TIMEOUT_S) -> dict[str, Any]:
        """Wait until all runs that were asked for are done."""
        return self.ask("codexgraph/status", {"wait": True}, timeout)[0]

    def stop(self) -> int:
        try:
            self.ask("shutdown", None, 10)
            self.notify("exit", None)
        except (OSError, queue.Empty, ServerError):
            self.process.kill()
        code = self.process.wait(10)
        self.close()
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            length = 0
            try:
                while (line := stream.readline()) not in (b"\r\n", b""):
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                if not line:
                    return
                message = json.loads(stream.read(length))
            except (OSError, ValueError):
                return
            self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            self._answers[message["id"]].put(message)
            return
        self.said.append(message)
        if "id" in message:
            reply = self.replies.get(message["method"])
            answer = {"error": reply.error} if isinstance(reply, Refusal) else {"result": reply}
            self.send({"id": message["id"], **answer})

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        try:
            for line in self.process.stderr:
                self.errors.append(line.decode(errors="replace"))
        except (OSError, ValueError):
            return
