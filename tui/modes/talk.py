"""The five modes that are conversations: an input, and the turns of their own job above it.

All share one conversation and one running answer; a mode adds its words and nothing else.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from graphdb.errors import CodexGraphError
from tui.messages import GraphOf, RunCommand
from tui.models.conversation import OWN_LABEL, Turn, TurnState, counted, spent
from tui.models.earlier import earlier
from tui.models.picker import MAX_OPTIONS, Trigger, command_options, file_options, symbol_options
from tui.models.slash import COMMANDS, CommandError, read_command
from tui.modes.mode import ModePane
from tui.screens.pick import Pick, pick
from tui.turn_run import TurnRun
from tui.widgets.composer import Composer
from tui.widgets.popup import Popup
from tui.widgets.turn_view import TurnView

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.desk import Desk
    from tui.models.picker import Option, Wanted
    from tui.modes import Mode

MAX_SHOWN = 40
"""Turns on the screen; earlier ones stay in the file of the conversation."""

_KEYS = ("enter sends", "@symbol #file /command", "ctrl+j new line", "shift+tab answers")
_NO_MODEL = "No model is set: answers come from the graph alone. /model says how to set one."


class TalkMode(ModePane):
    """A conversation about one kind of job."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="talk.cancel"),
    ]
    placeholder: ClassVar[str] = ""
    welcome: ClassVar[str] = ""

    class Answered(Message):
        """A question was answered."""

        def __init__(self, turn: Turn) -> None:
            super().__init__()
            self.turn = turn

    def __init__(self, mode: Mode, desk: Desk) -> None:
        super().__init__(mode, desk)
        self._run: TurnRun | None = None

    def compose(self) -> ComposeResult:
        """Turns, picker, input and a line on what it has taken."""
        with VerticalScroll(classes="turns", can_focus=False):
            yield Static(self._welcome(), classes="welcome", markup=False)
        popup = Popup(f"popup-{self.mode.id}")
        yield popup
        yield Composer(self.desk.questions, popup, self.placeholder)
        yield Static(classes="talk-foot", markup=False)

    async def on_mount(self) -> None:
        """Show the conversation of before, where there is one."""
        await self.show_all()

    @property
    def composer(self) -> Composer:
        """The input."""
        return self.query_one(Composer)

    def focus_main(self) -> None:
        """Put the cursor into the input."""
        self.composer.focus()

    def index_changed(self) -> None:
        """There is an index now, or none any more."""
        self.show_welcome()

    def show_welcome(self) -> None:
        """Say what can be done here, as things are now."""
        self.query_one(".welcome", Static).update(self._welcome())

    def _welcome(self) -> str:
        desk = self.desk
        lines = [self.welcome]
        if desk.ports.model:
            lines.append(f"Answers are written by {desk.ports.model}, from what the graph has.")
        else:
            lines.append(_NO_MODEL)
        if desk.view.note is not None:
            lines.append(f"F6 builds the index, and all stays usable meanwhile: {desk.view.note}.")
        if desk.before is not None and not desk.conversation.turns:
            count = counted(desk.before.turns, "turn")
            lines.append(
                f"/resume goes on with what was asked before: {desk.before.title} ({count})"
            )
        return "\n".join(lines)

    def take(self, text: str) -> None:
        """Put a text into the input."""
        self.composer.put(text)

    async def show_all(self) -> None:
        """Show the turns of this mode anew."""
        turns = self.query_one(".turns", VerticalScroll)
        await turns.remove_children(TurnView)
        own = [turn for turn in self.desk.conversation.turns if turn.job == self.mode.id]
        await turns.mount_all([TurnView(turn, self.desk.known) for turn in own[-MAX_SHOWN:]])
        turns.anchor()
        self._show_foot()

    async def say(self, question: str, answer: str) -> None:
        """Add a turn that the application answers itself."""
        at = self.desk.clock().isoformat(timespec="seconds")
        turn = Turn(question, self.mode.id, at, TurnState.DONE, OWN_LABEL, answer)
        self.desk.add_turn(turn)
        await self._mount_view(turn)
        self._save()

    def ask(self, question: str) -> None:
        """Ask; what was asked before must have been answered."""
        if self.desk.is_answering:
            self.notify("an answer is on its way: escape cancels it", markup=False)
            return
        at = self.desk.clock().isoformat(timespec="seconds")
        before = earlier(self.desk.conversation.turns)
        run = self._run = TurnRun(self.desk, Turn(question, self.mode.id, at), before)
        self.desk.is_answering = True
        self._answer(run)

    @on(Composer.Sent)
    def _sent(self, event: Composer.Sent) -> None:
        event.stop()
        try:
            command = read_command(event.text)
        except CommandError as error:
            self.notify(str(error), severity="warning", markup=False)
            return
        if command is None and self.desk.is_answering:
            self.notify("an answer is on its way: escape cancels it", markup=False)
            return
        self.composer.put("")
        try:
            self.desk.questions.add(event.text)
        except CodexGraphError as error:
            self.notify(str(error), severity="warning", markup=False)
        if command is None:
            self.ask(event.text)
        else:
            self.post_message(RunCommand(*command))

    @work
    async def _answer(self, run: TurnRun) -> None:
        view = await self._mount_view(run.turn)
        slot = self.desk.add_turn(run.turn)

        async def tell(turn: Turn) -> None:
            self.desk.change_turn(slot, turn)
            if view.is_mounted:
                view.show(turn)
                self._show_foot()

        try:
            self._save()
            turn = await run.run(tell)
        finally:
            self._run = None
            self.desk.is_answering = False
        self._save()
        self.post_message(self.Answered(turn))
        if not turn.calls:  # it came at once, so nobody has read its beginning yet
            self.call_after_refresh(self._show_beginning, view)
        if turn.state is TurnState.FAILED and not self.composer.text.strip():
            self.composer.put(turn.question)
            self._show_foot(("enter asks again",))

    def _show_beginning(self, view: TurnView) -> None:
        turns = self.query_one(".turns", VerticalScroll)
        if view.is_mounted and view.size.height > turns.size.height:
            turns.release_anchor()
            turns.scroll_to_widget(view, animate=False, top=True)

    async def _mount_view(self, turn: Turn) -> TurnView:
        turns = self.query_one(".turns", VerticalScroll)
        view = TurnView(turn, self.desk.known)
        await turns.mount(view)
        shown = list(turns.query(TurnView))
        for old in shown[:-MAX_SHOWN]:
            await old.remove()
        turns.anchor()
        self._show_foot()
        return view

    def action_cancel(self) -> None:
        """Cancel the answer that is on its way; else go back to the input."""
        if self._run is not None:
            self._run.cancel()
        else:
            self.focus_main()

    @on(Composer.Wants)
    def _wants(self, event: Composer.Wants) -> None:
        event.stop()
        self.desk.note_unsent(self.composer.text)
        self._offer(event.wanted)

    @work(exclusive=True, group="picker")
    async def _offer(self, wanted: Wanted | None) -> None:
        options: list[Option] = []
        with suppress(CodexGraphError):
            options = await self._options(wanted) if wanted else []
        if self.composer.wanted() == wanted:
            self.query_one(Popup).offer(options)

    async def _options(self, wanted: Wanted) -> list[Option]:
        match wanted.trigger:
            case Trigger.COMMAND:
                return command_options(COMMANDS, wanted.text)
            case Trigger.FILE:
                return file_options(self.desk.explorer.paths, wanted.text)
            case Trigger.SYMBOL if not wanted.text:
                return []
            case Trigger.SYMBOL:
                return symbol_options(await self.desk.symbols(wanted.text, MAX_OPTIONS))

    @on(Popup.Chosen)
    def _chosen(self, event: Popup.Chosen) -> None:
        event.stop()
        self.composer.put_choice()
        self.focus_main()

    @on(Composer.WantsGraph)
    def _wants_graph(self, event: Composer.WantsGraph) -> None:
        event.stop()
        answers = [view.turn.answer for view in self.query(TurnView) if view.turn.answer]
        if event.name or answers:
            self.post_message(GraphOf(f"`{event.name}`" if event.name else answers[-1]))
        else:
            self.notify("no symbol is named here yet: type its name, then ctrl+g", markup=False)

    @on(Composer.Scrolls)
    def _scrolls(self, event: Composer.Scrolls) -> None:
        event.stop()
        turns = self.query_one(".turns", VerticalScroll)
        turns.release_anchor()
        lines = event.pages * max(1, turns.size.height - 2)
        turns.scroll_relative(y=lines, animate=False)

    @on(Composer.SearchHistory)
    @work
    async def _search_history(self) -> None:
        picks = [Pick(item, item) for item in self.desk.questions.search("")]
        found = await pick(self, "asked before", picks)
        if found is not None:
            self.composer.put(found)
            self.focus_main()

    def on_resize(self) -> None:
        """The last line has another width."""
        self._show_foot()

    def _show_foot(self, keys: tuple[str, ...] = _KEYS) -> None:
        turns = self.desk.conversation.turns
        count = counted(len(turns), "turn")
        line = f"{count} · {spent(*turns).line()}" if spent(*turns).calls else count
        parts = [*keys, line]
        while len(parts) > 1 and len(" · ".join(parts)) > self.size.width - 2:
            parts.pop(-2)  # what it has taken is told before the keys are
        self.query_one(".talk-foot", Static).update(" · ".join(parts))

    def _save(self) -> None:
        try:
            self.desk.save()
        except CodexGraphError as error:
            self.notify(str(error), severity="warning", markup=False)
