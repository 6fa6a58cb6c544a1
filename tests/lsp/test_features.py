"""What the server answers on a small repository that it has indexed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.lsp.conftest import COMMAND, where, write_repository
from tests.lsp.raw_client import RawClient, ServerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Editor:
    """One file of a repository as an editor has it."""

    def __init__(self, client: RawClient, file: Path) -> None:
        self.client, self.file = client, file
        self.uri = client.open(file)
        self.version = 1

    def ask(self, method: str, text: str, offset: int = 0, **more: Any) -> Any:
        position = self.client.at(self.file, *where(self.file, text, offset))
        return self.client.ask(f"textDocument/{method}", {**position, **more})

    def about(self, method: str, **more: Any) -> Any:
        return self.client.ask(
            f"textDocument/{method}", {"textDocument": {"uri": self.uri}, **more}
        )

    def close(self) -> None:
        self.client.notify("textDocument/didClose", {"textDocument": {"uri": self.uri}})

    def change(self, line: int, text: str, lines: int = 0) -> None:
        """Put text before a line, in place of some lines."""
        self.version += 1
        ends = {
            "start": {"line": line, "character": 0},
            "end": {"line": line + lines, "character": 0},
        }
        self.client.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": self.uri, "version": self.version},
                "contentChanges": [{"range": ends, "text": text}],
            },
        )

    def typed(self, method: str, line: int, text: str) -> Any:
        """Replace a line by a half-written one and ask at its end."""
        self.change(line, text + "\n", 1)
        return self.client.ask(
            f"textDocument/{method}", self.client.at(self.file, line, len(text.encode()))
        )


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One repository for all tests here that change open documents only."""
    return write_repository(tmp_path_factory.mktemp("features") / "repo")


@pytest.fixture(scope="module")
def client(repository: Path) -> Iterator[RawClient]:
    found = RawClient(COMMAND, repository)
    found.initialize(repository)
    found.wait_until_indexed()
    yield found
    found.close()


@pytest.fixture
def child(client: RawClient, repository: Path) -> Iterator[Editor]:
    editor = Editor(client, repository / "pkg/child.py")
    yield editor
    editor.close()


@pytest.fixture
def base(client: RawClient, repository: Path) -> Iterator[Editor]:
    editor = Editor(client, repository / "pkg/base.py")
    yield editor
    editor.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Editor]:
    """A file of a repository that the test may write to."""
    root = write_repository(tmp_path / "own")
    client = RawClient(COMMAND, root)
    client.initialize(root)
    client.wait_until_indexed()
    yield Editor(client, root / "pkg/child.py")
    client.close()


