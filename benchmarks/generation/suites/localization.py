"""SWE-bench localization: the places that an answer names, scored as LocAgent's are.

An agent answers an issue in prose, with changes. The places are read off it in a fixed order: the
lines that it would change, then those that it cites as path:line, then names in backticks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import unified_diff
from typing import TYPE_CHECKING, Any

from benchmarks.generation.port import Generated, Kind
from benchmarks.generation.writing import Judgement, Laid, Setting, percent
from benchmarks.harness.metrics import accuracy_at
from benchmarks.harness.suite import DataCard, Record, SkipRecordError
from benchmarks.suites.swebench import LEVELS, SUITE, changed_lines, entity, gold_of
from graphdb.retrieval.naming import named as named_symbols
from indexer.languages import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.harness.desk import Desk
    from graphdb.retrieval.corpus import Corpus

KS = (1, 3, 5, 10)
_CITED = re.compile(r"(?<![\w/.-])(?P<path>[\w.-]+(?:/[\w.-]+)*\.\w+)(?::(?P<line>\d{1,7}))?")
_QUOTED = re.compile(r"(?<!`)`([A-Za-z_][\w.]*)(?:\(\))?`(?!`)")


@dataclass(slots=True)
class IssueSuite:
    """Records with `problem_statement`, `base_commit` and `patch`."""

    card: DataCard = field(default_factory=lambda: SUITE.card)
    needs_repositories: bool = True

    def load(self, path: Path) -> list[Record]:
        """One record an instance."""
        return SUITE.load(path)

    def lay_out(self, record: Record, desk: Desk, setting: Setting) -> Laid:  # noqa: ARG002 - nothing to choose
        """The commit before the fix."""
        changed = changed_lines(record.fields["patch"])
        if not any(path.endswith(tuple(SUFFIXES)) for path in changed):
            raise SkipRecordError("the fix changes no existing file of an indexed language")
        desk.workspace.set_files(desk.files_at(record.group, record.fields["base_commit"]))
        gold = gold_of(desk.workspace.corpus, changed)
        if not gold["file"]:
            raise SkipRecordError("no changed file is in the index")
        text = record.fields["problem_statement"]
        return Laid(Kind.LOCALIZATION, "", "", text, text, hidden={"gold": gold})

    def judge(self, record: Record, laid: Laid, sample: Generated, desk: Desk) -> Judgement:  # noqa: ARG002 - judged by the places
        """What was named, beside the gold."""
        found = {level: list(names) for level, names in sample.found.items()}
        return {
            "text": sample.text,
            "found": found or places(desk.workspace.corpus, sample),
            "gold": laid.hidden["gold"],
        }

    def gold(self, record: Record, laid: Laid) -> Generated:  # noqa: ARG002 - read off the graph
        """What the fix changes."""
        return Generated("", found={k: tuple(v) for k, v in laid.hidden["gold"].items()})

    def score(self, answers: Sequence[Sequence[Judgement]], setting: Setting) -> dict[str, Any]:  # noqa: ARG002 - its own cut-offs
        """LocAgent's accuracy at k by level, over instances that have gold there."""
        first = [samples[0] for samples in answers if samples]
        found: dict[str, Any] = {}
        for level in LEVELS:
            pairs = [(a["found"][level], a["gold"][level]) for a in first if a["gold"][level]]
            found[f"{level}_n"] = len(pairs)
            for k in KS:
                found[f"{level}@{k}"] = percent([float(accuracy_at(r, g, k)) for r, g in pairs])
        return found

    def exports(self, answers: Mapping[str, Sequence[Judgement]]) -> dict[str, Any]:
        """LocAgent's `loc_outputs.jsonl`."""
        rows = [
            {
                "instance_id": name,
                "found_files": samples[0]["found"]["file"],
                "found_modules": samples[0]["found"]["module"],
                "found_entities": samples[0]["found"]["function"],
            }
            for name, samples in answers.items()
            if samples
        ]
        return {"loc_outputs.jsonl": rows}

    def close(self) -> None:
        """Nothing is open."""


def places(corpus: Corpus, sample: Generated) -> dict[str, list[str]]:
    """Files, modules and functions that an answer names, by level, each once, best first."""
    found: dict[str, dict[str, None]] = {level: {} for level in LEVELS}
    for path, line in _lines(sample):
        if path not in corpus.path_number:
            continue
        found["file"].setdefault(path)
        named = gold_of(corpus, {path: {line}} if line else {})
        for level in ("module", "function"):
            found[level] |= dict.fromkeys(named[level])
    for name in _QUOTED.findall(sample.text):
        nodes = named_symbols(corpus, name)
        # Overloads are one entity; what may mean several says nothing.
        if len({entity(corpus, node) for node in nodes}) != 1:
            continue
        path = corpus.file_of(nodes[0]) or ""
        found["file"].setdefault(path)
        around = gold_of(corpus, {path: {corpus.start[nodes[0]]}})
        for level in ("module", "function"):
            found[level] |= dict.fromkeys(around[level])
    return {level: list(names) for level, names in found.items()}


def _lines(sample: Generated) -> Iterator[tuple[str, int]]:
    """Places in their order; line 0 where none is said."""
    for edit in sample.edits:
        yield edit.path, 0
        before, after = (edit.before or "").splitlines(), edit.after.splitlines()
        diff = unified_diff(before, after, f"a/{edit.path}", f"b/{edit.path}", lineterm="", n=0)
        for line in sorted(changed_lines("\n".join(diff)).get(edit.path, ())):
            yield edit.path, line
    for match in _CITED.finditer(sample.text):
        yield match["path"], int(match["line"] or 0)


def suite() -> IssueSuite:
    """SWE-bench localization."""
    return IssueSuite()
