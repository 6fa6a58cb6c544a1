"""Reads what tools report: XML of JUnit, JaCoCo and PIT, JSON of coverage.py and mutmut.

Pure functions on text. Reports are written where a model's code ran, so they are taken as
hostile: an XML text that declares entities is refused.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from xml.etree import ElementTree

from agent.testing.measures import Ratio, Survivor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_SURVIVORS = 20
_MAX_MESSAGE = 300


class UnreadableReportError(Exception):
    """A report that is not what its tool writes."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test. outcome: passed, failed, error or skipped. detail: its trace."""

    owner: str
    name: str
    outcome: str
    message: str = ""
    detail: str = ""


def junit_cases(text: str) -> list[Case]:
    """The tests in a JUnit XML report (of JUnit, Maven's surefire or pytest)."""
    return [_case(element) for element in _xml(text).iter("testcase")]


def _case(element: ElementTree.Element) -> Case:
    owner, name = element.get("classname", ""), element.get("name", "")
    for tag, outcome in (("failure", "failed"), ("error", "error"), ("skipped", "skipped")):
        found = element.find(tag)
        if found is not None:
            detail = found.text or ""
            message = found.get("message") or found.get("type") or detail
            first = message.strip().splitlines()[0] if message.strip() else outcome
            return Case(owner, name, outcome, first[:_MAX_MESSAGE], detail)
    return Case(owner, name, "passed")


def jacoco_counters(text: str) -> dict[str, Ratio]:
    """Counter type -> covered of all, for everything that a JaCoCo XML report is about."""
    found: dict[str, Ratio] = {}
    for counter in _xml(text).findall("counter"):
        missed, covered = int(counter.get("missed", 0)), int(counter.get("covered", 0))
        found[counter.get("type", "")] = Ratio(covered, missed + covered)
    return found


def pit_mutants(text: str) -> tuple[Ratio, tuple[Survivor, ...]]:
    """Detected mutants of all, and what survived, from PIT's mutations.xml."""
    mutations = list(_xml(text).iter("mutation"))
    survived = [m for m in mutations if m.get("detected") != "true"]
    survivors = [
        Survivor(
            f"{m.findtext('mutatedMethod', '')}: {m.findtext('description', '')}",
            int(line) if (line := m.findtext("lineNumber", "")).isdecimal() else None,
        )
        for m in survived
    ]
    return Ratio(len(mutations) - len(survived), len(mutations)), _first(survivors)


def coverage_of(text: str, path: str, name: str) -> tuple[Ratio, Ratio] | None:
    """Lines and branches of a class, function or (name "") module, from coverage.py's JSON.

    Needs coverage 7.6 or newer, which reports classes and functions. None where the report has no
    such file or name.
    """
    files = _json(text).get("files", {})
    entry = files.get(path)
    if entry is None:
        return None
    if name:
        entry = entry.get("classes", {}).get(name) or entry.get("functions", {}).get(name)
    if not entry:
        return None
    summary = entry["summary"]
    lines = Ratio(summary["covered_lines"], summary["num_statements"])
    return lines, Ratio(summary.get("covered_branches", 0), summary.get("num_branches", 0))


_MUTMUT_DETECTED = frozenset({1, 3, 24, 36, 37, 152, 255, -24})
"""Exit codes that mutmut 3 calls killed, timeout or caught by a type check."""

_MUTMUT_SKIPPED = 34


@dataclass(frozen=True, slots=True)
class MutmutFiles:
    """What mutmut 3 keeps of a module.

    meta: the exit code of each mutant. mutated, spans: the module with all its mutants, and the
    lines of each. source: the module as it was.
    """

    meta: str
    mutated: str
    spans: str
    source: str


def mutmut_mutants(files: MutmutFiles, name: str) -> tuple[Ratio, tuple[Survivor, ...]]:
    """Detected mutants of all, and what survived, of a class, method or function; "" for all.

    A mutant that no test reaches counts as survived.
    """
    codes: dict[str, int | None] = _json(files.meta).get("exit_code_by_key", {})
    chosen = {key: code for key, code in codes.items() if _is_of(key, name)}
    tried = {key: code for key, code in chosen.items() if code != _MUTMUT_SKIPPED}
    survived = [key for key, code in tried.items() if code not in _MUTMUT_DETECTED]
    lines: Mapping[str, list[int]] = _json(files.spans).get("spans", {})
    survivors = [_changed(key, files, lines) for key in survived[:MAX_SURVIVORS]]
    return Ratio(len(tried) - len(survived), len(tried)), _first(survivors)


