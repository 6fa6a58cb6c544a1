"""The makers of truth: traced test suites, SCIP indexes read byte by byte, javac's answers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks.accuracy.truth.javac import export
from benchmarks.accuracy.truth.scip import read_index
from benchmarks.accuracy.truth.trace import trace
from graphdb.errors import CodexGraphError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = """\
import subprocess
import sys
import threading


class Box:
    def __init__(self, value):
        self.value = check(value)

    @property
    def twice(self):
        return sorted([self.value], key=lambda value: double(value))


def check(value):
    return value


def double(value):
    return value * 2


def in_thread():
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def run():
    return check(1)


def in_process():
    subprocess.run([sys.executable, "-c", "import pkg; pkg.alone()"], check=True)


def alone():
    return double(1)
"""
TEST = """\
import pkg


def test_all():
    assert pkg.Box(1).twice == [1]
    pkg.in_thread()
    pkg.in_process()
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "src" / "pkg").mkdir(parents=True)
    (tmp_path / "src" / "pkg" / "__init__.py").write_text(PACKAGE)
    (tmp_path / "test_pkg.py").write_text(TEST)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "src"))
    return tmp_path


def test_a_traced_test_suite(project: Path) -> None:
    out = project / "dynamic-pkg.jsonl"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_pkg.py"]
    number, code = trace(command, project / "src", out)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert (number, code) == (len(rows), 0)
    calls = {(r["caller"], r["line"], r["callee"], r["indirect"]) for r in rows}
    assert calls == {
        ("Box.__init__", 8, "check", 0),
        ("Box.twice", 12, "Box.twice.<locals>.<lambda>", 0),
        ("Box.twice.<locals>.<lambda>", 12, "double", 0),
        ("run", 30, "check", 0),
        ("alone", 38, "double", 0),
        ("<module>", 6, "Box", 0),
    }
    box = next(row for row in rows if row["callee"] == "Box")
    assert (box["caller_file"], box["n"]) == ("pkg/__init__.py", 2), "in two processes"


def test_a_sitecustomize_of_the_project_still_runs(project: Path) -> None:
    (project / "src" / "sitecustomize.py").write_text("import pkg\npkg.alone()\n")
    trace([sys.executable, "-c", ""], project / "src", project / "out.jsonl.gz")
    assert (project / "out.jsonl.gz").is_file()


