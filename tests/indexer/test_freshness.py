"""An index against the files of now, on real git repositories."""

from __future__ import annotations

import subprocess
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from graphdb.delta import IndexMeta
from graphdb.errors import CodexGraphError
from indexer.changes import changed_lines, parse_diff
from indexer.freshness import Freshness, check, content_hash

if TYPE_CHECKING:
    from pathlib import Path

_AUTHOR = (
    "-c",
    "user.name=Test",
    "-c",
    "user.email=test@example.org",
    "-c",
    "commit.gpgsign=false",
)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *_AUTHOR, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


class Indexed:
    """A folder with the facts that an index of it would hold."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.index()

    def index(self) -> None:
        indexed_at = datetime.now(UTC).isoformat()
        paths = (p for p in self.root.rglob("*.py") if ".git" not in p.parts)
        self.hashes = {
            p.relative_to(self.root).as_posix(): content_hash(p.read_bytes()) for p in paths
        }
        head = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=self.root, capture_output=True, text=True, check=False
        )
        commit = head.stdout.strip() if head.returncode == 0 else None
        self.meta = IndexMeta("r", str(self.root), "1", 1, "0", indexed_at, commit, "main")
        # The clock of the file system is coarse: what comes next must be later by it, too.
        time.sleep(0.12)

    def check(self, *answer: str) -> Freshness:
        return check(self.root, self.meta, answer, self.hashes)


def write(root: Path, path: str, text: str) -> None:
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


@pytest.fixture
def repository(tmp_path: Path) -> Indexed:
    root = tmp_path / "repo"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    write(root, "a.py", "one = 1\n")
    write(root, "pkg/b.py", "def f():\n    return 1\n\n\ndef g():\n    return 2\n")
    write(root, "README.md", "text\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "first")
    return Indexed(root)


def test_nothing_changed_is_fresh(repository: Indexed) -> None:
    state = repository.check("a.py")
    assert state.fresh
    assert (state.revision, state.head) == (repository.meta.commit, repository.meta.commit)
    assert state.head_branch == "main"
    assert (
        state.stale_files == state.changed_files == state.deleted_files == state.dirty_files == ()
    )


def test_an_edit_of_a_file_of_the_answer_is_stale(repository: Indexed) -> None:
    write(repository.root, "a.py", "one = 2\n")
    state = repository.check("a.py", "pkg/b.py")
    assert not state.fresh
    assert state.stale_files == state.changed_files == state.dirty_files == ("a.py",)


def test_an_edit_elsewhere_is_not_fresh_and_names_no_file_of_the_answer(
    repository: Indexed,
) -> None:
    write(repository.root, "a.py", "one = 2\n")
    state = repository.check("pkg/b.py")
    assert not state.fresh
    assert state.stale_files == ()
    assert state.changed_files == ("a.py",)


def test_a_dirty_file_that_was_indexed_so_is_fresh(repository: Indexed) -> None:
    write(repository.root, "a.py", "one = 2\n")
    repository.index()
    state = repository.check("a.py")
    assert state.fresh
    assert state.dirty_files == ("a.py",)


def test_reverting_a_file_that_was_indexed_dirty_is_noticed(repository: Indexed) -> None:
    write(repository.root, "a.py", "one = 2\n")
    repository.index()
    git(repository.root, "checkout", "-q", "a.py")
    state = repository.check()
    assert not state.fresh
    assert state.changed_files == ("a.py",)
    assert state.dirty_files == ()


def test_a_touched_file_is_fresh(repository: Indexed) -> None:
    (repository.root / "a.py").touch()
    assert repository.check("a.py").fresh


def test_a_file_that_is_no_source_does_not_count(repository: Indexed) -> None:
    write(repository.root, "README.md", "other\n")
    write(repository.root, "notes.txt", "new\n")
    assert repository.check("a.py").fresh


def test_a_new_source_file_is_not_fresh(repository: Indexed) -> None:
    write(repository.root, "new/c.py", "x = 1\n")
    state = repository.check("a.py")
    assert not state.fresh
    assert state.changed_files == ("new/c.py",)


def test_a_source_file_that_was_left_out_does_not_count(repository: Indexed) -> None:
    write(repository.root, "binary.py", "\x00\x01")
    time.sleep(0.12)
    repository.index()
    del repository.hashes["binary.py"]
    assert repository.check().fresh


def test_a_new_ignored_file_does_not_count(repository: Indexed) -> None:
    write(repository.root, ".gitignore", "build/\n")
    write(repository.root, "build/c.py", "x = 1\n")
    assert repository.check().fresh


def test_a_moved_file_is_one_gone_and_one_new(repository: Indexed) -> None:
    (repository.root / "a.py").rename(repository.root / "z.py")
    state = repository.check("a.py")
    assert state.stale_files == state.deleted_files == ("a.py",)
    assert state.changed_files == ("z.py",)


def test_a_branch_switch_is_noticed(repository: Indexed) -> None:
    root = repository.root
    git(root, "checkout", "-q", "-b", "topic")
    write(root, "pkg/b.py", "def f():\n    return 3\n")
    git(root, "commit", "-q", "-am", "second")
    state = repository.check("pkg/b.py")
    assert not state.fresh
    assert state.head != state.revision
    assert state.head_branch == "topic"
    assert state.stale_files == ("pkg/b.py",)
    git(root, "checkout", "-q", "main")
    assert repository.check("pkg/b.py").fresh


def test_a_commit_of_indexed_content_has_another_head_and_no_changed_file(
    repository: Indexed,
) -> None:
    write(repository.root, "README.md", "other\n")
    git(repository.root, "commit", "-q", "-am", "second")
    state = repository.check("a.py")
    assert not state.fresh
    assert state.changed_files == state.stale_files == ()


def test_a_detached_head_is_named(repository: Indexed) -> None:
    git(repository.root, "checkout", "-q", "--detach")
    state = repository.check("a.py")
    assert state.fresh
    assert state.head_branch is None


def test_a_worktree_has_its_own_head(repository: Indexed, tmp_path: Path) -> None:
    other = tmp_path / "other"
    git(repository.root, "worktree", "add", "-q", "-b", "side", str(other))
    there = Indexed(other)
    write(other, "a.py", "one = 5\n")
    git(other, "commit", "-q", "-am", "side")
    state = there.check("a.py")
    assert (state.head_branch, state.stale_files) == ("side", ("a.py",))
    assert repository.check("a.py").fresh


def test_a_folder_inside_a_work_tree(repository: Indexed) -> None:
    inside = Indexed(repository.root / "pkg")
    assert inside.check("b.py").fresh
    write(repository.root, "a.py", "one = 9\n")
    assert inside.check("b.py").fresh
    write(repository.root, "pkg/b.py", "pass\n")
    state = inside.check("b.py")
    assert state.stale_files == state.dirty_files == ("b.py",)


def test_a_repository_inside_is_looked_into(repository: Indexed) -> None:
    nested = repository.root / "vendor"
    write(repository.root, "vendor/v.py", "v = 1\n")
    git(nested, "init", "-q", "-b", "main")
    git(nested, "add", ".")
    git(nested, "commit", "-q", "-m", "vendored")
    repository.index()
    assert repository.check("vendor/v.py").fresh
    write(repository.root, "vendor/v.py", "v = 2\n")
    write(repository.root, "vendor/w.py", "w = 2\n")
    state = repository.check("vendor/v.py")
    assert state.stale_files == ("vendor/v.py",)
    assert state.changed_files == ("vendor/v.py", "vendor/w.py")


def test_an_unknown_indexed_commit_is_said(repository: Indexed) -> None:
    repository.meta = IndexMeta("r", "", "1", 1, "0", repository.meta.indexed_at, "1" * 40, "main")
    state = repository.check("a.py")
    assert not state.fresh
    assert state.note == "git does not know the indexed commit"


def test_an_empty_repository_without_a_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    write(tmp_path, "a.py", "x = 1\n")
    indexed = Indexed(tmp_path)
    assert indexed.check("a.py").fresh
    write(tmp_path, "a.py", "x = 2\n")
    assert indexed.check("a.py").stale_files == ("a.py",)


def test_without_git_contents_decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    write(tmp_path, "a.py", "x = 1\n")
    indexed = Indexed(tmp_path)
    state = indexed.check("a.py")
    assert state.fresh
    assert state.head is None
    write(tmp_path, "a.py", "x = 2\n")
    assert indexed.check("a.py").stale_files == ("a.py",)
    (tmp_path / "a.py").unlink()
    assert indexed.check("a.py").deleted_files == ("a.py",)


def test_git_missing_is_no_error(repository: Indexed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    write(repository.root, "a.py", "one = 2\n")
    state = repository.check("a.py")
    assert state.head is None
    assert state.stale_files == ("a.py",)


def test_variables_of_a_hook_do_not_lead_astray(
    repository: Indexed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    assert repository.check("a.py").fresh


def test_the_check_writes_nothing(repository: Indexed) -> None:
    index = repository.root / ".git" / "index"
    (repository.root / "a.py").touch()
    before = (index.stat().st_mtime_ns, index.stat().st_ino)
    repository.check("a.py")
    assert (index.stat().st_mtime_ns, index.stat().st_ino) == before


def test_changed_lines_are_those_of_the_indexed_side(repository: Indexed) -> None:
    text = "import os\n\n\ndef f():\n    return 1\n\n\ndef g():\n    return 99\n"
    write(repository.root, "pkg/b.py", text)
    # The index is that of HEAD: g is at lines 5 and 6 in it.
    lines = changed_lines(repository.root, "HEAD", repository.hashes)
    assert {n for part in lines["pkg/b.py"] for n in part} == {1, 6}
    repository.index()
    lines = changed_lines(repository.root, "HEAD", repository.hashes)
    assert {n for part in lines["pkg/b.py"] for n in part} == {1, 2, 3, 9}


def test_changed_lines_against_a_revision(repository: Indexed) -> None:
    write(repository.root, "a.py", "one = 2\n")
    git(repository.root, "commit", "-q", "-am", "second")
    repository.index()
    assert changed_lines(repository.root, "HEAD", repository.hashes) == {}
    assert changed_lines(repository.root, "HEAD~1", repository.hashes) == {"a.py": (range(1, 2),)}


@pytest.mark.parametrize("revision", ["no-such-branch", "--output=/tmp/x"])
def test_a_bad_revision_is_one_line(repository: Indexed, revision: str) -> None:
    with pytest.raises(CodexGraphError, match=r"revision|compare") as caught:
        changed_lines(repository.root, revision, repository.hashes)
    assert "\n" not in str(caught.value)


def test_names_with_blanks_and_quotes_in_a_diff(repository: Indexed) -> None:
    names = ("with blank.py", 'quo"te.py', "ümlaut.py")
    for name in names:
        write(repository.root, name, "x = 1\n")
    git(repository.root, "add", ".")
    repository.index()
    assert set(changed_lines(repository.root, "HEAD", repository.hashes)) == set(names)


def test_a_line_that_looks_like_a_header_is_content() -> None:
    diff = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -3 +3,2 @@\n--- b/x\n+++ c/y\n+z\n"
    assert parse_diff(diff) == {"a.py": ([range(3, 4)], [range(3, 5)])}
