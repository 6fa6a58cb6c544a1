"""What a client is told before the server is loaded is what the server would tell it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from codexgraph.ahead import Ahead
from codexgraph.serving import host
from lsp.early import Early
from lsp.server import GraphServer
from lsp.text import Encoding
from lsp.transport import Messages
from tests.lsp.conftest import indexed, where, write_repository
from tests.lsp.test_transports import initialize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from lsp.transport import Writer
    from tests.lsp.raw_client import RawClient

CHILD, BASE = "pkg/child.py", "pkg/base.py"


class Heard:
    """Keeps what is written to a client."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    def close(self) -> None:
        self.data += b""

    def messages(self) -> list[dict[str, Any]]:
        bodies: list[bytes] = []
        Messages(bodies.append).data_received(self.data)
        return [json.loads(body) for body in bodies]


class Late:
    """The server's side of taking over; says nothing."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.answered: object = None
        self.writer: Writer | None = None

    def take_over(self, writer: Writer, bodies: Sequence[bytes], answered: object) -> None:
        self.bodies += bodies
        self.answered, self.writer = answered, writer

    def receive(self, body: bytes) -> None:
        self.bodies.append(body)

    def asked(self) -> list[str]:
        return [json.loads(body).get("method") for body in self.bodies]


def message(method: str, params: Any, number: int | None = None) -> bytes:
    said: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
    return json.dumps(said if number is None else {**said, "id": number}).encode()


def greeting(root: Path, *encodings: str) -> bytes:
    said = initialize(root)
    said["params"]["capabilities"] = {"general": {"positionEncodings": list(encodings)}}
    return json.dumps(said).encode()


def opening(root: Path, path: str, text: str | None = None) -> bytes:
    text = (root / path).read_text() if text is None else text
    item = {"uri": (root / path).as_uri(), "languageId": "python", "version": 1, "text": text}
    return message("textDocument/didOpen", {"textDocument": item})


def asking(root: Path, path: str, line: int, character: int, number: int = 2) -> bytes:
    at = {"line": line, "character": character}
    params = {"textDocument": {"uri": (root / path).as_uri()}, "position": at}
    return message("textDocument/definition", params, number)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return indexed(write_repository(tmp_path / "repo"))


@pytest.fixture
def graph(root: Path) -> Iterator[Ahead]:
    found = ahead(root)
    yield found
    found.take(host().settings_of(root).request.settings).close()


def ahead(root: Path) -> Ahead:
    return Ahead(lambda: (root, host().settings_of(root).request.settings))


def said(graph: Ahead, *bodies: bytes) -> tuple[list[dict[str, Any]], Late]:
    """What a client hears at once, and the server that comes then."""
    heard, server = Heard(), Late()

    async def talk() -> None:
        early = Early(graph, lambda: server, host().has_author, "1.2")
        early.connect(heard)
        for body in bodies:
            early.receive(body)
        await early.settled()

    asyncio.run(talk())
    return heard.messages(), server


@pytest.mark.parametrize("offered", [[], ["utf-8"], ["no", "utf-32", "utf-16"]])
@pytest.mark.parametrize("model", ["", "tiny"])
def test_it_greets_as_the_server_does(
    root: Path, graph: Ahead, offered: list[str], model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEXGRAPH_MODEL_NAME", model)
    server, heard = GraphServer(host()), Heard()
    server.connect(heard)
    server.receive(greeting(root, *offered))
    asked = message("textDocument/hover", {}, 2)
    [late], ([early], taken) = heard.messages(), said(graph, greeting(root, *offered), asked)
    assert early["result"]["capabilities"] == late["result"]["capabilities"]
    assert ("inlineCompletionProvider" in early["result"]["capabilities"]) == bool(model)
    assert early["result"]["serverInfo"] == {"name": "codexgraph", "version": "1.2"}
    assert taken.answered == early["id"] == late["id"]
    server.session.abandon()


def test_a_greeting_that_was_given_is_not_given_again(root: Path) -> None:
    server, heard = GraphServer(host()), Heard()
    server.take_over(heard, [greeting(root)], 1)
    assert heard.data == b""
    server.receive(b"not json")
    server.receive(message("workspace/noSuchMethod", {}, 2))
    assert [m["id"] for m in heard.messages() if "id" in m] == [2]
    server.session.abandon()


@pytest.mark.parametrize("encoding", list(Encoding))
def test_every_definition_is_the_server_s(
    root: Path, graph: Ahead, start: Callable[..., RawClient], encoding: Encoding
) -> None:
    files = (CHILD, BASE, "tests/test_child.py")
    places = [
        (path, line, match.start())
        for path in files
        for line, text in enumerate((root / path).read_text().splitlines())
        for match in re.finditer(r"\w+|[^\w\s]", text)
    ]
    asked = [asking(root, *place, number) for number, place in enumerate(places, start=2)]
    server = start(cwd=root)
    greets = json.loads(greeting(root, encoding.value))["params"]
    server.initialize(root, capabilities=greets["capabilities"])
    server.wait_until_indexed()
    for path in files:
        server.open(root / path)
    expected = [server.ask("textDocument/definition", json.loads(body)["params"]) for body in asked]
    told = [opening(root, path) for path in files]
    heard, late = said(graph, greeting(root, encoding.value), *told, *asked)
    found = {m["id"]: m["result"] for m in heard[1:]}
    assert [found[number] for number in range(2, len(asked) + 2)] == expected
    assert len([each for each in expected if each]) > 50
    assert len([each for each in expected if not each]) > 5
    # All that is told is left to the server, too.
    assert late.asked() == ["initialize", *["textDocument/didOpen"] * len(files)]


def test_an_edited_document_is_left_to_the_server(root: Path, graph: Ahead) -> None:
    line, column = where(root / CHILD, "Child(Base)", 7)
    text = (root / CHILD).read_text()
    change = {
        "textDocument": {"uri": (root / CHILD).as_uri(), "version": 2},
        "contentChanges": [{"text": text}],
    }
    changed = message("textDocument/didChange", change)
    ways = (
        [opening(root, CHILD, "\n" + text)],
        [opening(root, CHILD), changed],
        [opening(root, CHILD), opening(root, BASE, "\n" + (root / BASE).read_text())],
        [],
    )
    asked = asking(root, CHILD, line, column)
    for told in ways:
        heard, server = said(graph, greeting(root, "utf-8"), *told, asked)
        assert [m["id"] for m in heard] == [1]
        assert server.bodies[-1] == asked
    heard, _ = said(graph, greeting(root, "utf-8"), opening(root, CHILD), asked)
    assert [m["id"] for m in heard] == [1, 2]


def test_another_folder_is_left_to_the_server(root: Path, graph: Ahead, tmp_path: Path) -> None:
    line, column = where(root / CHILD, "Child(Base)", 7)
    asked = asking(root, CHILD, line, column)
    link = tmp_path / "link"
    link.symlink_to(root)
    for folder in (tmp_path, link, root / "pkg"):
        told = (greeting(folder, "utf-8"), opening(root, CHILD), asked)
        heard, server = said(graph, *told)
        assert [m["id"] for m in heard] == [1]
        assert server.bodies[-1] == asked


@pytest.mark.parametrize("damage", ["gone", "older", "cut", "changed"])
def test_an_index_that_cannot_tell_is_left_to_the_server(root: Path, damage: str) -> None:
    [state] = (root / ".codexgraph").glob("state-*")
    data = state.read_bytes()
    match damage:
        case "gone":
            state.unlink()
        case "older":
            os.utime(state, ns=(0, (root / ".codexgraph/graph.kgl").stat().st_mtime_ns - 1))
        case "cut":
            state.write_bytes(data[:-1000])
        case _:
            state.write_bytes(data[:-5000] + b"\0" * 5000)
    line, column = where(root / CHILD, "Child(Base)", 7)
    asked, found = asking(root, CHILD, line, column), ahead(root)
    heard, server = said(found, greeting(root, "utf-8"), opening(root, CHILD), asked)
    assert [m["id"] for m in heard] == [1]
    assert server.bodies[-1] == asked
    found.take(host().settings_of(root).request.settings).close()


def test_a_client_that_opens_a_path_has_its_first_answer(root: Path, graph: Ahead) -> None:
    greets = initialize(root)
    greets["params"] |= {"workspaceFolders": None, "rootPath": str(root)}
    line, column = where(root / CHILD, "Child(Base)", 7)
    asked = asking(root, CHILD, line, column)
    heard, _ = said(graph, json.dumps(greets).encode(), opening(root, CHILD), asked)
    assert [m["id"] for m in heard] == [1, 2]


def test_nothing_is_said_where_nothing_is_indexed(tmp_path: Path) -> None:
    root = write_repository(tmp_path / "new")
    heard, server = said(ahead(root), greeting(root))
    assert heard == []
    assert server.bodies == [greeting(root)]
    assert server.answered is None


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"\xff\xfe",
        b"[]",
        b"7",
        b'{"no": "method"}',
        b'{"method": []}',
        b'{"method": "textDocument/didOpen", "params": {}}',
        b'{"method": "textDocument/definition", "id": 2, "params": null}',
        b'{"method": "initialize", "id": 2}',
        b'{"method": "initialize", "id": 2, "params": {"capabilities": 3}}',
        pytest.param(b"[" * 100_000, id="deep"),
    ],
)
def test_what_cannot_be_read_is_the_server_s_business(
    root: Path, graph: Ahead, body: bytes
) -> None:
    for told in ([body], [greeting(root), body]):
        heard, server = said(graph, *told)
        assert len(heard) == len(told) - 1
        assert server.bodies == told


def test_a_server_that_cannot_be_loaded_ends_the_conversation(root: Path, graph: Ahead) -> None:
    def broken() -> Late:
        raise ImportError("no such library")

    async def talk() -> None:
        early = Early(graph, broken, lambda _: False, "1")
        early.connect(Heard())
        early.receive(greeting(root))
        early.receive(message("textDocument/hover", {}, 2))
        await early.settled()

    with pytest.raises(SystemExit) as caught:
        asyncio.run(talk())
    assert caught.value.code == 1


def test_a_client_that_leaves_at_once_is_not_waited_for(
    root: Path, start: Callable[..., RawClient]
) -> None:
    client = start(cwd=root)
    client.initialize(root)
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert client.process.wait(10) == 0


def test_nothing_of_the_protocol_library_is_loaded_for_it() -> None:
    code = "import lsp.early, sys; print({'lsprotocol', 'attrs', 'pygls.server'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_server_knows_what_was_said_before_it(
    root: Path, start: Callable[..., RawClient]
) -> None:
    client = start(cwd=root)
    client.initialize(root)
    client.notify("textDocument/didOpen", json.loads(opening(root, CHILD))["params"])
    line, column = where(root / CHILD, "Child(Base)", 7)
    params = json.loads(asking(root, CHILD, line, column))["params"]
    first = client.ask("textDocument/definition", params)
    hover = client.ask("textDocument/hover", params)
    assert first[0]["uri"] == (root / BASE).as_uri()
    assert "A base of things." in hover["contents"]["value"]
    assert client.ask("textDocument/definition", params) == first
