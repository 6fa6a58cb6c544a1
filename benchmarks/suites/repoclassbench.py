"""RepoClassBench dependency recall: what a class needs, from its description alone.

The benchmark records no dependencies; they are read off the ground truth as text, not off our
graph: its identifiers that name a class or top-level function of another file. Those that the
description spells are counted apart, because looking them up is no art. The class is emptied, and
in Java its file's imports with it.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.harness.baselines import Bm25, plain_words
from benchmarks.harness.commits import Expectation
from benchmarks.harness.data import field_of, read_rows
from benchmarks.harness.metrics import mean_percent
from benchmarks.harness.suite import DataCard, Record, SkipRecordError
from graphdb.retrieval.context import rank_context
from graphdb.retrieval.features import Place
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.harness.desk import Desk
    from benchmarks.harness.suite import Ask
    from graphdb.retrieval.corpus import Corpus

_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|#[^\n]*|\"\"\".*?\"\"\"|'''.*?'''", re.DOTALL)
_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_JAVA_PACKAGE = re.compile(r"^\s*package\s+[\w.]+\s*;", re.MULTILINE)
_TRUTH = "ground_truth_class_body"
_CASE_MAP = "py_case_map.json"
_GROUPS = ("all", "unnamed", "named")


@dataclass(slots=True)
class ClassSuite:
    """Records with a description, a file, and the class as it was written."""

    card: DataCard
    retrievers: tuple[str, ...] = ("graph", "bm25", "named")
    ks: tuple[int, ...] = (5, 10, 20)
    needs_repositories: bool = True
    description: str = "sketchy_description"
    _expected: dict[str, list[Expectation]] = field(default_factory=dict[str, list[Expectation]])

    def load(self, path: Path) -> list[Record]:
        """One record a class."""
        self._expected = {}
        names = _case_map(path)
        records: list[Record] = []
        for row in read_rows(path, self.card):
            record = self._record(row, path, names)
            records.append(record)
            if not record.fields["commit"]:
                expected = _expectations(record)
                self._expected.setdefault(record.group, []).extend(expected)
        return records

    def _record(self, row: dict[str, Any], path: Path, names: Mapping[str, Any]) -> Record:
        meta: dict[str, Any] = field_of(row, "repo_metadata", path)
        setup: dict[str, Any] = meta.get("setup_details") or {}
        file = str(field_of(row, "file", path))
        issue = str(meta.get("issue_id") or "")
        name = str(meta.get("repo_name") or setup.get("repo") or "")
        commit = setup.get("base_commit") or meta.get("commit_id")
        if not name:
            # `/…/repos/<name>/<path>` as the authors' machine had it.
            name, _, file = file.partition("/repos/")[2].partition("/")
        elif issue:
            file = f"/{file}".partition(f"/{issue}/")[2]
        else:
            file = file.removeprefix(f"{name}/")
        known: dict[str, str] = names.get(issue) or {}
        wanted = {"class": "class_name", "text": self.description, "truth": _TRUTH}
        fields = {
            key: _WORD.sub(lambda m: known.get(m[0], m[0]), str(field_of(row, source, path)))
            for key, source in wanted.items()
        }
        for key in ("detailed", "sketchy"):
            text = str(row.get(f"{key}_description") or "")
            fields[key] = _WORD.sub(lambda m: known.get(m[0], m[0]), text)
        fields |= {"file": file, "commit": commit, "tests": row.get("evaluation_metadata") or {}}
        return Record(str(field_of(row, "task_id", path)), name, fields, commit or "")

    def answer(self, record: Record, desk: Desk, ask: Ask) -> dict[str, Any]:
        """Empty the class and ask what it needs."""
        f = record.fields
        files = self._files(record, desk)
        path = f["file"]
        emptied = _emptied(files.get(path), path, f["class"])
        if emptied is None:
            raise SkipRecordError(f"{path} has no class {f['class']} at this commit")
        shown = desk.show(f"{record.group} {f['commit']}", lambda: files)
        wanted = _dependencies(shown.corpus, path, f["class"], f["truth"])
        if not wanted:
            raise SkipRecordError("the ground truth names nothing of the repository's other files")
        desk.workspace.change(path, emptied)
        try:
            found = _rankings(desk.workspace.corpus, record, files, ask)
        finally:
            desk.workspace.change(path, files[path])
        spelt = set(_WORD.findall(f["text"]))
        return {
            "wanted": sorted(wanted),
            "named": sorted(name for name in wanted if name in spelt),
            "found": found,
        }

    def _files(self, record: Record, desk: Desk) -> Mapping[str, bytes]:
        commit = record.fields["commit"]
        if commit:
            return desk.files_at(record.group, commit)
        return desk.files_matching(record.group, self._expected[record.group])

    def score(self, answers: Sequence[Mapping[str, Any]], ask: Ask) -> dict[str, Any]:
        """Recall at k of all dependencies, of those not named in the description, and of those."""
        metrics: dict[str, Any] = {f"{group}_n": 0 for group in _GROUPS}
        for group in _GROUPS:
            metrics[f"{group}_n"] = sum(1 for a in answers if _group(a, group))
        for name in ask.retrievers:
            row: dict[str, Any] = {}
            for group in _GROUPS:
                having = [a for a in answers if _group(a, group)]
                for k in ask.ks:
                    row[f"{group}@{k}"] = mean_percent(
                        _recall(a["found"][name][:k], _group(a, group)) for a in having
                    )
            metrics[name] = row
        return metrics


def _case_map(path: Path) -> dict[str, Any]:
    """Issue -> spelling in the benchmark -> spelling in the sources, from a file beside the data.

    The benchmark scrambles the letter case of names in some repositories, whose sources exist
    nowhere in that form.
    """
    beside = path.with_name(_CASE_MAP)
    return json.loads(beside.read_text(encoding="utf-8")) if beside.is_file() else {}


def _group(answer: Mapping[str, Any], group: str) -> list[str]:
    named = set(answer["named"])
    if group == "all":
        return answer["wanted"]
    return [name for name in answer["wanted"] if (name in named) == (group == "named")]


def _recall(found: Sequence[str], wanted: Sequence[str]) -> float:
    first = set(found)
    return sum(name in first for name in wanted) / len(wanted)


def _rankings(
    corpus: Corpus, record: Record, files: Mapping[str, bytes], ask: Ask
) -> dict[str, list[str]]:
    """Names of classes and top-level functions of other files, best first, by retriever."""
    f = record.fields
    file = corpus.path_number.get(f["file"])
    candidates = [n for n in range(len(corpus)) if _is_candidate(corpus, n, file)]
    found: dict[str, list[str]] = {}
    if "graph" in ask.retrievers:
        node = _class_node(corpus, file, f["class"])
        allowed = set(candidates)
        ranked = [s.node for s in rank_context(corpus, Place(node, f["text"]))]
        found["graph"] = _names(corpus, (n for n in ranked if n in allowed))
    if "bm25" in ask.retrievers:
        lines = {p: data.decode("utf-8", "replace").splitlines() for p, data in files.items()}
        documents = [plain_words(_own_text(corpus, n, lines)) for n in candidates]
        order = Bm25(documents).ranked(plain_words(f["text"]))
        found["bm25"] = _names(corpus, (candidates[i] for i in order))
    if "named" in ask.retrievers:
        known = {corpus.name[n] for n in candidates}
        spelt = dict.fromkeys(_WORD.findall(f["text"]))
        found["named"] = [name for name in spelt if name in known]
    return found


def _is_candidate(corpus: Corpus, number: int, file: int | None) -> bool:
    if corpus.path[number] == file or corpus.is_test[number]:
        return False
    kind = corpus.kind_of(number)
    return kind is NodeKind.CLASS or kind is NodeKind.FUNCTION


def _names(corpus: Corpus, numbers: Iterable[int]) -> list[str]:
    return list(dict.fromkeys(corpus.name[n] for n in numbers))[:50]


def _own_text(corpus: Corpus, number: int, lines: Mapping[str, Sequence[str]]) -> str:
    own = lines[corpus.file_of(number) or ""][corpus.start[number] - 1 : corpus.end[number]]
    return "\n".join([corpus.full_name[number], *own])


def _class_node(corpus: Corpus, file: int | None, name: str) -> int:
    members = corpus.in_file[file] if file is not None else []
    same = [n for n in members if corpus.name[n] == name]
    if not same:
        raise SkipRecordError(f"class {name} is not in the index once it is empty")
    return same[0]


def _dependencies(corpus: Corpus, path: str, name: str, truth: str) -> set[str]:
    """Identifiers of the ground truth that are classes or top-level functions of other files."""
    file = corpus.path_number.get(path)
    own = {corpus.name[n] for n in (corpus.in_file[file] if file is not None else ())}
    plain = _STRING.sub(" ", _COMMENT.sub(" ", truth))
    body = "\n".join(
        line for line in plain.splitlines() if not line.lstrip().startswith(("import ", "package "))
    )
    known = {
        corpus.name[n]
        for n in range(len(corpus))
        if _is_candidate(corpus, n, file) and _is_top(corpus, n)
    }
    is_java = path.endswith(".java")
    found = {word for word in _WORD.findall(body) if word in known and word not in own}
    return {word for word in found if word != name and (not is_java or word[:1].isupper())}


def _is_top(corpus: Corpus, number: int) -> bool:
    owner = corpus.parent[number]
    return owner < 0 or corpus.is_module(owner)


def _emptied(data: bytes | None, path: str, name: str) -> bytes | None:
    """The file with the class as a bare name; a Java file keeps its package only."""
    if data is None:
        return None
    text = data.decode("utf-8", "replace")
    if path.endswith(".java"):
        package = _JAVA_PACKAGE.search(text)
        head = package.group().strip() if package else ""
        return f"{head}\n\npublic class {name} {{\n}}\n".encode()
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    node = next((n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name), None)
    if node is None:
        return None
    lines = text.splitlines(keepends=True)
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    kept = [*lines[: first - 1], f"class {name}:\n", "    ...\n"]
    return "".join([*kept, *lines[node.end_lineno or node.lineno :]]).encode()


def _expectations(record: Record) -> list[Expectation]:
    """Some lines of the ground truth, a whole Java file, that the right commit must have."""
    lines = record.fields["truth"].splitlines()
    path = record.fields["file"]
    step = max(1, len(lines) // 20)
    return [Expectation(path, i + 1, lines[i]) for i in range(0, len(lines), step)]


SUITE = ClassSuite(
    card=DataCard(
        title="RepoClassBench, dependency recall from the sketchy description (our own measure)",
        source="microsoft/repoclassbench, data/input",
        version="19752d8",
        licence="MIT",
        obtain="the task files are in microsoft/repoclassbench",
    )
)
