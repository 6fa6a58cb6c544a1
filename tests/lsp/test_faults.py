"""What goes wrong around a server: it answers or says why, and ends with its client."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.lsp.conftest import COMMAND, where, write_repository
from tests.lsp.raw_client import RawClient, ServerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ENDS_WITHIN_S = 2.0
SLACK_S = 3.0
"""Other tests and programs share the machine."""


def large_repository(root: Path, files: int = 400) -> Path:
    """A repository whose first index run takes long enough to be looked at."""
    body = "\n\n".join(
        f"class C{n}:\n    def m{n}(self, a, b=1):\n        return self.m{n}(a, b) + C{n}().m{n}(b)"
        for n in range(40)
    )
    texts = {f"big/m{number}.py": f"from big.m0 import *\n\n\n{body}\n" for number in range(files)}
    return write_repository(root, texts)


def ends(client: RawClient) -> float:
    """Seconds until the server and all its processes are gone."""
    before = time.monotonic()
    children = psutil.Process(client.process.pid).children(recursive=True)
    client.process.wait(20)
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not alive
    return time.monotonic() - before


@pytest.mark.parametrize("is_indexing", [False, True])
def test_it_ends_when_its_input_ends(
    start: Callable[..., RawClient], tmp_path: Path, is_indexing: bool
) -> None:
    root = large_repository(tmp_path / "large") if is_indexing else write_repository(tmp_path / "r")
    client = start(cwd=root)
    client.initialize(root)
    if is_indexing:
        client.wait_for("$/progress", "begin")
    else:
        client.wait_until_indexed()
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert ends(client) < ENDS_WITHIN_S + SLACK_S


def test_it_ends_when_its_client_is_killed_and_somebody_holds_its_input_open(
    repository: Path,
) -> None:
    """The client's process is not our parent, and the pipe outlives it."""
    mourned = subprocess.Popen(["sleep", "60"])
    client = RawClient(COMMAND, repository)
    try:
        client.ask("initialize", {"processId": mourned.pid, "rootUri": None, "capabilities": {}})
        client.notify("initialized", {})
        mourned.send_signal(signal.SIGKILL)
        mourned.wait(5)
        assert ends(client) < ENDS_WITHIN_S + SLACK_S
    finally:
        client.close()


def test_it_ends_within_half_a_message(client: RawClient) -> None:
    assert client.process.stdin is not None
    client.process.stdin.write(b'Content-Length: 500\r\n\r\n{"jsonrpc": "2.0", "id')
    client.process.stdin.close()
    assert ends(client) < ENDS_WITHIN_S + SLACK_S


def test_it_ends_while_a_query_runs(client: RawClient) -> None:
    client.begin("codexgraph/query", {"cypher": ENDLESS})
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert ends(client) < ENDS_WITHIN_S + SLACK_S


def test_an_exit_after_shutdown_is_clean(client: RawClient) -> None:
    assert client.stop() == 0
    assert [line for line in client.errors if "Traceback" in line or "Error" in line] == []


def test_nonsense_is_answered_with_errors(client: RawClient, repository: Path) -> None:
    file = repository / "pkg/child.py"
    client.open(file)
    with pytest.raises(ServerError):
        client.ask("textDocument/noSuchMethod", {})
    with pytest.raises(ServerError):
        client.ask("textDocument/definition", {"textDocument": 3})
    client.notify("textDocument/didChange", {"nonsense": True})
    client.notify("no/such/notification", {})
    for place in ((10_000, 3), (0, 10_000)):
        assert client.ask("textDocument/definition", client.at(file, *place)) in ([], None)
    elsewhere = repository.parent / "elsewhere.py"
    assert client.ask("textDocument/hover", client.at(elsewhere, 0, 0)) is None
    assert client.ask("textDocument/definition", client.at(file, *where(file, "h(")))


def test_a_million_lines_are_no_burden(client: RawClient, repository: Path) -> None:
    huge = repository / "huge.py"
    uri = client.open(huge, "x = 1\n" * 1_000_000)
    for version in range(2, 12):
        edit = {
            "start": {"line": version, "character": 0},
            "end": {"line": version, "character": 0},
        }
        client.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": uri, "version": version},
                "contentChanges": [{"range": edit, "text": "y"}],
            },
        )
    begun = time.monotonic()
    assert client.ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}}) == []
    file = repository / "pkg/child.py"
    client.open(file)
    assert client.ask("textDocument/definition", client.at(file, *where(file, "h(")))
    assert time.monotonic() - begun < SLACK_S * 3


def test_a_file_is_deleted_under_the_cursor(client: RawClient, repository: Path) -> None:
    base, child = repository / "pkg/base.py", repository / "pkg/child.py"
    client.open(child)
    at = client.at(child, *where(child, "h("))
    base.unlink()
    found = client.ask("textDocument/definition", at)
    assert found == [] or found[0]["uri"] == base.as_uri()
    until = time.monotonic() + 20
    while client.ask("workspace/symbol", {"query": "LIMIT"}):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert client.ask("textDocument/definition", at) == []


def test_a_folder_is_renamed(client: RawClient, repository: Path) -> None:
    (repository / "pkg").rename(repository / "renamed")
    until = time.monotonic() + 20
    while True:
        found = client.ask("workspace/symbol", {"query": "helper"})
        if [row for row in found if "/renamed/" in row["location"]["uri"]]:
            break
        assert time.monotonic() < until
        time.sleep(0.05)


