"""A file as the source pane shows it: its text, and which parts of it are what.

Pygments finds the parts: it knows every language that is indexed, and being Python it cannot take
the application with it when it fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphdb.errors import CodexGraphError
from tui.models.marks import Hue, marks_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tui.models.marks import Marks

MAX_BYTES = 2_000_000
MAX_COLORED = 300_000
"""Characters of a longer file are shown without colours, which would take seconds to find."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text. note: what is not as usual with it."""

    path: str
    text: str
    note: str = ""


def read_source(root: Path, path: str) -> Source:
    """The file as it is on disk now. Raises CodexGraphError when it cannot be read."""
    try:
        with (root / path).open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise CodexGraphError(f"{path} cannot be read: {error.strerror}") from error
    note = f"only the first {MAX_BYTES:,} bytes" if len(data) > MAX_BYTES else ""
    text = data[:MAX_BYTES].decode("utf-8", "replace").replace("\x00", "\ufffd")
    return Source(path, text.replace("\r\n", "\n").replace("\r", "\n"), note)


def source_marks(source: Source) -> Marks:
    """The marks of each line; none where the language is not known or the text too long."""
    from pygments.lexers import get_lexer_for_filename  # pyright: ignore[reportUnknownVariableType]
    from pygments.util import ClassNotFound

    if len(source.text) > MAX_COLORED:
        return ()
    try:
        lexer: Any = get_lexer_for_filename(source.path, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return ()
    return marks_of(source.text, _parts(lexer, source.text))


def _parts(lexer: Any, text: str) -> Iterator[tuple[int, int, Hue]]:
    hues: dict[Any, Hue | None] = {}
    for start, kind, value in lexer.get_tokens_unprocessed(text):
        if kind not in hues:
            hues[kind] = _hue(str(kind))
        hue = hues[kind]
        if hue is not None:
            yield start, start + len(value), hue


_HUES = (
    ("Token.Comment", Hue.COMMENT),
    ("Token.Keyword", Hue.KEYWORD),
    ("Token.Literal.String.Interpol", Hue.PARAMETER),
    ("Token.Literal.String", Hue.STRING),
    ("Token.Literal.Number", Hue.NUMBER),
    ("Token.Name.Function", Hue.FUNCTION),
    ("Token.Name.Class", Hue.NAME),
    ("Token.Name.Decorator", Hue.PARAMETER),
    ("Token.Name.Builtin", Hue.NAME),
    ("Token.Operator.Word", Hue.KEYWORD),
)


def _hue(kind: str) -> Hue | None:
    return next((hue for start, hue in _HUES if kind.startswith(start)), None)
