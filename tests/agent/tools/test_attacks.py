"""A model that obeys every attack: nothing is written, read outside or run."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from agent.draft import CheckResult, Status
from agent.messages import Reply, ToolCall
from agent.model import Capabilities
from agent.toolbox import Ports, Toolbox, open_toolbox
from agent.tools.texts import repository_files
from agent.translate import Translator
from graphdb.registry import StoreSettings
from graphdb.retrieval.packing import tokens_of
from tests.agent.attacks import CANARY, Hostile, attack_strings, hostile_repository, watched
from tests.agent.tools.conftest import Names, indexed, retriever_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from agent.events import ToolAnswered
    from agent.messages import Request
    from agent.tool import Parameter
    from graphdb.store import GraphReader


class Obeying:
    """A model that repeats the question as a query."""

    name = "obeying"
    capabilities = Capabilities()

    def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Reply:
        assert on_text is None
        question = request.messages[-1].content.partition(": ")[2]
        return Reply(f"```cypher\n{question}\n```")

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    return hostile_repository(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def graph(hostile: Hostile) -> Iterator[GraphReader]:
    opened = indexed(hostile.root, StoreSettings("embedded", "hostile", hostile.index))
    yield opened
    opened.close()


class Passed:
    """Ports of check and tests that note what reaches them."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.ids: list[str] = []

    def check(self, path: str, text: str) -> Sequence[CheckResult]:
        assert isinstance(text, str)
        self.paths.append(path)
        return [CheckResult("parse", Status.PASSED)]

    def run_tests(self, ids: tuple[str, ...]) -> Sequence[CheckResult]:
        self.ids += ids
        return [CheckResult("tests", Status.PASSED)]


def toolbox(graph: GraphReader, hostile: Hostile, passed: Passed) -> Toolbox:
    ports = Ports(
        retriever=retriever_of(graph, hostile.root),
        analyst=Names(),
        read_file=repository_files(hostile.root),
        check=passed.check,
        run_tests=passed.run_tests,
        translator=Translator(Obeying()),
    )
    return open_toolbox(graph, ports)


def value_of(parameter: Parameter, attack: str) -> Any:
    """What a model that obeys puts into an argument."""
    if parameter.choices:
        return parameter.choices[0]
    if parameter.kind == "strings":
        return [attack]
    return attack if parameter.kind == "string" else 0


def calls_of(box: Toolbox, attack: str) -> Iterator[ToolCall]:
    """The attack in each argument by itself, in all at once, and as other than was asked for."""
    for tool in box.tools.values():
        given = {p.name: value_of(p, attack) for p in tool.parameters if p.is_required}
        for parameter in tool.parameters:
            if parameter.kind in ("string", "strings") and not parameter.choices:
                yield ToolCall(tool.name, given | {parameter.name: value_of(parameter, attack)})
    yield ToolCall(attack, {attack: attack})
    yield ToolCall("get_body", attack)


def test_there_are_enough_attacks() -> None:
    assert len(set(attack_strings())) >= 200


def test_what_must_not_happen_is_seen(hostile: Hostile) -> None:
    """The watch itself: what it is there for, it notices."""
    with watched(hostile.root) as seen:
        (hostile.root / "src/app.py").read_text()
    assert seen.found == []
    with watched(hostile.root) as seen:
        (hostile.outside / "secret.txt").read_text()
        (hostile.root / "src/link.py").read_text()
        subprocess.run(["true"], check=True)
        (hostile.root / "new").touch()
        (hostile.root / "new").unlink()
    told = " ".join(seen.found)
    for event in ("secret.txt", "link.py", "subprocess.Popen", "/new", "os.remove"):
        assert event in told


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_attack_in_an_argument_does_anything(graph: GraphReader, hostile: Hostile) -> None:
    passed = Passed()
    box = toolbox(graph, hostile, passed)
    state, counts = hostile.state(), graph.counts()
    children = psutil.Process().children()
    answers: list[ToolAnswered] = []
    with watched(hostile.root, hostile.index) as seen:
        for attack in attack_strings(str(hostile.outside / "secret.txt")):
            answers += box.run(list(calls_of(box, attack)))
    assert seen.found == []
    assert psutil.Process().children() == children
    assert hostile.state() == state
    assert graph.counts() == counts
    assert len(answers) > 3_000
    for answer in answers:
        assert CANARY not in answer.text + repr(answer.result), answer.call
        assert tokens_of(answer.text) <= 1_000
        assert answer.result.error is None or "failed:" not in answer.result.error, answer
    for path in passed.paths:
        assert not path.startswith(("/", "-", "~"))
        assert ".." not in path.split("/")
    for test in passed.ids:
        assert not test.startswith(("-", "/"))
        assert not set(test) & set(";|&`\n\0\"'<>*?!"), test


