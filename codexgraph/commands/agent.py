"""The agent's seven jobs: with a model what it writes, without one what the graph alone says."""

# Typer reads annotations when the program runs, so they are not postponed here.
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from codexgraph.commands.ask import in_repository
from codexgraph.options import command
from codexgraph.session import Session
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from agent.draft import Draft
    from agent.task import Outcome
    from agent.tasks.jobs import Job
    from codexgraph.wiring_agent import Surroundings

NOT_PASSED = 1
INTERRUPTED = 130
_SHOWN = 3

ModelOption = Annotated[str | None, typer.Option("--model", help="Name of the model.")]
UrlOption = Annotated[
    str | None, typer.Option("--base-url", help="Endpoint that speaks OpenAI's protocol.")
]
RoundsOption = Annotated[
    int | None, typer.Option("--rounds", min=0, max=20, help="Checks and improvements at most.")
]
BudgetOption = Annotated[
    int | None, typer.Option("--budget", min=500, help="Tokens of all prompts and replies.")
]
CandidatesOption = Annotated[
    int | None, typer.Option("--candidates", min=1, max=8, help="First drafts, ranked by checks.")
]
TranslateOption = Annotated[
    bool, typer.Option("--translate", help="Ask the graph in words; a second call writes Cypher.")
]
ApplyOption = Annotated[bool, typer.Option("--apply", help="Write the proposed changes.")]
DiffOption = Annotated[bool, typer.Option("--diff", help="Print the proposed changes only.")]
NoModelOption = Annotated[bool, typer.Option("--no-model", help="What the graph alone says.")]
TraceOption = Annotated[
    Path | None, typer.Option("--trace", help="Write every step of the run to this file.")
]
ReplayOption = Annotated[
    Path | None, typer.Option("--replay", help="Run a trace again, without a model.")
]
TextArgument = Annotated[str, typer.Argument(metavar="TEXT", help="Text, a file, or - for stdin.")]
PathOption = Annotated[str, typer.Option("--path", help="The file to write, in the repository.")]

_ARGUMENTS = {
    "ask": "A question in plain words.",
    "debug": "An issue or a traceback: the text, a file that has it, or - for standard input.",
    "test": "A class, function or method.",
    "generate": "What, and after the last comma where: a class, a function or a path.",
    "comment": "A class, function or method; or a file, for all in it that has no comment.",
    "class": "The description of a class: the text, a file that has it, or -.",
    "complete": "path:line or path:line:column, both from 1.",
}
_HELP = {
    "ask": "Answer a question about the repository.",
    "debug": "Explain an issue or a traceback, and propose a change.",
    "test": "Write tests.",
    "generate": "Write code from a description, at its place.",
    "comment": "Write a documentation comment.",
    "class": "Write a whole class from its description.",
    "complete": "Write what stands at a place.",
}


_DOCUMENT = re.compile(r"\S+\.(?:md|rst|txt|adoc|log|out|trace)")
"""What names a file and cannot be an issue or a description itself."""


