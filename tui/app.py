"""The application: one screen with header, modes, side bar and source, and the keys of them all.

Modes are panes of that screen rather than screens of their own, so that the side bar, the source
and what is being typed stay where they are when somebody goes to another mode.
"""

from __future__ import annotations

from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual import on, work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import ContentSwitcher

from graphdb.errors import CodexGraphError
from tui.asking import context_of, graph_of
from tui.commands import palette, run_command
from tui.editing import edit_file, edit_text
from tui.keys import free_alt_digits, help_page, use_keymap
from tui.messages import Copy, GraphOf, OpenPlace, RunCommand, ShowContext, ShowGraph
from tui.modes import MODES
from tui.modes.graph import GraphMode
from tui.modes.mode import ModePane, shown_pane
from tui.modes.talk import TalkMode
from tui.screens.help import HelpScreen
from tui.surroundings import choose_theme, hear_signals
from tui.widgets.composer import Composer
from tui.widgets.context_pane import ContextPane
from tui.widgets.explorer_pane import ExplorerPane
from tui.widgets.header_bar import HeaderBar
from tui.widgets.key_bar import KeyBar
from tui.widgets.mode_bar import ModeBar
from tui.widgets.source_pane import SourcePane
from tui.widgets.too_small import TooSmall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual import events
    from textual.app import ComposeResult, SystemCommand
    from textual.screen import Screen

    from tui.desk import Desk
    from tui.ports import IndexProgress

LOOK_S, SAVE_S = 10.0, 3.0
"""How often the files are compared with the graph, and the conversation is saved."""
NARROW, WIDE = 90, 130

M = TypeVar("M", bound=Message)
T = TypeVar("T")


def _heard(handler: Callable[[GraphApp, M], T]) -> Callable[[GraphApp, M], T | None]:
    """A handler for what panes post, deaf once they are gone: their last words come after that."""

    @wraps(handler)
    def hear(app: GraphApp, event: M) -> T | None:
        return handler(app, event) if app.has_panes else None

    return hear


