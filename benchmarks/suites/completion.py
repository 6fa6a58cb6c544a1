"""Identifier recall: are the names that the next line needs from other files in the context?

Reads the formats of CrossCodeEval (sources from --repos), ExecRepoBench (sources in the record) and
RepoBench (snippets of sources in the record).
Wanted are the identifiers of the gold text that the code before it lacks and some other file
defines, as its text says. Before it is indexed the file is cut at the cursor and open brackets are
closed; contexts are of other files only and of the same number of tokens for every retriever.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from keyword import kwlist
from typing import TYPE_CHECKING, Any

from benchmarks.harness.baselines import WINDOW, Windows
from benchmarks.harness.bodies import closed
from benchmarks.harness.data import field_of, read_rows
from benchmarks.harness.metrics import mean_percent
from benchmarks.harness.suite import DataCard, Record, SkipRecordError
from graphdb.retrieval.packing import CHARACTERS_PER_TOKEN
from graphdb.retrieval.retriever import Retriever
from graphdb.retrieval.words import identifiers
from indexer.languages import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.harness.desk import Desk
    from benchmarks.harness.suite import Ask

BUDGETS = (512, 2_048)
_PYTHON_DEFINITIONS = (
    re.compile(r"^\s*(?:async\s+)?(?:def|class)\s+(\w+)", re.MULTILINE),
    re.compile(r"^(?:    |\t)?(\w+)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE),
    re.compile(r"\bself\.(\w+)\s*(?::[^=\n]+)?=(?!=)"),
)
_JAVA_DEFINITIONS = (
    re.compile(r"\b(?:class|interface|enum|record)[ \t]+(\w+)"),
    re.compile(
        r"^[ \t]*(?:[\w@<>,.?\[\]]+[ \t]+)+(\w+)[ \t]*\([^;{}=]*\)[^;{}=]*[;{]", re.MULTILINE
    ),
    re.compile(
        r"^[ \t]*(?:public|protected|private|static|final)[ \t][^=;(\n]*?(\w+)[ \t]*[=;]",
        re.MULTILINE,
    ),
    re.compile(r"^[ \t]*([A-Z][A-Z0-9_]+)[ \t]*[,;({]", re.MULTILINE),
)
_JAVA_WORDS = (
    "abstract boolean byte case catch char const default do double enum extends final float "
    "goto implements instanceof int interface long native new null package private protected "
    "public short static strictfp super switch synchronized this throw throws transient true "
    "false var void volatile"
)
_KEYWORDS = frozenset([*kwlist, *_JAVA_WORDS.split()])
_COMMIT = re.compile(r"^(?P<name>.+)[-@](?P<commit>[0-9a-f]{7,40})$")
_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
_COMMENT = re.compile(r"#[^\n]*|//[^\n]*")


@dataclass(slots=True)
class CompletionSuite:
    """Records with code before a cursor, a gold text, and a file of a repository."""

    card: DataCard
    read: Callable[[dict[str, Any], Path, int], Record]
    has_sources: bool
    retrievers: tuple[str, ...] = ("graph", "bm25", "jaccard", "oracle")
    ks: tuple[int, ...] = ()
    _windows: tuple[str, Windows] | None = None

    @property
    def needs_repositories(self) -> bool:
        """False when a record holds all the sources itself."""
        return not self.has_sources

    def load(self, path: Path) -> list[Record]:
        """One record a cursor."""
        rows = read_rows(path, self.card)
        return [self.read(row, path, number) for number, row in enumerate(rows)]

    def answer(self, record: Record, desk: Desk, ask: Ask) -> dict[str, Any]:
        """Which wanted identifiers each retriever's context has, by budget."""
        f = record.fields
        if not f["file"].endswith(tuple(SUFFIXES)):
            raise SkipRecordError("the file is of no indexed language")
        files = self.sources(record, desk)
        others = {
            path: data.decode("utf-8", "replace")
            for path, data in files.items()
            if path != f["file"]
        }
        wanted = _wanted(f["before"], f["gold"], others)
        if not wanted:
            raise SkipRecordError("the gold text needs no further name that another file defines")
        contexts = self.contexts(record, desk, files, ask.retrievers)
        return {"wanted": sorted(wanted), "found": _found(contexts, wanted, ask)}

    def contexts(
        self, record: Record, desk: Desk, files: Mapping[str, bytes], retrievers: Sequence[str]
    ) -> dict[str, list[str]]:
        """The text of other files that each retriever gives, one a budget, not yet cut to it."""
        f = record.fields
        last = "\n".join(f["before"].splitlines()[-WINDOW:])
        key = self._key(record)
        contexts: dict[str, list[str]] = {}
        if "graph" in retrievers:
            contexts["graph"] = self._by_graph(record, desk, files, last)
        if self._windows is None or self._windows[0] != key:
            self._windows = (
                key,
                Windows({p: d.decode("utf-8", "replace") for p, d in files.items()}),
            )
        windows = self._windows[1]
        if "bm25" in retrievers:
            contexts["bm25"] = [_joined(windows.by_bm25(last, f["file"]))] * len(BUDGETS)
        if "jaccard" in retrievers:
            contexts["jaccard"] = [_joined(windows.by_jaccard(last, f["file"]))] * len(BUDGETS)
        if "oracle" in retrievers:
            gold = windows.by_jaccard(f"{last}\n{f['gold']}", f["file"])
            contexts["oracle"] = [_joined(gold)] * len(BUDGETS)
        return contexts

    def _key(self, record: Record) -> str:
        """What records with the same sources share."""
        return record.id if self.has_sources else f"{record.group} {record.fields['commit']}"

    def sources(self, record: Record, desk: Desk) -> Mapping[str, bytes]:
        """The files of a record's repository, its own as it was written. Raises as `answer`."""
        if record.fields["sources"] is not None:
            return record.fields["sources"]
        commit = record.fields["commit"]
        if commit is None:
            return desk.repository(record.group).source_files(None)
        return desk.files_at(record.group, commit)

    def _by_graph(
        self, record: Record, desk: Desk, files: Mapping[str, bytes], last: str
    ) -> list[str]:
        """Our context for the cursor, one text a budget."""
        path, before = record.fields["file"], record.fields["before"]
        desk.show(self._key(record), lambda: files)
        desk.workspace.change(path, closed(before).encode())
        try:
            retriever = Retriever(desk.workspace.reader, desk.workspace.corpus)
            line = max(1, before.count("\n"))
            return [retriever.context_at(path, line, budget, last).text for budget in BUDGETS]
        finally:
            desk.workspace.change(path, files.get(path))

    def score(self, answers: Sequence[Mapping[str, Any]], ask: Ask) -> dict[str, Any]:
        """Mean share of the wanted identifiers in the context, by budget."""
        metrics: dict[str, Any] = {"identifiers": sum(len(a["wanted"]) for a in answers)}
        for name in ask.retrievers:
            metrics[name] = {
                f"recall@{budget}tokens": mean_percent(
                    len(a["found"][name][number]) / len(a["wanted"]) for a in answers
                )
                for number, budget in enumerate(BUDGETS)
            }
        return metrics


