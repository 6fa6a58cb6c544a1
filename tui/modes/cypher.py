"""The query console: an editor, and the answer as a grid, as JSON and as a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static, TabbedContent, TabPane, TextArea

from graphdb.errors import CodexGraphError
from tui.background import error_line
from tui.messages import Copy, OpenPlace, ShowGraph
from tui.models.cypher import (
    EXAMPLE,
    export,
    graph_of,
    json_text,
    place_of_cell,
    run,
    status_line,
)
from tui.models.drawing_list import draw_graph
from tui.modes.mode import ModePane
from tui.ports import Limits
from tui.screens.pick import Pick, pick
from tui.screens.prompt import prompt
from tui.widgets.cypher_editor import CypherEditor
from tui.widgets.drawing_view import DrawingView
from tui.widgets.popup import Popup
from tui.widgets.result_grid import ResultGrid
from tui.widgets.schema_tree import SchemaTree

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from graphdb.store import QueryResult
    from tui.desk import Desk
    from tui.modes import Mode

_MORE_ROWS = (200, 1_000, 10_000)
_HINT = "F5 runs · ctrl+space, tab complete · ctrl+s keeps, ctrl+t gets · ctrl+l rows · F2 schema"
_SCHEMA_WIDTH, _SCHEMA_HEIGHT = 84, 26


class CypherMode(ModePane):
    """Ask the graph in its own language."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "run", "Run", id="cypher.run", priority=True),
        Binding("escape", "cancel", "Cancel", id="cypher.cancel", show=False),
        Binding("ctrl+s", "save", "Save", id="cypher.save"),
        Binding("ctrl+t", "saved", "Saved", id="cypher.saved"),
        Binding("ctrl+r", "history", "History", id="cypher.history"),
        Binding("ctrl+l", "limit", "Limit", id="cypher.limit"),
        Binding("f2", "schema", "Schema", id="cypher.schema"),
    ]

    def __init__(self, mode: Mode, desk: Desk) -> None:
        super().__init__(mode, desk)
        self._limits = desk.ports.limits
        self._result: QueryResult | None = None
        self._is_drawn = False
        self._is_schema_wanted: bool | None = None

    def compose(self) -> ComposeResult:
        """Editor, completion, a line on the answer, and the answer."""
        popup = Popup("popup-cypher")
        with Horizontal(id="cypher-top"):
            with Vertical(id="cypher-left"):
                yield CypherEditor(popup, f"{EXAMPLE}\nORDER BY class")
                yield popup
                yield Static(_HINT, id="cypher-state", markup=False)
            yield SchemaTree()
        with TabbedContent(id="cypher-tabs"):
            with TabPane("Grid", id="tab-grid"):
                yield ResultGrid("cypher-grid")
            with TabPane("JSON", id="tab-json"):
                yield TextArea(read_only=True, id="cypher-json", compact=True)
            with TabPane("Graph", id="tab-graph"):
                yield DrawingView("cypher-graph")

    def focus_main(self) -> None:
        """Put the cursor into the editor."""
        self.query_one(CypherEditor).focus()

    def on_mount(self) -> None:
        """Say how many there are of each kind."""
        self.query_one(SchemaTree).fill(self.desk.counts)

    def index_changed(self) -> None:
        """The numbers of the schema are others."""
        self.query_one(SchemaTree).fill(self.desk.counts)

    def on_resize(self) -> None:
        """The schema stands beside the editor where there is room, or somebody wants it."""
        has_room = self.size.width >= _SCHEMA_WIDTH and self.size.height >= _SCHEMA_HEIGHT
        wanted = self._is_schema_wanted
        self.query_one(SchemaTree).display = has_room if wanted is None else wanted

    def action_schema(self) -> None:
        """Show the schema and go to it, or hide it."""
        tree = self.query_one(SchemaTree)
        self._is_schema_wanted = tree.display = not (tree.display and tree.has_focus)
        if tree.display:
            tree.focus()
        else:
            self.focus_main()

    @on(SchemaTree.Chosen)
    def _insert(self, event: SchemaTree.Chosen) -> None:
        event.stop()
        editor = self.query_one(CypherEditor)
        editor.insert(event.word)
        editor.focus()

    def take(self, text: str) -> None:
        """Put a query into the editor and run it."""
        if text:
            self.query_one(CypherEditor).text = text
            self.action_run()

    @on(CypherEditor.Run)
    def action_run(self) -> None:
        """Run the text."""
        if text := self.query_one(CypherEditor).text.strip():
            self._tell("running …")
            self._run(text, self._limits)

    @work(exclusive=True, group="query")
    async def _run(self, text: str, limits: Limits) -> None:
        try:
            self.desk.past_queries.add(text)
            result = await self.desk.ask(lambda reader: run(reader, text, limits))
        except CodexGraphError as error:
            self._tell(error_line(error), is_error=True)
            return
        self.show_result(result, limits)

    def show_result(self, result: QueryResult, limits: Limits) -> None:
        """Show other rows."""
        self._result, self._is_drawn = result, False
        self.query_one(ResultGrid).show(result)
        self.query_one("#cypher-json", TextArea).text = ""
        lines = [status_line(result, limits), *(f"note: {note}" for note in result.notes)]
        self._tell("\n".join(lines))
        self._fill_tab()

    @on(TabbedContent.TabActivated)
    def _fill_tab(self) -> None:
        """JSON and graph are made when somebody looks at them."""
        tab, result = self.query_one(TabbedContent).active, self._result
        if result is None:
            return
        area = self.query_one("#cypher-json", TextArea)
        if tab == "tab-json" and not area.text:
            area.text = json_text(result)
        elif tab == "tab-graph" and not self._is_drawn:
            self._is_drawn = True
            self._draw(result)

    @work(exclusive=True, group="draw")
    async def _draw(self, result: QueryResult) -> None:
        view = self.query_one(DrawingView)
        try:
            near = await self.desk.ask(lambda reader: graph_of(reader, result))
        except CodexGraphError as error:
            view.say(error_line(error))
            return
        if near.nodes:
            view.show(draw_graph(near))
        else:
            view.say("this answer holds no nodes: return some, as in MATCH (n:CLASS) RETURN n")

    @on(ResultGrid.Chosen)
    def _chosen(self, event: ResultGrid.Chosen) -> None:
        if self._result is None:
            return
        place = place_of_cell(self._result, event.row, event.column)
        if place is None:
            self.notify("this row names no file: return n, or n.file_path", markup=False)
        else:
            self.post_message(OpenPlace(place, in_editor=event.in_editor))

    @on(ResultGrid.CopyCell)
    def _copy_cell(self, event: ResultGrid.CopyCell) -> None:
        self.post_message(Copy(event.text, "cell"))

    @on(DrawingView.Chosen)
    def _node_chosen(self, event: DrawingView.Chosen) -> None:
        self.post_message(ShowGraph(event.spot.symbol))

    @on(ResultGrid.Export)
    @work
    async def _export(self) -> None:
        result = self._result
        if result is None:
            return
        name = await prompt(self, "write the rows to (.csv or .json)", "query-result.csv")
        if name is None:
            return
        try:
            self.notify(export(result, name), markup=False)
        except CodexGraphError as error:
            self.notify(error_line(error), severity="error", markup=False)

    def action_cancel(self) -> None:
        """Wait no longer for the answer; the store ends the query at its time limit."""
        running = [w for w in self.workers if w.group == "query" and w.is_running]
        if running:
            for worker in running:
                worker.cancel()
            self._tell("cancelled")
        else:
            self.focus_main()

    def action_limit(self) -> None:
        """The next row limit."""
        rows = next((n for n in _MORE_ROWS if n > self._limits.rows), _MORE_ROWS[0])
        self._limits = Limits(self._limits.seconds, rows)
        self._tell(f"limit {rows:,} rows, {self._limits.seconds:g} s: F5 runs")

    @work
    async def action_save(self) -> None:
        """Keep the query under a name."""
        text = self.query_one(CypherEditor).text
        name = await prompt(self, "keep this query as")
        if name is None:
            return
        try:
            self.desk.queries.keep(name, text)
            self._tell(f"kept as {name}")
        except CodexGraphError as error:
            self._tell(error_line(error), is_error=True)

    @work
    async def action_saved(self) -> None:
        """Go to a query that was kept."""
        try:
            kept = self.desk.queries.all()
        except CodexGraphError as error:
            self._tell(error_line(error), is_error=True)
            return
        picks = [Pick(name, name, " ".join(text.split())[:80]) for name, text in kept.items()]
        found = await pick(self, "saved queries", picks)
        if found is not None:
            self.query_one(CypherEditor).text = kept[found]

    @work
    async def action_history(self) -> None:
        """Go to a query that was run before."""
        picks = [Pick(text, text) for text in self.desk.past_queries.search("")]
        found = await pick(self, "run before", picks)
        if found is not None:
            self.query_one(CypherEditor).text = found

    @on(Popup.Chosen)
    def _completed(self, event: Popup.Chosen) -> None:
        event.stop()
        self.query_one(CypherEditor).put_choice()
        self.focus_main()

    def _tell(self, line: str, *, is_error: bool = False) -> None:
        state = self.query_one("#cypher-state", Static)
        state.set_class(is_error, "-error")
        state.update(f"error: {line}" if is_error else line)
