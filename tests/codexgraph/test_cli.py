"""The command as a user runs it: answers, envelopes, exit codes, and what goes to which stream."""

from __future__ import annotations

import csv
import io
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from codexgraph.cli import COMMANDS, build_app, exit_code_of
from codexgraph.session import Options
from tests.codexgraph.conftest import command_environment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.codexgraph.conftest import Repository

READING = [
    ("status",),
    ("symbols", "area"),
    ("source", "total_area"),
    ("refs", "total_area"),
    ("callers", "total_area"),
    ("callees", "main"),
    ("hierarchy", "pkg.shapes.Square"),
    ("impact", "total_area"),
    ("overview",),
    ("query", "MATCH (c:CLASS) RETURN c.name"),
]


@pytest.mark.parametrize("module", COMMANDS)
def test_a_command_loads_its_own_module_only(module: str) -> None:
    for name in COMMANDS[module]:
        app = build_app({}, [name, "--help"])
        commands = [command.name for command in app.registered_commands]
        groups = [group.name for group in app.registered_groups]
        assert (*commands, *groups) == COMMANDS[module]


@pytest.mark.parametrize("arguments", [(), ("--help",), ("--json", "status"), ("no-such",)])
def test_without_a_command_in_front_all_are_there(arguments: tuple[str, ...]) -> None:
    app = build_app({}, arguments)
    assert len(app.registered_commands) + len(app.registered_groups) == sum(
        map(len, COMMANDS.values())
    )


@pytest.mark.parametrize("command", READING, ids=lambda c: c[0])
def test_json_is_one_object_in_the_envelope(repository: Repository, command: tuple[str]) -> None:
    outcome = repository.run(*command, "--json")
    assert outcome.code == 0, outcome.err
    value = outcome.value
    assert list(value) == ["schema", "index", "result"]
    assert value["schema"] == 1
    assert value["index"]["fresh"] is True
    assert value["index"]["stale_files"] == []
    assert value["index"]["revision"] == repository.git("rev-parse", "HEAD")
    assert outcome.err == ""


@pytest.mark.parametrize("command", READING, ids=lambda c: c[0])
def test_people_get_lines_on_stdout_and_freshness_on_stderr(
    repository: Repository, command: tuple[str]
) -> None:
    outcome = repository.run(*command)
    assert outcome.code == 0, outcome.err
    assert outcome.out
    revision = repository.git("rev-parse", "HEAD")[:7]
    assert outcome.err == f"index: {revision}, fresh\n"
    assert "\x1b" not in outcome.out
    assert repository.run(*command, "-q").err == ""


def test_calls_have_both_ends_and_their_facts(repository: Repository) -> None:
    result = repository.run("callers", "total_area", "--json").value["result"]
    assert result["symbol"]["full_name"] == "pkg.area.total_area"
    by_name = {c["symbol"]["name"]: c for c in result["calls"]}
    assert set(by_name) == {"print_total_area", "main", "test_total"}
    main = by_name["main"]
    assert main["sites"] == [
        {"line": 20, "column": 4, "length": 10},
        {"line": 21, "column": 4, "length": 10},
    ]
    assert (main["tier"], main["reason"], main["depth"]) == ("exact", "scope", 1)
    assert {
        "uid",
        "kind",
        "name",
        "full_name",
        "file_path",
        "start_line",
        "end_line",
        "signature",
    } <= main["symbol"].keys()


def test_depth_and_candidates_are_options(repository: Repository) -> None:
    deep = repository.run("callers", "print_total_area", "--depth", "2", "--json").value["result"]
    assert [c["depth"] for c in deep["calls"]] == [1, 2]
    shown = repository.run("callers", "pkg.shapes.Square.area", "--candidates").out
    assert "candidate" in shown
    assert "candidate" not in repository.run("callers", "pkg.shapes.Square.area").out


def test_lines_for_people_start_with_a_place(repository: Repository) -> None:
    lines = repository.run("symbols", "total_area").out.splitlines()
    assert lines[0].split()[0] == "pkg/area.py:4"
    lines = repository.run("refs", "Shape.name").out.splitlines()
    assert lines[1].split()[0] == "pkg/shapes.py:8:14"
    assert "uses write" in lines[1]


def test_source_has_line_numbers(repository: Repository) -> None:
    lines = repository.run("source", "total_area").out.splitlines()
    assert lines[0].endswith("pkg/area.py:4")
    assert lines[1].split(None, 1) == ["4", "# code of pkg.area.total_area"]
    module = repository.run("source", "pkg/area.py", "--json").value["result"]
    assert module["code"].startswith("# pkg/area.py line 1\n")


