"""Files that change outside of the editor: another branch, a formatter, a generator."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.languages import SUFFIXES
from indexer.listing import SKIPPED_FOLDERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from watchfiles import Change

DEBOUNCE_MS = 300
STEP_MS = 50

_SKIPPED = frozenset(name.decode() for name in SKIPPED_FOLDERS)
_log = logging.getLogger(__name__)


async def watch(root: Path, changed: Callable[[frozenset[str]], None]) -> None:
    """Tell of source files that change below a folder, until cancelled.

    A folder that comes or goes is told as no file, which means any. Where the system has no room
    for more watches it says so once, and ends: what editors save is told by them.
    """
    from watchfiles import Change, awatch  # pyright: ignore[reportUnknownVariableType] - of its event

    suffixes = tuple(SUFFIXES)

    def is_wanted(change: Change, path: str) -> bool:
        if not _SKIPPED.isdisjoint(path.split("/")):
            return False
        return path.endswith(suffixes) or is_folder(change, path)

    def is_folder(change: Change, path: str) -> bool:
        """What is gone and has no suffix may have been one."""
        if change == Change.deleted:
            return "." not in path.rpartition("/")[2]
        return change == Change.added and Path(path).is_dir()

    try:
        async for changes in awatch(
            root, watch_filter=is_wanted, debounce=DEBOUNCE_MS, step=STEP_MS, recursive=True
        ):
            files = frozenset(path for _, path in changes if path.endswith(suffixes))
            if files:
                changed(frozenset(Path(path).relative_to(root).as_posix() for path in files))
            if len(files) < len({path for _, path in changes}):
                changed(frozenset())
    except (OSError, RuntimeError) as error:
        _log.error("%s is not watched: %s", root, error)
