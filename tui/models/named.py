"""The symbols that a text speaks of: names in code spans, dotted names, and places.

Nothing is guessed: what is no name in the graph, or fits too many, is left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphdb.queries.names import candidates, innermost_at
from tui.models.places import places_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol
    from tui.models.places import KnownFiles

MAX_NAMES = 40
MAX_SAME = 6
"""Symbols of one name that are offered; a name such as `get` of sixty classes says nothing."""

_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_NAME = re.compile(r"\s*(?:(?:class|def|async def) )?([A-Za-z_$][\w$.]*)(?:\(.*)?\s*", re.DOTALL)
_DOTTED = re.compile(r"(?<![\w./$-])[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+(?![\w/:$-])")
_WORD = re.compile(r"[\w$.]+")


def names_in(text: str) -> list[str]:
    """What may be names in a text, each once, in the order of the text."""
    spans = ((span.start(), _NAME.fullmatch(span[2])) for span in _SPAN.finditer(text))
    found = [(start, match[1]) for start, match in spans if match]
    found += [(match.start(), match.group()) for match in _DOTTED.finditer(text)]
    names = (name.strip(".") for _, name in sorted(found))
    return list(dict.fromkeys(name for name in names if name))[:MAX_NAMES]


def word_at(text: str, offset: int) -> str:
    """The name around a place of a text; "" where there is none."""
    for match in _WORD.finditer(text):
        if match.start() <= offset <= match.end():
            return match.group().strip(".")
    return ""


def symbols_in(reader: GraphReader, text: str, known: KnownFiles) -> list[Symbol]:
    """The symbols that a text names, then those that its places lie in, each once."""
    found: list[Symbol] = []
    for name in names_in(text):
        same = candidates(reader, name)
        found += same if len(same) <= MAX_SAME else ()
    for place in places_in(text, known)[:MAX_NAMES]:
        symbol = innermost_at(reader, place.path, place.line)
        found += [symbol] if symbol is not None else []
    return _once(found)


def _once(symbols: Iterable[Symbol]) -> list[Symbol]:
    return list({symbol.uid: symbol for symbol in symbols}.values())
