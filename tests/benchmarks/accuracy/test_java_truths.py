"""The Java suites: names of a truth find methods, and calls are compared overload by overload."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.accuracy import javac, swarm_java
from benchmarks.accuracy.graph import link_files
from benchmarks.accuracy.java_names import JavaNames, Method, parse, signature_types
from benchmarks.accuracy.score import score
from benchmarks.accuracy.truth.files import write_jsonl, write_lines

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """\
package app;

import java.util.List;

public class Main {
    private int size;

    void go(Box<String> box) {
        put("a");
        put("b");
        put(size);
        new Part();
        box.get();
    }

    void put(String text) {}

    void put(int number) {}

    @Deprecated
    void put(List<String> many) {}

    static class Part extends Base {}
}

class Base {}

class Box<T> {
    T get() {
        return null;
    }
}
"""


@pytest.mark.parametrize(
    ("name", "separator", "method"),
    [
        ("a.B:run()", ":", Method("a.B", "run", ())),
        ("a.B$C:run(java.lang.String[],int)", ":", Method("a.B.C", "run", ("String[]", "int"))),
        ("a.B#<init>(java.util.Map)", "#", Method("a.B", "<init>", ("Map",))),
        ("a.B$1#run()", "#", Method("a.B.1", "run", ())),
        ("a.B", ":", None),
    ],
)
def test_names_of_a_truth(name: str, separator: str, method: Method | None) -> None:
    assert parse(name, separator) == method


@pytest.mark.parametrize(
    ("signature", "types"),
    [
        ("void run()", ()),
        ("public static void run(final String[] names, int... more)", ("String[]", "int[]")),
        ("<K, V> V run(@Nullable Map<K, List<V>> map, java.util.Set<K> keys)", ("Map", "Set")),
        ("int run(int values[])", ("int[]",)),
        ("Point", None),
    ],
)
def test_types_of_a_head(signature: str, types: tuple[str, ...] | None) -> None:
    assert signature_types(signature, "run") == types


def test_overloads_are_found_by_their_types() -> None:
    graph = link_files({"app/Main.java": SOURCE.encode()})
    names = JavaNames(graph)

    def line(name: str) -> int:
        method = parse(name, ":")
        uid = names.find(method) if method else None
        return int(str(graph.nodes[uid].properties["name_line"])) if uid else 0

    assert line("app.Main:put(java.lang.String)") == 16
    assert line("app.Main:put(int)") == 18
    assert line("app.Main:put(java.util.List)") == 21
    assert line("app.Main$Part:<init>()") == 23, "nobody wrote it: the class"
    assert line("app.Main:put()") == 0
    assert line("app.Box:get()") == 29


def test_calls_that_a_truth_does_not_name_are_not_judged(tmp_path: Path) -> None:
    truth = {"app.Main:go(app.Box)": ["app.Main:put(int)", "java.util.List:size()"]}
    program = {"category": "cats/VirtualCalls", "name": "one", "callgraph": truth}
    program["files"] = {"app/Main.java": SOURCE, "README.md": "text"}
    nothing = program | {"callgraph": {"app.Main:go(app.Box)": ["java.util.List:size()"]}}
    data = tmp_path / "swarm-java.jsonl"
    write_jsonl(data, [program, nothing, program | {"complete": True}])
    outcome = swarm_java.run([data], None)
    assert outcome.skipped == ["VirtualCalls/one: calls nothing of its own files"]
    assert outcome.extra["groups"] == {"not_reflective": {"n": 2, "sound_share": 1.0}}
    partly, whole = (score([case]).levels["inferred"] for case in outcome.cases)
    assert (partly.precision, partly.judged) == (1.0, 1)
    assert whole.judged > 1


def row(line: int, kind: str, source: str, target: str, place: str = "") -> str:
    file = "app/Main.java"
    place = f"{file}:{place}" if place else file if kind.startswith("def") else ""
    return "\t".join([file, str(line), "1", kind, source, target, place])


GO = "app.Main#go(app.Box)"
DEFINED = [
    row(5, "defclass", "", "app.Main"),
    row(6, "deffield", "", "app.Main#size"),
    row(8, "defmethod", "", GO),
    row(16, "defmethod", "", "app.Main#put(java.lang.String)"),
    row(18, "defmethod", "", "app.Main#put(int)"),
    row(20, "defmethod", "", "app.Main#put(java.util.List)"),
    row(23, "defclass", "", "app.Main$Part"),
    row(26, "defclass", "", "app.Base"),
    row(28, "defclass", "", "app.Box"),
    row(29, "defmethod", "", "app.Box#get()"),
]
USES = [
    row(9, "call", GO, "app.Main#put(java.lang.String)", "16"),
    row(10, "call", GO, "app.Main#put(java.lang.String)", "16"),
    row(11, "call", GO, "app.Main#put(int)", "18"),
    row(12, "new", GO, "app.Main$Part#<init>()", "23"),
    row(13, "call", GO, "app.Box#get()", "29"),
    row(9, "call", GO, "java.lang.String#length()"),
    row(23, "call", "app.Main$Part#<init>()", "app.Base#<init>()", "26"),
    row(23, "inherits", "app.Main$Part", "app.Base", "26"),
    row(8, "typeref", GO, "app.Box", "28"),
    row(11, "fieldref", GO, "app.Main#size", "6"),
]


@pytest.fixture
def repos(tmp_path: Path) -> Path:
    source = tmp_path / "repos" / "app" / "src" / "app" / "Main.java"
    source.parent.mkdir(parents=True)
    source.write_text(SOURCE)
    return tmp_path / "repos"


def test_a_project_against_its_compiler(tmp_path: Path, repos: Path) -> None:
    data = tmp_path / "javac-app.tsv.gz"
    write_lines(data, [*DEFINED, *USES])
    outcome = javac.run([data], repos)
    calls = score(outcome.cases).levels["inferred"]
    assert (calls.found, calls.wanted) == (6, 6)
    assert (calls.right, calls.judged) == (6, 6)
    beside = {name: figures["all"] for name, figures in outcome.extra.items()}
    assert beside["definitions"]["precision"] == 1.0
    assert beside["definitions"]["recall"] == 1.0
    assert beside["supertypes"]["recall"] == 1.0
    assert beside["type_references"]["recall"] == 1.0
    assert beside["field_references"]["recall"] == 1.0


def test_another_overload_is_a_miss_and_a_mistake(tmp_path: Path, repos: Path) -> None:
    data = tmp_path / "javac-app.tsv"
    other = row(10, "call", GO, "app.Main#put(java.util.List)", "20")
    write_lines(data, [*DEFINED, *USES[:1], other, *USES[2:]])
    (case,) = javac.run([data], repos).cases
    calls = score([case]).levels["inferred"]
    assert (calls.found, calls.wanted) == (5, 6)
    assert (calls.right, calls.judged) == (5, 6)
