"""One Markdown and one HTML page of a run, with tables and plots, from its `metrics.json` alone.

Plots are SVG written here: a dozen points in a frame need no plotting library, and the same run
gives the same bytes.
"""

from __future__ import annotations

import json
import re
from html import escape
from typing import TYPE_CHECKING, Any

from benchmarks.harness.plots import Series, line_plot
from benchmarks.harness.run import METRICS
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_AT = re.compile(r"^(?P<measure>[a-z_]+)@(?P<cut>\d+)(?P<unit>[a-z]*)$")
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}td,th{padding:.2rem .8rem;border-bottom:1px solid #ccc;"
    "text-align:right}td:first-child,th:first-child{text-align:left}figure{margin:1rem 0}"
)


def write_report(folder: Path) -> list[Path]:
    """Write `report.md`, `report.html` and the plots beside a run's metrics.

    Raises CodexGraphError when the folder holds no run.
    """
    path = folder / METRICS
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CodexGraphError(
            f"{path} cannot be read ({error}): give the --out of bench run"
        ) from error
    plots = {f"{name}.svg": svg for name, svg in _plots(run).items()}
    written: list[Path] = []
    pages = {"report.md": _markdown(run, plots), "report.html": _html(run, plots)}
    for name, text in {**plots, **pages}.items():
        (folder / name).write_text(text, encoding="utf-8")
        written.append(folder / name)
    return written


def _plots(run: dict[str, Any]) -> dict[str, str]:
    """Plot name -> SVG: one for each measure that has several cut-offs."""
    curves: dict[tuple[str, str], list[Series]] = {}
    for retriever in _retrievers(run):
        points: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for key, value in run["metrics"][retriever].items():
            match = _AT.match(key)
            if match and value is not None:
                series = points.setdefault((match["measure"], match["unit"]), [])
                series.append((float(match["cut"]), float(value)))
        for key, series in points.items():
            curves.setdefault(key, []).append(Series(retriever, tuple(sorted(series))))
    return {
        f"{measure}-{unit or 'k'}": line_plot(f"{measure} in %, by {unit or 'k'}", found)
        for (measure, unit), found in curves.items()
        if any(len(series.points) > 1 for series in found)
    }


def _retrievers(run: dict[str, Any]) -> list[str]:
    return [name for name in run["retrievers"] if isinstance(run["metrics"].get(name), dict)]


def _tables(run: dict[str, Any]) -> list[tuple[str, list[list[str]]]]:
    """Titles and rows, the first row the heading."""
    names, metrics = _retrievers(run), run["metrics"]
    plain = [[key, _cell(value)] for key, value in metrics.items() if not isinstance(value, dict)]
    tables = [("Data", [["", "value"], *plain])] if plain else []
    if not names:
        return tables
    keys = list(metrics[names[0]])
    rows = [[key, *(_cell(metrics[name].get(key)) for name in names)] for key in keys]
    tables.append((f"Results in %, N = {run['n']}", [["measure", *names], *rows]))
    main = next((key for key in keys if key.endswith("@10")), keys[0])
    per = [
        [name, str(part["n"]), *(_cell(part.get(r, {}).get(main)) for r in names)]
        for name, part in run["by_repository"].items()
    ]
    tables.append((f"By repository: {main}", [["repository", "N", *names], *per]))
    if run["skipped_why"]:
        why = [[r["status"], str(r["count"]), r["reason"]] for r in run["skipped_why"]]
        tables.append(("Left out", [["status", "records", "reason"], *why]))
    return tables


def _facts(run: dict[str, Any]) -> list[str]:
    card = run["card"]
    return [
        f"N = {run['n']} of {run['records']} records of {run['data']}, {run['skipped']} left out",
        f"Source: {card['source']}, version {card['version']}, licence: {card['licence']}",
        f"Data SHA-256: {run['data_sha256']}",
        f"codexgraph {run['tool_version']}, {run['seconds']} s",
    ]


def _markdown(run: dict[str, Any], plots: Iterable[str]) -> str:
    lines = [f"# {run['card']['title']}", "", *(f"- {fact}" for fact in _facts(run)), ""]
    for title, rows in _tables(run):
        lines += [f"## {title}", "", *_markdown_table(rows), ""]
    lines += [f"![{name.removesuffix('.svg')}]({name})" for name in plots]
    return "\n".join(lines).rstrip() + "\n"


def _markdown_table(rows: Sequence[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return [lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]]


def _html(run: dict[str, Any], plots: dict[str, str]) -> str:
    title = escape(run["card"]["title"])
    parts = [
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>',
        f"<style>{_STYLE}</style><h1>{title}</h1><ul>",
        *(f"<li>{escape(fact)}</li>" for fact in _facts(run)),
        "</ul>",
    ]
    for heading, rows in _tables(run):
        parts.append(f"<h2>{escape(heading)}</h2><table>")
        for number, row in enumerate(rows):
            tag = "td" if number else "th"
            parts.append(
                "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row) + "</tr>"
            )
        parts.append("</table>")
    parts += [f"<figure>{svg}</figure>" for svg in plots.values()]
    return "\n".join([*parts, "</html>"]) + "\n"


def _cell(value: Any) -> str:
    return "-" if value is None else str(value)