def test_a_path_is_taken_from_the_folder_the_user_is_in(repository: Repository) -> None:
    inside = type(repository)(repository.root / "pkg")
    assert inside.run("source", "area.py:5").out.startswith("pkg.area.total_area")
    assert inside.run("overview", ".", "--json").value["result"]["path"] == "pkg"


def test_a_root_can_be_named(repository: Repository, tmp_path: Path) -> None:
    outside = type(repository)(tmp_path)
    root = str(repository.root)
    assert outside.run("-C", root, "callers", "total_area").code == 0
    assert outside.run("callers", "total_area", "-C", root).code == 0


def test_query_prints_tables_csv_and_json(repository: Repository) -> None:
    cypher = (
        "MATCH (m:METHOD {name: 'area'}) RETURN m.class AS c, m.start_line AS line ORDER BY line"
    )
    assert repository.run("query", cypher, "--json").value["result"]["columns"] == ["c", "line"]
    rows = list(csv.reader(io.StringIO(repository.run("query", cypher, "--csv").out)))
    assert rows[0] == ["c", "line"]
    assert [row[1] for row in rows[1:]] == ["11", "25", "45"]
    table = repository.run("query", cypher).out.splitlines()
    assert table[0].split() == ["c", "line"]
    limited = repository.run("query", cypher, "--limit", "2")
    assert len(limited.out.splitlines()) == 3
    assert "only the first 2 rows" in limited.err
    whole = repository.run("query", "MATCH (f:FUNCTION {name: 'main'}) RETURN f").out
    assert "(FUNCTION pkg.area.main pkg/area.py:18)" in whole


def test_a_query_sees_its_files_in_stale_files(repository: Repository) -> None:
    (repository.root / "pkg/area.py").write_text("changed = 1\n")
    cypher = "MATCH (f:FUNCTION {name: 'main'}) RETURN f.file_path"
    assert repository.run("query", cypher, "--json").value["index"]["stale_files"] == [
        "pkg/area.py"
    ]


def test_a_write_query_is_refused(repository: Repository) -> None:
    outcome = repository.run("query", "MATCH (n) DETACH DELETE n")
    assert outcome.code == 2
    assert outcome.out == ""
    assert len(outcome.err.splitlines()) == 1
    assert repository.run("callers", "total_area").code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("callers", "pkg.area.cached"), 1),
        (("callers", "no_such_thing"), 1),
        (("symbols", "zzzzz"), 1),
        (("query", "MATCH (c:CLASS {name: 'Nope'}) RETURN c"), 1),
        (("hierarchy", "total_area"), 1),
        (("callers", "area"), 2),
        (("callers",), 2),
        (("callers", "x", "--depth", "0"), 2),
        (("no-such-command",), 2),
        (("query", "MATCH (n RETURN n"), 2),
        (("query", "RETURN 1", "--json", "--csv"), 2),
        (("impact",), 2),
        (("impact", "--diff", "no-such-revision"), 2),
        (("--color", "pink", "status"), 2),
        (("completion", "tcsh"), 2),
        ((), 2),
    ],
)
def test_exit_codes(repository: Repository, arguments: tuple[str, ...], code: int) -> None:
    outcome = repository.run(*arguments)
    assert outcome.code == code, outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.err


