"""What `codexgraph bench run SUITE --model` adds: its options, and the run that they ask for."""

# Typer reads annotations when the program runs, so they are not postponed here.
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from codexgraph.session import Session
from graphdb.errors import CodexGraphError

WritingOption = Annotated[
    bool, typer.Option("--model", help="Let the agent write, with the model that is set.")
]
ScriptOption = Annotated[
    str,
    typer.Option("--script", help="Instead of a model: truth, empty, wrong or unreachable."),
]
CompletionsOption = Annotated[
    Path | None,
    typer.Option("--completions", help="Instead of a model: JSON lines of ids and completions."),
]
ControlOption = Annotated[
    str,
    typer.Option(
        "--control",
        help="With commas: agent, no-translation, no-edges, empty-graph, bm25, none.",
    ),
]
SamplesOption = Annotated[int, typer.Option("--samples", min=1, help="Answers to each record.")]
DescriptionOption = Annotated[
    str,
    typer.Option(
        "--description",
        help="repoclassbench: detailed or sketchy; testbench: source, simple or full.",
    ),
]
GateOption = Annotated[
    Path | None, typer.Option("--gate", help="The --out of bench gate; only what passed is asked.")
]
OracleOption = Annotated[
    bool, typer.Option("--oracle", help="Let the writer run the tests that judge it.")
]
CacheOption = Annotated[
    Path | None, typer.Option("--cache", help="Folder of environments, as of bench gate.")
]
IdsOption = Annotated[str, typer.Option("--ids", help="Records with commas; all by default.")]

_CONTROLS = ("agent", "no-translation", "no-edges", "empty-graph", "bm25", "none")
_DESCRIPTIONS = ("detailed", "sketchy", "source", "simple", "full")


@dataclass(frozen=True, slots=True)
class Asked:
    """The options above, as they were given."""

    script: str
    completions: Path | None
    control: str
    samples: int
    description: str
    gate: Path | None
    is_oracle: bool
    cache: Path | None


def run(
    session: Session, settings: dict[str, Any], asked: Asked, ks: tuple[int, ...]
) -> dict[str, Any]:
    """Run a suite of written code; what its metrics file holds."""
    from codexgraph.wiring_generation import bench_writing, given_writer, open_writer

    controls = names(asked.control)
    for name in controls:
        _check("--control", name, _CONTROLS)
    _check("--description", asked.description, _DESCRIPTIONS)
    if max(ks) > asked.samples:
        raise CodexGraphError(f"--k {max(ks)} needs as many samples: give --samples {max(ks)}")
    asking = {
        "samples": asked.samples,
        "ks": ks,
        "description": asked.description,
        "is_oracle": asked.is_oracle,
        "gate": asked.gate,
    }
    places = {
        "cache": asked.cache,
        "recipes": None,
        "python": None,
        "jobs": 1,
        "unsandboxed": False,
    }
    say = session.say if session.options.verbose else _ignore
    settings = {**settings, "controls": controls}
    if asked.script:
        return bench_writing(settings, asking, places, asked.script, say)
    if asked.completions:
        return bench_writing(settings, asking, places, given_writer(asked.completions), say)
    with open_writer(session.config, settings["out"] / "trajectories") as writer:
        return bench_writing(settings, asking, places, writer, say)


def names(text: str) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _check(option: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise CodexGraphError(f"{option} {value}: choose one of {', '.join(known)}")


def _ignore(_: str) -> None:
    """Nobody wants to know."""
