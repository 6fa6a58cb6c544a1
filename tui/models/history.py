"""What a person typed before, newest last; searched by its parts, kept in one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.models.files import read_json, write_json

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1
MAX_KEPT = 500


class History:
    """The inputs of one kind, such as questions or queries."""

    def __init__(self, data_dir: Path, name: str) -> None:
        self._path = data_dir / f"history-{name}.json"
        self._items: list[str] | None = None

    def items(self) -> list[str]:
        """All of them, oldest first. Raises CodexGraphError for a damaged file, once."""
        if self._items is None:
            self._items = []
            value = read_json(self._path, VERSION) or {}
            self._items = [str(item) for item in value.get("items", ())]
        return self._items

    def add(self, text: str) -> None:
        """Remember a text as the newest. Raises CodexGraphError when it cannot be kept."""
        text = text.strip()
        if not text:
            return
        kept = [item for item in self.items() if item != text]
        self._items = [*kept, text][-MAX_KEPT:]
        write_json(self._path, VERSION, {"items": self._items})

    def search(self, text: str) -> list[str]:
        """Those that have all words of a text, newest first."""
        words = text.lower().split()
        return [
            item for item in reversed(self.items()) if all(word in item.lower() for word in words)
        ]