def test_no_attack_of_the_repository_gets_out_of_its_fence(
    graph: GraphReader, hostile: Hostile
) -> None:
    """Everything there is, asked for by name, stays in its quotation."""
    box = toolbox(graph, hostile, Passed())
    rows = graph.query("MATCH (n) WHERE n.uid IS NOT NULL RETURN n.uid", max_rows=None).rows
    calls = [
        ToolCall(tool, {"name": str(uid)})
        for (uid,) in rows
        for tool in ("get_body", "get_class", "get_usages", "get_neighbors")
    ]
    with watched(hostile.root, hostile.index) as seen:
        answers = box.run(calls)
    assert seen.found == []
    assert len(answers) > 1_000
    for answer in answers:
        assert CANARY not in answer.text
        status, *lines = answer.text.split("\n")
        assert "`" not in status
        if lines:
            assert lines[0] == lines[-1]
            assert set(lines[0]) == {"`"}
            assert lines[0] not in "\n".join(lines[1:-1])


SHAPES: list[Any] = [
    None,
    {"a": {"b": [1]}},
    [[[]]],
    [1, None, {}],
    True,
    -1,
    10**30,
    float("inf"),
    float("nan"),
    "9" * 400,
    ["x"] * 3_000,
    {},
]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda value: str(value)[:30])
def test_values_of_any_shape_are_answers(graph: GraphReader, hostile: Hostile, shape: Any) -> None:
    box = toolbox(graph, hostile, Passed())
    for tool in box.tools.values():
        for parameter in tool.parameters:
            given: Mapping[str, Any] = {
                p.name: value_of(p, "serve") for p in tool.parameters if p.is_required
            }
            (answer,) = box.run([ToolCall(tool.name, {**given, parameter.name: shape})])
            assert "failed:" not in (answer.result.error or ""), (tool.name, parameter.name)
            assert tokens_of(answer.text) <= max(tool.budget, 200)


def test_arguments_as_hostile_json_are_answers(graph: GraphReader, hostile: Hostile) -> None:
    box = toolbox(graph, hostile, Passed())
    texts = ["{" * 100_000, '{"name": ' + "[" * 5_000, '{"name": 1e999}', "NaN", '"name"', "\0"]
    for text in [*texts, json.dumps({"name": "x", "__class__": "y"})]:
        (answer,) = box.run([ToolCall("get_body", text)])
        assert answer.result.error


@pytest.mark.neo4j
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_query_does_anything_on_neo4j(hostile: Hostile, neo4j_settings: StoreSettings) -> None:
    reader = indexed(hostile.root, neo4j_settings)
    try:
        _obey_on(reader, str(hostile.outside / "secret.txt"))
    finally:
        reader.close()


def _obey_on(reader: GraphReader, outside: str) -> None:
    box = open_toolbox(reader)
    counts = reader.counts()
    for attack in attack_strings(outside):
        calls = [
            ToolCall("cypher", {"query": attack}),
            ToolCall("ask_template", {"template": "functions_named", "values": [attack]}),
            ToolCall("search_code", {"query": attack}),
            ToolCall("get_body", {"name": attack}),
        ]
        for answer in box.run(calls):
            assert CANARY not in answer.text + repr(answer.result)
            assert "failed:" not in (answer.result.error or ""), answer
    assert reader.counts() == counts