def _found(
    contexts: Mapping[str, Sequence[str]], wanted: set[str], ask: Ask
) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for name in ask.retrievers:
        cut = [
            text[: budget * CHARACTERS_PER_TOKEN]
            for text, budget in zip(contexts[name], BUDGETS, strict=True)
        ]
        found[name] = [sorted(wanted & set(identifiers(text))) for text in cut]
    return found


def _wanted(before: str, gold: str, others: Mapping[str, str]) -> set[str]:
    """Identifiers of the gold text that the code before it lacks and another file defines."""
    plain = _COMMENT.sub(" ", _STRING.sub(" ", gold))
    names = set(identifiers(plain)) - _KEYWORDS - set(identifiers(before))
    known: set[str] = set()
    for path, text in others.items():
        if names - known:
            known |= names & _defined(path, text)
    return known


def _defined(path: str, text: str) -> set[str]:
    """Names that a file defines for others, as its text says: no parameters, no local variables."""
    patterns = _JAVA_DEFINITIONS if path.endswith(".java") else _PYTHON_DEFINITIONS
    return {match[1] for pattern in patterns for match in pattern.finditer(text)}


def _joined(windows: Sequence[tuple[str, int, str]]) -> str:
    most = max(BUDGETS) * CHARACTERS_PER_TOKEN
    parts: list[str] = []
    size = 0
    for path, line, text in windows:
        parts.append(f"# {path}:{line}\n{text}")
        size += len(parts[-1]) + 1
        if size > most:
            break
    return "\n".join(parts)


