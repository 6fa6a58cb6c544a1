"""Source repositories: found by name below a folder, read from git or as a plain folder.

A git directory is read blob by blob and never checked out, because public snapshots may lack their
largest files, and one missing blob ends a checkout or an archive.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from graphdb.errors import CodexGraphError
from graphdb.git import git_environment
from indexer.languages import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")
_SEPARATORS = ("/", "+", "__")


class MissingRepositoryError(CodexGraphError):
    """The environment, not the answer, is at fault: a repository or commit cannot be had."""


class Entry(NamedTuple):
    """A file or link of a commit. mode: as git writes it. blob: the id of its content."""

    path: str
    mode: str
    blob: str


@dataclass(frozen=True)
class Repository:
    """One source repository. git_dir: None for a plain folder."""

    name: str
    folder: Path
    git_dir: Path | None

    def resolve(self, commit: str) -> str:
        """The full id of a commit. Raises MissingRepositoryError when the history has it not."""
        found = self._git("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}")
        if found is None:
            raise MissingRepositoryError(f"{self.folder} has no commit {commit}: fetch it whole")
        return found.decode().strip()

    @cached_property
    def head(self) -> str | None:
        """The commit that is checked out, or None without git."""
        found = self._git("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return found.decode().strip() if found else None

    def commits_touching(self, paths: Iterable[str]) -> list[str]:
        """Commits that changed any of some paths, newest first."""
        found = self._git("log", "--format=%H", "HEAD", "--", *paths)
        return found.decode().split() if found else []

    def source_files(self, commit: str | None) -> dict[str, bytes]:
        """The files of the languages that are indexed, by path; those that are missing left out.

        commit: None for what a plain folder holds.
        """
        if self.git_dir is None:
            return dict(_folder_files(self.folder))
        blobs = {
            entry.path: entry.blob
            for entry in self.entries(commit)
            if entry.mode.startswith("100") and entry.path.endswith(tuple(SUFFIXES))
        }
        found = self.blobs(blobs.values())
        return {path: found[blob] for path, blob in blobs.items() if blob in found}

    def entries(self, commit: str | None) -> list[Entry]:
        """All files and links of a commit; none of a plain folder."""
        listed = self._git("ls-tree", "-r", "-z", "--full-tree", commit or "HEAD") or b""
        found: list[Entry] = []
        for record in listed.split(b"\0"):
            head, _, raw = record.partition(b"\t")
            fields = head.decode().split(" ")
            if len(fields) == 3 and fields[1] == "blob":
                found.append(Entry(raw.decode("utf-8", "surrogateescape"), fields[0], fields[2]))
        return found

    def blob_ids(self, names: Iterable[str]) -> dict[str, str]:
        """Ids by object name (`commit:path`); unknown names are left out."""
        wanted = list(names)
        text = "".join(f"{name}\n" for name in wanted).encode("utf-8", "surrogateescape")
        output = (self._git("cat-file", "--batch-check", text=text) or b"").split(b"\n")
        found: dict[str, str] = {}
        for name, line in zip(wanted, output, strict=False):
            head = line.split(b" ")
            if len(head) == 3 and head[1] == b"blob":
                found[name] = head[0].decode()
        return found

    def blobs(self, names: Iterable[str]) -> dict[str, bytes]:
        """Contents by object name (`id` or `commit:path`); unknown names are left out."""
        wanted = list(dict.fromkeys(names))
        if not wanted or self.git_dir is None:
            return {}
        text = "".join(f"{name}\n" for name in wanted).encode("utf-8", "surrogateescape")
        output = self._git("cat-file", "--batch", text=text) or b""
        found: dict[str, bytes] = {}
        at = 0
        for name in wanted:
            line_end = output.find(b"\n", at)
            head = output[at:line_end].split(b" ")
            at = line_end + 1
            if len(head) == 3 and head[1] == b"blob":
                size = int(head[2])
                found[name] = output[at : at + size]
                at += size + 1
            elif len(head) == 3 and head[2].isdigit():
                at += int(head[2]) + 1
        return found

    def _git(self, *arguments: str, text: bytes | None = None) -> bytes | None:
        if self.git_dir is None:
            return None
        done = subprocess.run(
            ["git", f"--git-dir={self.git_dir}", "-c", "core.quotePath=false", *arguments],
            input=text,
            env=git_environment(),
            capture_output=True,
            check=False,
        )
        return done.stdout if done.returncode == 0 else None


def find_repository(repos: Path, name: str) -> Repository:
    """The repository of that name (`owner/name` or `name`) below a folder.

    Understood: `owner/name`, `owner+name`, `owner__name`, `name` and `name.git`, spelt in any case
    and punctuation, each a work tree, a git directory, a folder that holds one as `repo`, or a
    plain folder. Raises MissingRepositoryError.
    """
    if not repos.is_dir():
        raise CodexGraphError(f"--repos {repos} is not a folder: give the folder of the sources")
    wanted = _keys(name)
    best: tuple[int, Path] | None = None
    for folder in _folders(repos):
        shared = wanted & _keys(folder.relative_to(repos).as_posix().removesuffix(".git"))
        if shared:
            score = max(len(key) for key in shared)
            if best is None or score > best[0]:
                best = (score, folder)
    if best is None:
        raise MissingRepositoryError(f"{repos} has no repository {name}: fetch it there")
    return _opened(name, best[1])


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder; a path that leads out of it is refused."""
    root = folder.resolve()
    for path, data in files.items():
        target = (root / path).resolve()
        if not target.is_relative_to(root):
            raise CodexGraphError(f"path {path!r} leads out of {folder}: the record is not usable")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _folders(repos: Path) -> Iterator[Path]:
    for folder in sorted(path for path in repos.iterdir() if path.is_dir()):
        yield folder
        if _git_dir(folder) is None:
            inner = sorted(path for path in folder.iterdir() if path.is_dir())
            yield from (path for path in inner if path.name != "repo")


def _keys(name: str) -> set[str]:
    """Spellings under which a repository may be kept: with its owner and without."""
    text = name
    for separator in _SEPARATORS:
        text = text.replace(separator, "\n")
    pieces = [_NOT_A_LETTER.sub("", piece.lower()) for piece in text.split("\n")]
    pieces = [piece for piece in pieces if piece]
    return {"".join(pieces), *pieces[-1:]}


def _opened(name: str, folder: Path) -> Repository:
    git_dir = _git_dir(folder)
    return Repository(name, folder, git_dir)


def _git_dir(folder: Path) -> Path | None:
    for place in (folder / ".git", folder, folder / "repo", folder / "repo" / ".git"):
        if (place / "HEAD").is_file() and (place / "objects").is_dir():
            return place
    return None


def _folder_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.suffix in SUFFIXES and path.is_file() and ".git" not in relative.parts:
            yield relative.as_posix(), path.read_bytes()
