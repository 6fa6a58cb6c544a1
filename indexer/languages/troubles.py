"""What of a file does not parse, as its tree tells: what fits nothing, and tokens that lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.facts import Trouble

if TYPE_CHECKING:
    from tree_sitter import Node

_MAX_TROUBLES = 20


def troubles(language: str, errors: list[Node], root: Node) -> tuple[Trouble, ...]:
    """The first places where a text is not valid. language: its name for people."""
    if not root.has_error:
        return ()
    lines = sorted({node.start_point[0] + 1 for node in errors})
    if not lines:
        node = _missing(root)
        lacks = f"{node.type!r} is missing"
        said = lacks if node.is_missing else "a part of the file is incomplete"
        return (Trouble(node.start_point[0] + 1, "syntax", said),)
    said = f"not valid {language} from here"
    return tuple(Trouble(line, "syntax", said) for line in lines[:_MAX_TROUBLES])


def _missing(node: Node) -> Node:
    """The first token that the parser had to invent, or the innermost part that is not whole."""
    while not node.is_missing:
        inner = next((child for child in node.children if child.has_error), None)
        if inner is None:
            break
        node = inner
    return node