def places(locations: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    return [
        (Path(x["uri"]).name, x["range"]["start"]["line"], x["range"]["start"]["character"])
        for x in locations
    ]


def at(file: Path, text: str, offset: int = 0) -> tuple[str, int, int]:
    return (file.name, *where(file, text, offset))


def test_definitions(child: Editor, base: Editor) -> None:
    helper = at(base.file, "def helper", 4)
    assert places(child.ask("definition", 'helper("')) == [helper]
    assert places(child.ask("definition", "h(")) == [helper]
    assert places(child.ask("definition", "helper as")) == [helper]
    assert places(child.ask("definition", "self.name", 5)) == [at(base.file, "self.name", 5)]
    assert places(child.ask("definition", 'Child("a")')) == [at(child.file, "class Child", 6)]
    assert places(base.ask("definition", "def helper", 4)) == [helper]
    assert places(child.ask("definition", "return")) == []


def test_definitions_of_locals_and_of_modules(child: Editor, base: Editor) -> None:
    assert places(child.ask("definition", "child.run")) == [at(child.file, "child = Child")]
    assert places(child.ask("definition", "child = Child")) == [at(child.file, "child = Child")]
    assert places(base.ask("definition", "Base(x)", 5)) == [at(base.file, "helper(x)", 7)]
    assert places(child.ask("definition", "base.helper")) == []
    child.change(0, "from pkg import base as b\n\n\ndef wide(b2, é):\n    return b.LIMIT, é, b2\n")

    def found(character: int) -> list[tuple[str, int, int]]:
        position = child.client.at(child.file, 4, character)
        return places(child.client.ask("textDocument/definition", position))

    line = "    return b.LIMIT, é, b2".encode()
    assert found(line.index(b"b.LIMIT")) == [("base.py", 0, 0)]
    assert found(line.index("é".encode())) == [("child.py", 3, 13)]
    assert found(line.index(b"b2")) == [("child.py", 3, 9)]


def test_a_declaration_is_the_member_that_is_overridden(child: Editor, base: Editor) -> None:
    run = at(base.file, "def run", 4)
    assert places(child.ask("declaration", "def run", 4)) == [run]


def test_implementations_are_what_overrides(child: Editor, base: Editor) -> None:
    assert places(base.ask("implementation", "def run", 4)) == [at(child.file, "def run", 4)]
    assert places(base.ask("implementation", "class Base", 6)) == [at(child.file, "class Child", 6)]
    assert places(base.ask("implementation", "def helper", 4)) == [at(base.file, "def helper", 4)]


def test_the_type_of_what_returns_one(child: Editor) -> None:
    found = child.ask("typeDefinition", "def make", 4)
    assert places(found) == [at(child.file, "class Child", 6)]


def test_references_with_and_without_the_declaration(child: Editor, base: Editor) -> None:
    without = {"context": {"includeDeclaration": False}}
    uses = places(base.ask("references", "def helper", 4, **without))
    assert uses == [
        at(base.file.with_name("__init__.py"), "helper"),
        at(child.file, "helper as"),
        at(child.file, 'helper("'),
        at(child.file, 'h("x")'),
    ]
    including = places(
        base.ask("references", "def helper", 4, context={"includeDeclaration": True})
    )
    assert including == [at(base.file, "def helper", 4), *uses]


def test_highlights_tell_reads_from_the_definition(child: Editor) -> None:
    found = child.ask("documentHighlight", "class Child", 6)
    lines = [(row["range"]["start"]["line"], row["kind"]) for row in found]
    definition = where(child.file, "class Child")[0]
    assert lines[0] == (definition, 1)
    assert len(lines) == 4


def test_hover_tells_signature_documentation_uses_and_place(base: Editor) -> None:
    text = base.ask("hover", "def run", 4)["contents"]["value"]
    for part in ("def run(self, times: int = 1)", "Run it.", "1 override", "pkg/base.py:"):
        assert part in text
    assert base.ask("hover", '"""A base', 5) is None


def test_hover_names_what_lies_outside(base: Editor) -> None:
    assert "os.path.join" in base.ask("hover", "os.path.join", 8)["contents"]["value"]


def test_symbols_of_a_document_are_nested(child: Editor) -> None:
    found = child.about("documentSymbol")
    assert [row["name"] for row in found] == ["Child", "make"]
    assert [row["name"] for row in found[0]["children"]] == ["run", "go"]
    for row in found:
        start, end = row["range"]["start"]["line"], row["range"]["end"]["line"]
        assert start <= row["selectionRange"]["start"]["line"] < end


def test_symbols_of_the_workspace_are_ranked(client: RawClient) -> None:
    found = client.ask("workspace/symbol", {"query": "run"})
    assert [row["name"] for row in found] == ["run", "run", "test_run"]
    assert client.ask("workspace/symbol", {"query": "no such thing"}) == []


def test_calls_both_ways(child: Editor, client: RawClient) -> None:
    (item,) = child.ask("prepareCallHierarchy", "def run", 4)
    incoming = client.ask("callHierarchy/incomingCalls", {"item": item})
    assert [(row["from"]["name"], len(row["fromRanges"])) for row in incoming] == [
        ("go", 2),
        ("test_run", 1),
    ]
    outgoing = client.ask("callHierarchy/outgoingCalls", {"item": item})
    assert [row["to"]["name"] for row in outgoing] == ["run", "helper"]


def test_types_both_ways(child: Editor, base: Editor, client: RawClient) -> None:
    (item,) = base.ask("prepareTypeHierarchy", "class Base", 6)
    below = client.ask("typeHierarchy/subtypes", {"item": item})
    assert [row["name"] for row in below] == ["Child"]
    above = client.ask("typeHierarchy/supertypes", {"item": below[0]})
    assert [row["name"] for row in above] == ["Base"]


def test_folding(child: Editor) -> None:
    first = where(child.file, "class Child")[0]
    found = child.about("foldingRange")
    assert (found[0]["startLine"], len(found)) == (first, 4)


def test_lenses_are_counted_when_they_are_seen(base: Editor, client: RawClient) -> None:
    lenses = base.about("codeLens")
    by_line = {row["range"]["start"]["line"]: row for row in lenses}
    assert all("command" not in row or row["command"] is None for row in lenses)
    run = client.ask("codeLens/resolve", by_line[where(base.file, "def run")[0]])
    assert run["command"]["title"] == "2 references · 1 override"
    listed = client.ask(
        "workspace/executeCommand",
        {"command": run["command"]["command"], "arguments": run["command"]["arguments"]},
    )
    assert len(listed) == 2


def test_renaming_is_refused_with_the_reason(child: Editor) -> None:
    for method, more in (("prepareRename", {}), ("rename", {"newName": "x"})):
        with pytest.raises(ServerError, match="does not rename") as caught:
            child.ask(method, "class Child", 6, **more)
        assert caught.value.code == -32803


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("        child.r", ["run", "never"]),
        ("        self.", ["go", "name", "never", "run", "size", "__init__"]),
        ("        pkg.base.", ["Base", "helper", "LIMIT"]),
        ("        make().s", ["size"]),
        ("        ma", ["make"]),
        ("        unknown.", []),
    ],
)
def test_completion(child: Editor, text: str, expected: list[str]) -> None:
    line = where(child.file, "child.run()")[0]
    found = child.typed("completion", line, text)
    assert [item["label"] for item in found["items"]] == expected


