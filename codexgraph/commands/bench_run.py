"""`codexgraph bench run|list|report`: public benchmarks beside their baselines, and their pages."""

# Typer reads annotations when the program runs, so they are not postponed here.
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from codexgraph import rendering
from codexgraph.commands import bench_writing
from codexgraph.options import command
from codexgraph.session import Session
from graphdb.errors import CodexGraphError, NotFoundError

_FAILED = 1


def register(bench: typer.Typer) -> None:
    """Add the commands to the group of measurements."""
    command(bench, "list", is_reading=False)(bench_list)
    command(bench, "run", is_reading=False)(bench_run)
    command(bench, "report", is_reading=False)(bench_report)
    command(bench, "generate", is_reading=False)(bench_generate)


def bench_list(session: Session) -> int:
    """List the suites, where their data comes from and under what terms."""
    from codexgraph.wiring import bench_cards

    cards = bench_cards()
    if session.options.json:
        session.emit([json.dumps(cards)])
        return 0
    for name, card in cards.items():
        session.emit([session.style.bold(name), f"  {card['title']}"])
        session.emit([f"  data: {card['source']} ({card['version']}), {card['licence']}"])
        session.emit([f"  {card['obtain']}"])
    return 0


def bench_run(  # noqa: PLR0913 - one parameter an option
    session: Session,
    suite: Annotated[str, typer.Argument(metavar="SUITE", help="A name of `bench list`.")],
    data: Annotated[Path, typer.Option("--data", help="The data file, plain or gzipped.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of predictions and metrics.")],
    repos: Annotated[
        Path | None, typer.Option("--repos", help="Folder of git directories or plain folders.")
    ] = None,
    retriever: Annotated[
        str, typer.Option("--retriever", help="Names with commas; all of the suite's by default.")
    ] = "",
    k: Annotated[str, typer.Option("--k", help="Cut-offs with commas, such as 5,10,20.")] = "",
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Only the first so many records.")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Processes.")] = 1,
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep the answers that --out holds.")
    ] = False,
    writing: bench_writing.WritingOption = False,
    script: bench_writing.ScriptOption = "",
    completions: bench_writing.CompletionsOption = None,
    control: bench_writing.ControlOption = "",
    samples: bench_writing.SamplesOption = 1,
    description: bench_writing.DescriptionOption = "detailed",
    gate: bench_writing.GateOption = None,
    oracle: bench_writing.OracleOption = False,
    cache: bench_writing.CacheOption = None,
    ids: bench_writing.IdsOption = "",
) -> int:
    """Run a suite over data of its format, with its baselines in the same run.

    Without --model retrieval is measured. With it the agent writes what each record asks for, with
    the model that is set, and the answers are judged by the benchmark's own rules, as are those of
    a file that --completions names. Exit code 1 when
    a record failed that neither the suite's rules nor the environment explain, and with --model
    also when the model or the environment gave no answer to judge.
    """
    settings = {"data": data, "repos": repos, "out": out, "resume": resume, "limit": limit}
    if writing or script or completions:
        asked = bench_writing.Asked(
            *(script, completions, control, samples, description, gate, oracle, cache)
        )
        settings |= {"suite": suite, "ids": bench_writing.names(ids)}
        return show(session, bench_writing.run(session, settings, asked, _numbers(k) or (1,)))
    from codexgraph.wiring import bench_run as run

    settings |= {"retrievers": bench_writing.names(retriever), "ks": _numbers(k), "jobs": jobs}
    return show(session, run(suite, settings, session.say if session.options.verbose else None))


def show(session: Session, result: dict[str, Any]) -> int:
    """Print a run's figures and what was left out; the exit code."""
    for row in result["skipped_why"]:
        session.say(f"{row['status']}: {row['count']} x {row['reason']}")
    if session.options.json:
        session.emit([json.dumps(result)])
    else:
        session.emit(_lines(session, result))
    bad = ("failed", "environment") if "model" in result else ("failed",)
    return _FAILED if any(row["status"] in bad for row in result["skipped_why"]) else 0


def bench_report(
    session: Session,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What bench run wrote.")],
) -> int:
    """Write report.md and report.html, with tables and plots, beside the metrics of a run."""
    from codexgraph.wiring import bench_report as write

    for path in write(folder):
        session.say(f"wrote {path}")
    return 0


def bench_generate(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A repository, as owner/name.")],
    repos: Annotated[Path, typer.Option("--repos", help="Folder that has it.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write, JSON lines.")],
    commit: Annotated[
        str | None, typer.Option("--commit", help="The commit; the newest by default.")
    ] = None,
    per_file: Annotated[int, typer.Option("--per-file", min=1, help="Points a file.")] = 2,
) -> int:
    """Make a completion data set in CrossCodeEval's format of any repository, by import text."""
    from codexgraph.wiring import bench_generate as generate

    lines = generate(repos, name, commit, per_file)
    if not lines:
        raise NotFoundError(f"no line of {name} uses what its file imports from the repository")
    out.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    session.say(f"wrote {len(lines)} points to {out}")
    return 0


def _numbers(text: str) -> tuple[int, ...]:
    try:
        found = tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        found = (0,)
    if any(number < 1 for number in found):
        raise CodexGraphError(f"--k {text}: give whole numbers above 0, such as 5,10,20")
    return tuple(sorted(set(found)))


def _lines(session: Session, result: dict[str, Any]) -> list[str]:
    """Plain figures first, then one row a measure and one column a retriever."""
    metrics: dict[str, Any] = result["metrics"]
    head = f"{result['suite']} on {result['data']}: n={result['n']}, skipped={result['skipped']}"
    lines = [session.style.bold(head)]
    plain = {name: value for name, value in metrics.items() if not isinstance(value, dict)}
    lines += rendering.columns((f"  {name}", _shown(value)) for name, value in plain.items())
    names = [name for name in result["retrievers"] if name in metrics]
    if names:
        measures = list(metrics[names[0]])
        table = [["", *names]]
        table += [[m, *(_shown(metrics[name].get(m)) for name in names)] for m in measures]
        lines += ["  " + line for line in rendering.columns(table)]
    return [*lines, f"{result['seconds']:.1f} s"]


def _shown(value: Any) -> str:
    return "-" if value is None else str(value)