def _crosscode(row: dict[str, Any], path: Path, number: int) -> Record:
    meta: dict[str, Any] = field_of(row, "metadata", path)
    repository = str(field_of(meta, "repository", path))
    match = _COMMIT.match(repository)
    fields = {
        "before": str(field_of(row, "prompt", path)),
        "gold": str(field_of(row, "groundtruth", path)),
        "after": str(row.get("right_context") or ""),
        "file": str(field_of(meta, "file", path)),
        "commit": match["commit"] if match else None,
        "sources": None,
    }
    name = match["name"] if match else repository
    return Record(str(meta.get("task_id") or number), name, fields)


def _contained(row: dict[str, Any], path: Path, number: int) -> Record:
    sources = {str(name): str(text).encode() for name, text in field_of(row, "context_code", path)}
    fields = {
        "before": str(field_of(row, "prefix_code", path)),
        "gold": str(field_of(row, "middle_code", path)),
        "after": str(row.get("suffix_code") or ""),
        "file": str(field_of(row, "file_name", path)),
        "fill": str(row.get("fill_type") or ""),
        "commit": None,
        "sources": sources,
    }
    return Record(str(number), str(field_of(row, "repo_name", path)), fields)


def _snippets(row: dict[str, Any], path: Path, number: int) -> Record:
    """A record of RepoBench v1.1: its prompt is the imports, then the code before the line."""
    sources: dict[str, bytes] = {}
    for part in field_of(row, "context", path):
        name = str(field_of(part, "path", path))
        sources[name] = sources.get(name, b"") + f"{field_of(part, 'snippet', path)}\n\n".encode()
    imports = str(field_of(row, "import_statement", path))
    code = str(field_of(row, "cropped_code", path)).rstrip()
    fields = {
        "before": f"{imports}\n{code}\n",
        "gold": str(field_of(row, "next_line", path)),
        "after": "",
        "file": str(field_of(row, "file_path", path)),
        "commit": None,
        "sources": sources,
    }
    return Record(str(number), str(field_of(row, "repo_name", path)), fields)


CROSSCODEEVAL = CompletionSuite(
    card=DataCard(
        title="CrossCodeEval's format, identifier recall by budget (our own measure)",
        source="amazon-science/cceval, or `bench generate` over any repository",
        version="25f9cab",
        licence="Apache-2.0",
        obtain="line_completion.jsonl is in the data archive of amazon-science/cceval",
    ),
    read=_crosscode,
    has_sources=False,
)
EXECREPOBENCH = CompletionSuite(
    card=DataCard(
        title="ExecRepoBench's format, identifier recall by budget (our own measure)",
        source="the ExecRepoBench data set; its harness is in QwenLM/Qwen2.5-Coder",
        version="d5ead97",
        licence="none stated: do not redistribute",
        obtain="the data set is on its publisher's hub only",
    ),
    read=_contained,
    has_sources=True,
)
REPOBENCH = CompletionSuite(
    card=DataCard(
        title="RepoBench's format (v1.1), identifier recall by budget (our own measure)",
        source="the RepoBench data sets for Python and Java; their harness is Leolty/repobench",
        version="630c865",
        licence="CC-BY-4.0",
        obtain="the data sets are on their publisher's hub only: save one as JSON lines",
    ),
    read=_snippets,
    has_sources=True,
)