def test_a_command_that_calls_nothing_is_one_line(project: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no calls between functions below .* were seen"):
        trace([sys.executable, "-c", "import json"], project / "src", project / "out.jsonl")
    assert not (project / "out.jsonl").exists()


def test_a_command_that_is_not_there_is_one_line(project: Path) -> None:
    with pytest.raises(CodexGraphError, match="no-such-command cannot be run"):
        trace(["no-such-command"], project / "src", project / "out.jsonl")


def other_pythons() -> list[str]:
    found = (shutil.which(f"python3.{minor}") for minor in (9, 10, 12, 13, 14))
    return [path for path in found if path]


@pytest.mark.parametrize("python", other_pythons())
def test_other_interpreters_give_the_same_names(project: Path, python: str) -> None:
    runs = subprocess.run([python, "--version"], capture_output=True, check=False)
    if runs.returncode != 0:
        pytest.skip(f"{python} does not run")
    code = "import pkg; pkg.Box(1).twice; pkg.in_thread()"
    calls: list[set[tuple[str, str]]] = []
    for number, each in enumerate((sys.executable, python)):
        out = project / f"{number}.jsonl"
        trace([each, "-c", code], project / "src", out)
        rows = [json.loads(line) for line in out.read_text().splitlines()]
        calls.append({(row["caller"], row["callee"]) for row in rows})
    assert calls[0] == calls[1]


# SCIP


def varint(number: int) -> bytes:
    parts: list[int] = []
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def occurrence(position: list[int], symbol: str, roles: int = 0) -> bytes:
    packed = b"".join(map(varint, position))
    return field(1, packed) + field(2, symbol.encode()) + (field(3, roles) if roles else b"")


def test_a_scip_index_is_read(tmp_path: Path) -> None:
    first = field(1, b"pkg/a.py") + field(4, b"python")
    first += field(2, occurrence([4, 300, 302], "s python p 1 a/f().", 1))
    first += field(2, occurrence([9, 0, 4], "local 3"))
    second = field(2, occurrence([1, 2, 3, 9], "s python p 1 a/f().", 8)) + field(1, b"pkg/b.py")
    second += field(2, occurrence([2, 0, 5], "s python std 3 len()."))
    metadata = (
        field(1, field(1, 0)) + varint(7 << 3 | 5) + b"\0" * 4 + varint(6 << 3 | 1) + b"\0" * 8
    )
    path = tmp_path / "index.scip"
    path.write_bytes(metadata + field(2, first) + field(2, second))
    defined, used, outside = read_index(path)
    assert defined == {
        "path": "pkg/a.py",
        "line": 5,
        "col": 300,
        "end": 302,
        "kind": "def",
        "symbol": "s python p 1 a/f().",
        "target": ["pkg/a.py", 5, 300],
    }
    assert (used["path"], used["line"], used["kind"]) == ("pkg/b.py", 2, "ref")
    assert used["target"] == ["pkg/a.py", 5, 300]
    assert outside["target"] is None


@pytest.mark.parametrize("data", [b"", b"\x13", b"\x12\x7f", b"hello world", b"\x80"])
def test_what_is_no_index_is_one_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "index.scip"
    path.write_bytes(data)
    with pytest.raises(CodexGraphError, match=r"index\.scip is no SCIP index"):
        read_index(path)


# javac

JAVA = """\
package app;

public class Main extends Base implements Runnable {
    static int count;

    Main(String name) {
        this();
        count = name.length();
    }

    Main() {}

    public void run() {
        put("a");
        put(1);
        Runnable later = this::run;
        new Part<String>().touch();
    }

    void put(String text) {}

    void put(int number) {}

    static class Part<T> {
        void touch() {}
    }
}

class Base {}
"""

needs_jdk = pytest.mark.skipif(shutil.which("javac") is None, reason="needs a JDK")


@needs_jdk
def test_what_javac_resolved(tmp_path: Path) -> None:
    source = tmp_path / "src" / "app" / "Main.java"
    source.parent.mkdir(parents=True)
    source.write_text(JAVA)
    out = tmp_path / "javac-app.tsv"
    number, problems = export(["src"], tmp_path, out, "java")
    rows = [line.split("\t") for line in out.read_text().splitlines()]
    assert (number, problems) == (len(rows), [])
    assert {len(row) for row in rows} == {7}
    main = "src/app/Main.java"
    uses = {(row[3], row[4], row[5], row[6]) for row in rows}
    assert {
        ("call", "app.Main#run()", "app.Main#put(java.lang.String)", f"{main}:20"),
        ("call", "app.Main#run()", "app.Main#put(int)", f"{main}:22"),
        ("call", "app.Main#<init>(java.lang.String)", "app.Main#<init>()", f"{main}:11"),
        ("mref", "app.Main#run()", "app.Main#run()", f"{main}:13"),
        ("new", "app.Main#run()", "app.Main$Part#<init>()", f"{main}:24"),
        ("call", "app.Main#run()", "app.Main$Part#touch()", f"{main}:25"),
        ("fieldref", "app.Main#<init>(java.lang.String)", "app.Main#count", f"{main}:4"),
        ("inherits", "app.Main", "app.Base", f"{main}:29"),
        ("inherits", "app.Main", "java.lang.Runnable", ""),
        ("defmethod", "", "app.Main#put(int)", main),
        ("deffield", "", "app.Main#count", main),
        ("defclass", "", "app.Main$Part", main),
    } <= uses
    first = next(row for row in rows if row[3] == "defclass")
    assert first[:3] == [main, "3", "1"]


@needs_jdk
def test_what_does_not_compile_is_told(tmp_path: Path) -> None:
    (tmp_path / "A.java").write_text("class A { void f() { gone(); f(); } }\n")
    number, problems = export(["A.java"], tmp_path, tmp_path / "out.tsv", "java")
    assert number > 0
    assert "A.java:1: error: cannot find symbol" in problems[0]


@needs_jdk
def test_options_go_on_to_javac(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "L.java").write_text("public class L { public static void run() {} }\n")
    subprocess.run(["javac", str(library / "L.java")], check=True)
    (tmp_path / "A.java").write_text("class A { void f() { L.run(); } }\n")
    arguments = ["-parameters", "-cp", "library", "--release", "17", "-Xlint:none", "A.java"]
    _, problems = export(arguments, tmp_path, tmp_path / "out.tsv", "java")
    assert problems == []
    assert "call\tA#f()\tL#run()\t" in (tmp_path / "out.tsv").read_text()
    with pytest.raises(CodexGraphError, match="javac: error: invalid flag: -no-such"):
        export(["-no-such", "A.java"], tmp_path, tmp_path / "out.tsv", "java")


@needs_jdk
def test_no_sources_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(CodexGraphError, match="no Java source in what was given"):
        export(["."], tmp_path, tmp_path / "out.tsv", "java")


def test_no_jdk_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CodexGraphError, match="no-such-java cannot be run"):
        export(["."], tmp_path, tmp_path / "out.tsv", "no-such-java")