def mutmut_patterns(name: str) -> tuple[str, ...]:
    """Patterns of mutmut's names for the mutants of a class, method or function; "" has none."""
    owner, _, method = name.rpartition(".")
    if owner:
        return (f"*.x\u01c1{owner}\u01c1{method}__mutmut_*",)
    return (f"*.x\u01c1{name}\u01c1*", f"*.x_{name}__mutmut_*") if name else ()


def _is_of(key: str, name: str) -> bool:
    function = key.rpartition(".")[2].rpartition("__mutmut_")[0]
    own = function.removeprefix("x\u01c1").replace("\u01c1", ".").removeprefix("x_")
    return not name or own == name or own.startswith(name + ".")


def _changed(key: str, files: MutmutFiles, spans: Mapping[str, list[int]]) -> Survivor:
    """What a mutant changed: the first line of it that differs from the original's."""
    mangled = key.rpartition(".")[2]
    stem = mangled.rpartition("__mutmut_")[0]
    label = stem.removeprefix("x\u01c1").replace("\u01c1", ".").removeprefix("x_")
    text = files.mutated.splitlines()
    plain = label.rpartition(".")[2]
    before, after = (
        [line.replace(mangle, plain, 1) for line in _lines_of(text, spans.get(mangle))]
        for mangle in (f"{stem}__mutmut_orig", mangled)
    )
    for tag, i, _, j, _ in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if tag != "equal":
            old = before[i].strip() if i < len(before) else ""
            new = after[j].strip() if j < len(after) else ""
            return Survivor(
                f"{label}: {old} -> {new}"[:_MAX_MESSAGE], _only_line(files.source, old)
            )
    return Survivor(label, None)


def _lines_of(text: list[str], span: list[int] | None) -> list[str]:
    return text[span[0] - 1 : span[1]] if span else []


def _only_line(source: str, wanted: str) -> int | None:
    """The line with a text, where there is just one."""
    at = [n for n, line in enumerate(source.splitlines(), 1) if line.strip() == wanted]
    return at[0] if wanted and len(at) == 1 else None


_JAVAC = re.compile(
    r"^(?P<path>[^\s:][^:\n]*\.java):(?P<line>\d+): error: (?P<text>.+)$", re.MULTILINE
)
_MAVEN = re.compile(
    r"^\[ERROR\] (?P<path>/[^:\n]*\.java):\[(?P<line>\d+),\d+\] (?P<text>.+)$", re.MULTILINE
)


def compiler_errors(output: str) -> list[tuple[str, int, str]]:
    """File, line and message of each error that javac or Maven's compiler plugin printed."""
    found = [
        (match["path"], int(match["line"]), match["text"].strip())
        for pattern in (_JAVAC, _MAVEN)
        for match in pattern.finditer(output)
    ]
    return list(dict.fromkeys(found))


def last_line(output: str) -> str:
    """The last words of a tool, for a reason; spinners and blank lines left out."""
    lines = [part.strip() for part in re.split(r"[\r\n]", output)]
    said = [line for line in lines if any(c.isalnum() for c in line)]
    return said[-1][:_MAX_MESSAGE] if said else "it said nothing"


def _first(survivors: Iterable[Survivor]) -> tuple[Survivor, ...]:
    return tuple(survivors)[:MAX_SURVIVORS]


def _xml(text: str) -> ElementTree.Element:
    if "<!ENTITY" in text:
        raise UnreadableReportError("the report declares entities")
    try:
        return ElementTree.fromstring(text)  # noqa: S314 - entities are refused above
    except ElementTree.ParseError as error:
        raise UnreadableReportError(f"no XML: {error}") from None


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UnreadableReportError(f"no JSON: {error}") from None
    if not isinstance(found, dict):
        raise UnreadableReportError("no JSON object")
    return cast("dict[str, Any]", found)
