"""Edits are written all or not at all, over what they were made from, and nowhere else."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.apply import ApplyRefusedError, apply, undo
from agent.draft import Edit
from agent.tools.texts import repository_files


def tree(root: Path) -> dict[str, bytes | None]:
    """All files below a folder, and its folders as None."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(root.rglob("*"))
        if ".git" not in path.relative_to(root).parts
    }


def put(root: Path, path: str, content: str | bytes) -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def git(root: Path, *arguments: str) -> None:
    names = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a"}
    environment = {**os.environ, **names, "GIT_COMMITTER_EMAIL": "a@b"}
    subprocess.run(
        ["git", "-c", "commit.gpgsign=false", *arguments],
        cwd=root, env=environment, check=True, capture_output=True, timeout=30,
    )  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    put(root, "a.py", "one = 1\n")
    put(root, "pkg/b.py", "two = 2\n")
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "start")
    return root


def test_edits_are_written_and_taken_back(repository: Path) -> None:
    before = tree(repository)
    edits = [
        Edit("a.py", "one = 1\n", "one = 11\n"),
        Edit("pkg/b.py", "two = 2\n", ""),
        Edit("new/deep/c.py", None, "three = 3\n"),
    ]
    done = apply(repository, edits)
    assert tree(repository) == {
        "a.py": b"one = 11\n",
        "new": None,
        "new/deep": None,
        "new/deep/c.py": b"three = 3\n",
        "pkg": None,
        "pkg/b.py": b"",
    }
    undo(repository, done)
    assert tree(repository) == before


def test_undo_refuses_what_has_changed_since(repository: Path) -> None:
    done = apply(repository, [Edit("a.py", "one = 1\n", "one = 11\n")])
    put(repository, "a.py", "one = 12\n")
    with pytest.raises(ApplyRefusedError, match=r"a\.py has changed since it was written"):
        undo(repository, done)
    assert (repository / "a.py").read_text() == "one = 12\n"


REFUSED = {
    "dirty": (Edit("a.py", "dirty\n", "x\n"), "a.py has changes that are not committed"),
    "stale": (Edit("pkg/b.py", "old\n", "x\n"), "pkg/b.py has changed since it was read"),
    "untracked": (Edit("loose.py", "l\n", "x\n"), "loose.py is not in git's HEAD: commit it"),
    "gone": (Edit("gone.py", "g\n", "x\n"), "gone.py is gone"),
    "exists": (Edit("pkg/b.py", None, "x\n"), "pkg/b.py exists already"),
    "above": (Edit("../out.py", None, "x\n"), "'../out.py' is no path in the repository"),
    "inside and above": (Edit("pkg/../../out.py", None, "x\n"), "is no path in the repository"),
    "absolute": (Edit("/etc/motd", None, "x\n"), "'/etc/motd' is no path in the repository"),
    "git": (Edit(".git/hooks/post-commit", None, "x\n"), "lies in git's own folder"),
    "git inside": (Edit("pkg/.GIT/config", None, "x\n"), "lies in git's own folder"),
    "link": (Edit("link.py", "secret\n", "x\n"), "link.py is a link, which is not followed"),
    "link over nothing": (Edit("dangling.py", None, "x\n"), "dangling.py is a link"),
    "folder link": (Edit("outside/c.py", None, "x\n"), "outside/c.py lies behind a link"),
    "folder": (Edit("pkg", None, "x\n"), "pkg is no file"),
    "file as folder": (Edit("a.py/b.py", None, "x\n"), "a.py/b.py lies behind a link or a file"),
    "empty": (Edit("", None, "x\n"), "'' is no path"),
    "zero": (Edit("a\0b", None, "x\n"), "is no path"),
    "read-only": (Edit("readonly.py", "r\n", "x\n"), "readonly.py: the file is read-only"),
    "unwritable name": (Edit("n" * 300, None, "x\n"), "File name too long"),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("is_last", [False, True], ids=["first", "last"])
def test_one_refusal_leaves_all_files_as_they_were(
    repository: Path, case: str, is_last: bool
) -> None:
    put(repository, "readonly.py", "r\n").chmod(0o444)
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "more")
    put(repository, "a.py", "dirty\n")
    put(repository, "loose.py", "l\n")
    outside = put(repository.parent, "elsewhere/secret.py", "secret\n").parent
    (repository / "link.py").symlink_to(outside / "secret.py")
    (repository / "dangling.py").symlink_to(outside / "new.py")
    (repository / "outside").symlink_to(outside)
    before, around = tree(repository), tree(outside)
    edit, message = REFUSED[case]
    # A new file of its own, so that there is something to take back.
    good = Edit("fresh/new.py", None, "fine\n")
    with pytest.raises(ApplyRefusedError) as refusal:
        apply(repository, [good, edit] if is_last else [edit, good])
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert tree(repository) == before
    assert tree(outside) == around
    assert not list(repository.rglob("*.tmp"))


