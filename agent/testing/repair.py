"""Heuristic repair of a generated test, after TestBench (arXiv 2409.17561): cheap, and all told.

Every repair is data, so that a reader sees what the model wrote and what was mended, and measures
can be taken with and without.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from agent.draft import Problem
from agent.testing import repair_java, repair_python
from agent.testing.origins import NoOrigins
from agent.testing.repair_text import Repair, without_markdown

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.analysis import Analyst
    from agent.testing.origins import Origins
    from agent.testing.repair_text import Step


@dataclass(frozen=True, slots=True)
class Repaired:
    """A test after its repairs, in order. problems: what the analyst still finds."""

    path: str
    text: str
    repairs: tuple[Repair, ...]
    problems: tuple[Problem, ...] = ()


def repair(
    text: str,
    path: str,
    *,
    package: str = "",
    origins: Origins | None = None,
    analyst: Analyst | None = None,
) -> Repaired:
    """A generated test with all that can be mended without asking the model again.

    Args:
        text: what the model wrote.
        path: where the test is to stand; what pytest would not find gets another name.
        package: of a Java test, from the folder it stands in.
        origins: where names come from; without it only well-known ones are imported.
        analyst: reads the result; what it finds is told and not mended.
    """
    known = origins or NoOrigins()
    is_java = path.endswith(".java")
    steps = _java_steps(path, package, known) if is_java else _python_steps(known)
    bare = without_markdown(text)
    if not bare.text.strip():
        return Repaired(path, "", bare.repairs, (Problem("there is no code in it", path),))
    text, repairs = bare.text, list(bare.repairs)
    for step in steps:
        done = step(text)
        text = done.text
        repairs += done.repairs
    if not is_java and (fresh := found_by_pytest(path)) != path:
        repairs.append(Repair(f"file renamed to {fresh}"))
        path = fresh
    return Repaired(path, text, tuple(repairs), _problems(analyst, path, text))


def _java_steps(path: str, package: str, origins: Origins) -> list[Callable[[str], Step]]:
    return [
        repair_java.without_headings,
        repair_java.with_parentheses,
        lambda text: repair_java.with_class(text, path),
        repair_java.with_whole_members,
        lambda text: repair_java.with_package(text, package),
        lambda text: repair_java.with_class_name(text, path),
        repair_java.with_own_names,
        lambda text: repair_java.with_imports(text, package, origins),
    ]


def _python_steps(origins: Origins) -> list[Callable[[str], Step]]:
    return [
        repair_python.with_whole_tests,
        repair_python.with_own_names,
        lambda text: repair_python.with_imports(text, origins),
    ]


def found_by_pytest(path: str) -> str:
    """A path whose file pytest collects by its name."""
    file = PurePosixPath(path)
    if re.fullmatch(r"test_.*|.*_test", file.stem):
        return path
    return str(file.with_name(f"test_{file.name}"))


def _problems(analyst: Analyst | None, path: str, text: str) -> tuple[Problem, ...]:
    if analyst is None:
        return ()
    found = analyst.analyse(path, text)
    missing = (Problem(f"{u.name} is not known ({u.kind})", path, u.line) for u in found.unresolved)
    return (*found.parse_problems, *missing)
