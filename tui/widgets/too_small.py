"""What is shown where there is no room for anything else."""

from __future__ import annotations

from textual.widgets import Static

MIN_WIDTH, MIN_HEIGHT = 50, 12


class TooSmall(Static):
    """One line in the place of the whole screen."""

    def resized(self, width: int, height: int) -> None:
        """Show it, or hide it."""
        self.screen.set_class(width < MIN_WIDTH or height < MIN_HEIGHT, "-too-small")
        self.update(f"{width}x{height} is too small: {MIN_WIDTH}x{MIN_HEIGHT} at least")