def test_a_path_may_be_edited_once(repository: Path) -> None:
    edits = [Edit("a.py", "one = 1\n", "x\n"), Edit("./a.py", "one = 1\n", "y\n")]
    with pytest.raises(ApplyRefusedError, match=r"a\.py is edited twice"):
        apply(repository, edits)


def test_a_filter_that_the_repository_configures_is_not_run(repository: Path) -> None:
    git(repository, "config", "filter.evil.clean", f"touch {repository}/ran; cat")
    put(repository, ".gitattributes", "*.py filter=evil\n")
    os.utime(repository / "a.py", (1, 1))
    apply(repository, [Edit("a.py", "one = 1\n", "one = 11\n")])
    assert not (repository / "ran").exists()


def test_without_git_the_text_before_decides(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "one = 1\n")
    apply(tmp_path, [Edit("a.py", "one = 1\n", "one = 2\n")])
    assert (tmp_path / "a.py").read_text() == "one = 2\n"
    with pytest.raises(ApplyRefusedError, match="has changed since it was read"):
        apply(tmp_path, [Edit("a.py", "one = 1\n", "one = 3\n")])


HEX = "# coding: hex\n"
LATIN = b"# coding: latin-1\n"
KOI8 = b"#!/bin/sh\n# -*- coding: koi8-r -*-\n"


@pytest.mark.parametrize(
    ("content", "before", "after", "expected"),
    [
        (b"a\r\nb\r\n", "a\r\nb\r\n", "a\r\nc\r\n", b"a\r\nc\r\n"),
        (b"a\r\nb\r\n", "a\nb\n", "a\nc\nd\n", b"a\r\nc\r\nd\r\n"),
        (b"a\r\nb\r\n", "a\r\nb\r\n", "a\r\nnew\nb\r\n", b"a\r\nnew\r\nb\r\n"),
        (b"a\r\nb\n", "a\r\nb\n", "a\r\nc\n", b"a\r\nc\n"),
        (b"\xef\xbb\xbfa\n", "a\n", "b\n", b"\xef\xbb\xbfb\n"),
        (b"\xef\xbb\xbfa\n", "\ufeffa\n", "\ufeffb\n", b"\xef\xbb\xbfb\n"),
        (b"\xff\xfea\x00\n\x00", "a\n", "\u00e9\n", b"\xff\xfe\xe9\x00\n\x00"),
        (b"caf\xe9\n", "caf\u00e9\n", "caf\u00e9s\n", b"caf\xe9s\n"),
        ("é\n".encode(), "é\n", "漢\n", "漢\n".encode()),
        (b"no end", "no end", "no end still", b"no end still"),
        (LATIN + b"a\n", "# coding: latin-1\na\n", "# coding: latin-1\né\n", LATIN + b"\xe9\n"),
        (LATIN + b"\xe9\n", "# coding: latin-1\né\n", "é\n", "é\n".encode()),
        (b"a\n", "a\n", "#!/bin/sh\n# -*- coding: koi8-r -*-\nя\n", KOI8 + b"\xd1\n"),
        (KOI8 + b"\xd1\n", f"{KOI8.decode()}я\n", f"{KOI8.decode()}Я\n", KOI8 + b"\xf1\n"),
        (
            b"# coding: hex\n",
            "# coding: hex\n",
            "# coding: hex\né\n",
            "# coding: hex\né\n".encode(),
        ),
    ],
)
def test_line_ends_marks_and_encoding_are_kept(
    tmp_path: Path, content: bytes, before: str, after: str, expected: bytes
) -> None:
    file = put(tmp_path, "a.py", content)
    undoing = apply(tmp_path, [Edit("a.py", before, after)])
    assert file.read_bytes() == expected
    undo(tmp_path, undoing)
    assert file.read_bytes() == content


