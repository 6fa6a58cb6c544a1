"""The copy holds what the repository has and nothing else, and is safe to write to afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.draft import Edit
from agent.sandbox.copying import CopyLimits, list_files
from agent.sandbox.local import LocalSandbox, open_sandbox
from graphdb.errors import SandboxError
from tests.agent.sandbox.hostile import run

ROOT = Path(__file__).resolve().parents[3]


def files_of(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir()}


def test_files_that_git_knows_or_does_not_ignore(sandbox: LocalSandbox, repository: Path) -> None:
    expected = {"src/app.py", "run.sh", ".gitignore", "new.py"}
    assert files_of(sandbox.folder) == expected
    assert os.access(sandbox.folder / "run.sh", os.X_OK)
    for name in expected:
        assert (sandbox.folder / name).stat().st_ino != (repository / name).stat().st_ino
        assert (sandbox.folder / name).stat().st_nlink == 1


def test_without_git_outputs_of_builds_are_left_out(tmp_path: Path) -> None:
    for name in (
        "pom.xml",
        "src/A.java",
        "src/build/B.java",
        "target/A.class",
        "node_modules/x.js",
        "env/pyvenv.cfg",
        "env/lib.py",
        "__pycache__/a.pyc",
        "py/pyproject.toml",
        "py/build/a.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    expected = ["pom.xml", "py/pyproject.toml", "src/A.java", "src/build/B.java"]
    assert sorted(list_files(tmp_path)) == expected


def test_no_program_that_the_repository_configures_runs(repository: Path, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    program.chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "core.sshCommand", "core.editor"):
        subprocess.run(["git", "config", name, str(program)], cwd=repository, check=True)
    assert "src/app.py" in set(list_files(repository))
    assert not (tmp_path / "ran").exists()


def test_a_repository_inside_is_listed_by_itself(repository: Path) -> None:
    inner = repository / "vendor/inner"
    inner.mkdir(parents=True)
    (inner / "code.py").touch()
    (inner / "junk.log").touch()
    (inner / ".gitignore").write_text("*.log\n")
    subprocess.run(["git", "init", "-q"], cwd=inner, check=True)
    listed = set(list_files(repository))
    assert "vendor/inner/code.py" in listed
    assert "vendor/inner/junk.log" not in listed


def test_links_that_lead_out_are_left_out(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/inner").write_text("secret")
    (repository / "good").symlink_to("src/app.py")
    (repository / "absolute").symlink_to(repository / "src/app.py")
    (repository / "out").symlink_to("../secret")
    (repository / "chain").symlink_to("out")
    (repository / "deep").mkdir()
    (repository / "top").mkdir()
    (repository / "deep/up").symlink_to("../top/..")
    (repository / "sly").symlink_to("deep/up/../secret")
    os.mkfifo(repository / "pipe")
    files = ["good", "absolute", "out", "chain", "deep/up", "sly", "pipe", "deep/up/../secret"]
    with open_sandbox(repository, [*files, "gone"], accept_open=True) as opened:
        assert files_of(opened.folder) == {"good", "deep/up"}
        assert len(opened.notes) == 6
        assert any(note.startswith("out is not copied: it links to") for note in opened.notes)


def test_a_copy_has_bounds(repository: Path) -> None:
    (repository / "big.bin").write_bytes(bytes(3 << 20))
    with pytest.raises(SandboxError, match=r"big.bin.*more than 2 MiB"):
        open_sandbox(repository, limits=CopyLimits(size_mb=2), accept_open=True)
    with pytest.raises(SandboxError, match="more than 2 files"):
        open_sandbox(repository, limits=CopyLimits(files=2), accept_open=True)


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "big.bin").write_bytes(os.urandom(4 << 20))
    small = tmp_path / "small"
    small.mkdir()
    code = f"""
import os, sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from agent.sandbox.isolation import Method, isolation_of
from agent.sandbox.copying import CopyLimits
from agent.sandbox.local import LocalSandbox
from graphdb.errors import SandboxError
try:
    LocalSandbox(Path({str(source)!r}), None, isolation_of(Method.OPEN), CopyLimits())
