"""The Python suites on tiny repositories: what counts as found, and what is judged."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from benchmarks.accuracy import definitions, dynamic, macro
from benchmarks.accuracy.dependeval import order, split_content
from benchmarks.accuracy.dependeval import run as run_dependeval
from benchmarks.accuracy.frames import Frames
from benchmarks.accuracy.micro import python_case, run_python
from benchmarks.accuracy.records import Program
from benchmarks.accuracy.scip_calls import calls_in
from benchmarks.accuracy.score import score
from benchmarks.accuracy.sources import truth_root
from benchmarks.accuracy.truth.files import write_jsonl

if TYPE_CHECKING:
    from pathlib import Path

CODE = """\
import functools


class Base:
    def run(self):
        return self.step()

    def step(self):
        return 1

    @property
    def size(self):
        return 2


class Child(Base):
    def step(self):
        return super().step() + self.size


def traced(function):
    @functools.wraps(function)
    def wrapper():
        return function()

    return wrapper


def start():
    return [Child().run() for _ in range(1)]
"""


def test_a_micro_program_counts_its_own_functions_only(tmp_path: Path) -> None:
    files = {"main.py": "def f():\n    return len([])\n\ndef g():\n    f()\n\nf()\n"}
    truth = {"main": ["main.f", "<builtin>.len"], "main.f": ["<builtin>.len"]}
    path = tmp_path / "micro.jsonl"
    write_jsonl(path, [{"category": "c", "name": "n", "files": files, "callgraph": truth}])
    (case,) = run_python([path], None).cases
    assert [row.pair for row in case.wanted] == [("main", "main.f")]
    assert [row.pair for row in case.predictions] == [("main", "main.f")], "main.g is no key"
    assert case.predictions[0].is_right


def test_a_missing_and_a_wrong_edge_are_seen() -> None:
    text = "def f():\n    pass\n\ndef g():\n    pass\n\ng()\n"
    truth: dict[str, list[str]] = {"main": ["main.f"], "main.f": [], "main.g": []}
    case = python_case(Program("c", "n", {"main.py": text}, truth))
    scores = score([case]).levels["all"]
    assert (scores.precision, scores.recall) == (0.0, 0.0)


def test_a_call_in_a_lambda_is_the_lambdas() -> None:
    text = "def f():\n    pass\n\ndef g():\n    h = lambda: f()\n    h()\n"
    truth: dict[str, list[str]] = {"main.g": [], "main.g.<lambda1>": ["main.f"], "main.f": []}
    case = python_case(Program("c", "n", {"main.py": text}, truth))
    assert [p.pair for p in case.predictions] == [("main.g.<lambda1>", "main.f")]


def test_frames_are_named_as_the_graph_names_functions() -> None:
    frames = Frames({"m.py": CODE.encode()})
    assert frames.name("m.py", "start.<locals>.<listcomp>") == "m.py:start"
    assert frames.name("m.py", "<module>") == "m.py:"
    assert frames.is_wrapper("m.py:traced.wrapper")
    assert not frames.is_wrapper("m.py:traced")
    assert frames.is_silent("m.py", "Child")
    assert frames.is_silent("m.py", "start.<locals>.<listcomp>", called=True)
    assert not frames.is_silent("m.py", "start.<locals>.<listcomp>")
    assert frames.category("m.py:Base.size") == "property"
    assert frames.category("m.py:Base.run") == "method"
    assert frames.graph_name("m.py", "f.<lambda2>") == frames.name("m.py", "f.<locals>.<lambda>")


def test_update_wrapper_makes_a_wrapper_too() -> None:
    code = b"def deco(f):\n    def inner():\n        f()\n    return update_wrapper(inner, f)\n"
    assert Frames({"m.py": code}).is_wrapper("m.py:deco.inner")


def _call(caller: str, line: int, callee: str, **more: object) -> dict[str, object]:
    row = {"caller": caller, "caller_file": "pkg/m.py", "line": line, "indirect": 0}
    return row | {"callee": callee, "callee_file": "pkg/m.py"} | more


def test_observed_calls(tmp_path: Path) -> None:
    root = tmp_path / "repos" / "sample" / "src" / "pkg"
    root.mkdir(parents=True)
    (root / "m.py").write_text(CODE)
    data = tmp_path / "dynamic-sample.jsonl"
    write_jsonl(
        data,
        [
            _call("start", 30, "start.<locals>.<listcomp>"),
            _call("start.<locals>.<listcomp>", 30, "Base.run"),
            _call("Base.run", 6, "Child.step"),
            _call("Child.step", 18, "Base.step"),
            _call("Child.step", 18, "Base.size"),
            _call("<module>", 16, "Child"),
            _call("Base.run", 6, "Base.size", indirect=1),
        ],
    )
    (case,) = dynamic.run([data], tmp_path / "repos").cases
    callees = {row.pair[1].partition(":")[2]: row.category for row in case.wanted}
    assert callees == {
        "Base.run": "method",
        "Child.step": "method",
        "Base.step": "method",
        "Base.size": "property",
    }
    judged = {row.pair: row.is_right for row in case.predictions if row.is_right is not None}
    assert judged["pkg/m.py:start", "pkg/m.py:Base.run"] is True
    assert judged["pkg/m.py:Base.run", "pkg/m.py:Base.step"] is False, "the line ran another"
    assert judged["pkg/m.py:Child.step", "pkg/m.py:Base.size"] is True
    unseen = [row for row in case.predictions if row.pair[0] == "pkg/m.py:traced.wrapper"]
    assert all(row.is_right is None for row in unseen), "the line never ran"


def test_an_application_by_names(tmp_path: Path) -> None:
    root = tmp_path / "repos" / "app" / "app"
    root.mkdir(parents=True)
    (root / "__init__.py").write_text("from app.m import start\n\nstart()\n")
    (root / "m.py").write_text(CODE)
    truth = {
        "app": ["app.m", "app.m.start"],
        "app.m.Child.step": ["app.m.Base.step"],
        "app.m.Base.run": ["app.m.Base.step"],
        "app.m.start": ["app.m.Base.run", "<builtin>.range"],
    }
    data = tmp_path / "app.json"
    data.write_text(json.dumps(truth))
    (case,) = macro.run([data], tmp_path / "repos").cases
    assert len(case.wanted) == 4, "modules and builtins are no callees"
    apart, judged = (score([case], implicit_apart=apart) for apart in (True, False))
    assert apart.levels["inferred"].precision == 1.0
    assert (judged.levels["inferred"].precision or 0) < 1.0, "the property is not in this truth"


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("scip-python python p 1 `p.m`/C#run().", ("C.run", "function")),
        ("scip-python python p 1 `p.m`/C#", ("C", "class")),
        ("scip-python python p 1 `p.m`/C#size.", ("C.size", "field")),
        ("scip-python python p 1 `p.m`/LIMIT.", ("LIMIT", "variable")),
        ("scip-python python p 1 m/f().", ("f", "function")),
    ],
)
def test_names_of_scip_symbols(symbol: str, name: tuple[str, str]) -> None:
    assert definitions.names_of(symbol) == name


def _occurrence(line: int, col: int, kind: str, symbol: str, target: object) -> dict[str, object]:
    text = f"scip-python python p 1 `m`/{symbol}"
    place = {"path": "m.py", "line": line, "col": col, "kind": kind}
    return place | {"symbol": text, "target": target}


def test_references_lead_to_definitions(tmp_path: Path) -> None:
    root = tmp_path / "repos" / "sample"
    root.mkdir(parents=True)
    code = "class C:\n    def run(self):\n        return 1\n\ndef f(c: C):\n    return c.run()\n"
    (root / "m.py").write_text(code)
    data = tmp_path / "scip-sample.jsonl"
    write_jsonl(
        data,
        [
            _occurrence(1, 6, "def", "C#", ["m.py", 1, 6]),
            _occurrence(2, 8, "def", "C#run().", ["m.py", 2, 8]),
            _occurrence(5, 9, "ref", "C#", ["m.py", 1, 6]),
            _occurrence(6, 13, "ref", "C#run().", ["m.py", 2, 8]),
            _occurrence(6, 11, "ref", "f().(c)", ["m.py", 5, 6]),
        ],
    )
    (case,) = definitions.run([data], tmp_path / "repos").cases
    assert {row.where for row in case.wanted} == {"m.py:5:9", "m.py:6:13"}
    levels = score([case]).levels["inferred"]
    assert (levels.precision, levels.recall) == (1.0, 1.0)


def test_a_reference_to_the_wrong_symbol_is_wrong(tmp_path: Path) -> None:
    root = tmp_path / "repos" / "sample"
    root.mkdir(parents=True)
    (root / "m.py").write_text("def f():\n    pass\n\ndef g():\n    pass\n\nf()\n")
    data = tmp_path / "scip-sample.jsonl"
    write_jsonl(data, [_occurrence(7, 0, "ref", "g().", ["m.py", 4, 4])])
    (case,) = definitions.run([data], tmp_path / "repos").cases
    levels = score([case]).levels["all"]
    assert (levels.precision, levels.recall) == (0.0, 0.0)


def test_calls_that_an_index_implies(tmp_path: Path) -> None:
    root = tmp_path / "repos" / "sample"
    root.mkdir(parents=True)
    code = (
        "class C:\n    def run(self):\n        return 1\n\n"
        "def f(c: C, other):\n    other()\n    return c.run()\n\n"
        "def g():\n    f(C(), print)\n    len([])\n"
    )
    (root / "m.py").write_text(code)
    data = tmp_path / "scip-sample.jsonl"
    rows = [
        _occurrence(5, 7, "ref", "C#", ["m.py", 1, 6]),
        _occurrence(7, 13, "ref", "C#run().", ["m.py", 2, 8]),
        _occurrence(10, 4, "ref", "f().", ["m.py", 5, 4]),
        _occurrence(10, 6, "ref", "C#", ["m.py", 1, 6]),
        _occurrence(11, 4, "ref", "len().", None),
    ]
    write_jsonl(data, rows)
    calls = definitions.run([data], tmp_path / "repos").extra["calls"]["inferred"]
    assert (calls["found"], calls["wanted"]) == (3, 3), "an annotation is no call"
    assert (calls["right"], calls["judged"]) == (3, 3), "what other() runs is not told"
    rows[2] = _occurrence(10, 4, "ref", "h().", None)
    write_jsonl(data, rows)
    calls = definitions.run([data], tmp_path / "repos").extra["calls"]["inferred"]
    assert (calls["right"], calls["judged"], calls["wanted"]) == (2, 3, 2)


def test_calls_are_where_their_names_are() -> None:
    code = b"@deco(a.b)\ndef f(x=make()):\n    return [y.z(1) for y in x]\n\n"
    code += b"class C(base()):\n    pass\n"
    assert set(calls_in("m.py", code)) == {
        ("m.py:1:1", "m.py:"),
        ("m.py:2:8", "m.py:"),
        ("m.py:3:14", "m.py:f"),
        ("m.py:5:8", "m.py:"),
    }


def test_the_truth_begins_at_some_folder() -> None:
    files = ["src/pkg/a.py", "src/pkg/b.py", "tests/pkg/a.py"]
    assert truth_root(files, {"pkg/a.py", "pkg/b.py"}) == "src/"
    assert truth_root(files, {"src/pkg/a.py"}) == ""


def test_a_missing_repository_is_a_reason_and_no_zero(tmp_path: Path) -> None:
    data = tmp_path / "dynamic-sample.jsonl"
    write_jsonl(data, [_call("f", 1, "g")])
    outcome = dynamic.run([data], tmp_path)
    assert outcome.cases == []
    assert "no folder in" in outcome.skipped[0]


def _order_record(gold: list[str], texts: dict[str, str]) -> dict[str, object]:
    content = "\n".join(f"'{name}'\n:{text}" for name, text in texts.items())
    return {
        "files": [f"'{name}'" for name in texts],
        "content": content,
        "gt": [f"'{name}'" for name in gold],
    }


def test_dependency_order(tmp_path: Path) -> None:
    texts = {
        "repo/pkg/app.py": "from pkg import model\n\nmodel.load()\n",
        "repo/pkg/model.py": "from pkg.store import read\n\ndef load():\n    return read()\n",
        "repo/pkg/store.py": "def read():\n    return 1\n",
    }
    gold = ["repo/pkg/store.py", "repo/pkg/model.py", "repo/pkg/app.py"]
    data = tmp_path / "dr_python.jsonl"
    lacking = _order_record([*gold, "repo/pkg/gone.py"], texts)
    write_jsonl(data, [_order_record(gold, texts), _order_record(gold[::-1], texts), lacking])
    outcome = run_dependeval([data], None)
    assert len(outcome.cases) == 2
    assert outcome.skipped == ["dr_python.jsonl record 3: no content of pkg/gone.py"]
    found = outcome.extra["order"]["python"]
    assert found == {"n": 2, "order_consistency": 0.5, "exact_order": 0.5}
    right = score(outcome.cases[:1]).levels["all"]
    assert (right.precision, right.recall) == (1.0, 1.0)


def test_content_is_cut_where_the_paths_stand() -> None:
    text = "'a/x.py'\n:one 'b/y.py'\n'b/y.py'\n:two\n"
    assert split_content(text, ["a/x.py", "b/y.py", "c.py"]) == {
        "a/x.py": "one 'b/y.py'\n",
        "b/y.py": "two\n",
    }


def test_order_without_a_hint_is_as_given() -> None:
    assert order(["a", "b", "c"], {("a", "c")}) == ["b", "c", "a"]
    assert order(["a", "b"], {("a", "b"), ("b", "a")}) == ["a", "b"]
