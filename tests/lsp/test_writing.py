"""What a language model writes, as an editor sees it: over HTTP, in a server of its own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from agent.draft import Edit
from lsp.text import split_lines
from lsp.writing import changed_region, inserted
from tests.agent.endpoint import MODEL, Answer, Endpoint, Seen, fails, says, streams
from tests.lsp.conftest import indexed, where
from tests.lsp.raw_client import RawClient, Refusal, ServerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BASE = "pkg/base.py"
CAPABILITIES = {
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {"codeAction": {"disabledSupport": True}},
    "workspace": {
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]},
    },
}
COMMENTED = (
    '```python\ndef helper(x):\n    """The name of what a base runs to."""\n'
    "    return Base(x).run().name\n```"
)
TESTS = (
    "```python\nfrom pkg.base import helper\n\n\ndef test_helper():\n"
    '    assert helper("a") == "a"\n```'
)
CLASS = "```python\nclass Leaf(Base):\n    def run(self, times=2):\n        return self\n```"


@pytest.fixture
def model() -> Iterator[Endpoint]:
    with Endpoint(says("nothing")) as endpoint:
        yield endpoint


@pytest.fixture
def editor(start: Callable[..., RawClient], repository: Path, model: Endpoint) -> RawClient:
    """An editor on an indexed repository, with a model."""
    indexed(repository)
    client = start(CODEXGRAPH_MODEL_BASE_URL=model.base_url, CODEXGRAPH_MODEL_NAME=MODEL)
    client.replies["workspace/applyEdit"] = {"applied": True}
    client.initialize(repository, capabilities=CAPABILITIES)
    client.wait_until_indexed()
    return client


def reply(model: Endpoint, text: str) -> None:
    """What the model says from now on; it calls no tool."""
    model.always(says(text))


def actions(
    client: RawClient, file: Path, line: int, character: int = 0, end: tuple[int, int] | None = None
) -> dict[str, dict[str, Any]]:
    at = {"line": line, "character": character}
    last = {"line": end[0], "character": end[1]} if end else at
    params = {
        "textDocument": {"uri": file.as_uri()},
        "range": {"start": at, "end": last},
        "context": {"diagnostics": []},
    }
    found = client.ask("textDocument/codeAction", params)
    return {action["title"].removeprefix("codexgraph: "): action for action in found}


def run(client: RawClient, action: dict[str, Any]) -> None:
    command = action["command"]
    params = {"command": command["command"], "arguments": command["arguments"]}
    assert client.ask("workspace/executeCommand", params) is None


def begin(client: RawClient, file: Path, text: str, title: str) -> str:
    """Open a file and run the action of a title on the definition that begins with a text."""
    line, _ = where(file, text)
    uri = client.open(file)
    run(client, actions(client, file, line)[title])
    return uri


def progress(client: RawClient, kind: str, name: str, text: str) -> str:
    """The token of the first progress of a kind that says something."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for message in list(client.said):
            value = message["params"].get("value", {}) if message["method"] == "$/progress" else {}
            if (value.get("kind"), value.get(name)) == (kind, text):
                return message["params"]["token"]
        time.sleep(0.01)
    pytest.fail(f"no progress says {text}: {client.said}")


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    """A text after an editor's edits, of which there is one."""
    [edit] = edits
    lines = split_lines(text)
    start, end = edit["range"]["start"], edit["range"]["end"]
    head = "".join(lines[: start["line"]]) + lines[start["line"]][: start["character"]]
    tail = lines[end["line"]][end["character"] :] + "".join(lines[end["line"] + 1 :])
    return head + edit["newText"] + tail


def test_a_docstring_is_written_into_an_open_document(
    editor: RawClient, repository: Path, model: Endpoint
) -> None:
    file = repository / BASE
    reply(model, COMMENTED)
    uri = begin(editor, file, "def helper", "Write docstring for helper")
    params = editor.wait_for("workspace/applyEdit")
    assert params["label"] == "codexgraph: Write docstring for helper"
    text = applied(file.read_text(), params["edit"]["changes"][uri])
    assert text == file.read_text().replace(
        "def helper(x):\n", 'def helper(x):\n    """The name of what a base runs to."""\n'
    )
    token = progress(editor, "begin", "title", "codexgraph: Write docstring for helper")
    assert progress(editor, "end", "message", "done") == token


