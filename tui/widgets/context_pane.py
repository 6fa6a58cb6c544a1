"""The column beside a conversation in a wide terminal: one symbol, and what it is joined to."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static, Tree

from graphdb.errors import CodexGraphError
from graphdb.schema import Tier
from tui.background import error_line
from tui.messages import Copy, OpenPlace, ShowGraph
from tui.models.context import read_context
from tui.models.drawing import short_name
from tui.models.explorer import MARKS
from tui.models.places import Place

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from graphdb.symbols import Symbol
    from tui.desk import Desk
    from tui.models.context import Context
    from tui.models.neighbours import Neighbour

_EMPTY = (
    "What a symbol is joined to stands here: of an answer, of the source that is open, or of the "
    "symbol under the cursor in the side bar. F8 hides this column."
)


class NeighbourTree(Tree["Symbol"]):
    """Groups of neighbours; letters move as in an editor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Go there", id="context.centre"),
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
    ]

    def __init__(self) -> None:
        super().__init__("", id="context-tree")
        self.show_root = False
        self.guide_depth = 2
        self.auto_expand = False


class ContextPane(Vertical):
    """Shows one symbol at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("backspace", "back", "Back", id="context.back"),
        Binding("s", "source(False)", "Source", id="context.source"),
        Binding("o", "source(True)", "Editor", id="context.open"),
        Binding("ctrl+g", "graph", "Graph", id="context.graph"),
        Binding("y", "copy", "Copy", id="context.copy"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(id="context")
        self._desk = desk
        self._shown: Symbol | None = None
        self._past: list[Symbol] = []

    def compose(self) -> ComposeResult:
        """Lines on the symbol, and its neighbours."""
        yield Static(_EMPTY, id="context-lines", markup=False)
        yield NeighbourTree()

    def show(self, symbol: Symbol) -> None:
        """Show a symbol; that of before is gone back to by backspace."""
        if self._shown is not None and self._shown.uid == symbol.uid:
            return
        if self._shown is not None:
            self._past.append(self._shown)
        self._go(symbol)

    def index_changed(self) -> None:
        """The graph is another one: what is shown is of the one before."""
        self._shown = None
        self._past.clear()
        self._tree.clear()
        self.query_one("#context-lines", Static).update(_EMPTY)

    @property
    def chosen(self) -> Symbol | None:
        """The symbol under the cursor, else the one that is shown."""
        node = self._tree.cursor_node
        return node.data if node is not None and node.data is not None else self._shown

    @property
    def _tree(self) -> NeighbourTree:
        return self.query_one(NeighbourTree)

    def action_back(self) -> None:
        """Show the symbol of before."""
        if self._past:
            self._go(self._past.pop())

    def action_source(self, in_editor: bool) -> None:
        """Open the source of the symbol under the cursor."""
        symbol = self.chosen
        if symbol is not None and symbol.file_path is not None:
            place = Place(symbol.file_path, symbol.name_line or symbol.start_line or 1)
            self.post_message(OpenPlace(place, in_editor=in_editor))

    def action_graph(self) -> None:
        """Show the neighbourhood of the symbol under the cursor."""
        if self.chosen is not None:
            self.post_message(ShowGraph(self.chosen))

    def action_copy(self) -> None:
        """Copy the full name of the symbol under the cursor."""
        if self.chosen is not None:
            self.post_message(Copy(self.chosen.full_name, "name"))

    @on(Tree.NodeSelected)
    def _selected(self, event: Tree.NodeSelected[Symbol]) -> None:
        event.stop()
        if event.node.data is not None:
            self.show(event.node.data)
        else:
            event.node.toggle()

    def _go(self, symbol: Symbol) -> None:
        self._shown = symbol
        self._read(symbol)

    @work(exclusive=True, group="context")
    async def _read(self, symbol: Symbol) -> None:
        try:
            context = await self._desk.ask(lambda reader: read_context(reader, symbol))
        except CodexGraphError as error:
            self.query_one("#context-lines", Static).update(error_line(error))
            return
        self._put(context)

    def _put(self, context: Context) -> None:
        head = Text(f"{MARKS[context.symbol.kind]} {short_name(context.symbol)}", style="bold")
        for line in context.lines:
            head.append(f"\n{line}", style="not bold")
        self.query_one("#context-lines", Static).update(head)
        tree = self._tree
        tree.clear()
        for group in context.groups:
            node = tree.root.add(Text(group.title, style="bold"), expand=group.is_open)
            for member in group.members:
                node.add_leaf(_label(member), member.symbol)
        if not context.groups:
            tree.root.add_leaf(Text("joined to nothing", style="italic"))
        if context.is_cut:
            tree.root.add_leaf(Text("only a part is shown: ctrl+g", style="italic"))
        tree.cursor_line = 0


def _label(member: Neighbour) -> Text:
    sure = "" if member.tier is Tier.EXACT else f"  {member.tier.value}"
    return Text.assemble(
        f"{MARKS[member.symbol.kind]} ",
        short_name(member.symbol),
        (f"  {member.symbol.location.rpartition('/')[2]}{sure}", "dim"),
    )