def test_a_completion_is_documented_when_it_is_chosen(child: Editor, client: RawClient) -> None:
    line = where(child.file, "child.run()")[0]
    found = child.typed("completion", line, "        Bas")["items"]
    chosen = client.ask("completionItem/resolve", found[0])
    assert chosen["documentation"]["value"] == "A base of things."


@pytest.mark.parametrize(
    ("text", "label", "parameter"),
    [
        ("        h(", "def helper(x)", 0),
        ("        self.run(1, ", "def run(self, times=LIMIT)", 1),
        ("        Base(name=(1, 2), ", "def __init__(self, name: str) -> None", 1),
    ],
)
def test_signatures(child: Editor, text: str, label: str, parameter: int) -> None:
    line = where(child.file, "child.run()")[0]
    found = child.typed("signatureHelp", line, text)
    assert found["signatures"][0]["label"] == label
    assert found["activeParameter"] == parameter
    assert "self" not in [row["label"] for row in found["signatures"][0]["parameters"]]


def test_answers_move_with_the_text(child: Editor, base: Editor) -> None:
    child.change(0, "# é one\n\n")
    name, line, column = at(child.file, "class Child", 6)
    _, use, start = at(child.file, 'Child("z")')
    found = child.client.ask("textDocument/definition", child.client.at(child.file, use + 2, start))
    assert places(found) == [(name, line + 2, column)]
    uses = base.ask("references", "def helper", 4, context={"includeDeclaration": False})
    moved = at(child.file, 'helper("')
    assert (moved[0], moved[1] + 2, moved[2]) in places(uses)
    assert [row["name"] for row in child.about("documentSymbol")] == ["Child", "make"]


def test_a_new_line_is_resolved_before_it_is_saved(child: Editor, base: Editor) -> None:
    line = where(child.file, "child.run()")[0]
    child.change(line, '        h("new")\n')
    found = child.client.ask("textDocument/definition", child.client.at(child.file, line, 8))
    assert places(found) == [at(base.file, "def helper", 4)]
    uses = base.ask("references", "def helper", 4, context={"includeDeclaration": False})
    assert (child.file.name, line, 8) in places(uses)


def test_a_line_that_is_deleted_refers_no_more(child: Editor, base: Editor) -> None:
    line = where(child.file, "super().run")[0] + 1
    child.change(line, "        return ''\n", 1)
    uses = base.ask("references", "def helper", 4, context={"includeDeclaration": False})
    assert [row for row in places(uses) if row[:2] == (child.file.name, line)] == []


def test_a_new_symbol_is_found_before_it_is_saved(child: Editor) -> None:
    child.change(0, "def fresh():\n    return 1\n\n\nfresh()\n")
    assert child.about("documentSymbol")[0]["name"] == "fresh"
    found = child.client.ask("textDocument/definition", child.client.at(child.file, 4, 1))
    assert places(found) == [("child.py", 0, 4)]


def test_a_save_is_indexed(own: Editor) -> None:
    text = own.file.read_text() + "\n\ndef saved():\n    return make()\n"
    own.change(len(own.file.read_text().split("\n")) - 1, "\n\ndef saved():\n    return make()\n")
    own.file.write_text(text)
    own.client.notify("textDocument/didSave", {"textDocument": {"uri": own.uri}})
    assert own.client.wait_until_indexed()["run"]["report"]["mode"] in ("incremental", "full")
    found = own.client.ask(
        "codexgraph/query", {"cypher": "MATCH (n) WHERE n.name = 'saved' RETURN n.name"}
    )
    assert found["result"]["rows"] == [["saved"]]
    assert found["stale"] == []


