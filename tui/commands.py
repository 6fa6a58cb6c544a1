"""What each command of a conversation does, one function a command.

Those that only ask the graph or go to a mode are rows of `tui.models.slash.COMMANDS` and need no
function here.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from textual.app import SystemCommand

from graphdb.errors import CodexGraphError
from tui.background import error_line, in_thread
from tui.messages import Copy, RunCommand
from tui.models.conversation import spent
from tui.models.slash import COMMANDS
from tui.models.transcript import export
from tui.modes import MODES
from tui.modes.talk import TalkMode
from tui.screens.diff import DiffScreen
from tui.screens.pick import Pick, pick

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from tui.app import GraphApp
    from tui.models.slash import SlashCommand

    Does = Callable[[GraphApp, str], Awaitable[None]]


async def run_command(app: GraphApp, command: SlashCommand, argument: str) -> None:
    """Do what a command says; what goes wrong is a line."""
    try:
        if command.question:
            (await app.talk()).ask(command.question.format(argument))
        elif command.mode:
            (await app.go_to(command.mode)).take(argument)
        else:
            await FUNCTIONS[command.name](app, argument)
    except CodexGraphError as error:
        app.notify(error_line(error), severity="warning", markup=False)


def palette(app: GraphApp) -> Iterable[SystemCommand]:
    """Rows of the command palette: the modes, and the commands that need no argument."""
    for mode in MODES:
        yield SystemCommand(f"Go to {mode.title}", mode.help, lambda m=mode: app.go_to(m.id))
    for command in COMMANDS:
        if not command.needs_argument:
            run = RunCommand(command, "")
            yield SystemCommand(f"/{command.name}", command.help, lambda r=run: app.post_message(r))


async def _help(app: GraphApp, argument: str) -> None:
    del argument
    app.action_help()


async def _index(app: GraphApp, argument: str) -> None:
    app.action_index(is_full=argument == "full")


async def _status(app: GraphApp, argument: str) -> None:
    desk, ports = app.desk, app.desk.ports
    await desk.look()
    view = desk.view
    rows = [
        ("repository", f"{ports.repo} in {ports.root}"),
        ("store", ports.store),
        ("files", "none" if view.files is None else f"{view.files:,}"),
        ("nodes", f"{view.nodes:,}"),
        ("edges", f"{view.edges:,}"),
        ("state", view.note or view.freshness),
        ("model", ports.model or "none"),
    ]
    lines = "\n".join(f"- **{name}**: {value}" for name, value in rows)
    await (await app.talk()).say(f"/status {argument}".strip(), lines)


async def _model(app: GraphApp, argument: str) -> None:
    model = app.desk.ports.model
    if model:
        text = f"The model is **{model}**. Settings `model.*` of `codexgraph.toml` change it."
    else:
        text = (
            "No model is set: navigation, Cypher and the graph work, and questions are answered "
            "from the graph alone.\n\nSettings `model.*` of `codexgraph.toml` set one; "
            "`codexgraph config show` lists them, `codexgraph doctor` checks them."
        )
    await (await app.talk()).say(f"/model {argument}".strip(), text)


async def _mode(app: GraphApp, argument: str) -> None:
    wanted = argument.lower().replace(" ", "_")
    found = [mode for mode in MODES if wanted in (mode.id, mode.title.lower())]
    if not found:
        names = ", ".join(mode.id for mode in MODES)
        raise CodexGraphError(f"no mode is called {argument!r}: there are {names}")
    await app.go_to(found[0].id)


async def _copy(app: GraphApp, argument: str) -> None:
    del argument
    answers = [turn.answer for turn in app.desk.conversation.turns if turn.answer]
    if not answers:
        raise CodexGraphError("there is no answer to copy yet")
    app.post_message(Copy(answers[-1], "answer"))


async def _export(app: GraphApp, argument: str) -> None:
    path = export(app.desk.conversation, argument)
    app.notify(f"written to {path}", markup=False)


async def _save(app: GraphApp, argument: str) -> None:
    app.desk.name_conversation(argument)
    app.desk.save()
    app.notify(f"kept as {app.desk.conversation.title}", markup=False)


async def _resume(app: GraphApp, argument: str) -> None:
    if argument:
        await _go_on_with(app, argument)
        return
    found, troubles = await in_thread(app.desk.sessions.list)
    for trouble in troubles:
        app.notify(trouble, severity="warning", markup=False)
    picks = [
        Pick(saved.id, saved.title, f"{saved.began_at}  {saved.turns} turns")
        for saved in found
        if saved.id != app.desk.conversation.id
    ]

    async def choose() -> None:
        chosen = await pick(app.screen, "go on with", picks)
        if chosen is not None:
            await _go_on_with(app, chosen)

    app.run_worker(choose())


async def _go_on_with(app: GraphApp, wanted: str) -> None:
    _must_not_answer(app)
    try:
        app.desk.resume(wanted)
    except CodexGraphError as error:
        app.notify(error_line(error), severity="warning", markup=False)
        return
    await _show_conversation(app)


async def _clear(app: GraphApp, argument: str) -> None:
    del argument
    _must_not_answer(app)
    app.desk.begin_anew()
    await _show_conversation(app)


async def _tokens(app: GraphApp, argument: str) -> None:
    turns = app.desk.conversation.turns
    rows = [
        f"- turn {number}, {turn.job}: {spent(turn).line()}"
        for number, turn in enumerate(turns, start=1)
        if turn.calls
    ]
    text = "\n".join([f"- **all together**: {spent(*turns).line()}", *rows])
    await (await app.talk()).say(f"/tokens {argument}".strip(), text)


async def _theme(app: GraphApp, argument: str) -> None:
    if not argument:
        app.search_themes()
    elif argument in app.available_themes:
        app.theme = argument
    else:
        names = ", ".join(sorted(app.available_themes))
        raise CodexGraphError(f"no theme is called {argument!r}: there are {names}")


async def _doctor(app: GraphApp, argument: str) -> None:
    text = await in_thread(app.desk.ports.doctor)
    await (await app.talk()).say(f"/doctor {argument}".strip(), text)


async def _diff(app: GraphApp, argument: str) -> None:
    del argument
    review = app.desk.current_review()

    async def look() -> None:
        left, is_to_apply = await app.push_screen_wait(DiffScreen(review))
        app.desk.review = left
        if is_to_apply:
            await run_command(app, APPLY, "")

    app.run_worker(look())


async def _apply(app: GraphApp, argument: str) -> None:
    del argument
    names = ", ".join(app.desk.apply())
    app.notify(f"written: {names}; /undo takes it back, F6 indexes it", markup=False)
    app.look()


async def _undo(app: GraphApp, argument: str) -> None:
    del argument
    names = ", ".join(app.desk.undo())
    app.notify(f"as it was before: {names}", markup=False)
    app.look()


async def _quit(app: GraphApp, argument: str) -> None:
    del argument
    app.exit()


FUNCTIONS: dict[str, Does] = {
    "help": _help,
    "index": _index,
    "status": _status,
    "model": _model,
    "mode": _mode,
    "copy": _copy,
    "export": _export,
    "save": _save,
    "resume": _resume,
    "clear": _clear,
    "tokens": _tokens,
    "theme": _theme,
    "doctor": _doctor,
    "diff": _diff,
    "apply": _apply,
    "undo": _undo,
    "quit": _quit,
}
APPLY = next(command for command in COMMANDS if command.name == "apply")


def _must_not_answer(app: GraphApp) -> None:
    if app.desk.is_answering:
        raise CodexGraphError("an answer is on its way: escape cancels it")


async def _show_conversation(app: GraphApp) -> None:
    for pane in app.query(TalkMode):
        await pane.show_all()
    talk = await app.talk()
    with suppress(CodexGraphError):
        app.desk.save()
    if app.desk.conversation.unsent:
        talk.take(app.desk.conversation.unsent)
