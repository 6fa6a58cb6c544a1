"""Markdown as lines of a terminal, with places as links that can be clicked.

Textual's own widget makes a widget of every item and paragraph; a long answer then has thousands,
and each that comes lays all of them out anew.
"""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any, ClassVar

from markdown_it import MarkdownIt
from rich.console import Console
from rich.markdown import CodeBlock, Heading, Markdown
from rich.segment import Segment
from rich.style import Style
from rich.syntax import Syntax
from rich.theme import Theme

from tui.models.places import place_of

if TYPE_CHECKING:
    from rich.console import ConsoleOptions, RenderResult

_THEME = Theme(
    {
        "markdown.code": "cyan",
        "markdown.h1": "bold underline",
        "markdown.h2": "bold underline",
        "markdown.h3": "bold",
        "markdown.item.bullet": "bold",
        "markdown.item.number": "bold",
        "markdown.link": "underline",
        "markdown.link_url": "underline",
        "markdown.block_quote": "italic",
        "markdown.table.border": "dim",
        "markdown.table.header": "bold",
    }
)
CONSOLE = Console(
    theme=_THEME,
    file=StringIO(),
    color_system="truecolor",
    force_terminal=True,
    legacy_windows=False,
)
"""Nothing is written to it: it knows the styles, and how wide characters are."""
_PARSER = MarkdownIt().enable("strikethrough").enable("table")
_CODE_THEME = "ansi_dark"
_PLACE_STYLE = Style(underline=True, color="cyan")


class _PlainHeading(Heading):
    """A heading at the left, without a frame."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The text."""
        self.text.justify = "left"
        yield self.text


class _PlainCode(CodeBlock):
    """A block of code on the background of everything else, indented."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The code."""
        code = str(self.text).rstrip()
        yield Syntax(
            code,
            self.lexer_name,
            theme=_CODE_THEME,
            word_wrap=True,
            padding=(0, 0, 0, 2),
            background_color="default",
        )


class _Markdown(Markdown):
    """Markdown whose parser is made once and not for every block."""

    elements: ClassVar[dict[str, Any]] = {
        **Markdown.elements,
        "heading_open": _PlainHeading,
        "fence": _PlainCode,
        "code_block": _PlainCode,
    }

    def __init__(self, markup: str) -> None:
        super().__init__("", code_theme=_CODE_THEME)
        self.markup = markup
        self.parsed = _PARSER.parse(markup)


def markdown_lines(markdown: str, width: int) -> list[list[Segment]]:
    """The lines of a text, at most `width` columns wide."""
    if not markdown.strip():
        return []
    options = CONSOLE.options.update(width=max(width, 10))
    lines = CONSOLE.render_lines(_Markdown(markdown), options, pad=False)
    while lines and _is_blank(lines[0]):
        lines.pop(0)
    while lines and _is_blank(lines[-1]):
        lines.pop()
    return [[_with_click(segment) for segment in line] for line in lines]


def _is_blank(line: list[Segment]) -> bool:
    return not any(segment.text.strip() for segment in line)


def _with_click(segment: Segment) -> Segment:
    """A link to a place is opened by us, not by the terminal."""
    style = segment.style
    place = place_of(style.link) if style is not None and style.link else None
    if style is None or place is None:
        return segment
    click = Style.from_meta({"@click": f"open_place({place.path!r}, {place.line})"})
    return Segment(segment.text, style.update_link(None) + _PLACE_STYLE + click)
