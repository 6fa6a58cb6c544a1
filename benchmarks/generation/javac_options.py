"""The compilations that Maven makes, read off what it said and noted, to be made again alone.

The effective options of a build are spread over poms, parents and plug-in defaults; what Maven
prints when it compiles is the one place that has them all. Which files an execution leaves out
(`module-info.java` of a library for old and new Java) is told by the list that it keeps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_SAID = re.compile(
    r"--- (?:maven-compiler-plugin|compiler):[\w.-]+:"
    r"(?P<goal>compile|testCompile) \((?P<id>[^)]+)\)"
    r"|Command line options:\s*\n(?:\[DEBUG\]\s*)?(?P<options>-[^\n]*)"
)
_WORD = re.compile(r"\"[^\"]*\"|\S+")
_ROOT = "{root}"


@dataclass(frozen=True, slots=True)
class Compilation:
    """One call of javac. words: its options, the tree's folder written as `{root}`.

    output: folder of its classes. folders: of its sources. excluded: sources that it leaves out;
    all relative to the tree.
    """

    words: tuple[str, ...]
    output: str
    folders: tuple[str, ...]
    excluded: tuple[str, ...] = ()

    def options(self, root: Path) -> list[str]:
        """The options for a tree that lies elsewhere."""
        return [word.replace(_ROOT, str(root)) for word in self.words]

    def sources(self, root: Path) -> list[str]:
        """All Java files to be compiled, relative to the tree."""
        return [name for name in _java_files(root, self.folders) if name not in self.excluded]

    def classes_of(self, root: Path, path: str) -> list[Path]:
        """The class files there are of one source and of what is nested in its class."""
        folder = next((f for f in self.folders if path.startswith(f"{f}/")), None)
        if folder is None:
            return []
        place = (root / self.output / path.removeprefix(f"{folder}/")).with_suffix("")
        return [
            *place.parent.glob(f"{place.name}.class"),
            *place.parent.glob(f"{place.name}$*.class"),
        ]


def read_compilations(output: str, root: Path) -> tuple[Compilation, ...]:
    """The compilations in what `mvn -X` printed for a tree, in order."""
    found: list[Compilation] = []
    goal, execution = "", ""
    for match in _SAID.finditer(output):
        if match["goal"]:
            goal, execution = match["goal"], match["id"]
            continue
        text = match["options"].replace(str(root), _ROOT)
        words = tuple(word.strip('"') for word in _WORD.findall(text))
        after = dict(pairwise(words))
        classes = after.get("-d", "").removeprefix(f"{_ROOT}/")
        sources = after.get("-sourcepath", "").split(":")
        folders = tuple(dict.fromkeys(s.removeprefix(f"{_ROOT}/") for s in sources if s))
        if classes and folders:
            status = (root / classes).parent / "maven-status" / "maven-compiler-plugin"
            excluded = _excluded(status / goal / execution / "inputFiles.lst", root, folders)
            found.append(Compilation(_without_generated(words), classes, folders, excluded))
    return tuple(found)


def _excluded(listed: Path, root: Path, folders: Sequence[str]) -> tuple[str, ...]:
    if not listed.is_file():
        return ()
    taken = set(listed.read_text(encoding="utf-8").splitlines())
    return tuple(name for name in _java_files(root, folders) if str(root / name) not in taken)


def _java_files(root: Path, folders: Sequence[str]) -> list[str]:
    found = (path for name in folders for path in sorted((root / name).rglob("*.java")))
    return list(dict.fromkeys(path.relative_to(root).as_posix() for path in found))


def _without_generated(words: tuple[str, ...]) -> tuple[str, ...]:
    """Options but `-s`: its folder is made by Maven, and javac refuses one that is not there."""
    kept: list[str] = []
    skipped = False
    for word in words:
        if word == "-s" or skipped:
            skipped = word == "-s"
        else:
            kept.append(word)
    return tuple(kept)