def test_tests_come_as_a_new_file(editor: RawClient, repository: Path, model: Endpoint) -> None:
    file = repository / BASE
    uri = editor.open(file)
    reply(model, TESTS)
    lenses = editor.ask("textDocument/codeLens", {"textDocument": {"uri": uri}})
    line, _ = where(file, "def helper")
    [lens] = [
        lens for lens in lenses if lens.get("command") and lens["range"]["start"]["line"] == line
    ]
    assert lens["command"]["title"] == "generate tests"
    run(editor, lens)
    create, edit = editor.wait_for("workspace/applyEdit")["edit"]["documentChanges"]
    assert create["kind"] == "create"
    assert create["uri"] == edit["textDocument"]["uri"]
    assert create["uri"].endswith("test_base.py")
    assert "def test_helper():" in edit["edits"][0]["newText"]


def test_a_class_is_written_from_what_is_selected(
    editor: RawClient, repository: Path, model: Endpoint
) -> None:
    file = repository / BASE
    text = file.read_text() + "\n# A leaf: é漢😀 a base that runs twice.\n"
    last = len(split_lines(text)) - 2
    uri = editor.open(file, text)
    reply(model, CLASS)
    assert actions(editor, file, last)["Generate class"]["disabled"]["reason"].startswith("select")
    found = actions(editor, file, last, 2, (last, 14))["Generate class"]
    assert found["command"]["arguments"][0]["text"] == "A leaf: é漢😀"
    run(editor, found)
    edits = editor.wait_for("workspace/applyEdit")["edit"]["changes"][uri]
    after = applied(text, edits)
    assert "class Leaf(Base):" in after
    assert "# A leaf: é漢😀 a base that runs twice." in after


def test_an_explanation_is_shown(editor: RawClient, repository: Path, model: Endpoint) -> None:
    reply(model, "It returns itself, see pkg/base.py:13.")
    begin(editor, repository / BASE, "def run", "Explain run")
    shown = editor.wait_for("window/showDocument")["uri"]
    assert shown.endswith("/.codexgraph/explanation.md")
    said = (repository / ".codexgraph" / "explanation.md").read_text()
    assert said.startswith("# Explain run\n\nIt returns itself")


def test_what_does_not_pass_is_not_written(
    editor: RawClient, repository: Path, model: Endpoint
) -> None:
    reply(model, "```python\ndef helper(x:\n```")
    begin(editor, repository / BASE, "def helper", "Write docstring for helper")
    message = editor.wait_for("window/showMessage")["message"]
    assert message.startswith("codexgraph: Write docstring for helper: nothing was written")
    assert not [m for m in editor.said if m["method"] == "workspace/applyEdit"]


def test_a_model_that_fails_is_told(editor: RawClient, repository: Path, model: Endpoint) -> None:
    model.always(fails(401, "no such key"))
    begin(editor, repository / BASE, "def helper", "Explain helper")
    assert "no such key" in editor.wait_for("window/showMessage")["message"]


def test_an_edited_file_is_to_be_saved_first(editor: RawClient, repository: Path) -> None:
    file = repository / BASE
    line, _ = where(file, "def helper")
    editor.open(file, "\n" + file.read_text())
    found = actions(editor, file, line + 1)["Write docstring for helper"]
    with pytest.raises(ServerError, match=r"save pkg/base\.py first"):
        run(editor, found)


def test_a_file_that_changes_meanwhile_is_left_alone(
    editor: RawClient, repository: Path, model: Endpoint
) -> None:
    file = repository / BASE

    def answer(seen: Seen) -> Answer:
        change = {"text": "# new\n" + file.read_text()}
        document = {"uri": file.as_uri(), "version": 2 + len(model.requests)}
        params = {"textDocument": document, "contentChanges": [change]}
        editor.notify("textDocument/didChange", params)
        return says(COMMENTED)

    model.always(answer)
    begin(editor, file, "def helper", "Write docstring for helper")
    assert "pkg/base.py has changed meanwhile" in editor.wait_for("window/showMessage")["message"]


def test_a_run_can_be_cancelled(editor: RawClient, repository: Path, model: Endpoint) -> None:
    model.always(streams(*[b": wait\n\n", 0.2] * 100))
    begin(editor, repository / BASE, "def helper", "Explain helper")
    while not model.requests:
        time.sleep(0.01)
    token = progress(editor, "begin", "title", "codexgraph: Explain helper")
    editor.notify("window/workDoneProgress/cancel", {"token": token})
    assert progress(editor, "end", "message", "cancelled") == token
    assert editor.stop() == 0


