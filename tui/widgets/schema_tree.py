"""The schema beside the query editor; a row that is chosen goes into the query."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Tree

from tui.models.schema_view import Part, schema_parts

if TYPE_CHECKING:
    from textual.widgets.tree import TreeNode

    from graphdb.delta import GraphCounts

_OPEN = 2
"""Groups that are open at first: labels and edges."""


class SchemaTree(Tree[Part]):
    """Labels, edges with their ends, and properties."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("enter", "select_cursor", "Insert", id="schema.insert"),
    ]

    class Chosen(Message):
        """A word is to be put into the query."""

        def __init__(self, word: str) -> None:
            super().__init__()
            self.word = word

    def __init__(self) -> None:
        super().__init__("", id="schema-tree")
        self.show_root = False
        self.guide_depth = 2
        self.auto_expand = False

    def fill(self, counts: GraphCounts | None) -> None:
        """Show the schema, with how many there are of each."""
        self.clear()
        for number, part in enumerate(schema_parts(counts)):
            self._add(self.root, part, is_open=number < _OPEN)
        self.cursor_line = 0

    def _add(self, node: TreeNode[Part], part: Part, *, is_open: bool = False) -> None:
        label = Text.assemble(part.label, (f"  {part.note}" if part.note else "", "dim"))
        if not part.children:
            node.add_leaf(label, part)
            return
        child = node.add(label, part, expand=is_open)
        for inner in part.children:
            self._add(child, inner)

    @on(Tree.NodeSelected)
    def _selected(self, event: Tree.NodeSelected[Part]) -> None:
        event.stop()
        part = event.node.data
        if part is not None and part.insert:
            self.post_message(self.Chosen(part.insert))
        elif event.node.allow_expand:
            event.node.toggle()
