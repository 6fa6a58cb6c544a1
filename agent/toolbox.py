"""The tools of one run: their descriptions, and calls of them answered side by side.

Whatever goes wrong with a call is its answer. A call that runs past its deadline is left to itself
on a daemon thread: a thread cannot be stopped, and nobody must wait for it.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, cast

from agent.events import ToolAnswered
from agent.tool import ArgumentsError, ToolResult, read_arguments, spec_of
from agent.tools.lookup import failure
from agent.tools.render import render
from graphdb.errors import CodexGraphError
from graphdb.retrieval.packing import tokens_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from agent.analysis import Analyst
    from agent.messages import ToolCall, ToolSpec
    from agent.templates import Template
    from agent.tool import Tool
    from agent.tools.checking import RunChecks, RunTests
    from agent.tools.texts import ReadFile
    from agent.translate import Translator
    from graphdb.retrieval.retriever import Retriever
    from graphdb.store import GraphReader

__all__ = ["Ports", "Toolbox", "open_toolbox", "render"]

WORKERS = 4
"""Calls that run at the same time."""

MAX_OVERRUNS = 8
"""Calls that may be running past their deadline before further ones are refused."""

DEADLINE_S = 15.0
DEADLINES_S = {"check": 180.0, "run_tests": 900.0}
"""Of tools that run programs; their own limits end them earlier."""

TRANSLATION_S = 200.0
"""Of queries for which a model writes Cypher."""

CHANGING = frozenset({"run_tests"})
"""Tools whose answer depends on more than the call."""

_REPEATED = "the same call was answered before: this is that answer"


@dataclass(frozen=True, slots=True)
class Ports:
    """What tools need beside the graph; a tool whose port is absent is not offered.

    retriever: ranks for search_code, which otherwise searches by names and words of the store.
    analyst: for suggest_imports. read_file: the text of a file below the repository, such as
    `agent.tools.texts.repository_files` reads it; without it, modules have no text. check: results
    for (path, text). run_tests: results for test ids, all tests where there are none. translator:
    writes Cypher for questions. kept: templates that worked before (`agent.templates.load`).
    """

    retriever: Retriever | None = None
    analyst: Analyst | None = None
    read_file: ReadFile | None = None
    check: RunChecks | None = None
    run_tests: RunTests | None = None
    translator: Translator | None = None
    kept: tuple[Template, ...] = ()


def open_toolbox(
    reader: GraphReader, ports: Ports | None = None, only: Collection[str] = ()
) -> Toolbox:
    """The tools of one run over a graph; `only` those of some names, all where none are given."""
    from agent.tools.checking import Check, RunTestsTool
    from agent.tools.classes import GetClass, GetSiblings
    from agent.tools.code import GetBody, GetSignature
    from agent.tools.cypher import AskTemplate, Cypher
    from agent.tools.imports import SuggestImports
    from agent.tools.relations import GetNeighbors, GetUsages
    from agent.tools.search import ResolveNames, SearchCode

    ports = ports or Ports()
    tools: list[Tool] = [
        SearchCode(reader, ports.retriever),
        ResolveNames(reader),
        GetClass(reader),
        GetSignature(reader),
        GetBody(reader, ports.read_file),
        GetUsages(reader, ports.read_file),
        GetSiblings(reader),
        GetNeighbors(reader),
        AskTemplate(reader, ports.kept),
        Cypher(reader, ports.translator),
    ]
    if ports.analyst is not None:
        tools.append(SuggestImports(reader, ports.analyst))
    if ports.check is not None:
        tools.append(Check(ports.check))
    if ports.run_tests is not None:
        tools.append(RunTestsTool(ports.run_tests))
    deadlines_s = DEADLINES_S | ({Cypher.name: TRANSLATION_S} if ports.translator else {})
    return Toolbox([tool for tool in tools if not only or tool.name in only], deadlines_s)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A call that can run, and what tells it from others."""

    tool: Tool
    arguments: Mapping[str, Any]
    key: str