def test_a_client_that_shows_no_progress_has_its_edit(
    editor: RawClient, repository: Path, model: Endpoint
) -> None:
    editor.replies["window/workDoneProgress/create"] = Refusal()
    reply(model, COMMENTED)
    begin(editor, repository / BASE, "def helper", "Write docstring for helper")
    assert editor.wait_for("workspace/applyEdit")["edit"]
    shown = [m["params"]["value"] for m in editor.said if m["method"] == "$/progress"]
    assert not [value for value in shown if "docstring" in value.get("title", "")]


def suggestion(client: RawClient, file: Path, line: int, character: int) -> Any:
    params = {**client.at(file, line, character), "context": {"triggerKind": 1}}
    return client.ask("textDocument/inlineCompletion", params)


def test_a_suggestion_at_the_cursor(editor: RawClient, repository: Path, model: Endpoint) -> None:
    file = repository / BASE
    text = file.read_text() + '\nwide = "é😀"; made = \n'
    line = len(split_lines(text)) - 2
    editor.open(file, text)
    column = len('wide = "é😀"; made = '.encode("utf-16-le")) // 2
    reply(model, "```python\nhelper(wide)\n```")
    [item] = suggestion(editor, file, line, column)["items"]
    assert item["insertText"] == "helper(wide)"
    assert item["range"]["start"] == {"line": line, "character": column}
    prompts = str(model.bodies[-1]["messages"])
    assert "made = " in prompts, "the text as it is being edited"
    assert len([b for b in model.bodies if "messages" in b]) == 1, "no tools, one draft"


def test_a_suggestion_that_breaks_the_file_is_none(
    editor: RawClient, repository: Path, model: Endpoint
) -> None:
    file = repository / BASE
    line, _ = where(file, "LIMIT = 3")
    editor.open(file)
    reply(model, "```python\n) (\n```")
    assert suggestion(editor, file, line, len("LIMIT = 3")) is None
    model.always(fails(500))
    assert suggestion(editor, file, line, len("LIMIT = 3")) is None


def test_nothing_is_offered_without_a_model(
    start: Callable[..., RawClient], repository: Path
) -> None:
    client = start(cwd=indexed(repository))
    result = client.initialize(repository, capabilities=CAPABILITIES)
    assert "inlineCompletionProvider" not in result["capabilities"]
    client.wait_until_indexed()
    file = repository / BASE
    client.open(file)
    found = actions(client, file, 4)
    assert {a["disabled"]["reason"] for a in found.values()} == {"no language model is set up"}
    lenses = client.ask("textDocument/codeLens", {"textDocument": {"uri": file.as_uri()}})
    assert not [lens for lens in lenses if lens.get("command")]
    arguments = [{"job": "test", "uri": file.as_uri(), "uid": "python:pkg/base.py:helper"}]
    params = {"command": "codexgraph.write", "arguments": arguments}
    with pytest.raises(ServerError, match="no language model is set up"):
        client.ask("workspace/executeCommand", params)
    with pytest.raises(ServerError):
        suggestion(client, file, 4, 0)


def test_it_is_advertised_with_a_model(editor: RawClient, repository: Path) -> None:
    del repository
    result = editor.initialized
    assert result["capabilities"]["inlineCompletionProvider"] == {}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "a\n"),
        ("a", "a\nb"),
        ("a\n", "a\nb\n"),
        ("a\nb\nc\n", "a\nc\n"),
        ("a\nb\nc", "x\nb\ny"),
        ("a\na\na\n", "a\na\n"),
        ("a\r\nb\r\n", "a\r\nc\r\nb\r\n"),
    ],
)
def test_the_lines_that_differ(before: str, after: str) -> None:
    region = changed_region(before, after)
    assert region is not None
    lines = split_lines(before)
    assert "".join([*lines[: region.first], region.text, *lines[region.last :]]) == after
    assert changed_region(after, after) is None


def test_what_an_edit_inserts() -> None:
    assert inserted(Edit("a.py", "one three", "one two three"), 4) == "two "
    assert inserted(Edit("a.py", "one three", "one two three"), 0) is None
    assert inserted(Edit("a.py", "one three", "one"), 3) is None
    assert inserted(Edit("a.py", "one", "one"), 3) is None
