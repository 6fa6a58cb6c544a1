"""Rows of a query as items: a node is its label, full name and place; long texts are folded.

How much of a text is shown depends on how many rows share the budget, so that one row shows a whole
function and fifty show names.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from agent.tool import Item
from agent.tools.render import one_line
from agent.tools.texts import dedented
from graphdb.retrieval.packing import CHARACTERS_PER_TOKEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphdb.store import QueryResult

_LEAST = 60
"""Characters of a text that are always shown."""

_BESIDE = 40
"""Characters that a row takes beside its texts, about."""

_CODE_ROWS = 3
"""Up to so many rows show the code of a whole node; that of a class only where all of it fits."""

_MAX_DEPTH = 4


def row_items(result: QueryResult, budget: int, *, has_code: bool = True) -> list[Item]:
    """One item a row, sized so that all rows come near to a budget of tokens.

    has_code: False where nodes are only to be named.
    """
    count = max(1, len(result.rows))
    share = max(_LEAST, budget * CHARACTERS_PER_TOKEN // count - _BESIDE)
    has_code = has_code and count <= _CODE_ROWS
    return [_item(result.columns, row, share, has_code=has_code) for row in result.rows]


def _item(columns: Sequence[str], row: Sequence[Any], share: int, *, has_code: bool) -> Item:
    nodes = [value for value in row if _is_node(value)]
    texts = [_text(value, share, has_code=has_code) for value in row]
    if len(row) == 1:
        text = texts[0]
    else:
        named = zip(columns, texts, strict=True)
        text = " | ".join(f"{column}: {shown}" for column, shown in named if shown)
    if len(nodes) != 1:
        return Item(text)
    node: Mapping[str, Any] = nodes[0]
    return Item(
        text,
        uid=node.get("uid"),
        qname=node.get("full_name") or node.get("name"),
        kind=node["_labels"][0] if node["_labels"] else None,
        file=node.get("file_path"),
        line=node.get("name_line") or node.get("start_line"),
    )


def _is_node(value: Any) -> bool:
    """Whether a value is a node of the graph; queries may make maps of their own."""
    if not isinstance(value, dict):
        return False
    node = cast("dict[str, Any]", value)
    return isinstance(node.get("_labels"), list) and isinstance(node.get("uid"), str)


def _text(value: Any, share: int, depth: int = 0, *, has_code: bool = False) -> str:
    if isinstance(value, str):
        return _folded(value, share)
    if depth >= _MAX_DEPTH:
        return "…"
    if isinstance(value, dict):
        return _map_text(cast("dict[str, Any]", value), share, depth, has_code=has_code)
    if isinstance(value, list | tuple):
        items = cast("Sequence[Any]", value)
        if any(isinstance(item, dict) and "_type" in item for item in items):
            return " ".join(_text(item, share, depth + 1) for item in items)
        return _folded(", ".join(_text(item, share, depth + 1) for item in items), share)
    return "" if value is None else json.dumps(value, default=str)


def _map_text(value: dict[str, Any], share: int, depth: int, *, has_code: bool) -> str:
    if "_type" in value:
        return f"-{value['_type']}->"
    if not _is_node(value):
        pairs = (f"{key}: {_text(item, share, depth + 1)}" for key, item in sorted(value.items()))
        return _folded("{" + ", ".join(pairs) + "}", share)
    name = one_line(str(value.get("full_name") or value.get("name") or ""))
    head = " ".join([*value["_labels"][:1], name])
    place = value.get("file_path")
    if place:
        is_file = "MODULE" in value["_labels"]
        line = None if is_file else value.get("name_line") or value.get("start_line")
        head += f"  {one_line(str(place))}:{line}" if line else f"  {one_line(str(place))}"
    code = str(value.get("code") or "") if has_code else ""
    if code and len(code) > share and "CLASS" in value["_labels"]:
        code = str(value.get("signature") or "")
    return f"{head}\n{_folded(code, share)}" if code else head


def _folded(text: str, share: int) -> str:
    """A text in its share: whole lines of it, with how many more there are."""
    if "\n" not in text:
        return text if len(text) <= share else f"{text[: share - 1]}…"
    lines = dedented(text)
    if sum(map(len, lines)) + len(lines) <= share:
        return "\n".join(lines)
    kept: list[str] = []
    used = 0
    for line in lines:
        used += len(line) + 1
        if used > share:
            break
        kept.append(line)
    kept = kept or [lines[0][:share]]
    return "\n".join(kept) + f"\n… {len(lines) - len(kept)} more lines"
