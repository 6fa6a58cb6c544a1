"""Finds the symbols that a text on the screen speaks of, for the graph and the context column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.errors import CodexGraphError
from tui.background import error_line
from tui.messages import ShowContext, ShowGraph
from tui.models.named import symbols_in
from tui.screens.pick import pick_symbol

if TYPE_CHECKING:
    from tui.app import GraphApp


async def graph_of(app: GraphApp, text: str) -> None:
    """Show the graph of a symbol that a text names; of several, a person picks one."""
    try:
        found = await app.desk.ask(lambda reader: symbols_in(reader, text, app.desk.known))
    except CodexGraphError as error:
        app.notify(error_line(error), severity="warning", markup=False)
        return
    chosen = found[0] if len(found) == 1 else await pick_symbol(app.screen, "graph of", found)
    if chosen is not None:
        app.post_message(ShowGraph(chosen))
    elif not found:
        app.notify("no symbol of the graph is named here", markup=False)


async def context_of(app: GraphApp, text: str) -> None:
    """Show what the first symbol of a text is joined to, where there is room for it."""
    try:
        found = await app.desk.ask(lambda reader: symbols_in(reader, text, app.desk.known))
    except CodexGraphError:
        return
    if found:
        app.post_message(ShowContext(found[0]))