def test_data_and_talk_keep_apart_as_a_process(repository: Repository) -> None:
    outcome = repository.spawn("callers", "total_area", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    assert len(outcome.value["result"]["calls"]) == 3
    outcome = repository.spawn("callers", "no_such_thing")
    assert (outcome.code, outcome.out) == (1, "")
    assert len(outcome.err.splitlines()) == 1


def test_an_error_with_json_is_still_one_object(repository: Repository) -> None:
    outcome = repository.run("callers", "area", "--json")
    assert outcome.code == 2
    value = outcome.value
    assert value["result"] is None
    assert value["error"]["kind"] == "AmbiguousNameError"
    assert len(value["error"]["candidates"]) == 3
    assert value["index"]["fresh"] is True
    assert "fits 3 symbols" in outcome.err


def test_no_index_is_code_3(bare: Repository) -> None:
    for command in READING:
        outcome = bare.run(*command)
        assert (outcome.code, outcome.out) == (3, ""), command
        assert "run codexgraph index" in outcome.err


def test_a_changed_file_is_said_and_can_be_required_fresh(repository: Repository) -> None:
    (repository.root / "pkg/area.py").write_text("changed = 1\n")
    outcome = repository.run("callers", "total_area")
    assert outcome.code == 0
    assert "1 file changed since (pkg/area.py): run codexgraph index" in outcome.err
    index = repository.run("callers", "total_area", "--json").value["index"]
    assert (index["fresh"], index["stale_files"]) == (False, ["pkg/area.py"])
    other = repository.run("refs", "Shape.name", "--json").value["index"]
    assert (other["fresh"], other["stale_files"]) == (False, [])
    required = repository.run("callers", "total_area", "--require-fresh")
    assert (required.code, required.out) == (3, "")
    assert repository.run("--require-fresh", "callers", "total_area", "-q").code == 3


def test_an_unreachable_store_is_code_4(repository: Repository) -> None:
    environment = {
        "CODEXGRAPH_STORE": "neo4j",
        "CODEXGRAPH_NEO4J_URI": "bolt://127.0.0.1:1",
        "CODEXGRAPH_NEO4J_PASSWORD": "not-shown",
    }
    outcome = repository.run("status", **environment)
    assert outcome.code == 4
    assert len(outcome.err.splitlines()) == 1
    assert "not-shown" not in outcome.err


def test_a_damaged_store_is_code_4(repository: Repository) -> None:
    graph = repository.root / ".codexgraph" / "graph.kgl"
    graph.write_bytes(graph.read_bytes()[: graph.stat().st_size // 2])
    outcome = repository.run("status", "--json")
    assert outcome.code == 4
    assert outcome.value["error"]["kind"] == "StoreError"
    assert len(outcome.err.splitlines()) == 1


def test_a_wrong_setting_is_code_2_and_names_its_line(repository: Repository) -> None:
    (repository.root / "codexgraph.toml").write_text("jobs = 2\nstores = 'neo4j'\n")
    outcome = repository.run("status")
    assert outcome.code == 2
    assert "codexgraph.toml:2: unknown setting 'stores': did you mean 'store'?" in outcome.err


def test_impact_of_the_work_tree(repository: Repository) -> None:
    path = repository.root / "pkg/area.py"
    lines = path.read_text().splitlines(keepends=True)
    lines[5] = "changed\n"
    path.write_text("".join(lines))
    result = repository.run("impact", "--diff", "--json").value["result"]
    assert [s["name"] for s in result["symbols"]] == ["total_area"]
    assert [s["name"] for s in result["tests"]] == ["test_total"]
    repository.git("commit", "-q", "-am", "second")
    assert repository.run("impact", "--diff").code == 1
    assert repository.run("impact", "--diff", "HEAD~1").out.startswith("pkg.area.total_area")


def test_color_only_where_it_is_wanted(repository: Repository) -> None:
    assert "\x1b[" in repository.run("--color", "always", "symbols", "area").out
    assert "\x1b[" not in repository.run("--color", "never", "symbols", "area").out
    terminal = run_in_terminal(repository, "symbols", "area")
    assert "\x1b[" in terminal
    assert "\x1b[" not in run_in_terminal(repository, "symbols", "area", NO_COLOR="1")


def run_in_terminal(repository: Repository, *arguments: str, **environment: str) -> str:
    import pexpect

    process = pexpect.spawn(
        sys.executable,
        ["-m", "codexgraph", *arguments],
        cwd=str(repository.root),
        env={**command_environment(**environment), "TERM": "xterm"},
        encoding="utf-8",
    )
    try:
        process.expect(pexpect.EOF, timeout=60)
    finally:
        process.close()
    return process.before or ""


def test_a_reader_that_goes_away_is_no_error(repository: Repository) -> None:
    arguments = ("query", "UNWIND range(1, 50000) AS x RETURN x", "--limit", "50000")
    process = subprocess.Popen(
        [sys.executable, "-m", "codexgraph", *arguments],
        cwd=repository.root,
        env=command_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait(30) == 0
    assert "Error" not in errors
    assert "Traceback" not in errors


def test_ctrl_c_is_130_and_one_line(repository: Repository) -> None:
    # The statement is read from a pipe that never ends.
    process = subprocess.Popen(
        [sys.executable, "-m", "codexgraph", "query", "-"],
        cwd=repository.root,
        env=command_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert [line for line in err.splitlines() if line] == [
        "interrupted: the index is usable, codexgraph index goes on"
    ]


@pytest.mark.parametrize("is_verbose", [False, True])
def test_an_unexpected_failure_is_one_line_with_a_hint(
    capsys: pytest.CaptureFixture[str], *, is_verbose: bool
) -> None:
    code = exit_code_of(RuntimeError("boom"), {"options": Options(verbose=is_verbose)})
    captured = capsys.readouterr()
    assert (code, captured.out) == (2, "")
    lines = captured.err.splitlines()
    assert lines[0] == "error: RuntimeError: boom (-v shows the trace)"
    assert (len(lines) > 1) == is_verbose


def test_version_and_help(bare: Repository) -> None:
    from codexgraph import __version__

    assert bare.run("--version").out == f"codexgraph {__version__}\n"
    shown = bare.run("--help").out
    commands = (
        "index status doctor config schema query symbols source refs callers callees hierarchy "
        "impact overview bench clean export completion"
    )
    for command in commands.split():
        assert f"\n  {command} " in shown, command
    assert "--require-fresh" in bare.run("callers", "-h").out


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["callers", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys\nfrom codexgraph.cli import main\n"
        f"code = main({arguments!r})\n"
        "heavy = ('textual', 'mcp', 'pygls', 'openai', 'kglite', 'neo4j', 'git', 'tree_sitter',\n"
        "         'rich', 'keyring', 'networkx', 'pandas', 'platformdirs')\n"
        "print('LOADED', code, [name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=command_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "LOADED 0 []"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(bare: Repository, shell: str) -> None:
    outcome = bare.run("completion", shell)
    assert outcome.code == 0
    assert f"_CODEXGRAPH_COMPLETE=complete_{shell}" in outcome.out


def test_completion_completes(bare: Repository) -> None:
    outcome = bare.spawn(
        _CODEXGRAPH_COMPLETE="complete_bash", COMP_WORDS="codexgraph call", COMP_CWORD="1"
    )
    assert outcome.out.split() == ["callers", "callees"]


def test_schema_needs_no_index(bare: Repository) -> None:
    value = bare.run("schema", "--json").value["result"]
    assert value["edges"]["INHERITS"] == {"from": ["CLASS"], "to": ["CLASS", "EXTERNAL"]}
    assert "INHERITS" in bare.run("schema").out


def test_config_show_names_origins_and_no_password(repository: Repository) -> None:
    (repository.root / "codexgraph.toml").write_text("[query]\nmax_rows = 7\n")
    outcome = repository.run("config", "show", "--origin", CODEXGRAPH_NEO4J_PASSWORD="hunter2")
    lines = {line.split()[0]: line for line in outcome.out.splitlines()}
    assert lines["query.max_rows"].endswith("codexgraph.toml:2")
    assert lines["store"].split()[1:] == ['"embedded"', "default"]
    assert "hunter2" not in outcome.out + outcome.err
    value = repository.run("config", "show", "--origin", "--json").value["result"]
    assert value["settings"]["query.max_rows"]["value"] == 7


def test_doctor_is_red_when_the_store_is(repository: Repository) -> None:
    graph = repository.root / ".codexgraph" / "graph.kgl"
    graph.write_bytes(b"not a graph")
    outcome = repository.run("doctor", "--json")
    assert outcome.code == 1
    checks = {c["name"]: c for c in outcome.value["result"]["checks"]}
    assert checks["store embedded"]["state"] == "broken"
    assert checks["store embedded"]["fix"] == "codexgraph index --full builds it anew"
    assert "FAIL  store embedded" in repository.run("doctor").out


def test_clean_removes_the_index_and_nothing_else(repository: Repository) -> None:
    assert repository.run("clean").code == 0
    assert not (repository.root / ".codexgraph").exists()
    assert (repository.root / "pkg/area.py").exists()
    assert repository.run("clean").code == 1


def test_clean_spares_a_folder_that_holds_other_things(repository: Repository) -> None:
    target = repository.root / "build"
    (repository.root / ".codexgraph").rename(target)
    (target / "precious.txt").write_text("mine")
    outcome = repository.run("clean", CODEXGRAPH_INDEX_DIR=str(target))
    assert outcome.code == 0
    assert (target / "precious.txt").read_text() == "mine"
    assert not (target / "graph.kgl").exists()


@pytest.mark.parametrize("arguments", [("status",), ("index",), ("-C", ".", "symbols", "x")])
def test_a_folder_that_is_gone_is_told(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    remove_and_run = f"rmdir {gone}; exec {sys.executable} -P -m codexgraph " + " ".join(arguments)
    done = subprocess.run(
        ["sh", "-c", remove_and_run],
        cwd=gone,
        env=command_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: the folder that this runs in is gone: change to another\n"


def test_index_of_no_folder_is_code_2(bare: Repository) -> None:
    outcome = bare.run("index", "nowhere")
    assert (outcome.code, outcome.err) == (2, "error: nowhere is not a folder\n")
