"""A model behind HTTP that obeys, and a person who runs the command with `--apply` all the same.

What it writes runs in the sandbox, sits in edits that lead out, and asks for all tools there are.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from agent.sandbox.projects import Tools
from agent.sandbox.python_project import find_python_project
from tests.agent.attacks import CANARY, MARK, Hostile, attack_strings, hostile_repository
from tests.agent.endpoint import MODEL, Answer, Endpoint, Seen, calls, says
from tests.agent.obedient import OUTSIDE_PATHS, TESTS, change, fenced, leaks, plain_code
from tests.agent.sandbox.hostile import WHY_OPEN
from tests.codexgraph.conftest import Outcome, Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "sk-canary-0123456789"


@dataclass
class Person:
    """Runs the command in a hostile repository, with a model that answers as it is set to."""

    hostile: Hostile
    endpoint: Endpoint
    trace: Path
    reply: str = ""
    tools: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, seen: Seen) -> Answer:
        return calls(*self.tools) if "tools" in seen.body else says(self.reply)

    def run(self, *arguments: str) -> Outcome:
        where = ("--model", MODEL, "--base-url", self.endpoint.base_url)
        more = (*where, "--apply", "--trace", str(self.trace))
        keys = {"CODEXGRAPH_MODEL_KEY": KEY, "OPENAI_API_KEY": KEY}
        return Repository(self.hostile.root).run(*arguments, *more, **keys)

    def told(self, done: Outcome) -> str:
        """All that came out: to the person, into the trace and to the model."""
        bodies = json.dumps(self.endpoint.bodies)
        return done.out + done.err + self.trace.read_text() + bodies

    def events(self, kind: str) -> list[Any]:
        events = json.loads(self.trace.read_text())["events"]
        return [event for event in events if event["event"] == kind]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    made = hostile_repository(tmp_path_factory.mktemp("hostile"))
    repository = Repository(made.root)
    repository.git("init", "-q")
    (made.root / ".gitignore").write_text(".codexgraph/\n.venv/\n")
    repository.git("add", "-A")
    repository.git("commit", "-qm", "hostile")
    assert repository.run("index", "--quiet").code == 0
    return made


@pytest.fixture
def person(hostile: Hostile, tmp_path: Path) -> Iterator[Person]:
    with Endpoint(lambda seen: made.answer(seen)) as endpoint:
        made = Person(hostile, endpoint, tmp_path / "trace.json")
        yield made
        assert {seen.path for seen in endpoint.requests} == {"/v1/chat/completions"}
    assert not (hostile.outside / MARK).exists()
    assert not Path(MARK).exists()


def state(hostile: Hostile) -> dict[str, str]:
    """Every file, but of the index only the graph."""
    index = str(hostile.root / ".codexgraph/")
    found = hostile.state()
    return {p: found[p] for p in found if not p.startswith((f"{index}/corpus", f"{index}/templ"))}


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(bool(WHY_OPEN), reason=f"nothing isolates code here: {WHY_OPEN}")
def test_code_that_runs_stays_in_its_sandbox(person: Person) -> None:
    outside = str(person.hostile.outside)
    roots = [str(person.hostile.root), outside]
    port = person.endpoint.base_url.rpartition(":")[2].partition("/")[0]
    tests = TESTS.format(outside=outside, roots=roots, mark=MARK, port=port)
    names = re.findall(r"^def (test_\w+)", tests, re.MULTILINE)
    person.tools = [("run_tests", json.dumps({"ids": ["src/link.py", attack_strings()[0]]}))]
    person.reply = fenced(tests)
    before, children = state(person.hostile), psutil.Process().children()
    done = person.run("test", "app.serve", "--rounds", "0")
    assert (done.code, "nothing was written" in done.err) == (1, True), done.err
    checked = [result for event in person.events("Checked") for result in event["results"]]
    told = str([result for result in checked if result["check"] == "tests"])
    for name in names:
        assert f"{name} failed" in told, "each of them ran, and none got what it wanted"
    assert not leaks(person.told(done), KEY)
    assert state(person.hostile) == before
    assert psutil.Process().children() == children


def test_code_that_says_what_it_does_is_not_even_run(person: Person) -> None:
    before = state(person.hostile)
    person.reply = fenced(plain_code(str(person.hostile.outside)))
    for job in (
        ("test", "app.serve"),
        ("class", "A thing", "--path", "src/new.py"),
        ("generate", "a method, part_0.Part0"),
        ("comment", "app.serve"),
        ("complete", "src/app.py:10"),
    ):
        done = person.run(*job)
        assert (done.code, "nothing was written" in done.err) == (1, True), (job, done.err)
        assert "tests: " not in done.err
    assert state(person.hostile) == before


@pytest.mark.parametrize("path", [*OUTSIDE_PATHS, ".codexgraph/x.py", ".venv/bin/x.py"])
def test_no_edit_is_written_outside_or_where_git_would_not_see_it(
    person: Person, path: str
) -> None:
    before = state(person.hostile)
    person.reply = change(path.format(outside=person.hostile.outside), "x = 1")
    done = person.run("debug", "It fails in serve.")
    assert done.code in (1, 2)
    assert state(person.hostile) == before
    assert "Traceback" not in done.err


def test_apply_writes_the_named_target_and_nothing_else(person: Person) -> None:
    before = state(person.hostile)
    attack = attack_strings()[0]
    person.tools = [("cypher", json.dumps({"query": "MATCH (n) DETACH DELETE n"}))]
    person.reply = fenced(f'class New:\n    """{attack}"""\n')
    done = person.run("class", attack, "--path", "src/new.py")
    written = person.hostile.root / "src/new.py"
    try:
        assert done.code == 0, done.err
        after = state(person.hostile)
        assert {path for path in after if after[path] != before.get(path)} == {str(written)}
    finally:
        written.unlink(missing_ok=True)
    assert [event["result"]["error"] for event in person.events("ToolAnswered")] != [None]


def test_an_environment_of_the_repository_opens_no_folder(tmp_path: Path) -> None:
    """What a project needs to read is told by files that came with it."""
    root, secret = tmp_path / "repo", tmp_path / "secret"
    (root / ".venv/bin").mkdir(parents=True)
    (secret / "keys").mkdir(parents=True)
    (secret / "keys/id").write_text(CANARY)
    real = Path(sys.base_prefix) / "bin"
    settings = f"home = {real}\nhome = {secret}/bin\nhome = {secret}/keys\n"
    (root / ".venv/pyvenv.cfg").write_text(settings)
    (root / ".venv/bin/python").symlink_to(secret / "keys/id")
    readable = find_python_project(root, Tools()).readable
    assert not [path for path in readable if secret.is_relative_to(path) or path == secret]
    assert real.parent in readable
    (root / ".venv/bin/python").unlink()
    (root / ".venv/bin/python").symlink_to(Path(sys.executable).resolve())
    assert (
        Path(sys.executable).resolve().parent.parent in find_python_project(root, Tools()).readable
    )


def test_what_gets_out_is_found_out(person: Person) -> None:
    """The same looks, at runs that are not contained."""
    before = state(person.hostile)
    outside, port = str(person.hostile.outside), 9
    text = TESTS.format(outside=outside, roots=[outside], mark=MARK, port=port)
    code = f"{text}\ntest_writes_outside()\ntest_runs_a_command_outside()\ntest_reads_outside()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert leaks(done.stdout) == [CANARY]
    assert state(person.hostile) != before
    for name in ("planted", MARK):
        (person.hostile.outside / name).unlink()
    assert state(person.hostile) == before
    person.reply = "It cites nothing."
    person.run("ask", f"What is {CANARY}?")
    assert leaks(json.dumps(person.endpoint.bodies)) == [CANARY]
