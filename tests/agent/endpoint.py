"""A real HTTP server that plays an OpenAI endpoint, with all the faults that one can have.

    with Endpoint(says("hello"), fails(429, retry_after="1"), says("again")) as endpoint:
        ... endpoint.base_url, endpoint.requests

Each request takes the next answer; the last one is given again and again.
"""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

MODEL = "tiny"


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came. Names of headers are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def key(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes over the wire.

    chunks: pieces of the body, each sent by itself; a number is a pause in seconds. is_cut: the
    connection is closed in the middle of the body.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    chunks: tuple[bytes | float, ...] = ()
    is_cut: bool = False


Rule = Answer | Callable[[Seen], Answer]


def sse(*events: object, done: bool = True) -> tuple[bytes, ...]:
    """Server-sent events of JSON values."""
    lines = tuple(f"data: {json.dumps(event)}\n\n".encode() for event in events)
    return (*lines, b"data: [DONE]\n\n") if done else lines


def delta(finish: str | None = None, **members: object) -> dict[str, Any]:
    """One event of a streamed chat."""
    choice = {"index": 0, "delta": members, "finish_reason": finish}
    return {"id": "1", "object": "chat.completion.chunk", "model": MODEL, "choices": [choice]}


def usage(prompt: int, completion: int) -> dict[str, Any]:
    """The event that tells what was used."""
    tokens = {"prompt_tokens": prompt, "completion_tokens": completion}
    return {"choices": [], "usage": tokens | {"total_tokens": prompt + completion}}


def streams(
    *chunks: bytes | float, is_cut: bool = False, kind: str = "text/event-stream"
) -> Answer:
    """Raw pieces of a stream."""
    return Answer(200, {"Content-Type": kind}, chunks, is_cut)


def says(*pieces: str, finish: str = "stop", tokens: tuple[int, int] | None = (11, 7)) -> Answer:
    """A reply in pieces."""
    events = [delta(role="assistant", content=""), *(delta(content=piece) for piece in pieces)]
    events.append(delta(finish))
    if tokens:
        events.append(usage(*tokens))
    return streams(*sse(*events))


def calls(*made: tuple[str, str], cut_in: int = 4) -> Answer:
    """Tool calls, their arguments in pieces of a few characters."""
    events: list[object] = [delta(role="assistant", content=None)]
    for index, (name, arguments) in enumerate(made):
        head = {"index": index, "id": f"call_{index}", "type": "function"}
        events.append(delta(tool_calls=[head | {"function": {"name": name, "arguments": ""}}]))
        for at in range(0, len(arguments), cut_in):
            piece = {"index": index, "function": {"arguments": arguments[at : at + cut_in]}}
            events.append(delta(tool_calls=[piece]))
    return streams(*sse(*events, delta("tool_calls")))


def fails(
    status: int,
    message: str = "it failed",
    *,
    code: str | None = None,
    param: str | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """An error as OpenAI words it."""
    error = {"message": message, "type": "error", "code": code, "param": param}
    body = json.dumps({"error": error}).encode()
    return Answer(status, {"Content-Type": "application/json"} | (headers or {}), (body,))


def page(status: int = 200, text: str = "<html>Welcome</html>") -> Answer:
    """A web page, as a wrong address gives it."""
    return Answer(status, {"Content-Type": "text/html"}, (text.encode(),))


def whole(body: object) -> Answer:
    """A reply that is not streamed."""
    return Answer(200, {"Content-Type": "application/json"}, (json.dumps(body).encode(),))


def refuses(option: str, message: str, status: int = 400, then: Answer | None = None) -> Rule:
    """Refuses requests with an option, and answers those without it."""

    def answer(seen: Seen) -> Answer:
        return fails(status, message) if option in seen.body else then or says("fine")

    return answer


def echoes_the_key(status: int = 401) -> Rule:
    """Puts the key that it was sent into the error's words and everywhere else."""

    def answer(seen: Seen) -> Answer:
        return fails(status, f"no: {seen.key}", code=seen.key, headers={"x-key": seen.key})

    return answer


class Endpoint:
    """The server, in a thread of its own. `requests`: what came."""

    def __init__(self, *rules: Rule, models: Iterable[str] = (MODEL,)) -> None:
        self.requests: list[Seen] = []
        self.models: Rule = whole({"object": "list", "data": [{"id": name} for name in models]})
        self._rules = list(rules) or [says("hello")]
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [seen.body for seen in self.requests]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def always(self, rule: Rule) -> None:
        """Give one answer from now on."""
        with self._lock:
            self._rules = [rule]

    def answer(self, seen: Seen) -> Answer:
        """The next answer."""
        with self._lock:
            self.requests.append(seen)
            if seen.path.endswith("/models"):
                rule = self.models
            else:
                rule = self._rules.pop(0) if len(self._rules) > 1 else self._rules[0]
        return rule if isinstance(rule, Answer) else rule(seen)

    def pause(self, seconds: float) -> bool:
        """Wait; False when the server ends meanwhile."""
        return not self._ended.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.endpoint = endpoint

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def endpoint(self) -> Endpoint:
        assert isinstance(self.server, _Server)
        return self.server.endpoint

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def _serve(self, method: str) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(method, self.path, headers, json.loads(text or b"{}"))
        try:
            self._send(self.endpoint.answer(seen))
        except OSError:
            self.close_connection = True

    def _send(self, answer: Answer) -> None:
        chunks = list(answer.chunks)
        while chunks and isinstance(first := chunks[0], float | int):
            self.endpoint.pause(first)
            chunks.pop(0)
        self.send_response(answer.status)
        for name, value in ({"Transfer-Encoding": "chunked"} | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        for chunk in chunks:
            if isinstance(chunk, float | int):
                self.endpoint.pause(chunk)
            elif chunk:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                self.wfile.flush()
        if answer.is_cut:
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Tests read no log."""


class RawServer:
    """Answers every connection with the same bytes, which need not be HTTP, and closes it."""

    def __init__(self, answer: bytes) -> None:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                self.request.recv(65_536)
                self.request.sendall(answer)

        self._server = socketserver.TCPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
