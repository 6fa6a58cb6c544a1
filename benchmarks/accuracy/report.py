"""Figures of the accuracy suites as text for a terminal and as Markdown for the document."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.accuracy.suites import Result

_LEVELS = (
    ("exact", "exact"),
    ("inferred", "exact + inferred"),
    ("all", "with candidates"),
)
_MAX_LISTED = 3


def lines(result: Result, *, with_misses: bool) -> list[str]:
    """One suite for people."""
    if not result.metrics:
        return [f"{result.suite}: skipped: {'; '.join(result.skipped)}"]
    found = [f"{result.suite}: n={result.n}, {result.seconds:.1f} s"]
    for title, rows in _tables(result.metrics):
        found += ["", *_indented(_aligned([[title, *rows[0][1:]], *rows[1:]]))]
    found += [f"  skipped: {why}" for why in result.skipped[:_MAX_LISTED]]
    if len(result.skipped) > _MAX_LISTED:
        found.append(f"  and {len(result.skipped) - _MAX_LISTED} more skipped: --json has them")
    if with_misses:
        found += ["", *_miss_lines(result.misses)]
    return [*found, ""]


def page(results: Iterable[Result]) -> list[str]:
    """The document: what is measured and how, and the tables of a run."""
    head = Path(__file__).with_name("page.md").read_text(encoding="utf-8")
    return [*head.splitlines(), *_sections(results)]


def _sections(results: Iterable[Result]) -> list[str]:
    found: list[str] = []
    for result in results:
        found += [f"### {result.suite}", ""]
        if not result.metrics:
            found += [f"Skipped: {'; '.join(result.skipped)}", ""]
            continue
        found += [f"N = {result.n}{_shares(result)}.", ""]
        for title, rows in _tables(result.metrics):
            header = [title, *rows[0][1:]]
            found.append("| " + " | ".join(header) + " |")
            found.append("| --- |" + " ---: |" * (len(header) - 1))
            found += ["| " + " | ".join(row) + " |" for row in rows[1:]]
            found.append("")
        if result.skipped:
            found += [f"{len(result.skipped)} skipped, the first: {result.skipped[0]}", ""]
    return found[:-1]


def _shares(result: Result) -> str:
    sound, complete = (result.metrics[f"{name}_share"] for name in ("sound", "complete"))
    if result.n == result.metrics["all"]["wanted"]:
        return " edges"
    return f" programs; {sound:.1%} have no missing edge, {complete:.1%} no wrong one"


def _tables(metrics: dict[str, Any]) -> list[tuple[str, list[list[str]]]]:
    """(title, rows with a header each) of everything that a suite measured."""
    tables: list[tuple[str, list[list[str]]]] = []
    levels = [[label, *_figures(metrics[name])] for name, label in _LEVELS]
    if metrics["with_implicit"]["all"] != metrics["all"]:
        levels += [
            [f"{label}, implicit kinds judged", *_figures(metrics["with_implicit"][name])]
            for name, label in _LEVELS
        ]
    tables.append(("tier", [_HEADER, *levels]))
    steps = [[row["step"], *_figures(row)] for row in metrics["ablation"]]
    tables.append(("steps up to", [_HEADER, *steps]))
    kinds = [
        [name, str(row["judged"]), _share(row["precision"]), str(row["found"])]
        for name, row in metrics["by_kind"].items()
    ]
    tables.append(("kind of edge", [["", "judged", "precision", "of the truth"], *kinds]))
    categories = [[name, *_figures(row)] for name, row in metrics["by_category"].items()]
    if len(categories) > 1:
        tables.append(("category", [_HEADER, *categories]))
    return [*tables, *_asides(metrics)]


def _asides(metrics: dict[str, Any]) -> list[tuple[str, list[list[str]]]]:
    """What a suite measures beside edges: figures by tier, and shares of groups."""
    tables: list[tuple[str, list[list[str]]]] = []
    levels: list[list[str]] = []
    for name, title in _BESIDE:
        before: dict[str, Any] | None = None
        for level, label in _LEVELS if name in metrics else ():
            figures: dict[str, Any] = metrics[name][level]
            if figures != before:
                levels.append([f"{title}, {label}", *_figures(figures)])
            before = figures
    if levels:
        tables.append(("beside them", [_HEADER, *levels]))
    for name, title in _GROUPS:
        groups: dict[str, dict[str, Any]] = metrics.get(name, {})
        if groups:
            columns = list(next(iter(groups.values())))
            rows = [[group, *map(_cell, row.values())] for group, row in groups.items()]
            tables.append((title, [["", *(c.replace("_", " ") for c in columns)], *rows]))
    return tables


_BESIDE = (
    ("calls", "calls by name"),
    ("definitions", "definitions"),
    ("supertypes", "supertypes"),
    ("type_references", "references to types"),
    ("field_references", "references to fields"),
)
_GROUPS = (("groups", "programs"), ("order", "order"))


def _cell(value: float) -> str:
    return str(value) if isinstance(value, int) else _share(value)


_HEADER = ["", "precision", "recall", "right / judged", "found / wanted"]


def _figures(row: dict[str, Any]) -> list[str]:
    return [
        _share(row["precision"]),
        _share(row["recall"]),
        f"{row['right']} / {row['judged']}",
        f"{row['found']} / {row['wanted']}",
    ]


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _indented(rows: Iterable[str]) -> list[str]:
    return [f"  {row}" for row in rows]


def _miss_lines(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Misses by category, the missing before the wrong."""
    found: list[str] = []
    ordered = sorted(rows, key=lambda r: (r["category"], r["miss"], r["case"], r["where"]))
    for (category, miss), group in groupby(ordered, key=lambda r: (r["category"], r["miss"])):
        members = list(group)
        found.append(f"{category}: {len(members)} {miss}")
        found += [f"  {_miss_line(row)}" for row in members]
    return found


def _miss_line(row: dict[str, Any]) -> str:
    line = f"{row['case']}  {row['where']}  {row['caller']} -> {row['callee']}"
    if row["miss"] == "wrong":
        return f"{line}  ({row['tier']}, {row['reason'] or 'no reason'}, {row['kind']})"
    listed: list[str] = row["unresolved"]
    short = row["callee"].rpartition(".")[2]
    telling = [text for text in listed if short in text] or listed
    more = f", and {len(telling) - _MAX_LISTED} more" if len(telling) > _MAX_LISTED else ""
    return f"{line}  [unresolved: {', '.join(telling[:_MAX_LISTED])}{more}]" if listed else line
