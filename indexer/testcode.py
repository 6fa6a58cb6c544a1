"""Which files and functions are tests or examples, told by the names that are usual for them."""

from __future__ import annotations

import re
from functools import cache

_FOLDERS = frozenset({"test", "tests"})
_ASIDE = frozenset({"example", "examples", "sample", "samples", "demo", "demos", "doc", "docs"})
_WORDS = re.compile("[-_.]")
_MARKS = frozenset({"Test", "ParameterizedTest", "RepeatedTest", "TestFactory", "TestTemplate"})


@cache
def is_test_file(path: str) -> bool:
    """True for `test_x.py`, `x_test.py`, `XTest.java`, and all below a `test` or `tests` folder."""
    *folders, file = path.split("/")
    stem = file.rpartition(".")[0]
    if _FOLDERS.intersection(folders) or stem in {"test", "tests", "conftest"}:
        return True
    return (
        stem.startswith("test_") or stem.endswith(("_test", "_tests")) or _is_java_test(file, stem)
    )


@cache
def is_aside(path: str) -> bool:
    """True for tests, examples and documents: code that uses the product and is no part of it.

    `typing_tests` and `test-apps` are folders of such code, too.
    """
    folders = path.split("/")[:-1]
    if is_test_file(path) or not _ASIDE.isdisjoint(folders):
        return True
    return any(not _FOLDERS.isdisjoint(_WORDS.split(folder)) for folder in folders)


def _is_java_test(file: str, stem: str) -> bool:
    return file.endswith(".java") and stem.endswith(("Test", "Tests", "IT"))


def is_test_function(path: str, name: str, decorators: tuple[str, ...] = ()) -> bool:
    """True for a function that a runner would collect from a test file.

    decorators: as they are written; JUnit and TestNG go by `@Test` and its relatives.
    """
    if not is_test_file(path):
        return False
    return name.startswith("test") or (path.endswith(".java") and _is_marked(decorators))


def _is_marked(decorators: tuple[str, ...]) -> bool:
    names = {text.partition("(")[0].rpartition(".")[2] for text in decorators}
    return not _MARKS.isdisjoint(names)
