"""The languages of the files that the agent reads and writes, told by their suffixes alone.

The surprising choice: not the indexer's, which may know languages that no check here runs.
"""

from __future__ import annotations

from pathlib import PurePosixPath

_BY_SUFFIX = {".py": "python", ".pyi": "python", ".java": "java"}

SUFFIXES = tuple(_BY_SUFFIX)


def language_of(path: str) -> str:
    """The language of a file by its name, as code fences spell it; "" for any other."""
    return _BY_SUFFIX.get(PurePosixPath(path).suffix, "")