def test_files_that_change_outside_are_seen(own: Editor) -> None:
    new = own.file.with_name("outside.py")
    new.write_text("def came_from_outside():\n    return 1\n")
    until = time.monotonic() + 20
    while not own.client.ask("workspace/symbol", {"query": "came_from_outside"}):
        assert time.monotonic() < until, "not seen"
        time.sleep(0.05)


def test_custom_requests(child: Editor, client: RawClient) -> None:
    rows = client.ask(
        "codexgraph/query", {"cypher": "MATCH (c:CLASS) RETURN c.name AS name ORDER BY name"}
    )
    assert rows["result"]["rows"] == [["Base"], ["Child"]]
    assert rows["index"]["is_running"] is False
    child.change(0, "\n")
    position = client.at(child.file, where(child.file, "class Child")[0] + 1, 6)
    around = client.ask(
        "codexgraph/neighbourhood", {"uri": child.uri, "position": position["position"]}
    )
    assert around["stale"] == ["pkg/child.py"]
    assert around["result"]["nodes"][0]["name"] == "Child"
    assert {"source", "target", "edge", "tier"} == set(around["result"]["edges"][0])
    with pytest.raises(ServerError, match="read-only"):
        client.ask("codexgraph/query", {"cypher": "MATCH (n) DELETE n"})
    with pytest.raises(ServerError, match="no symbol is called 'Nobody'"):
        client.ask("codexgraph/neighbourhood", {"name": "Nobody"})


def test_commands(client: RawClient) -> None:
    def run(command: str, *arguments: Any) -> Any:
        params = {"command": f"codexgraph.{command}", "arguments": list(arguments)}
        return client.ask("workspace/executeCommand", params)

    assert run("status")[0]["run"]["text"] == "index up to date"
    assert run("index", {"full": True})[0]["pending"] == []
    assert client.wait_until_indexed()["run"]["report"]["mode"] == "full"
    assert run("query", {"cypher": "RETURN 1 AS one"})["result"]["rows"] == [[1]]
    assert run("showGraph", {"name": "Child"})["result"]["nodes"][0]["name"] == "Child"


def test_what_only_a_graph_can_tell_is_wrong(
    start: Callable[..., RawClient], tmp_path: Path
) -> None:
    files = {
        "pkg/__init__.py": "",
        "pkg/a.py": "import pkg.b\nimport pkg.gone\nimport sys\n\n\nclass A(pkg.b.B):\n    pass\n",
        "pkg/b.py": "import pkg.a\n\n\nclass B(pkg.a.A):\n    pass\n\n\ndef unused():\n    pass\n",
    }
    root = write_repository(tmp_path / "wrong", files)
    client = start(cwd=root)
    client.initialize(root, initializationOptions={"diagnostics": {"dead_code": True}})
    client.wait_until_indexed()

    def found(name: str) -> list[tuple[str, int]]:
        uri = client.open(root / name)
        report = client.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        return sorted((row["code"], row["range"]["start"]["line"]) for row in report["items"])

    assert found("pkg/a.py") == [
        ("cyclic-inheritance", 5),
        ("import-cycle", 0),
        ("unresolved-import", 1),
    ]
    assert found("pkg/b.py") == [("cyclic-inheritance", 3), ("dead-code", 7), ("import-cycle", 0)]


def test_several_folders_are_several_graphs(
    start: Callable[..., RawClient], repository: Path, tmp_path: Path
) -> None:
    other = write_repository(tmp_path / "other", {"solo.py": "def run_alone():\n    pass\n"})
    client = start()
    client.initialize(repository, other)
    client.wait_until_indexed()
    names = {row["name"] for row in client.ask("workspace/symbol", {"query": "run"})}
    assert {"run", "run_alone"} <= names
    with pytest.raises(ServerError, match="several folders"):
        client.ask("codexgraph/query", {"cypher": "RETURN 1"})
    folder = {"uri": other.as_uri(), "name": "other"}
    client.notify(
        "workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [folder]}}
    )
    names = {row["name"] for row in client.ask("workspace/symbol", {"query": "run"})}
    assert "run_alone" not in names


def test_a_file_without_a_folder_brings_its_repository(
    start: Callable[..., RawClient], tmp_path: Path
) -> None:
    root = write_repository(tmp_path / "alone")
    client = start(cwd=root)
    client.initialize()
    file = root / "pkg/child.py"
    client.open(file)
    client.wait_until_indexed()
    found = client.ask("textDocument/definition", client.at(file, *where(file, "h(")))
    assert [name for name, _, _ in places(found)] == ["base.py"]
