"""The graph around a symbol, drawn and as trees, with the keys to go through it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widgets import ContentSwitcher, Input, Static

from graphdb.errors import AmbiguousNameError, CodexGraphError
from graphdb.queries.names import find, resolve
from graphdb.queries.neighbourhood import neighbourhood
from graphdb.schema import Tier
from tui.background import error_line, in_thread
from tui.messages import Copy, OpenPlace
from tui.models.drawing import LEGEND, draw
from tui.models.files import write_text
from tui.models.neighbours import GROUPS, Ego, View, read_ego
from tui.models.picture import html_page
from tui.models.places import Place
from tui.models.trees import TREES
from tui.modes.mode import ModePane
from tui.screens.pick import Pick, pick, pick_symbol
from tui.widgets.drawing_view import DrawingView
from tui.widgets.relation_tree import RelationTree

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from graphdb.symbols import Symbol
    from tui.desk import Desk
    from tui.models.drawing import Spot
    from tui.modes import Mode

_GROUP_NAMES = tuple(GROUPS)
_UNSAFE = re.compile(r"[^\w.-]+")
PICTURE_DEPTH = 2
_WELCOME = "Type a name above, or press ctrl+g on a symbol in the side bar or in the source."


class GraphMode(ModePane):
    """Neighbourhoods and hierarchies."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(n), f"group('{name}')", name, show=False, id=f"graph.{name}")
            for n, name in enumerate(_GROUP_NAMES, start=1)
        ),
        Binding("space", "expand", "Expand", id="graph.expand"),
        Binding("backspace", "back", "Back", id="graph.back"),
        Binding("v", "view", "Tree/drawing", id="graph.view"),
        Binding("t", "tree", "Which tree", id="graph.tree"),
        Binding("x", "tiers", "Tiers", id="graph.tiers"),
        Binding("a", "whole", "All", id="graph.all"),
        Binding("s", "source(False)", "Source", id="graph.source"),
        Binding("o", "source(True)", "Editor", id="graph.open", show=False),
        Binding("y", "copy", "Copy", id="graph.copy", show=False),
        Binding("p", "picture", "Picture", id="graph.picture"),
        Binding("slash", "find", "Find", id="graph.find", show=False),
    ]

    def __init__(self, mode: Mode, desk: Desk) -> None:
        super().__init__(mode, desk)
        self._view: View | None = None
        self._ego: Ego | None = None
        self._tree = "callers"
        self._wanted = ""

    def compose(self) -> ComposeResult:
        """Name, filters, drawing or tree, and a line on what the cursor stands on."""
        yield Input(
            placeholder="a name, path:line or part of a name", id="graph-name", compact=True
        )
        yield Static(id="graph-filters", markup=False)
        with ContentSwitcher(initial="graph-drawing"):
            yield DrawingView("graph-drawing")
            yield RelationTree(self.desk, "graph-tree")
        yield Static(id="graph-info", markup=False)

    def on_mount(self) -> None:
        """Say what can be done."""
        self.query_one(DrawingView).say(_WELCOME)
        self._show_filters()

    def focus_main(self) -> None:
        """Put the cursor into the drawing, or into the name while there is none."""
        if self._view is None:
            self.query_one(Input).focus()
        else:
            self._shown_widget().focus()

    def take(self, text: str) -> None:
        """Go to a symbol by its name."""
        if text:
            self._find(text)

    def show(self, symbol: Symbol) -> None:
        """Go to a symbol."""
        self._go(self._view.recentred(symbol) if self._view else View(symbol))
        self._shown_widget().focus()

    def index_changed(self) -> None:
        """The graph is another one: read the neighbourhood anew, by name."""
        if self._view is not None:
            self._find_again(self._view.centre.full_name)

    def on_resize(self) -> None:
        """Draw anew for another width."""
        if self._ego is not None:
            self.call_after_refresh(self._draw)

    @on(Input.Submitted, "#graph-name")
    def _named(self, event: Input.Submitted) -> None:
        event.stop()
        self._find(event.value)

    @work(exclusive=True, group="find")
    async def _find(self, text: str) -> None:
        text = text.strip()
        try:
            symbol = await self.desk.ask(lambda reader: resolve(reader, text))
        except AmbiguousNameError:
            found = await self.desk.ask(lambda reader: find(reader, text))
            await self._choose(f"{text} fits {len(found)} symbols", found)
            return
        except CodexGraphError as error:
            await self._offer_near(text, error)
            return
        self.show(symbol)

    async def _offer_near(self, text: str, error: CodexGraphError) -> None:
        try:
            near = await self.desk.symbols(text, 50)
        except CodexGraphError as other:
            self.notify(error_line(other), severity="error", markup=False)
            return
        if near:
            await self._choose(f"nothing is called {text}; near it are", list(near))
        else:
            self.notify(error_line(error), severity="warning", markup=False)

    async def _choose(self, title: str, symbols: list[Symbol]) -> None:
        found = await pick_symbol(self, title, symbols)
        if found is not None:
            self.show(found)

    @work(exclusive=True, group="find")
    async def _find_again(self, name: str) -> None:
        try:
            symbol = await self.desk.ask(lambda reader: resolve(reader, name))
        except CodexGraphError as error:
            self._info(error_line(error))
            return
        self._go(View(symbol))

    def _go(self, view: View) -> None:
        self._view = view
        self._show_filters()
        self._read(view)

    @work(exclusive=True, group="ego")
    async def _read(self, view: View) -> None:
        try:
            ego = await self.desk.ask(lambda reader: read_ego(reader, view))
        except CodexGraphError as error:
            self._info(error_line(error))
            return
        self._ego = ego
        self.query_one(Input).value = view.centre.full_name
        self._draw()
        if self._is_tree:
            self.query_one(RelationTree).show(view.centre, self._tree, view.tiers)

    def _draw(self) -> None:
        view = self.query_one(DrawingView)
        if self._ego is not None:
            view.show(draw(self._ego, max(20, self.size.width - 2)))

    @on(DrawingView.Chosen)
    def _spot_chosen(self, event: DrawingView.Chosen) -> None:
        event.stop()
        spot = event.spot
        if spot.neighbour is not None and spot.neighbour.more:
            self.action_whole()
        elif self._view is not None:
            self._go(self._view.recentred(spot.symbol))

    @on(DrawingView.Moved)
    def _moved(self, event: DrawingView.Moved) -> None:
        event.stop()
        self._info(_spot_line(event.spot))

    @on(RelationTree.Chosen)
    def _tree_chosen(self, event: RelationTree.Chosen) -> None:
        event.stop()
        if self._view is not None:
            self._go(self._view.recentred(event.symbol))

    def action_group(self, group: str) -> None:
        """Show or hide a group of edges."""
        if self._view is not None:
            self._go(self._view.with_group(group))

    def action_tiers(self) -> None:
        """All tiers, sure ones, exact ones."""
        if self._view is not None:
            self._go(self._view.with_next_tiers())

    def action_expand(self) -> None:
        """Show the neighbours of what the cursor stands on, or hide them."""
        spot = self.query_one(DrawingView).spot
        if self._view is not None and spot is not None and spot.side is not None:
            self._go(self._view.toggled(spot.side, spot.symbol))

    def action_back(self) -> None:
        """Go to the centre of before."""
        if self._view is not None:
            self._go(self._view.back())

    def action_whole(self) -> None:
        """Show all neighbours."""
        if self._view is not None:
            self._go(self._view.whole())

    def action_view(self) -> None:
        """The drawing, or the tree."""
        switcher = self.query_one(ContentSwitcher)
        switcher.current = "graph-drawing" if self._is_tree else "graph-tree"
        if self._is_tree and self._view is not None:
            self.query_one(RelationTree).show(self._view.centre, self._tree, self._view.tiers)
        self._show_filters()
        self._shown_widget().focus()

    @work
    async def action_tree(self) -> None:
        """Choose another tree."""
        found = await pick(self, "tree of", [Pick(name, name) for name in TREES])
        if found is not None and self._view is not None:
            self._tree = found
            self.query_one(ContentSwitcher).current = "graph-drawing"
            self.action_view()

    def action_find(self) -> None:
        """Go to the name."""
        self.query_one(Input).focus()

    def action_source(self, in_editor: bool) -> None:
        """Open the source of what the cursor stands on."""
        symbol = self._symbol()
        if symbol is None:
            return
        if symbol.file_path is None:
            self.notify(f"{symbol.full_name} is outside the repository", markup=False)
            return
        place = Place(symbol.file_path, symbol.name_line or symbol.start_line or 1)
        self.post_message(OpenPlace(place, in_editor=in_editor))

    def action_copy(self) -> None:
        """Copy the full name of what the cursor stands on."""
        if symbol := self._symbol():
            self.post_message(Copy(symbol.full_name, "name"))

    @work(exclusive=True, group="picture")
    async def action_picture(self) -> None:
        """Write the neighbourhood as a page and open it in the browser."""
        view, ports = self._view, self.desk.ports
        if view is None:
            return
        name = _UNSAFE.sub("_", view.centre.full_name)
        path = ports.data_dir / "pictures" / f"{name}.html"
        try:
            near = await self.desk.ask(
                lambda r: neighbourhood(r, [view.centre], depth=PICTURE_DEPTH, edges=view.edges)
            )
            write_text(path, html_page(near, view.centre.full_name))
        except CodexGraphError as error:
            self.notify(error_line(error), severity="error", markup=False)
            return
        is_shown = await in_thread(lambda: ports.show_picture(path))
        self.notify(
            f"{'opened' if is_shown else 'no browser here: written to'} {path}", markup=False
        )

    @property
    def _is_tree(self) -> bool:
        return self.query_one(ContentSwitcher).current == "graph-tree"

    def _shown_widget(self) -> DrawingView | RelationTree:
        return self.query_one(RelationTree) if self._is_tree else self.query_one(DrawingView)

    def _symbol(self) -> Symbol | None:
        if self._is_tree:
            return self.query_one(RelationTree).chosen
        spot = self.query_one(DrawingView).spot
        return spot.symbol if spot else None

    def _show_filters(self) -> None:
        view = self._view
        shown = view.groups if view else frozenset(GROUPS)
        groups = "  ".join(
            f"{number}{'[x]' if name in shown else '[ ]'}{name}"
            for number, name in enumerate(_GROUP_NAMES, start=1)
        )
        tiers = ", ".join(view.tiers if view else Tier)
        tiers = f"x tiers: {tiers}"
        what = f"tree of {self._tree}   {tiers}" if self._is_tree else f"{tiers}   {LEGEND}"
        self.query_one("#graph-filters", Static).update(f"{groups}\n{what}")

    def _info(self, line: str) -> None:
        self.query_one("#graph-info", Static).update(line)


def _spot_line(spot: Spot) -> str:
    symbol, neighbour = spot.symbol, spot.neighbour
    if neighbour is not None and neighbour.more:
        return f"{neighbour.more} more: enter or a shows all"
    kind = symbol.kind.value.lower().replace("_", " ")
    line = f"{kind} {symbol.full_name}  {symbol.location}"
    if neighbour is not None:
        edges = ", ".join(edge.value for edge in neighbour.edges)
        line += f"  ({edges}, {neighbour.tier.value})"
    return line
