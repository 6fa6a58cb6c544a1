"""Where a repository keeps the test of a file: learnt from which tests reach which files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphdb.queries.rows import per_kind
from graphdb.schema import CODE_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agent.answers.ground import Ground
    from graphdb.store import GraphReader

_PATTERNS = {
    ".py": ("test_{}.py", "{}_test.py", "tests_{}.py", "{}_tests.py"),
    ".java": ("{}Test.java", "{}Tests.java", "Test{}.java", "{}TestCase.java"),
}
_DEFAULT_FOLDER = "tests"
_FURTHER = {".py": "_generated", ".java": "Generated"}


@dataclass(frozen=True, slots=True)
class _Pair:
    """A file, and a test file that is called like it by one of the patterns."""

    source: str
    test: str
    pattern: str
    count: int

    def folder_for(self, folder: str) -> str:
        """Where the test of a file in a folder would stand, were it kept as this pair is."""
        own, test = _folder(self.source), _folder(self.test)
        if folder == own:
            return test
        tail = _common_tail(own, test)
        root = own[: len(own) - len(tail)]
        if not tail or not folder.startswith(root):
            return test
        rest = folder[len(root) :].strip("/")
        kept = test[: len(test) - len(tail)].strip("/")
        return "/".join(filter(None, [kept, rest]))


def path_of_test(ground: Ground, path: str) -> str:
    """The path of a new test file for a source file: as its neighbours' tests are kept.

    A file that is there already is not proposed again, but one beside it.
    """
    suffix = "." + path.rpartition(".")[2]
    stem = path.rpartition("/")[2].removesuffix(suffix).strip("_")
    folder = _folder(path)
    if stem in ("init", "main"):
        stem = folder.rpartition("/")[2] or stem
    pairs = list(_pairs(_tested(ground.reader), suffix))
    if pairs:
        best = max(pairs, key=lambda p: (_nearness(p.source, path), p.count, p.source))
        place, pattern = best.folder_for(folder), best.pattern
    else:
        place, pattern = _usual_folder(ground, folder, suffix), _PATTERNS[suffix][0]
    for name in (stem, f"{stem}{_FURTHER[suffix]}"):
        found = "/".join(filter(None, [place, pattern.format(name)]))
        if ground.read_file(found) is None:
            return found
    return found


def _tested(reader: GraphReader) -> list[tuple[str, str, int]]:
    part = (
        "MATCH (t)-[:TESTS]->(n:%s) WHERE n.repo = $repo "
        "RETURN n.file_path AS source, t.file_path AS test, count(t) AS n"
    )
    rows = reader.query(per_kind(CODE_KINDS, part), max_rows=None).rows
    return [(source, test, count) for source, test, count in rows if source and test]


def _pairs(tested: Iterable[tuple[str, str, int]], suffix: str) -> Iterable[_Pair]:
    for source, test, count in sorted(tested):
        stem = source.rpartition("/")[2].removesuffix(suffix).strip("_")
        name = test.rpartition("/")[2]
        for pattern in _PATTERNS[suffix]:
            if name == pattern.format(stem) and source.endswith(suffix):
                yield _Pair(source, test, pattern, count)


def _usual_folder(ground: Ground, folder: str, suffix: str) -> str:
    """Where tests are when none is called like what it tests."""
    if suffix == ".java":
        return re.sub(r"(^|/)src/main/", r"\1src/test/", folder)
    rows = ground.reader.query(
        "MATCH (n:MODULE) WHERE n.repo = $repo AND n.file_path ENDS WITH $suffix "
        "RETURN n.file_path AS path, labels(n) AS labels",
        {"suffix": suffix},
        max_rows=None,
    ).rows
    folders = [_folder(path) for path, labels in rows if "TEST" in labels]
    return max(sorted(set(folders)), key=folders.count) if folders else _DEFAULT_FOLDER


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _common_tail(first: str, second: str) -> str:
    """The folders that two paths end with alike."""
    shared: list[str] = []
    pairs = zip(reversed(first.split("/")), reversed(second.split("/")), strict=False)
    for one, other in pairs:
        if one != other or not one:
            break
        shared.append(one)
    return "/".join(reversed(shared))


def _nearness(first: str, second: str) -> int:
    """How many folders two paths begin with alike."""
    return _same(first.split("/")[:-1], second.split("/")[:-1])


def _same(first: Sequence[str], second: Sequence[str]) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            return count
        count += 1
    return count + (len(first) == len(second))