def register(app: typer.Typer) -> None:
    """Add a command for each job."""
    for job in _HELP:
        command(app, job)(_command(job))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a person asked for. limits: those that were given, by their names in `Limits`."""

    job: "Job"
    text: str
    where: str
    limits: Mapping[str, int]
    is_plain: bool
    is_translated: bool
    is_applied: bool
    is_diff: bool
    trace: Path | None
    replay: Path | None


def _command(job: str) -> Any:
    def run(  # noqa: PLR0913 - one parameter an option
        session: Session,
        text: TextArgument,
        path: PathOption = "",
        model: ModelOption = None,
        base_url: UrlOption = None,
        rounds: RoundsOption = None,
        budget: BudgetOption = None,
        candidates: CandidatesOption = None,
        translate: TranslateOption = False,
        apply: ApplyOption = False,
        diff: DiffOption = False,
        no_model: NoModelOption = False,
        trace: TraceOption = None,
        replay: ReplayOption = None,
    ) -> int:
        from agent.tasks.jobs import Job

        session.flags = {"model.name": model, "model.base_url": base_url}
        given = {"rounds": rounds, "tokens": budget, "candidates": candidates}
        asked = _Asked(
            Job(job),
            _text(session, job, text),
            in_repository(session, path),
            {name: value for name, value in given.items() if value is not None},
            is_plain=no_model,
            is_translated=translate,
            is_applied=apply,
            is_diff=diff,
            trace=trace,
            replay=replay,
        )
        return _run(session, asked)

    run.__doc__ = f"{_HELP[job]}\n\nTEXT: {_ARGUMENTS[job]}"
    return run


def _text(session: Session, job: str, text: str) -> str:
    """The text that a job works on, from where it stands."""
    if text == "-":
        return sys.stdin.buffer.read().decode("utf-8", errors="replace")
    if job in ("debug", "class") and "\n" not in text and len(text) < 500:
        file = Path(text)
        try:
            if file.is_file():
                return file.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise CodexGraphError(f"{file}: cannot be read: {error.strerror}") from error
        if _DOCUMENT.fullmatch(text):
            raise CodexGraphError(f"{file}: there is no such file; give its path, or the text")
    if job in ("test", "comment", "complete"):
        path, colon, rest = text.partition(":")
        return f"{in_repository(session, path)}{colon}{rest}"
    return text


def _run(session: Session, asked: _Asked) -> int:
    from codexgraph.wiring_agent import surroundings
    from codexgraph.wiring_models import is_model_configured

    with surroundings(session.config) as around:
        is_plain = asked.is_plain or not is_model_configured(session.config)
        if is_plain and asked.replay is None:
            return _without_model(session, around, asked)
        return _with_model(session, around, asked)


def _without_model(session: Session, around: "Surroundings", asked: _Asked) -> int:
    from agent.answers.answer import markdown
    from agent.edits import unified_diff
    from codexgraph.wiring_agent import graph_answer_of
    from graphdb.symbols import to_json

    found = graph_answer_of(around, asked.job, asked.text, asked.where)
    diff = unified_diff(found.edits)
    lines = [] if asked.is_diff else markdown(found).splitlines()
    lines += diff.splitlines()
    session.say(f"{found.label}: docs/models.md says how to set a model")
    refused = _refused(session, found.edits) if asked.is_applied else None
    value = {"job": asked.job, "label": found.label, "answer": to_json(found), "diff": diff}
    code = session.answer(value | refused_in(refused), lines, found.files, is_found=found.is_found)
    return refused.exit_code if refused else code


def _with_model(session: Session, around: "Surroundings", asked: _Asked) -> int:
    from agent.trajectory import Recorder, Replay, begin, limits_of, load
    from codexgraph.wiring_agent import limits_for, run_task, task_of
    from codexgraph.wiring_models import open_model_of

    task = task_of(around, asked.job, asked.text, asked.where)
    limits, is_translated = limits_for(around, task), asked.is_translated
    if asked.replay is not None:
        record = load(asked.replay)
        limits, is_translated = limits_of(record), bool(record.get("translated"))
        if record.get("task") != asked.job:
            told = f"{asked.replay}: is a run of {record.get('task')}, not of {asked.job}"
            raise CodexGraphError(told)
        model: Any = Replay(record, session.say)
    else:
        model = open_model_of(session.config)
    try:
        limits = replace(limits, **asked.limits)
        observer: Any = _Teller(session)
        if asked.trace is not None:
            started = begin(asked.job, asked.text, model, limits, is_translated=is_translated)
            observer = Recorder(asked.trace, started, observer)
        outcome = run_task(around, task, model, observer, limits, is_translated=is_translated)
        if isinstance(observer, Recorder):
            observer.end(outcome)
    finally:
        model.close()
    return _answer(session, outcome, asked)


def _answer(session: Session, outcome: "Outcome", asked: _Asked) -> int:
    from agent.edits import unified_diff
    from graphdb.symbols import to_json

    draft: Draft | None = outcome.draft
    edits = draft.edits if draft else ()
    diff = unified_diff(edits)
    lines: list[str] = []
    if draft and not asked.is_diff and not edits:
        lines += visible(draft.text).splitlines()
    elif draft and not asked.is_diff and outcome.task == "debug":
        lines += [*visible(draft.text).splitlines(), ""]
    lines += diff.splitlines()
    state = "passed its checks" if outcome.is_passed else f"not passed ({outcome.why})"
    if outcome.is_passed and outcome.skipped:
        state = "passed the checks that could run"
    detail = "" if outcome.is_passed else f": {' '.join(outcome.detail.split())[:300]}"
    session.say(f"{state}{detail}")
    for line in (
        *(f"not run: {each}" for each in outcome.skipped),
        *(draft.notes if draft else ()),
    ):
        session.say(line)
    session.say(_spent(outcome))
    refused = None
    if asked.is_applied and outcome.is_passed:
        refused = _refused(session, edits)
    elif asked.is_applied:
        session.warn("nothing was written: the draft does not pass its checks")
    value = {"outcome": to_json(outcome), "diff": diff} | refused_in(refused)
    session.answer(value, lines, [edit.path for edit in edits], is_found=draft is not None)
    if refused is not None:
        return refused.exit_code
    if outcome.why == "interrupted":
        return INTERRUPTED
    return 0 if outcome.is_passed else outcome.exit_code or NOT_PASSED


def _spent(outcome: "Outcome") -> str:
    usage = outcome.usage
    tokens = usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0)
    cost = f", ${usage['cost']:.4f}" if "cost" in usage else ""
    return (
        f"{tokens:,.0f} tokens in {usage.get('calls', 0):.0f} calls, {outcome.rounds} rounds, "
        f"{usage.get('seconds', 0):.1f} s{cost}"
    )


def _refused(session: Session, edits: Any) -> CodexGraphError | None:
    """Write edits; why they are not written, which must not cost the answer."""
    from agent.apply import ApplyRefusedError, apply

    try:
        apply(session.config.root, edits)
    except ApplyRefusedError as error:
        session.warn(f"nothing was written: {error}")
        return error
    session.say(f"written: {', '.join(edit.path for edit in edits) or 'nothing'}")
    return None


def refused_in(error: CodexGraphError | None) -> dict[str, str]:
    """What the JSON object says of edits that are not written."""
    return {} if error is None else {"refused": str(error)}


class _Teller:
    """Says each step on standard error, a line each."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __call__(self, event: Any) -> None:
        """Tell an event that a person wants to see."""
        from agent.events import Checked, DraftMade, ModelAnswered, PhaseBegan, ToolAnswered

        if isinstance(event, PhaseBegan):
            self._say(f"{event.phase}, round {event.round}")
        elif isinstance(event, ToolAnswered):
            total = event.result.error or f"{event.result.total} found"
            self._say(f"  {event.call.name[:100]}: {total}")
        elif isinstance(event, ModelAnswered) and event.reply is not None:
            if event.reply.finish != "stop":
                self._say(f"  the reply is not whole ({event.reply.finish}): what came is used")
        elif isinstance(event, DraftMade) and event.error:
            self._say(f"  unreadable: {event.error}")
        elif isinstance(event, Checked):
            for result in event.results:
                self._say(f"  {result.check}: {result.status} {result.reason}".rstrip())
                for problem in result.problems[:_SHOWN]:
                    self._say(f"    {problem}")

    def _say(self, text: str) -> None:
        self._session.say(visible(text))


def visible(text: str) -> str:
    """A text of a model's or of what it ran, without what a terminal would obey."""
    text = text.replace("\r\n", "\n")
    shown = (c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)
    return "".join(shown)
