"""Messages cut out of a byte stream, whatever the pieces are in which it comes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from lsp.transport import Messages
from tests.lsp.conftest import COMMAND
from tests.lsp.test_transports import initialize

if TYPE_CHECKING:
    from pathlib import Path


def framed(body: bytes, header: bytes = b"Content-Length: %d\r\n") -> bytes:
    return header % len(body) + b"\r\n" + body


def heard(*pieces: bytes) -> list[bytes]:
    bodies: list[bytes] = []
    messages = Messages(bodies.append)
    for piece in pieces:
        messages.data_received(piece)
    return bodies


ONE, OTHER = b'{"method": "a"}', '{"method": "bé漢"}'.encode()
A, B = framed(ONE), framed(OTHER)


@pytest.mark.parametrize("size", [1, 2, 7, 20, 1000])
def test_pieces_of_any_size(size: int) -> None:
    stream = A + B + A
    pieces = [stream[start : start + size] for start in range(0, len(stream), size)]
    assert heard(*pieces) == [ONE, OTHER, ONE]


def test_half_a_message_waits() -> None:
    assert heard(A, B[:-1]) == [ONE]


@pytest.mark.parametrize(
    "header",
    [
        b"content-length:%d\r\n",
        b"Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n",
        b"Content-Type: x\r\nContent-Length: %d\r\n",
    ],
)
def test_headers_as_clients_write_them(header: bytes) -> None:
    assert heard(framed(ONE, header)) == [ONE]


@pytest.mark.parametrize(
    "stream",
    [
        b"Content-Type: x\r\n\r\n{}",
        b"Content-Length: -2\r\n\r\n{}",
        b"Content-Length: 99999999999\r\n\r\n{}",
        b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}",
        b"{}\n" * 2000,
    ],
)
def test_what_is_no_message_is_the_end(stream: bytes) -> None:
    bodies: list[bytes] = []
    messages = Messages(bodies.append)
    for piece in (A, stream):
        assert not messages.ended.is_set()
        messages.data_received(piece)
    assert messages.ended.is_set()
    assert "usable Content-Length" in str(messages.failure)
    assert bodies == [ONE]


def test_who_sends_no_messages_is_told_so(repository: Path) -> None:
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd=repository,
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b"hello\r\n\r\n")
        process.stdin.flush()
        assert process.wait(20) == 2
        said = process.stderr.read().splitlines()
    assert len(said) == 1
    assert said[0].startswith(b"error: what the client sends is no message")


def conversation(repository: Path) -> bytes:
    """All that a client says which waits for nothing."""
    messages = [
        initialize(repository),
        {"jsonrpc": "2.0", "method": "initialized", "params": {}},
        {"jsonrpc": "2.0", "id": 0, "method": "shutdown"},
        {"jsonrpc": "2.0", "method": "exit"},
    ]
    return b"".join(framed(json.dumps(message).encode()) for message in messages)


def test_an_exit_waits_for_the_shutdown_before_it(repository: Path) -> None:
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=repository
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(conversation(repository))
        process.stdin.flush()
        assert process.wait(20) == 0
        said = answers(process.stdout.read())
    assert {"jsonrpc": "2.0", "id": 0, "result": None} in said


def test_the_input_may_end_with_the_exit(repository: Path) -> None:
    done = subprocess.run(
        COMMAND, input=conversation(repository), capture_output=True, cwd=repository, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_one_socket_both_ways(repository: Path) -> None:
    """As sshd and socat start a program."""
    ours, theirs = socket.socketpair()
    end = theirs.fileno()
    with ours, subprocess.Popen(COMMAND, stdin=end, stdout=end, cwd=repository) as process:
        theirs.close()
        ours.sendall(conversation(repository))
        output = b""
        while piece := ours.recv(1 << 20):
            output += piece
        assert process.wait(20) == 0
    assert {"jsonrpc": "2.0", "id": 0, "result": None} in answers(output)


def test_a_server_ends_when_its_one_socket_is_closed(repository: Path) -> None:
    ours, theirs = socket.socketpair()
    end = theirs.fileno()
    with subprocess.Popen(COMMAND, stdin=end, stdout=end, cwd=repository) as process:
        theirs.close()
        ours.sendall(framed(json.dumps(initialize(repository)).encode()))
        assert ours.recv(100)
        ours.close()
        assert process.wait(20) == 0


def answers(output: bytes) -> list[dict[str, Any]]:
    return [json.loads(body) for body in heard(output)]


def test_plain_files_in_place_of_pipes(repository: Path, tmp_path: Path) -> None:
    asked, said = tmp_path / "asked", tmp_path / "said"
    last = {"jsonrpc": "2.0", "method": "exit"}
    messages = (initialize(repository), last)
    asked.write_bytes(b"".join(framed(json.dumps(m).encode()) for m in messages))
    with asked.open("rb") as source, said.open("wb") as sink:
        done = subprocess.run(COMMAND, stdin=source, stdout=sink, cwd=repository, check=False)
    assert answers(said.read_bytes())[0]["result"]["capabilities"]["definitionProvider"]
    assert done.returncode == 1, "an exit without a shutdown is a failure"


def test_no_input_at_all(repository: Path) -> None:
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a device, not a file
        done = subprocess.run(
            COMMAND, stdin=nothing, capture_output=True, cwd=repository, timeout=60, check=False
        )
    assert (done.returncode, done.stdout) == (0, b"")


def test_a_client_that_reads_late_gets_all(repository: Path) -> None:
    """More answers than a pipe holds wait in the server, which goes on to read."""
    count = 3000
    asked = {"jsonrpc": "2.0", "method": "workspace/noSuchMethod", "params": {"x": "y" * 100}}
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=repository
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(framed(json.dumps(initialize(repository)).encode()))
        for number in range(2, count):
            process.stdin.write(framed(json.dumps({**asked, "id": number}).encode()))
        process.stdin.write(framed(b'{"jsonrpc": "2.0", "id": 0, "method": "shutdown"}'))
        process.stdin.flush()
        output = b""
        while not (found := answers(output)) or found[-1].get("id") != 0:
            output += os.read(process.stdout.fileno(), 1 << 20)
        process.stdin.close()
        process.stdout.read()
    assert [a["id"] for a in found if "id" in a and "method" not in a] == [*range(1, count), 0]