class GraphApp(App[None]):
    """The terminal application."""

    TITLE = "CodexGraph"
    CSS_PATH = "app.tcss"
    NOTIFICATION_TIMEOUT = 8.0
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual's own declaration of it
        (0, "-narrow"),
        (NARROW, "-normal"),
        (WIDE, "-wide"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help", id="app.help"),
        Binding("ctrl+b", "side", "Side bar", id="app.side"),
        Binding("f8", "context", "Context", show=False, id="app.context"),
        Binding("f6", "index", "Index", priority=True, id="app.index"),
        Binding("f7", "cancel_index", "Stop indexing", False, priority=True, id="app.cancel_index"),
        Binding("ctrl+n", "next_mode", "Next mode", show=False, id="app.next_mode"),
        *(
            Binding(f"alt+{n}", f"mode('{m.id}')", m.title, False, priority=True, id=f"mode.{m.id}")
            for n, m in enumerate(MODES, start=1)
        ),
    ]

    def __init__(self, desk: Desk) -> None:
        free_alt_digits()
        super().__init__()
        self.desk = desk
        self._is_narrow = False
        self._columns = 0
        self._is_context_wanted = True

    def compose(self) -> ComposeResult:
        """The one screen."""
        yield HeaderBar(self.desk.ports)
        yield ModeBar()
        with Horizontal(id="body"):
            yield ExplorerPane(self.desk)
            yield ContentSwitcher(id="modes")
            yield SourcePane(self.desk)
            yield ContextPane(self.desk)
        yield KeyBar()
        yield TooSmall(markup=False)

    async def on_mount(self) -> None:
        """Go to the first mode, then look at the index."""
        choose_theme(self)
        use_keymap(self)
        self.desk.ports.index.start(self._index_told)
        await self.go_to(MODES[0].id)
        hear_signals(self._hung_up)
        self.look()
        self._look_back()
        self.set_interval(LOOK_S, self._look_if_seen)
        self.set_interval(SAVE_S, self._save_quietly)

    async def action_mode(self, mode_id: str) -> None:
        """Go to a mode."""
        await self.go_to(mode_id)

    async def go_to(self, mode_id: str) -> ModePane:
        """Show a mode, made when it is first gone to; its pane."""
        switcher = self.query_one("#modes", ContentSwitcher)
        pane = await shown_pane(switcher, mode_id, self.desk)
        self.query_one(ModeBar).current = mode_id
        pane.focus_main()
        self._arrange()
        return pane

    async def talk(self) -> TalkMode:
        """The conversation that is shown, else the first one, which is gone to."""
        pane = self.current_pane
        if not isinstance(pane, TalkMode):  # the table of modes begins with one
            pane = await self.go_to(MODES[0].id)
        return cast("TalkMode", pane)

    @property
    def current_pane(self) -> ModePane | None:
        """The mode that is shown."""
        shown = self.query_one("#modes", ContentSwitcher).visible_content
        return shown if isinstance(shown, ModePane) else None

    @property
    def has_panes(self) -> bool:
        """False while the application ends: what was asked for them may come after they went."""
        return bool(self.query(ContextPane))

    @work(exclusive=True, group="look")
    async def look(self) -> None:
        """Look at the index and the files, and show what has changed."""
        had_index = bool(self.desk.generation)
        is_other = await self.desk.look()
        self._show_header()
        if is_other and self.has_panes:
            self.query_one(ExplorerPane).refill()
            for pane in self.query(ModePane):
                pane.index_changed()
            self.query_one(ContextPane).index_changed()
            if had_index and (note := self.desk.view.note):
                self.notify(note, severity="warning", markup=False)

    @work(group="look-back")
    async def _look_back(self) -> None:
        await self.desk.look_back()
        for pane in self.query(TalkMode):
            pane.show_welcome()

    def _look_if_seen(self) -> None:
        """Nobody reads the header of a terminal in the background."""
        if self.app_focus and self.desk.progress.phase is None:
            self.look()

    def _index_told(self, progress: IndexProgress) -> None:
        was_running = self.desk.progress.phase is not None
        self.desk.progress = progress
        self._show_header()
        if was_running and progress.phase is None:
            if progress.error and not progress.is_cancelled:
                self.notify(progress.error, title="not indexed", severity="error", markup=False)
            else:
                self.notify("stopped" if progress.is_cancelled else "indexed", markup=False)
            self.look()

    def _show_header(self) -> None:
        if self.has_panes:
            self.query_one(HeaderBar).tell(self.desk.view, self.desk.progress)

    def action_index(self, is_full: bool = False) -> None:
        """Bring the index up to date."""
        self.desk.ports.index.request(is_full=is_full)

    def action_cancel_index(self) -> None:
        """Stop indexing; the graph stays as it was."""
        self.desk.ports.index.cancel()

    async def action_next_mode(self) -> None:
        """Go to the mode after this one."""
        ids = [mode.id for mode in MODES]
        await self.go_to(ids[(ids.index(self.query_one(ModeBar).current) + 1) % len(ids)])

    def action_side(self) -> None:
        """Show the side bar and go to it; or hide it."""
        side = self.query_one(ExplorerPane)
        side.display = not side.display
        if side.display:
            side.focus_tree()
        elif self.current_pane is not None:
            self.current_pane.focus_main()

    def action_context(self) -> None:
        """Show the column beside the conversation and go to it; or hide it."""
        self._is_context_wanted = not self.query_one(ContextPane).display
        self._arrange()
        if self.query_one(ContextPane).display:
            self.query_one("#context-tree").focus()
        elif self._is_context_wanted:
            self.notify(f"the context column needs {WIDE} columns and a conversation", markup=False)
        elif self.current_pane is not None:
            self.current_pane.focus_main()

    def _arrange(self) -> None:
        """The context stands where there is room for it, and steps aside for the source."""
        is_wide = self._columns >= WIDE and isinstance(self.current_pane, TalkMode)
        has_room = is_wide and not self.query_one(SourcePane).display
        self.query_one(ContextPane).display = has_room and self._is_context_wanted

    def action_help(self) -> None:
        """Keys and commands."""
        self.push_screen(HelpScreen(help_page(self)))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: Textual's own commands, the modes and the commands of a conversation."""
        yield from super().get_system_commands(screen)  # pyright: ignore[reportUnknownMemberType]
        yield from palette(self)

    @on(RunCommand)
    @_heard
    async def _run_command(self, event: RunCommand) -> None:
        await run_command(self, event.command, event.argument)

    @on(OpenPlace)
    @_heard
    def _open_place(self, event: OpenPlace) -> None:
        if event.in_editor and edit_file(self, event.place):
            return
        if self.size.width < NARROW:
            self.query_one(ExplorerPane).display = False
        self.query_one(SourcePane).show(event.place)
        self.run_worker(context_of(self, str(event.place)), group="context", exclusive=True)

    @on(SourcePane.Toggled)
    @_heard
    def _source_toggled(self, _event: SourcePane.Toggled) -> None:
        self._arrange()

    @on(TalkMode.Answered)
    @_heard
    def _answered(self, event: TalkMode.Answered) -> None:
        text = f"{event.turn.question}\n{event.turn.answer}"
        self.run_worker(context_of(self, text), group="context", exclusive=True)

    @on(GraphOf)
    @_heard
    def _graph_of(self, event: GraphOf) -> None:
        self.run_worker(graph_of(self, event.text), group="graph-of", exclusive=True)

    @on(ShowContext)
    @_heard
    def _show_context(self, event: ShowContext) -> None:
        self.query_one(ContextPane).show(event.symbol)

    @on(ShowGraph)
    @_heard
    async def _show_graph(self, event: ShowGraph) -> None:
        pane = await self.go_to("graph")
        if self.size.width < WIDE:
            self.query_one(SourcePane).display = False
        if isinstance(pane, GraphMode):
            pane.show(event.symbol)

    @on(Copy)
    @_heard
    def _copy(self, event: Copy) -> None:
        self.copy_to_clipboard(event.text)
        self.notify(f"{event.what} copied ({len(event.text):,} characters)", markup=False)

    @on(Composer.EditOutside)
    @_heard
    def _edit_outside(self, _event: Composer.EditOutside) -> None:
        pane = self.current_pane
        if isinstance(pane, TalkMode) and (text := edit_text(self, pane.composer.text)) is not None:
            pane.composer.put(text)

    def on_resize(self, event: events.Resize) -> None:
        """Fold the side bar, and say so where there is no room for anything."""
        self._columns = event.size.width
        is_narrow = self._columns < NARROW
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self.query_one(ExplorerPane).display = not is_narrow
        self.query_one(TooSmall).resized(*event.size)
        self._arrange()

    def watch_theme(self, theme: str) -> None:
        """Remember the colours."""
        self.desk.prefer("theme", theme)

    async def on_unmount(self) -> None:
        """Keep the conversation, and end what runs."""
        self._save_quietly()
        await self.desk.ports.index.close()
        self.desk.graph.close()

    def _save_quietly(self) -> None:
        with suppress(CodexGraphError):
            self.desk.save_if_changed()

    def _hung_up(self) -> None:
        self._save_quietly()
        self.exit()
