"""Which files and functions are tests, told by the names that test runners look for."""

from __future__ import annotations

from functools import cache

_FOLDERS = frozenset({"test", "tests"})


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


def _is_java_test(file: str, stem: str) -> bool:
    return file.endswith(".java") and stem.endswith(("Test", "Tests", "IT"))


def is_test_function(path: str, name: str) -> bool:
    """True for a function that a runner would collect from a test file."""
    return name.startswith("test") and is_test_file(path)