except SandboxError as error:
    print(error)
print(os.listdir({str(small)!r}))
"""
    mount = f'mount -t tmpfs -o size=2m none {small} && exec {sys.executable} -c "$CODE"'
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount],
        env={**os.environ, "CODE": code, "TMPDIR": str(small)},
        capture_output=True,
        text=True,
        check=False,
    )
    if "unshare failed" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no small disk can be mounted: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    said, left = done.stdout.splitlines()
    assert "the disk is full after" in said, done.stderr
    assert "set TMPDIR" in said
    assert left == "[]"


def test_edits_are_written_and_taken_back(sandbox: LocalSandbox) -> None:
    sandbox.apply([Edit("src/app.py", None, "broken"), Edit("src/more/b.py", None, "b = 1\n")])
    ran = run(sandbox, "print(open('src/app.py').read()); import src.more.b; open('out', 'w')")
    assert "broken" in ran.output
    assert ran.is_ok, ran.output
    sandbox.reset(["src/app.py", "src/more/b.py"])
    assert (sandbox.folder / "src/app.py").read_text().startswith("def answer")
    assert files_of(sandbox.folder) >= {"out", "run.sh"}
    assert not (sandbox.folder / "src/more/b.py").exists()
    sandbox.reset()
    assert files_of(sandbox.folder) == {"src/app.py", "run.sh", ".gitignore", "new.py"}


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "", ".", "a\0b"])
def test_edits_outside_are_refused(sandbox: LocalSandbox, path: str) -> None:
    with pytest.raises(SandboxError, match="no path inside the repository"):
        sandbox.apply([Edit(path, None, "x")])
    with pytest.raises(SandboxError, match="no path inside the repository"):
        sandbox.reset([path])


def test_links_that_a_run_left_are_not_followed(sandbox: LocalSandbox, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    code = f"""
import os, shutil
shutil.rmtree("src")
os.symlink("{outside}", "src")
os.symlink("{outside}/kept", "report.xml")
os.mkfifo("pipe.xml")
os.symlink("{outside}", "folder")
"""
    assert run(sandbox, code).is_ok
    with pytest.raises(SandboxError, match="a link or a file stands where a folder is needed"):
        sandbox.apply([Edit("src/kept", None, "planted")])
    assert sandbox.read("report.xml") is None
    assert sandbox.read("pipe.xml") is None
    assert sandbox.read("folder/kept") is None
    assert sandbox.names("folder") == []
    sandbox.apply([Edit("report.xml", None, "ours")])
    assert sandbox.read("report.xml") == b"ours"
    sandbox.remove("folder")
    assert (outside / "kept").read_text() == "kept"
    assert [path.name for path in outside.iterdir()] == ["kept"]


def test_a_folder_shown_inside_the_copy_is_not_mounted_through_a_link(
    sandbox: LocalSandbox, repository: Path, tmp_path: Path
) -> None:
    from agent.sandbox.ran import RunLimits

    environment = repository / "deep/env"
    environment.mkdir(parents=True)
    (environment / "tool").write_text("tool")
    ran = sandbox.run(["cat", "deep/env/tool"], RunLimits(seconds=5), readable=[environment])
    assert ran.output == "tool", ran
    ran = sandbox.run(["touch", "deep/env/new"], RunLimits(seconds=5), readable=[environment])
    assert not ran.is_ok
    outside = tmp_path / "outside"
    outside.mkdir()
    code = f"import os, shutil; shutil.rmtree('deep'); os.symlink('{outside}', 'deep')"
    assert run(sandbox, code).is_ok
    with pytest.raises(SandboxError, match="a link or a file"):
        sandbox.run(["true"], RunLimits(seconds=5), readable=[environment])
    assert list(outside.iterdir()) == []
    environment.joinpath("tool").unlink()
    environment.rmdir()
    environment.parent.rmdir()


def test_closing_twice_is_allowed(repository: Path) -> None:
    opened = open_sandbox(repository, accept_open=True)
    opened.close()
    opened.close()
