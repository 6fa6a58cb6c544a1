"""Connects the benchmarks that judge written code with sandboxes, models and the agent.

Everything heavy is imported inside the function that needs it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from benchmarks.generation.likelihood import Judge
    from benchmarks.generation.port import Generator as Writer
    from benchmarks.generation.projects import Workshop
    from codexgraph.config import Config


def bench_gate(
    settings: dict[str, Any], places: dict[str, Any], say: Callable[[str], None]
) -> dict[str, Any]:
    """Try every task of a suite; what the table holds.

    settings: of `GateRequest`. places: cache, recipes, python and jobs.
    """
    from benchmarks.generation.gate import GateRequest, run_gate

    return run_gate(GateRequest(**settings), open_workshop(places, say), say)


def bench_writing(
    settings: dict[str, Any],
    asking: dict[str, Any],
    places: dict[str, Any],
    writer: Writer | str,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Run a suite of written code; what its metrics file holds.

    settings: of `WritingRequest`. asking: of `Setting`, the gate as the path of its table. places:
    as for `bench_gate`. writer: what writes, or the name of a script.
    """
    from benchmarks.generation.gate import left_out
    from benchmarks.generation.port import Control
    from benchmarks.generation.writing import Setting
    from benchmarks.generation.writing_run import WritingRequest, run_writing

    gate: Path | None = asking.pop("gate")
    setting = Setting(
        **asking,
        gate=left_out(gate) if gate else None,
        repos=settings["repos"],
        workshop=open_workshop(places, say),
    )
    controls = tuple(Control(name) for name in settings.pop("controls")) or (Control.AGENT,)
    return run_writing(WritingRequest(**settings, controls=controls), setting, writer, say)


def given_writer(path: Path) -> Writer:
    """What answers with the completions of a file. Raises CodexGraphError."""
    from benchmarks.generation.given import read_given

    return read_given(path)


@contextmanager
def open_writer(config: Config, trajectories: Path) -> Generator[Writer]:
    """What writes with the model that is set. Raises ModelUnavailableError.

    trajectories: folder of the agent's runs.
    """
    from codexgraph.wiring_bench_agent import AgentWriter
    from codexgraph.wiring_models import open_model_of

    model = open_model_of(config)
    try:
        yield AgentWriter(model, config, trajectories.resolve())
    finally:
        model.close()


def bench_likelihood(
    settings: dict[str, Any], config: Config, say: Callable[[str], None]
) -> dict[str, Any]:
    """Score completion points with the local model that is set; what the figures' file holds."""
    from benchmarks.generation.likelihood_run import LikelihoodRequest, run_likelihood

    with likelihood_scorer(config) as (name, judge):
        return run_likelihood(LikelihoodRequest(**settings, model=name), judge, say)


@contextmanager
def likelihood_scorer(config: Config) -> Generator[tuple[str, Judge]]:
    """The name of the local model that is set, and what scores texts with it.

    Raises ModelUnavailableError: none is set, or it is not a local one.
    """
    from agent.models.likelihood import Scorer
    from agent.models.llama_server import open_server
    from codexgraph.wiring_models import model_settings

    server = open_server(model_settings(config))
    try:
        yield server.weights.name, Scorer(server)
    finally:
        server.close()


def open_workshop(places: dict[str, Any], say: Callable[[str], None]) -> Workshop:
    """Where the repositories of benchmarks are built and run. Raises SandboxError."""
    from agent.sandbox.local import describe
    from benchmarks.generation.bare import OPEN, BareFolder
    from benchmarks.generation.projects import Workshop, sandbox_of
    from benchmarks.generation.recipes import read_recipes

    is_bare = bool(places["unsandboxed"])
    isolation = None if is_bare else describe()
    told = (*isolation.apart, *isolation.open) if isolation else OPEN
    return Workshop(
        cache=places["cache"] or generation_cache(),
        open_sandbox=BareFolder if is_bare else sandbox_of,
        isolation="; ".join(told),
        recipes=read_recipes(places["recipes"]),
        say=say,
        python=places["python"],
        jobs=places["jobs"],
    )


def generation_cache() -> Path:
    """Where environments of benchmark repositories are kept by default."""
    from platformdirs import user_cache_path

    return user_cache_path("codexgraph") / "benchmarks"
