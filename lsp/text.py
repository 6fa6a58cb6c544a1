"""Lines of text and the three ways in which editors count columns.

Inside, a column is a number of UTF-8 bytes, as in the graph. Lines end at a
line feed only, as the parser counts them: `str.splitlines` would also break at form feeds.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class Encoding(StrEnum):
    """What one unit of a client's column is: a byte, a UTF-16 code unit or a code point."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


def split_lines(text: str) -> list[str]:
    """The lines of a text with their ends; at least one, and the last one has no end."""
    parts = text.split("\n")
    return [part + "\n" for part in parts[:-1]] + parts[-1:]


def content_length(line: str) -> int:
    """How many characters a line has before its end."""
    return len(line.rstrip("\n").removesuffix("\r"))


def index_of(line: str, character: int, encoding: Encoding) -> int:
    """The index into a line of a client's column; behind the end it is the end."""
    end = content_length(line)
    character = max(0, character)
    if encoding is Encoding.UTF32 or line.isascii():
        return min(character, end)
    width = 1 if encoding is Encoding.UTF8 else 2
    codec = "utf-8" if encoding is Encoding.UTF8 else "utf-16-le"
    data = line[:end].encode(codec, "surrogatepass")
    return len(data[: character * width].decode(codec, "ignore"))


def character_of(line: str, index: int, encoding: Encoding) -> int:
    """The client's column of an index into a line."""
    if encoding is Encoding.UTF32 or line.isascii():
        return index
    if encoding is Encoding.UTF8:
        return len(line[:index].encode("utf-8", "surrogatepass"))
    return len(line[:index].encode("utf-16-le", "surrogatepass")) // 2


def byte_of(line: str, index: int) -> int:
    """The UTF-8 byte column of an index into a line."""
    return index if line.isascii() else len(line[:index].encode("utf-8", "surrogatepass"))


def index_of_byte(line: str, column: int) -> int:
    """The index into a line of a UTF-8 byte column."""
    if line.isascii():
        return min(column, len(line))
    return len(line.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))


def byte_column(lines: Sequence[str], line: int, character: int, encoding: Encoding) -> int:
    """The byte column of a client's position (0-based line); 0 where there is no such line."""
    if not 0 <= line < len(lines):
        return 0
    text = lines[line]
    return byte_of(text, index_of(text, character, encoding))


def client_column(lines: Sequence[str], line: int, column: int, encoding: Encoding) -> int:
    """The client's column of a byte column (0-based line); as it is where the line is unknown."""
    if encoding is Encoding.UTF8 or not 0 <= line < len(lines):
        return column
    text = lines[line]
    return character_of(text, index_of_byte(text, column), encoding)
