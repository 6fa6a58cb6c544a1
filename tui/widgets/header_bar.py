"""The first line: repository, size, freshness, store and model, as far as there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from tui.models.index_view import IndexView, fitting, header_parts
from tui.ports import IndexProgress

if TYPE_CHECKING:
    from tui.ports import Ports

_GAP = 3
_STYLES = {"repo": "bold $text-primary", "model": "$text-accent"}


class HeaderBar(Widget):
    """One line that is never more than one."""

    def __init__(self, ports: Ports) -> None:
        super().__init__()
        self._ports = ports
        self._view = IndexView()
        self._progress = IndexProgress()

    def tell(self, view: IndexView, progress: IndexProgress) -> None:
        """Show another state."""
        self._view, self._progress = view, progress
        self.refresh()

    def render(self) -> Content:
        """The line."""
        ports = self._ports
        parts = header_parts(ports.repo, ports.store, ports.model, self._view, self._progress)
        styles = {**_STYLES, "state": self._state_style()}
        shown = fitting(parts, self.size.width - 2, _GAP)
        texts = [Content.styled(part.text, styles.get(part.name, "")) for part in shown]
        return Content(" " * _GAP).join(texts)

    def _state_style(self) -> str:
        if self._progress.phase is not None:
            return "$text-accent"
        return "$text-success" if self._view.is_fresh else "bold $text-warning"
