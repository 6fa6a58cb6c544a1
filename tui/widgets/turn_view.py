"""One turn as one widget: the question, its numbered steps, the answer, and what it took.

It is handed the whole turn each time and draws what is new in it. A turn is no tree of widgets,
because a conversation of a day has thousands of parts and each new one lays out all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget

from tui.messages import Copy, GraphOf, OpenPlace
from tui.models.blocks import Blocks
from tui.models.conversation import counted, duration, stale_line, turn_line
from tui.models.places import LinkStream, Place, places_in
from tui.models.transcript import turn_markdown
from tui.widgets.markdown_lines import CONSOLE, markdown_lines

if TYPE_CHECKING:
    from textual.geometry import Region, Size
    from textual.selection import Selection

    from tui.models.conversation import Step, Turn
    from tui.models.places import KnownFiles

MAX_STEP_LINES = 60
_BOLD, _DIM = Style(bold=True), Style(dim=True)
_SELECTED = Style(reverse=True)
_WARNING = Style(color="red", bold=True)


class TurnView(Widget, can_focus=True):
    """A turn of the conversation."""

    ALLOW_SELECT = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy", id="turn.copy"),
        Binding("Y", "copy_turn", "Copy all", show=False, id="turn.copy_all"),
        Binding("o", "open", "Open place", id="turn.open"),
        Binding("ctrl+g", "graph", "Graph", id="turn.graph"),
        Binding("enter,space", "toggle_steps", "All steps", id="turn.steps"),
        *(
            Binding(str(n), f"toggle_step({n})", f"Step {n}", show=False, id=f"turn.step{n}")
            for n in range(1, 10)
        ),
        Binding("j,down", "screen.focus_next", show=False),
        Binding("k,up", "screen.focus_previous", show=False),
    ]

    def __init__(self, turn: Turn, known: KnownFiles) -> None:
        super().__init__(classes="turn")
        self.turn = turn
        self._known = known
        self._open_steps: set[int] = set()
        self._lines: list[list[Segment]] = []
        self._width = 0
        self._base = Style.null()
        self._forget()

    def _forget(self) -> None:
        """Draw the answer from its beginning next time."""
        self._links, self._blocks, self._given = LinkStream(self._known), Blocks(), ""
        self._drawn: list[list[Segment]] = []
        self._drawn_blocks = 0

    def show(self, turn: Turn) -> None:
        """Show another state of the same turn."""
        self.turn = turn
        if self._width:
            self._draw(self._width)
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as there are at a width."""
        del container, viewport
        if width != self._width:
            self._width = width
            self._forget()
            self._draw(width)
        return len(self._lines)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines in sight; their common style is looked up once."""
        self._base = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line."""
        base = self._base
        if y >= len(self._lines):
            return Strip.blank(self.size.width, base)
        strip = Strip(self._lines[y])
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(y)) is not None:
            start, end = span
            end = strip.cell_length if end == -1 else end
            before, inside, after = strip.divide([start, end, strip.cell_length])
            strip = Strip.join([before, inside.apply_style(_SELECTED), after])
        strip = strip.apply_style(base).extend_cell_length(self.size.width, base)
        return strip.apply_offsets(0, y)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What is selected of the text as it is shown."""
        text = "\n".join("".join(part.text for part in line).rstrip() for line in self._lines)
        return selection.extract(text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Show what is selected."""
        del selection
        self.refresh()

    @property
    def places(self) -> list[Place]:
        """The places that the answer and the question name."""
        return places_in(f"{self.turn.answer}\n{self.turn.question}", self._known)

    def action_copy(self) -> None:
        """Copy the answer."""
        self.post_message(Copy(self.turn.answer or self.turn.question, "answer"))

    def action_copy_turn(self) -> None:
        """Copy the turn with its question and steps."""
        self.post_message(Copy(turn_markdown(self.turn), "turn"))

    def action_toggle_steps(self) -> None:
        """Open all steps, or close them."""
        everything = set(range(1, len(self.turn.steps) + 1))
        self._open_steps = set() if self._open_steps else everything
        self.show(self.turn)

    def action_toggle_step(self, number: int) -> None:
        """Open or close one step."""
        if number <= len(self.turn.steps):
            self._open_steps ^= {number}
            self.show(self.turn)

    def action_open_place(self, path: str, line: int) -> None:
        """Open a place that was clicked."""
        self.post_message(OpenPlace(Place(path, line)))

    def action_graph(self) -> None:
        """Show the graph of what is selected, or of a name in the answer."""
        selected = self.screen.get_selected_text() or ""
        if selected.strip():
            self.post_message(GraphOf(f"`{selected.strip()}`"))
        else:
            self.post_message(GraphOf(f"{self.turn.answer}\n{self.turn.question}"))

    async def action_open(self) -> None:
        """Open a place of the answer."""
        from tui.screens.pick import pick_place

        if self.places:
            self.run_worker(pick_place(self, self.places))
        else:
            self.notify("the answer names no place", markup=False)

    def _draw(self, width: int) -> None:
        turn = self.turn
        lines = _wrapped(f"> {turn.question}", width, _BOLD)
        for number, step in enumerate(turn.steps, start=1):
            lines += self._step_lines(number, step, width)
        answer = self._answer_lines(width)
        lines += [[], *answer] if answer and turn.steps else answer
        if turn.error:
            lines += _wrapped(f"error: {turn.error}", width, _WARNING)
        if warning := stale_line(turn):
            lines += _wrapped(warning, width, _WARNING)
        edits = f"{counted(len(turn.edits), 'changed file')}: /diff · " if turn.edits else ""
        self._lines = lines + _wrapped(edits + turn_line(turn), width, _DIM)

    def _answer_lines(self, width: int) -> list[list[Segment]]:
        """Blocks that are final are drawn once."""
        answer = self.turn.answer
        if not answer.startswith(self._given):
            self._forget()
        self._blocks.grow(self._links.feed(answer[len(self._given) :]))
        self._given = answer
        for block in self._blocks.settled[self._drawn_blocks :]:
            self._drawn += [*markdown_lines(block, width), []]
        self._drawn_blocks = len(self._blocks.settled)
        tail = markdown_lines(self._blocks.tail + self._links.waiting, width)
        return self._drawn + tail

    def _step_lines(self, number: int, step: Step, width: int) -> list[list[Segment]]:
        is_open = number in self._open_steps
        took = "" if step.seconds is None else f"  {duration(step.seconds)}"
        failed = "failed: " if step.has_failed else ""
        click = Style.from_meta({"@click": f"toggle_step({number})"})
        title = f"{'▾' if is_open else '▸'} {number} {failed}{step.title}{took}"
        lines = _wrapped(title, width, (_WARNING if step.has_failed else _DIM) + click)
        if is_open:
            body = _wrapped(step.body or "nothing more is known", width - 4, _DIM)
            left = len(body) - MAX_STEP_LINES
            if left > 0:
                body = body[:MAX_STEP_LINES] + _wrapped(
                    f"… {left} more lines: Y copies", width, _DIM
                )
            lines += [[Segment("    "), *line] for line in body]
        return lines


def _wrapped(text: str, width: int, style: Style) -> list[list[Segment]]:
    """A plain text as lines of one style."""
    lines = Text(text.expandtabs(4)).wrap(CONSOLE, max(width, 10), overflow="fold")
    return [[Segment(line.plain, style)] for line in lines]
