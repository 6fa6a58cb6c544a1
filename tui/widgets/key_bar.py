"""The last line: keys that do something where the cursor is, as many as fit, none of them cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.app import App
    from textual.binding import ActiveBinding
    from textual.signal import Signal

_ALWAYS = ("help", "command_palette")
"""Actions whose keys stand at the end, whatever else there is no room for."""
_GAP = 2


class KeyBar(Widget):
    """One line of keys; each can be clicked."""

    def on_mount(self) -> None:
        """Hear of each change of what the keys do."""
        signal = cast("Signal[Any]", self.screen.bindings_updated_signal)  # pyright: ignore[reportUnknownMemberType]
        signal.subscribe(self, self._changed)
        self.watch(self.screen, "focused", self._changed, init=False)  # the signal comes later

    def _changed(self, what: object) -> None:
        del what
        self.refresh()

    def render(self) -> Content:
        """The line, nearest keys first."""
        bindings = list(self._shown())
        ends = [each for each in bindings if each.binding.action in _ALWAYS]
        room = self.size.width - 2 - sum(map(self._width, ends))
        pieces: list[Content] = []
        for each in bindings:
            if each in ends or self._width(each) > room:
                continue
            room -= self._width(each)
            pieces.append(self._piece(each))
        return Content(" " * _GAP).join([*pieces, *map(self._piece, ends)])

    def _shown(self) -> Iterable[ActiveBinding]:
        """Those that are to be shown, of what has the cursor first, the application's last."""
        active = self.screen.active_bindings.values()
        seen: set[tuple[int, str]] = set()
        for each in sorted(active, key=lambda each: -len(each.node.ancestors)):
            same = (id(each.node), each.binding.action)
            is_shown = each.binding.show or each.binding.action in _ALWAYS
            if is_shown and each.enabled and same not in seen:
                seen.add(same)
                yield each

    def _width(self, each: ActiveBinding) -> int:
        return cell_len(self._key(each)) + cell_len(each.binding.description) + 1 + _GAP

    def _key(self, each: ActiveBinding) -> str:
        app = cast("App[None]", self.app)  # pyright: ignore[reportUnknownMemberType]
        return app.get_key_display(each.binding)

    def _piece(self, each: ActiveBinding) -> Content:
        click = f"[@click=app.simulate_key('{each.binding.key}')][bold]$key[/bold] $text[/]"
        return Content.from_markup(click, key=self._key(each), text=each.binding.description)
