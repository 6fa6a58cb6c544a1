"""Discovery agrees with git on every tree, and says what it left out."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import discovery
from indexer.discovery import Discovery, LeftOut, LeftOutReason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
PYTHON = {".py": "python"}
NOBODY = 65534


def discover(root: Path, suffixes: Mapping[str, str], exclude: Sequence[str] = ()) -> Discovery:
    return discovery.discover(root, suffixes, exclude=exclude, max_file_bytes=4_000_000)


def git(folder: Path, *arguments: str) -> bytes:
    settings = ("user.name=t", "user.email=t@example.org", "protocol.file.allow=always")
    options = [part for setting in settings for part in ("-c", setting)]
    command = ["git", *options, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout


def plant(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")


def repository(root: Path, *names: str) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "-q", "-b", "main")
    plant(root, *names)
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "start")
    return root


def paths(found: Discovery) -> list[str]:
    return [file.path for file in found.files]


def reasons(found: Discovery) -> dict[str, str]:
    return {row.path: str(row.reason) for row in found.left_out}


NAMES = st.sampled_from(["a", "b", "ab", "c d", "[x]"])
FILES = st.sampled_from(
    ["é.py", "*.py", "a.py", "b.py", "ab.py", "a.txt", "#c.py", "!d.py", "e.py "]
)
FILE_PATHS = st.lists(st.tuples(st.lists(NAMES, max_size=3), FILES), min_size=1, max_size=12)
PATTERNS = st.sampled_from(
    [
        *("*.py", "!a.py", "/a", "a/", "a/*", "!a/b", "**/b", "a/**/b", "a/**", "**/a/", "[ab].py"),
        *("?.py", "\\#c.py", "\\!d.py", "#", "*", "!*/", "!*.py", "/*", "/*/", "!/a/", "b/a.py"),
        *("!b/a.py", "ab*", "*b", "[!a].py", "a\\b.py", "/a/b", "/**/ab.py", "!**/ab.py", "c?"),
        *("\\[x]", "[[]x]/", "*.p[xy]", "c d", "c d/", "e.py\\ ", "e.py ", "a.py  ", "", " "),
        *("a.py\r", "\ta.py", "!", "/", "\\", "***", "a**b", "a[b-a]", "[", "a[", "[^a].py", "//"),
        *(
            "[[:alpha:]]*",
            "[![:alpha:].]*",
            "[[:nope:]]",
            "[[:x]",
            "[a-]",
            "[]-a]*",
            "a/**/**/b",
            "**/",
        ),
        *(
            "a?.py",
            "\\a",
            "a\\",
            "\\*.py",
            "/**",
            "!/a/**",
            "**/*.py",
            "a**/b.py",
            "\xe9*",
            "é?.py",
        ),
    ]
)
IGNORE_FILES = st.lists(
    st.tuples(st.lists(NAMES, max_size=2), st.lists(PATTERNS, max_size=5)), max_size=3
)


@given(files=FILE_PATHS, ignore_files=IGNORE_FILES)
@settings(max_examples=100, deadline=None)
def test_walk_and_git_agree_on_random_trees(
    files: list[tuple[list[str], str]], ignore_files: list[tuple[list[str], list[str]]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        plant(root, *("/".join([*folders, file]) for folders, file in files))
        for folders, patterns in ignore_files:
            folder = root.joinpath(*folders)
            if folder.is_dir():
                (folder / ".gitignore").write_bytes("\n".join(patterns).encode())
        suffixes = {**PYTHON, ".txt": "text", ".py ": "python"}
        walked = discover(root, suffixes)
        git(root, "init", "-q")
        asked = discover(root, suffixes)
        listed = git(root, "ls-files", "-z", "--others", "--exclude-standard").split(b"\0")
        expected = sorted(
            item.decode() for item in listed if item.endswith((b".py", b".txt", b".py "))
        )
        assert paths(asked) == expected
        assert paths(walked) == expected


def test_tracked_files_are_in_whatever_the_rules_say(tmp_path: Path) -> None:
    repository(tmp_path, "build/kept.py", "src/a.py", "node_modules/tracked.py")
    (tmp_path / ".gitignore").write_text("build/\n")
    (tmp_path / ".git/info/exclude").write_text("secret.py\n")
    plant(tmp_path, "build/made.py", "src/secret.py", "src/new.py", "src/__pycache__/a.py")
    found = discover(tmp_path, PYTHON)
    assert paths(found) == ["build/kept.py", "node_modules/tracked.py", "src/a.py", "src/new.py"]
    assert found.left_out == (
        LeftOut("build/", LeftOutReason.IGNORED),
        LeftOut("src/", LeftOutReason.IGNORED),
        LeftOut("src/__pycache__/", LeftOutReason.SKIPPED_FOLDER),
    )


def test_thousands_of_ignored_files_are_one_row(tmp_path: Path) -> None:
    repository(tmp_path, "a.py")
    (tmp_path / ".gitignore").write_text("*_gen.py\nvendor/\n")
    plant(
        tmp_path,
        *(f"a.py.d/p{n}/{file}" for n in range(30) for file in ("m_gen.py", "m.py")),
        *(f"src/p{n}/m_gen.py" for n in range(30)),
        *(f"vendor/{n}.py" for n in range(9)),
    )
    assert discover(tmp_path, PYTHON).left_out == (
        LeftOut("a.py.d/", LeftOutReason.IGNORED, 30),
        LeftOut("src/", LeftOutReason.IGNORED),
        LeftOut("vendor/", LeftOutReason.IGNORED),
    )


def test_deleted_conflicting_and_replaced_files(tmp_path: Path) -> None:
    repository(tmp_path, "gone.py", "folder.py", "both.py", "pipe.py", "parent/child.py")
    git(tmp_path, "checkout", "-q", "-b", "other")
    (tmp_path / "both.py").write_text("x = 2\n")
    git(tmp_path, "commit", "-qam", "other")
    git(tmp_path, "checkout", "-q", "main")
    (tmp_path / "both.py").write_text("x = 3\n")
    git(tmp_path, "commit", "-qam", "mine")
    with pytest.raises(subprocess.CalledProcessError):
        git(tmp_path, "merge", "other")
    for name in ("gone.py", "folder.py", "pipe.py", "parent/child.py"):
        (tmp_path / name).unlink()
    (tmp_path / "parent").rmdir()
    plant(tmp_path, "folder.py/inner.py", "parent")
    os.mkfifo(tmp_path / "pipe.py")
    found = discover(tmp_path, PYTHON)
    assert paths(found) == ["both.py", "folder.py/inner.py"]
    assert reasons(found)["pipe.py"] == "not-a-file"


def test_a_folder_inside_a_repository(tmp_path: Path) -> None:
    repository(tmp_path, "other/x.py", "pkg/a.py", "pkg/sub/b.py")
    (tmp_path / ".gitignore").write_text("/pkg/sub/c.py\n/build\n")
    plant(tmp_path, "pkg/sub/c.py", "build/z.py")
    found = discover(tmp_path / "pkg", PYTHON)
    assert paths(found) == ["a.py", "sub/b.py"]
    assert reasons(found) == {"sub/": "ignored-by-git"}
    built = discover(tmp_path / "build", PYTHON)
    assert paths(built) == ["z.py"], "a folder that is asked for by name is indexed"
    assert len(built.notes) == 1


def test_submodules_clones_and_worktrees(tmp_path: Path) -> None:
    library = repository(tmp_path / "library", "lib.py")
    (library / ".gitignore").write_text("hidden.py\n")
    git(library, "add", "-A")
    git(library, "commit", "-qm", "rules")
    root = repository(tmp_path / "root", "main.py")
    git(root, "submodule", "add", "-q", str(library), "sub")
    git(root, "submodule", "add", "-q", str(library), "absent")
    git(root, "commit", "-qm", "submodules")
    git(root, "submodule", "deinit", "-q", "-f", "absent")
    git(root, "clone", "-q", str(library), "deep/clone")
    git(root, "worktree", "add", "-q", "trees/second")
    plant(root, "sub/hidden.py", "sub/new.py", "deep/clone/hidden.py")
    found = discover(root, PYTHON)
    assert paths(found) == ["deep/clone/lib.py", "main.py", "sub/lib.py", "sub/new.py"]
    assert reasons(found) == {
        "absent/": "nested-repository",
        "trees/second/": "nested-repository",
        "deep/": "ignored-by-git",
        "sub/": "ignored-by-git",
    }
    assert paths(discover(root / "trees/second", PYTHON)) == ["main.py"]


def test_repositories_below_a_plain_folder(tmp_path: Path) -> None:
    one = repository(tmp_path / "one", "a.py", "ignored/tracked.py")
    git(one, "worktree", "add", "-q", str(tmp_path / "two"))
    plant(tmp_path, "loose.py")
    (tmp_path / "broken/.git").mkdir(parents=True)
    plant(tmp_path, "broken/c.py")
    found = discover(tmp_path, PYTHON)
    assert "loose.py" in paths(found)
    assert "broken/c.py" in paths(found)
    assert sum(path.endswith("/a.py") for path in paths(found)) == 1
    assert list(reasons(found).values()) == ["nested-repository"]
    assert [note.partition(":")[0] for note in found.notes] == ["broken/"]


def test_a_bare_repository_with_worktrees(tmp_path: Path) -> None:
    source = repository(tmp_path / "source", "a.py")
    root = tmp_path / "root"
    root.mkdir()
    git(root, "clone", "-q", "--bare", str(source), ".bare")
    (root / ".git").write_text("gitdir: ./.bare\n")
    git(root, "worktree", "add", "-q", "main")
    git(root, "worktree", "add", "-q", "-b", "topic", "topic")
    found = discover(root, PYTHON)
    assert len(paths(found)) == 1
    assert list(reasons(found).values()) == ["nested-repository"]


def test_links_are_told_and_never_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    plant(outside, "o.py")
    for make in (plain_folder, repository):
        root = make(tmp_path / make.__name__, "pkg/a.py")
        (root / "pkg/loop").symlink_to(root, target_is_directory=True)
        (root / "self.py").symlink_to("self.py")
        (root / "alias.py").symlink_to("pkg/a.py")
        (root / "dangling.py").symlink_to("nowhere.py")
        (root / "out.d").symlink_to(outside, target_is_directory=True)
        (root / "note").symlink_to("pkg/a.py")
        found = discover(root, PYTHON)
        assert paths(found) == ["pkg/a.py"]
        assert {row.path: row.detail for row in found.left_out} == {
            "pkg/loop": "points to .",
            "self.py": "Too many levels of symbolic links",
            "alias.py": "points to pkg/a.py",
            "dangling.py": "points to nothing",
            "out.d": "points outside",
        }


def plain_folder(root: Path, *names: str) -> Path:
    plant(root, *names)
    return root


@pytest.mark.parametrize("make", [plain_folder, repository])
def test_names_and_sizes(tmp_path: Path, make: Callable[..., Path]) -> None:
    root = make(
        tmp_path / "root", "ok.py", "käse/日本 x.py", "UPPER.PY", "no_suffix", ".py", "new\nline.py"
    )
    bad = os.fsencode(root) + b"/caf\xe9.py"
    Path(os.fsdecode(bad)).write_text("x = 1\n")
    with (root / "huge.py").open("wb") as huge:
        huge.truncate(50_000_000)
    found = discover(root, PYTHON)
    assert (
        paths(found) == [".py", "UPPER.PY", "käse/日本 x.py", "new\nline.py", "ok.py"][0:] or True
    )
    assert paths(found) == [".py", "UPPER.PY", "käse/日本 x.py", "new\nline.py", "ok.py"]
    assert found.left_out == (
        LeftOut("caf\\xe9.py", LeftOutReason.NOT_UTF8_NAME),
        LeftOut("huge.py", LeftOutReason.TOO_LARGE, 1, "50,000,000 bytes, the limit is 4,000,000"),
    )
    ok = next(file for file in found.files if file.path == "ok.py")
    assert (ok.size, ok.mtime_ns) == (6, (root / "ok.py").stat().st_mtime_ns)
    assert ok.language == "python"


@pytest.mark.parametrize("make", [plain_folder, repository])
def test_excluded_by_setting(tmp_path: Path, make: Callable[..., Path]) -> None:
    root = make(tmp_path / "root", "a.py", "tests/a.py", "tests/deep/b.py", "src/tests/c.py")
    found = discover(root, PYTHON, exclude=["/tests/"])
    assert paths(found) == ["a.py", "src/tests/c.py"]
    assert found.left_out == (LeftOut("tests/", LeftOutReason.EXCLUDED, 2),)


@pytest.mark.parametrize("make", [plain_folder, repository])
def test_a_virtual_environment_that_nobody_ignored(
    tmp_path: Path, make: Callable[..., Path]
) -> None:
    root = make(tmp_path / "root", "a.py")
    plant(root, "env/pyvenv.cfg", "env/lib/x.py", "node_modules/gyp/y.py", "pkg/b.py")
    found = discover(root, PYTHON)
    assert paths(found) == ["a.py", "pkg/b.py"]
    assert reasons(found) == {"env/": "skipped-folder", "node_modules/": "skipped-folder"}


def test_no_files_at_all(tmp_path: Path) -> None:
    assert discover(tmp_path, PYTHON) == Discovery((), ())
    assert discover(repository(tmp_path / "r"), PYTHON) == Discovery((), ())


UNPRIVILEGED = """
import os, sys
from pathlib import Path
from indexer.discovery import discover
os.setgid(65534); os.setuid(65534)
found = discover(Path(sys.argv[1]), {".py": "python"}, max_file_bytes=99)
print([file.path for file in found.files])
print(sorted((row.path, str(row.reason)) for row in found.left_out))
print(len(found.notes))
"""


def unprivileged(root: Path) -> list[str]:
    """Discover as a user whom file permissions stop, which they do not do for root."""
    command = [sys.executable, "-c", UNPRIVILEGED, str(root)]
    environment = {**os.environ, "HOME": str(root)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
@pytest.mark.parametrize("make", [plain_folder, repository])
def test_unreadable_files_and_folders(make: Callable[..., Path]) -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        root = make(Path(name) / "root", "a.py", "locked.py", "pkg/b.py")
        plant(root, "shut/c.py", "pkg/shut/d.py")
        (root / "locked.py").chmod(0)
        for path in [root, *root.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)
        (root / "shut").chmod(0)
        (root / "pkg/shut").chmod(0)
        files, left_out, notes = unprivileged(root)
        assert files == "['a.py', 'pkg/b.py']"
        assert left_out == str(
            [("locked.py", "unreadable"), ("pkg/shut/", "unreadable"), ("shut/", "unreadable")]
        )
        assert notes == "0"
        assert unprivileged(root / "pkg")[1] == "[('shut/', 'unreadable')]"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_repository_that_git_does_not_trust_is_walked_with_a_note() -> None:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        root = repository(Path(name) / "root", "a.py")
        (root / ".gitignore").write_text("b.py\n")
        plant(root, "b.py")
        files, left_out, notes = unprivileged(root)
        assert (files, left_out, notes) == ("['a.py']", "[('b.py', 'ignored-by-git')]", "1")


def test_without_git_the_rules_are_read(tmp_path: Path) -> None:
    root = repository(tmp_path / "root", "a.py")
    (root / ".gitignore").write_text("b.py\n")
    plant(root, "b.py", "c.py")
    script = (
        "import sys; from pathlib import Path; from indexer.discovery import discover\n"
        "found = discover(Path(sys.argv[1]), {'.py': 'python'}, max_file_bytes=99)\n"
        "print([file.path for file in found.files], *found.notes)"
    )
    environment = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script, str(root)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (
        done.stdout == "['a.py', 'c.py'] .: git is not installed; read .gitignore files instead\n"
    )


def test_variables_of_a_git_hook_do_not_mislead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = repository(tmp_path / "other", "wrong.py")
    root = repository(tmp_path / "root", "right.py")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert paths(discover(root, PYTHON)) == ["right.py"]


def test_settings_of_the_repository_run_no_program(tmp_path: Path) -> None:
    root = repository(tmp_path / "root", "a.py")
    monitor = tmp_path / "monitor"
    monitor.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    monitor.chmod(0o755)
    git(root, "config", "core.fsmonitor", str(monitor))
    assert paths(discover(root, PYTHON)) == ["a.py"]
    assert not (tmp_path / "ran").exists()


def test_thousands_of_files_take_little_time(tmp_path: Path) -> None:
    names = [f"p{n % 60}/s{n % 7}/m{n}.py" for n in range(2800)]
    root = repository(tmp_path / "root", *names)
    before = time.process_time()
    assert len(discover(root, PYTHON).files) == 2800
    # It takes a tenth of this; the bound is for a machine that does other work.
    assert time.process_time() - before < 0.6
