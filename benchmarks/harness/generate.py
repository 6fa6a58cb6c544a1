"""Makes a CrossCodeEval-shaped data set of any repository, by the text of its imports alone.

Our own graph takes no part in the choice, so that it cannot choose what it is good at. A line
qualifies when it stands inside a function, uses a name that its file imports from the repository,
and names something further that the code before it does not have.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from benchmarks.harness.repositories import find_repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_PYTHON_FROM = re.compile(r"^from\s+(\.*[\w.]*)\s+import\s+(?:\(([^)]*)\)|([^\n#]*))", re.MULTILINE)
_PYTHON_IMPORT = re.compile(r"^import\s+([\w.]+)(?:\s+as\s+(\w+))?", re.MULTILINE)
_JAVA_IMPORT = re.compile(r"^import\s+(?:static\s+)?([\w.]+?)\.(\w+)\s*;", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_LEFT_OUT = re.compile(
    r"(^|/)(tests?|examples?|docs?|benchmarks?)/|(^|/)test_|_test\.|Tests?\.java$"
)


def generate(repos: Path, name: str, commit: str | None, per_file: int) -> list[str]:
    """JSON lines of a repository's points, at most `per_file` of each file.

    Tests, examples and documentation are left out.

    Raises MissingRepositoryError.
    """
    repository = find_repository(repos, name)
    revision = repository.resolve(commit) if commit else repository.head
    files = {
        path: data.decode("utf-8", "replace")
        for path, data in repository.source_files(revision).items()
    }
    lines: list[str] = []
    for path in sorted(files):
        if _LEFT_OUT.search(path):
            continue
        points = list(_points(path, files[path], files))
        step = max(1, len(points) // per_file)
        for number in points[::step][:per_file]:
            text = files[path].splitlines(keepends=True)
            record = {
                "prompt": "".join(text[:number]),
                "groundtruth": text[number].rstrip("\n"),
                "right_context": "".join(text[number + 1 :]),
                "metadata": {
                    "task_id": f"{name}/{path}:{number + 1}",
                    "repository": f"{name}@{revision}" if revision else name,
                    "file": path,
                    "groundtruth_start_lineno": number,
                },
            }
            lines.append(json.dumps(record, ensure_ascii=False))
    return lines


def _points(path: str, text: str, files: Mapping[str, str]) -> Iterator[int]:
    """Numbers (from 0) of the lines that qualify."""
    imported = set(_imported(path, text, files))
    if not imported:
        return
    seen: set[str] = set()
    is_inside = False
    for number, line in enumerate(text.splitlines()):
        words = _WORD.findall(line)
        stripped = line.strip()
        if stripped and line[0] not in " \t)]}":
            is_inside = path.endswith(".java") or line.startswith(("def ", "class ", "async ", "@"))
        is_code = line[:1] in (" ", "\t") and not stripped.startswith(
            ("#", "//", "*", "import", "@")
        )
        uses = any(f"{word}." in line or f"{word}(" in line for word in words if word in imported)
        if is_inside and is_code and uses and any(word not in seen for word in words):
            yield number
        seen.update(words)


def _imported(path: str, text: str, files: Mapping[str, str]) -> Iterator[str]:
    """Names that a file imports from the repository, as the import text says."""
    if path.endswith(".java"):
        for match in _JAVA_IMPORT.finditer(text):
            ending = "/" + match[1].replace(".", "/") + f"/{match[2]}.java"
            if any(("/" + other).endswith(ending) for other in files):
                yield match[2]
        return
    for match in _PYTHON_FROM.finditer(text):
        if match[1].startswith(".") or _is_module(match[1], files):
            for part in (match[2] or match[3]).split(","):
                words = _WORD.findall(part)
                if words:
                    yield words[-1]
    for match in _PYTHON_IMPORT.finditer(text):
        if _is_module(match[1], files):
            yield match[2] or match[1].partition(".")[0]


def _is_module(dotted: str, files: Mapping[str, str]) -> bool:
    ending = "/" + dotted.replace(".", "/")
    return any(("/" + other).endswith((ending + ".py", ending + "/__init__.py")) for other in files)
