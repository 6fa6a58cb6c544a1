"""The hunks of a proposal, each to be accepted or rejected; nothing is written unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.models.conversation import counted

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.models.review import Part, Review

_STYLES = {"+": "green", "-": "red"}
_HINT = (
    "space accepts or rejects · a all · n none · j k next, previous · w writes what is accepted · "
    "esc closes"
)


class DiffScreen(ModalScreen[tuple["Review", bool]]):
    """Gives the review as it is left, and whether it is to be applied now."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close"),
        Binding("space", "accept", "Accept"),
        Binding("a", "all(True)", "All"),
        Binding("n", "all(False)", "None"),
        Binding("w", "apply", "Write"),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
    ]

    def __init__(self, review: Review) -> None:
        super().__init__()
        self._review = review

    def compose(self) -> ComposeResult:
        """What is accepted, and the hunks."""
        with Vertical(classes="dialog -page"):
            yield Static(classes="dialog-title", id="diff-title", markup=False)
            yield OptionList(compact=True, id="diff-hunks")
            yield Static(_HINT, classes="dialog-hint")

    def on_mount(self) -> None:
        """Show all hunks."""
        rows = self.query_one(OptionList)
        rows.add_options(
            [Option(self._prompt(number, part)) for number, part in enumerate(self._review.parts)]
        )
        rows.highlighted = 0 if self._review.parts else None
        rows.focus()
        self._show_title()

    @on(OptionList.OptionSelected)
    def action_accept(self) -> None:
        """Accept the hunk, or reject it."""
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self._show(self._review.toggled(at))

    def action_all(self, is_accepted: bool) -> None:
        """Accept all, or none."""
        self._show(self._review.with_all(is_accepted=is_accepted))

    def action_move(self, rows: int) -> None:
        """Go to another hunk."""
        hunks = self.query_one(OptionList)
        if rows > 0:
            hunks.action_cursor_down()
        else:
            hunks.action_cursor_up()

    def action_apply(self) -> None:
        """Write what is accepted."""
        self.dismiss((self._review, True))

    def action_leave(self) -> None:
        """Close; what was accepted stays so."""
        self.dismiss((self._review, False))

    def _show(self, review: Review) -> None:
        self._review = review
        rows = self.query_one(OptionList)
        for number, part in enumerate(review.parts):
            rows.replace_option_prompt_at_index(number, self._prompt(number, part))
        self._show_title()

    def _show_title(self) -> None:
        review = self._review
        of = counted(len(review.parts), "hunk")
        files = counted(len({part.path for part in review.parts}), "file")
        line = f"{len(review.accepted)} of {of} accepted, in {files}"
        self.query_one("#diff-title", Static).update(line)

    def _prompt(self, number: int, part: Part) -> Text:
        mark = "[x] accepted" if number in self._review.accepted else "[ ] not accepted"
        text = Text(f"{mark}  {part.path}:{part.line}\n", style="bold")
        for line in part.text.rstrip("\n").replace("\r", "").split("\n"):
            text.append(line + "\n", style=_STYLES.get(line[:1], "not bold"))
        return text
