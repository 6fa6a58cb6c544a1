"""The package of a Java file and its imports, in their four forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.facts import NONE, BindKind, Op

if TYPE_CHECKING:
    from tree_sitter import Node

    from indexer.languages.java.expressions import Expressions

STATIC = 1
"""`Star.level` of `import static C.*`; that of `import p.*` is 0."""


class Imports:
    """Reads package and imports. sites: expressions and nodes of what is imported."""

    def __init__(self, text: bytes, exprs: Expressions) -> None:
        self._text = text
        self._exprs = exprs
        self.package = ""
        self.bindings: list[tuple[object, ...]] = []
        self.stars: list[tuple[object, ...]] = []
        self.sites: list[tuple[int, Node]] = []

    def read(self, found: dict[str, list[Node]]) -> None:
        """Read them all."""
        for node in found.get("package", ()):
            self.package = self._dotted(node)
        for node in found.get("import", ()):
            self._import(node)

    def _dotted(self, node: Node) -> str:
        """The dotted name in a declaration, blanks and comments left out."""
        names = [c for c in node.named_children if c.type in {"identifier", "scoped_identifier"}]
        if not names:
            return ""
        text = self._text[names[0].start_byte : names[0].end_byte]
        return ".".join(part.strip() for part in text.decode().split("."))

    def _import(self, node: Node) -> None:
        dotted = self._dotted(node)
        kinds = {child.type for child in node.children}
        names = [c for c in node.named_children if c.type in {"identifier", "scoped_identifier"}]
        if not dotted or not names:
            return
        place = names[0]
        line, column = place.start_point
        is_static = "static" in kinds
        if "asterisk" in kinds:
            length = place.end_byte - place.start_byte
            self.stars.append((STATIC if is_static else 0, dotted, line + 1, column, length))
            if is_static:
                self.sites.append((self._exprs.add((Op.IMPORT, 0, dotted)), place))
            return
        owner, _, name = dotted.rpartition(".")
        row = (Op.IMPORT_FROM, 0, owner, name) if is_static else (Op.IMPORT, 0, dotted)
        value = self._exprs.add(row)
        start, end = node.start_byte, node.end_byte
        head = (0, name, BindKind.IMPORT, value, NONE, None)
        self.bindings.append((*head, line + 1, column, NONE, start, end, False))
        self.sites.append((value, place))
