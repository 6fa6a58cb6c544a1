"""All keys that have an id, for the help page and for the user's own keymap."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.binding import Binding

from tui.models.help_text import help_markdown
from tui.models.keymap import read_keymap
from tui.modes import MODES
from tui.widgets.composer import Composer
from tui.widgets.context_pane import ContextPane, NeighbourTree
from tui.widgets.drawing_view import DrawingView
from tui.widgets.explorer_pane import ExplorerPane
from tui.widgets.relation_tree import RelationTree
from tui.widgets.result_grid import ResultGrid
from tui.widgets.schema_tree import SchemaTree
from tui.widgets.source_pane import SourcePane
from tui.widgets.turn_view import TurnView

if TYPE_CHECKING:
    from textual.dom import DOMNode

    from tui.app import GraphApp

_WIDGETS = (
    *(Composer, TurnView, ContextPane, NeighbourTree, ExplorerPane, SourcePane),
    *(SchemaTree, ResultGrid, DrawingView, RelationTree),
)


def all_bindings(app: GraphApp) -> list[Binding]:
    """Each binding that has an id, once, those of the application first."""
    classes: list[type[DOMNode]] = [type(app), *_WIDGETS]
    for mode in MODES:
        module, _, name = mode.place.partition(":")
        pane: type[DOMNode] = getattr(import_module(module), name)
        classes += [base for base in pane.__mro__ if "BINDINGS" in vars(base)]
    found: dict[str, Binding] = {}
    for owner in classes:
        for binding in owner.BINDINGS:
            if isinstance(binding, Binding) and binding.id:
                found.setdefault(binding.id, binding)
    return list(found.values())


def help_page(app: GraphApp) -> str:
    """The help page with the keys as they are now."""
    own = app.desk.keys
    keys = [
        (b.id or "", own.get(b.id or "", b.key), b.description or b.action)
        for b in all_bindings(app)
    ]
    return help_markdown(keys, str(app.desk.ports.keymap_file))


class _Key(NamedTuple):
    """A key as the toolkit's table of sequences names it."""

    value: str


def free_alt_digits() -> None:
    """Let alt and a digit arrive as such, also when other keys follow at once.

    Textual reads them as the characters that one terminal of one system has on these keys. The
    table is not public; where it is another one day, ctrl+n still goes through the modes.
    """
    table: Any = ANSI_SEQUENCES_KEYS
    for digit in "123456789":
        table[f"\x1b{digit}"] = (_Key(f"alt+{digit}"),)


def use_keymap(app: GraphApp) -> None:
    """Read the user's own keys, and say what is wrong with their file."""
    path = app.desk.ports.keymap_file
    if not path.exists():
        return
    keymap = read_keymap(path, {binding.id or "" for binding in all_bindings(app)})
    app.desk.keys = keymap.keys
    app.set_keymap(dict(keymap.keys))
    for trouble in keymap.troubles:
        app.notify(trouble, severity="warning", markup=False, timeout=15)
