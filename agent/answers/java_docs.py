"""Where Javadoc is missing in a Java file, and what it would say, by the graph and the signatures.

The agent may not parse Java, so the lines come from the graph; a file that has changed since it was
indexed is noticed by the name that is not where it was.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.answers.docstyles import Doc, Part, summary_of
from agent.answers.python_docs import Gap
from agent.answers.signatures import java_signature, type_variables
from agent.answers.units import qualified_name
from agent.edits import bare_lines
from agent.testing.java_text import masked
from graphdb.queries.source import sources_of
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

_THROWN = re.compile(r"\bthrow\s+new\s+([\w.]+)\s*\(")
_KINDS = (NodeKind.CLASS, NodeKind.METHOD)


def java_gaps(reader: GraphReader, symbols: Iterable[Symbol], text: str) -> Iterator[Gap]:
    """Those of some symbols of a file that have no Javadoc.

    A symbol that does not stand where it was indexed gives a gap without a line.
    """
    bare = [s for s in symbols if not s.docstring and s.kind in _KINDS]
    lines = bare_lines(text)
    for source in sources_of(reader, bare):
        symbol = source.symbol
        start, named = symbol.start_line or 0, symbol.name_line or 0
        is_there = 0 < named <= len(lines) and symbol.name in lines[named - 1]
        head = lines[start - 1] if is_there and 0 < start <= len(lines) else ""
        indent = head[: len(head) - len(head.lstrip())]
        is_documented = start > 1 and _ends_comment(lines, start - 1)
        if not is_documented:
            doc = _doc(symbol, source.code or "")
            yield Gap(qualified_name(symbol), start if head else None, indent, doc, start)


def _ends_comment(lines: Sequence[str], number: int) -> bool:
    """Whether a comment ends on the last line up to one that is no blank or remark."""
    above = (lines[n - 1].strip() for n in range(number, 0, -1))
    return next((text for text in above if text and not text.startswith("//")), "").endswith("*/")


def _doc(symbol: Symbol, code: str) -> Doc:
    variables = type_variables(symbol.signature or "")
    if symbol.kind is NodeKind.CLASS:
        return Doc(summary_of(symbol.name), tuple(Part(f"<{name}>") for name in variables))
    signature = java_signature(symbol.signature or "")
    if signature is None:
        return Doc(summary_of(symbol.name))
    named = [
        *(f"<{name}>" for name in signature.variables),
        *(p.name for p in signature.parameters),
    ]
    thrown = [*signature.throws, *_THROWN.findall(masked(code))]
    has_value = signature.returns not in ("", "void")
    return Doc(
        summary_of(symbol.name),
        tuple(map(Part, named)),
        returns=signature.returns if has_value else None,
        raises=tuple(map(Part, dict.fromkeys(thrown))),
    )
