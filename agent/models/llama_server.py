"""A llama.cpp server as a child process, which lives as long as this one wants it and no longer.

The child watches its standard input, which ends with this process however it dies. A signal on the
death of the parent would not do: it comes when the thread that started the child ends.
"""

from __future__ import annotations

import json
import re
import secrets
import select
import subprocess
import sys
import weakref
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agent.models.settings import Secret
from agent.models.values import mapping
from graphdb.errors import ModelRefusedError, ModelUnavailableError, ModelUnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.models.settings import ModelSettings

START_S = 120.0
DEFAULT_CONTEXT_TOKENS = 8_192
_CHILD = Path(__file__).with_name("local_child.py")
_MAGIC = b"GGUF"
_END_S = 2.0


@dataclass(frozen=True, slots=True)
class Weights:
    """The file of a model. context_tokens: what one prompt and its reply may have together."""

    path: Path
    name: str
    context_tokens: int


def check_weights(path: Path | None) -> Path:
    """A GGUF file that could be served here. Raises ModelUnavailableError."""
    if path is None:
        raise ModelUnavailableError("a local model needs its file: set model.path to a GGUF file")
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as error:
        raise ModelUnavailableError(
            f"{path}: {error.strerror}: set model.path to a GGUF file"
        ) from error
    if magic != _MAGIC:
        raise ModelUnavailableError(f"{path}: not a GGUF file, which begins with GGUF")
    if find_spec("xllamacpp") is None:
        raise ModelUnavailableError(
            "a local model needs the package xllamacpp: pip install 'codexgraph[local]'"
        )
    return path


class LlamaServer:
    """A running server. Its port is open to this machine, its key only to this process."""

    def __init__(self, weights: Weights, seconds: float = START_S) -> None:
        """Start it and wait until it answers. Raises ModelUnavailableError."""
        self.weights = weights
        self.key = Secret(secrets.token_urlsafe(24))
        log = TemporaryFile()  # noqa: SIM115 - closed with the process, below
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,  # an interrupt at the terminal is for us to handle
        )
        self._end = weakref.finalize(self, _end_process, self._process, log)
        try:
            self.address = self._start(seconds, log)
        except BaseException:
            self.close()
            raise

    @property
    def base_url(self) -> str:
        """Where it speaks OpenAI's protocol."""
        return f"{self.address}/v1"

    @property
    def context_tokens(self) -> int:
        """What a prompt and its reply may have: as asked for, or as the model was trained for."""
        found = mapping(self.ask("/props").get("default_generation_settings")).get("n_ctx")
        return min(self.weights.context_tokens, found or self.weights.context_tokens)

    @property
    def death(self) -> str | None:
        """How the process ended, None while it runs."""
        code = self._process.poll()
        if code is None:
            return None
        return f"signal {-code}, perhaps for want of memory" if code < 0 else f"exit code {code}"

    def ask(
        self, path: str, body: Mapping[str, Any] | None = None, seconds: float = START_S
    ) -> Mapping[str, Any]:
        """One of the server's own routes; a POST when there is a body.

        Raises:
            ModelRefusedError: it does not serve the request; has the server's words.
            ModelUnreachableError: it does not answer.
        """
        headers = {"Authorization": f"Bearer {self.key.reveal()}"}
        connection = HTTPConnection(urlsplit(self.address).netloc, timeout=seconds)
        try:
            if body is None:
                connection.request("GET", path, headers=headers)
            else:
                headers["Content-Type"] = "application/json"
                connection.request("POST", path, json.dumps(body), headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, HTTPException, ValueError) as error:
            raise ModelUnreachableError(
                f"local model {self.weights.name}: {self.death or error}"
            ) from error
        finally:
            connection.close()
        if response.status != 200:
            said = mapping(mapping(answer).get("error")).get("message", "no reason given")
            raise ModelRefusedError(f"local model {self.weights.name} refused: {said}")
        return mapping(answer)

    def close(self) -> None:
        """End the process; calling it twice is allowed."""
        self._end()

    def _start(self, seconds: float, log: IO[bytes]) -> str:
        told = self._told(seconds)
        path = self.weights.path
        if told is None:
            raise ModelUnavailableError(f"{path}: not loaded within {seconds:g} s")
        if address := told.get("address"):
            return str(address)
        why = str(told.get("error") or self.death or "no word from llama.cpp").rstrip(".")
        raise ModelUnavailableError(
            f"{path}: llama.cpp cannot load it: {_reason(log) or why}; is the file whole, of a "
            "kind that this version of xllamacpp knows, and is there memory for it and for "
            f"model.context_tokens ({self.weights.context_tokens})?"
        )

    def _told(self, seconds: float) -> Mapping[str, Any] | None:
        """What the child says of its start, None for nothing in time."""
        orders = {
            "path": str(self.weights.path),
            "name": self.weights.name,
            "context_tokens": self.weights.context_tokens,
            "key": self.key.reveal(),
        }
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        assert pipe_in is not None  # noqa: S101 - asked for above
        assert pipe_out is not None  # noqa: S101 - asked for above
        try:
            pipe_in.write(json.dumps(orders).encode() + b"\n")
            pipe_in.flush()
        except BrokenPipeError:
            return {}
        if not select.select([pipe_out], [], [], seconds)[0]:
            return None
        try:
            return mapping(json.loads(pipe_out.readline()))
        except ValueError:
            self._process.wait(_END_S)
            return {}


def open_server(settings: ModelSettings) -> LlamaServer:
    """A server for the GGUF file of a local model's settings. Raises ModelUnavailableError."""
    path = check_weights(settings.path)
    context = settings.context_tokens or DEFAULT_CONTEXT_TOKENS
    return LlamaServer(Weights(path, settings.name or path.stem, context))


def _reason(log: IO[bytes]) -> str:
    """The first reason that llama.cpp gave for not loading a model; what follows repeats it."""
    log.seek(0)
    found = re.search(r"error loading model: (.*)", log.read().decode(errors="replace"))
    return found[1].strip() if found else ""


def _end_process(process: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    """Let it end by itself, and see that it does."""
    for pipe in (process.stdin, process.stdout, log):
        if pipe is not None:
            pipe.close()
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