def test_a_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    file = put(tmp_path, "a.py", KOI8 + b"\xd1\n")
    text = repository_files(tmp_path)("a.py")
    assert text == KOI8.decode() + "я\n"
    assert text is not None
    apply(tmp_path, [Edit("a.py", text, text.replace("я", "Я"))])
    assert file.read_bytes() == KOI8 + b"\xf1\n"


def test_what_an_encoding_cannot_write_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "a.py", b"caf\xe9\n")
    with pytest.raises(ApplyRefusedError, match=r"a\.py is in latin-1, which cannot write '漢'"):
        apply(tmp_path, [Edit("a.py", "café\n", "漢\n")])


def test_a_text_that_was_read_with_losses_is_not_written_back(tmp_path: Path) -> None:
    put(tmp_path, "a.py", b"caf\xe9\n")
    with pytest.raises(ApplyRefusedError, match=r"a\.py is not UTF-8 and was read with losses"):
        apply(tmp_path, [Edit("a.py", "caf\ufffd\n", "tea\n")])


def test_modes_are_kept_and_new_files_get_the_usual_one(tmp_path: Path) -> None:
    file = put(tmp_path, "run.py", "x\n")
    file.chmod(0o751)
    usual = stat.S_IMODE(put(tmp_path, "usual.py", "").stat().st_mode)
    apply(tmp_path, [Edit("run.py", "x\n", "y\n"), Edit("new.py", None, "z\n")])
    assert stat.S_IMODE(file.stat().st_mode) == 0o751
    assert stat.S_IMODE((tmp_path / "new.py").stat().st_mode) == usual


def test_other_names_of_a_file_keep_the_old_text(tmp_path: Path) -> None:
    file = put(tmp_path, "a.py", "one\n")
    os.link(file, tmp_path / "backup.py")
    apply(tmp_path, [Edit("a.py", "one\n", "two\n")])
    assert (tmp_path / "backup.py").read_text() == "one\n"


_SMALL = """
import resource, signal, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from agent.apply import ApplyRefusedError, apply
from agent.draft import Edit
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
edits = [Edit("a.py", "one\\n", "two\\n"), Edit("deep/big.py", None, "x" * 9000)]
try:
    apply(Path(sys.argv[2]), edits)
except ApplyRefusedError as error:
    print(error)
"""
_SLOW = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from agent.apply import apply
from agent.draft import Edit
root = Path(sys.argv[2])
edits = [Edit(f"n{n}/f.py", None, "x" * 200_000) for n in range(4000)]
print("begun", flush=True)
apply(root, edits)
"""
SOURCE = str(Path(__file__).parents[2])


def test_a_write_that_fails_half_way_takes_everything_back(tmp_path: Path) -> None:
    put(tmp_path, "a.py", "one\n")
    ran = subprocess.run(
        [sys.executable, "-c", _SMALL, SOURCE, str(tmp_path)],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert ran.stdout.strip() == "deep/big.py: File too large, nothing was changed"
    assert tree(tmp_path) == {"a.py": b"one\n"}


def test_an_interruption_takes_everything_back(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _SLOW, SOURCE, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        deadline = time.monotonic() + 30
        while len(list(tmp_path.iterdir())) < 20 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert b"KeyboardInterrupt" in errors
    assert tree(tmp_path) == {}


def test_a_program_that_is_told_to_end_writes_all_files_or_none(tmp_path: Path) -> None:
    program = _SLOW.replace("200_000", "10").replace("4000", "300")
    command = [sys.executable, "-c", program, SOURCE, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        deadline = time.monotonic() + 30
        while not (tmp_path / "n0/f.py").exists() and time.monotonic() < deadline:
            time.sleep(0.0005)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
    assert sum(path.endswith("f.py") for path in tree(tmp_path)) == 300
    assert not list(tmp_path.rglob("*.tmp"))
