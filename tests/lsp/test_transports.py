"""The same server over a port and over a web socket."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
from websockets.sync.client import connect

from tests.lsp.conftest import COMMAND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def listen(repository: Path) -> Iterator[Callable[[str], tuple[int, subprocess.Popen[bytes]]]]:
    started: list[subprocess.Popen[bytes]] = []

    def begin(option: str) -> tuple[int, subprocess.Popen[bytes]]:
        port = free_port()
        process = subprocess.Popen([*COMMAND, option, str(port)], cwd=repository)
        started.append(process)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0 and option == "--ws":
                    return port, process
            if option == "--tcp":
                return port, process
            time.sleep(0.05)
        raise AssertionError("nothing listens")

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait(10)


def initialize(root: Path) -> dict[str, Any]:
    folders = [{"uri": root.as_uri(), "name": "repo"}]
    params = {"processId": None, "rootUri": None, "workspaceFolders": folders, "capabilities": {}}
    return {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}


def test_over_a_port(
    listen: Callable[[str], tuple[int, subprocess.Popen[bytes]]], repository: Path
) -> None:
    port, process = listen("--tcp")
    until = time.monotonic() + 30
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port), timeout=20)
            break
        except ConnectionRefusedError:
            assert time.monotonic() < until
            time.sleep(0.05)
    with connection, connection.makefile("rwb") as stream:
        body = json.dumps(initialize(repository)).encode()
        stream.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        stream.flush()
        length = int(stream.readline().split(b":")[1])
        while stream.readline() != b"\r\n":
            pass
        assert json.loads(stream.read(length))["result"]["capabilities"]["definitionProvider"]
    process.wait(10)


def test_over_a_web_socket(
    listen: Callable[[str], tuple[int, subprocess.Popen[bytes]]], repository: Path
) -> None:
    port, process = listen("--ws")
    with connect(f"ws://127.0.0.1:{port}") as connection:
        connection.send(json.dumps(initialize(repository)))
        answer = json.loads(connection.recv(timeout=20))
        assert answer["result"]["capabilities"]["hoverProvider"]
    process.wait(10)


def test_one_transport_at_a_time(repository: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "--stdio", "--tcp", "1"], cwd=repository, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"exclude each other" in done.stderr