class Toolbox:
    """Answers calls; one for each run, because it remembers what was asked."""

    def __init__(
        self, tools: Sequence[Tool], deadlines_s: Mapping[str, float] = DEADLINES_S
    ) -> None:
        self.tools = {tool.name: tool for tool in tools}
        self._deadlines_s = deadlines_s
        self._known: dict[str, ToolResult] = {}
        self._overrun: list[threading.Thread] = []

    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools as a model sees them."""
        return tuple(spec_of(tool) for tool in self.tools.values())

    @property
    def answered_queries(self) -> tuple[str, ...]:
        """The Cypher queries of models that had rows, for `agent.templates.keep`."""
        from agent.tools.cypher import Cypher

        tool = self.tools.get(Cypher.name)
        return tuple(tool.answered) if isinstance(tool, Cypher) else ()

    def run(self, calls: Sequence[ToolCall]) -> tuple[ToolAnswered, ...]:
        """The answers in the order of the calls, at most `WORKERS` running at a time."""
        asked = [self._read(call) for call in calls]
        fresh: dict[str, _Asked] = {}
        for one in asked:
            if isinstance(one, _Asked) and one.key not in self._known:
                fresh.setdefault(one.key, one)
        results: dict[str, tuple[ToolResult, float]] = {}
        jobs = list(fresh.values())
        for start in range(0, len(jobs), WORKERS):
            results |= self._together(jobs[start : start + WORKERS])
        answers: list[ToolAnswered] = []
        told: set[str] = set()
        for call, one in zip(calls, asked, strict=True):
            if isinstance(one, ToolResult):
                answers.append(_answer(call, one, _ERROR_TOKENS, 0.0))
                continue
            result, seconds = results.get(one.key) or (self._known[one.key], 0.0)
            if one.key in told or one.key not in results:
                result, seconds = replace(result, notes=(*result.notes, _REPEATED)), 0.0
            told.add(one.key)
            answers.append(_answer(call, result, one.tool.budget, seconds))
        return tuple(answers)

    def _read(self, call: ToolCall) -> _Asked | ToolResult:
        """A call that can run, or what is wrong with it."""
        tool = self.tools.get(call.name)
        if tool is None:
            near = get_close_matches(call.name[:100], self.tools, n=3, cutoff=0.4)
            error = f"there is no tool {call.name[:100]!r}"
            return ToolResult(error=error, near=tuple(near or self.tools))
        try:
            given = _object(call.arguments)
            arguments = read_arguments(tool.parameters, given)
        except ArgumentsError as error:
            return ToolResult(error=f"{tool.name}: {error}")
        key = json.dumps([tool.name, arguments], sort_keys=True, default=str)
        return _Asked(tool, arguments, key)

    def _together(self, jobs: Sequence[_Asked]) -> dict[str, tuple[ToolResult, float]]:
        """Runs calls on a thread each and waits for none past its deadline."""
        self._overrun = [thread for thread in self._overrun if thread.is_alive()]
        if len(self._overrun) >= MAX_OVERRUNS:
            busy = ToolResult(error="earlier calls are still running: ask less at a time")
            return {job.key: (busy, 0.0) for job in jobs}
        found: dict[str, tuple[ToolResult, float]] = {}
        started = time.monotonic()
        threads = [
            threading.Thread(target=_run, args=(job, found), daemon=True, name=job.tool.name)
            for job in jobs
        ]
        for thread in threads:
            thread.start()
        results: dict[str, tuple[ToolResult, float]] = {}
        for job, thread in zip(jobs, threads, strict=True):
            deadline = self._deadlines_s.get(job.tool.name, DEADLINE_S)
            thread.join(max(0.0, started + deadline - time.monotonic()))
            done = found.get(job.key)
            if done is None:
                self._overrun.append(thread)
                error = f"{job.tool.name} did not answer within {deadline:g} s: ask for less"
                results[job.key] = (ToolResult(error=error), deadline)
                continue
            results[job.key] = done
            if job.tool.name not in CHANGING and done[0].error is None:
                self._known[job.key] = done[0]
        return results


_ERROR_TOKENS = 200


def _answer(call: ToolCall, result: ToolResult, budget: int, seconds: float) -> ToolAnswered:
    text = render(result, budget)
    return ToolAnswered(call, result, text, tokens_of(text), seconds)


def _run(job: _Asked, found: dict[str, tuple[ToolResult, float]]) -> None:
    started = time.monotonic()
    try:
        result = job.tool.run(job.arguments)
    except CodexGraphError as error:
        result = failure(error)
    except Exception as error:  # noqa: BLE001 - the border: a broken tool must not end the run
        result = ToolResult(error=f"{job.tool.name} failed: {type(error).__name__}")
    found[job.key] = (result, time.monotonic() - started)


def _object(arguments: Mapping[str, Any] | str) -> Mapping[str, Any]:
    """Arguments as named values. Raises ArgumentsError."""
    if not isinstance(arguments, str):
        return arguments
    try:
        value: Any = json.loads(arguments) if arguments.strip() else {}
    except (ValueError, RecursionError):
        raise ArgumentsError("the arguments are no JSON object") from None
    if not isinstance(value, dict):
        raise ArgumentsError("the arguments are no JSON object")
    return cast("dict[str, Any]", value)
