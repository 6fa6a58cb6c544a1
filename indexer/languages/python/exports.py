"""What a Python file says of its own names: `__all__`, and the fields that `__slots__` lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

    from indexer.languages.python.expressions import Expressions
    from indexer.languages.python.source import Source

_SEQUENCES = frozenset({"list", "tuple", "set", "binary_operator", "parenthesized_expression"})
_GROWING = frozenset({b"__all__.extend", b"__all__.append"})


class Exports:
    """Collects the names in `__all__` and the modules whose `__all__` it takes over."""

    def __init__(self, source: Source, exprs: Expressions) -> None:
        self.names: list[str] | None = None
        self.modules: list[int] = []
        self._source = source
        self._exprs = exprs

    def assign(self, value: Node) -> None:
        """`__all__ = …`."""
        self.names = []
        self.modules = []
        self.extend(value)

    def extend(self, value: Node) -> None:
        """`__all__ += …`; the value may name the lists of other modules."""
        names = [] if self.names is None else self.names
        names.extend(text for text, _ in self.strings(value))
        self.names = names
        for item in _parts(value, _SEQUENCES | {"list_splat"}):
            owner = item.child_by_field_name("object") if item.type == "attribute" else None
            if owner is not None and self._source.slice(item).endswith(".__all__"):
                self.modules.append(self._exprs.of(owner, 0))

    def call(self, function: bytes, node: Node) -> None:
        """`__all__.extend(…)` and `__all__.append(…)`."""
        arguments = node.child_by_field_name("arguments") if function in _GROWING else None
        if arguments is not None:
            for argument in arguments.named_children:
                self.extend(argument)

    def strings(self, node: Node) -> list[tuple[str, Node]]:
        """The strings that a display lists, in order, with their nodes."""
        return [
            (
                "".join(
                    self._source.slice(c) for c in s.named_children if c.type == "string_content"
                ),
                s,
            )
            for s in _parts(node, _SEQUENCES)
            if s.type == "string"
        ]


def _parts(node: Node, kinds: frozenset[str]) -> list[Node]:
    """The nodes below a node that lie in displays of some kinds only."""
    stack, found = [node], list["Node"]()
    while stack:
        item = stack.pop()
        if item.type in kinds:
            stack.extend(reversed(item.named_children))
        else:
            found.append(item)
    return found
