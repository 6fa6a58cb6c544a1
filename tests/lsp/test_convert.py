"""Locations: of symbols, each place once, and with texts that are looked at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from graphdb.schema import NodeKind, Site
from graphdb.symbols import Symbol
from lsp.convert import Converter
from lsp.text import Encoding

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDE = ["é = f()\n", "x = 'é漢😀', f, f\n"]


def symbol(name: str, line: int, column: int, path: str | None = "a.py") -> Symbol:
    return Symbol(
        uid=f"{path}:{name}",
        kind=NodeKind.FUNCTION,
        name=name,
        full_name=name,
        file_path=path,
        start_line=line,
        end_line=line,
        signature=None,
        name_line=line,
        name_column=column,
    )


def converter(encoding: Encoding, asked: list[str]) -> Converter:
    def lines_of(path: str) -> Sequence[str]:
        asked.append(path)
        return WIDE

    def uri_of(path: str) -> str:
        asked.append(path)
        return f"file:///{path}"

    return Converter(encoding, lines_of, uri_of)


def test_symbols_on_one_place_are_one_location_in_their_order() -> None:
    convert = converter(Encoding.UTF8, [])
    symbols = [
        symbol("second", 2, 0),
        symbol("outside", 1, 0, None),
        symbol("first", 1, 4),
        symbol("again", 2, 0),
        symbol("second", 2, 0),
    ]
    found = convert.symbol_locations(symbols)
    assert [(at.range.start.line, at.range.end.character) for at in found] == [
        (1, 6),
        (0, 9),
        (1, 5),
    ]


def test_places_come_in_order_and_their_file_is_looked_at_once() -> None:
    asked: list[str] = []
    convert = converter(Encoding.UTF16, asked)
    found = convert.locations({("b.py", Site(2, 20, 1)), ("b.py", Site(2, 17, 1))})
    assert [at.range for at in found] == [
        types.Range(types.Position(1, 12), types.Position(1, 13)),
        types.Range(types.Position(1, 15), types.Position(1, 16)),
    ]
    assert asked == ["b.py", "b.py"]