def test_two_editors_on_one_repository(start: Callable[..., RawClient], repository: Path) -> None:
    editors = [start(), start()]
    for editor in editors:
        editor.initialize(repository)
    for editor in editors:
        assert editor.wait_until_indexed()["run"]["error"] is None
    new = repository / "pkg/new.py"
    new.write_text("def shared():\n    pass\n")
    for editor in editors:
        editor.notify("textDocument/didSave", {"textDocument": {"uri": new.as_uri()}})
    for editor in editors:
        assert editor.wait_until_indexed()["run"]["error"] is None
        assert editor.ask("workspace/symbol", {"query": "shared"})


def test_the_store_is_replaced_below(client: RawClient, repository: Path) -> None:
    file = repository / "pkg/child.py"
    client.open(file)
    at = client.at(file, *where(file, "h("))
    before = client.ask("codexgraph/status", {})[0]["index"]["generation"]
    index = [sys.executable, "-P", "-m", "codexgraph", "index", "--full", "-q"]
    subprocess.run(index, cwd=repository, check=True, capture_output=True)
    assert client.ask("textDocument/definition", at)
    assert client.ask("codexgraph/status", {})[0]["index"]["generation"] != before


def test_the_store_is_taken_away_and_built_again(client: RawClient, repository: Path) -> None:
    file = repository / "pkg/child.py"
    client.open(file)
    at = client.at(file, *where(file, "h("))
    shutil.rmtree(repository / ".codexgraph")
    with pytest.raises(ServerError, match="is indexed yet"):
        client.ask("codexgraph/query", {"cypher": "RETURN 1"})
    client.ask("workspace/executeCommand", {"command": "codexgraph.index", "arguments": []})
    assert client.wait_until_indexed()["run"]["error"] is None
    assert client.ask("textDocument/definition", at)


def test_the_store_is_damaged_and_built_again(client: RawClient, repository: Path) -> None:
    (repository / ".codexgraph/graph.kgl").write_bytes(b"no graph at all")
    with pytest.raises(ServerError, match="damaged"):
        client.ask("codexgraph/query", {"cypher": "RETURN 1"})
    client.ask("workspace/executeCommand", {"command": "codexgraph.index", "arguments": []})
    assert client.wait_until_indexed()["run"]["error"] is None
    assert client.ask("workspace/symbol", {"query": "helper"})


def test_settings_that_cannot_be_are_told(
    start: Callable[..., RawClient], repository: Path
) -> None:
    (repository / "codexgraph.toml").write_text("jobs = 'many'\n")
    client = start()
    client.initialize(repository)
    message = client.wait_for("window/showMessage")
    assert "codexgraph.toml:1" in message["message"]
    assert client.ask("workspace/symbol", {"query": "x"}) == []


ENDLESS = "MATCH (a), (b), (c), (d), (e) WHERE a.uid <> b.uid RETURN count(*)"


def test_a_withdrawn_request_is_answered_at_once(client: RawClient) -> None:
    begun = time.monotonic()
    number = client.begin("codexgraph/query", {"cypher": ENDLESS})
    client.notify("$/cancelRequest", {"id": number})
    with pytest.raises(ServerError) as caught:
        client.end(number)
    assert caught.value.code == -32800
    assert client.ask("workspace/symbol", {"query": "helper"})
    assert time.monotonic() - begun < SLACK_S


def test_slow_requests_hold_up_nobody(client: RawClient, repository: Path) -> None:
    file = repository / "pkg/child.py"
    client.open(file)
    slow = [client.begin("codexgraph/query", {"cypher": ENDLESS}) for _ in range(2)]
    begun = time.monotonic()
    assert client.ask("textDocument/definition", client.at(file, *where(file, "h(")))
    assert time.monotonic() - begun < SLACK_S
    for number in slow:
        client.notify("$/cancelRequest", {"id": number})


@pytest.mark.slow
def test_progress_comes_at_once_and_can_be_cancelled(
    start: Callable[..., RawClient], tmp_path: Path
) -> None:
    root = large_repository(tmp_path / "large")
    client = start(cwd=root)
    client.initialize(root)
    begun = time.monotonic()
    token = client.wait_for("$/progress", "begin")["token"]
    assert time.monotonic() - begun < SLACK_S
    file = root / "big/m1.py"
    client.open(file)
    with pytest.raises(ServerError, match=r"nothing to answer from yet: index \d+ %"):
        client.ask("textDocument/references", {**client.at(file, 4, 7), "context": CONTEXT})
    symbols = client.ask("textDocument/documentSymbol", {"textDocument": {"uri": file.as_uri()}})
    assert len(symbols) == 40
    client.notify("window/workDoneProgress/cancel", {"token": token})
    assert client.wait_until_indexed()["run"]["is_cancelled"] is True
    client.ask("workspace/executeCommand", {"command": "codexgraph.index", "arguments": []})
    assert client.wait_until_indexed()["run"]["error"] is None
    values = [m["params"]["value"] for m in client.said if m["method"] == "$/progress"]
    reports = [value for value in values if value["kind"] == "report"]
    percents = [value["percentage"] for value in reports]
    assert len(percents) > 2
    assert max(percents) <= 100


CONTEXT: dict[str, Any] = {"includeDeclaration": False}


def test_nothing_is_left_behind(client: RawClient, repository: Path) -> None:
    index_dir = repository / ".codexgraph"
    assert (index_dir / "serve.json").stat().st_mode & 0o077 == 0
    client.stop()
    assert not (index_dir / "serve.json").exists()
    assert not list(index_dir.glob("*.tmp"))
