"""Removing an index.

Only what an index consists of is removed, and only while this process holds the writer's lease: a
wrong `index_dir` must not cost anybody a folder.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from codexgraph.config import INDEX_FOLDER
from codexgraph.wiring import drop_graph, writer_lease
from graphdb.errors import NotFoundError, StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from codexgraph.config import Config

_OWN_FILES = (
    "graph.kgl",
    "graph.kgl.*",
    "state",
    "state.*",
    "state-*",
    "corpus-*",
    "facts",
    "facts.*",
    "lock",
)


def clean(config: Config) -> str:
    """Remove the index that the settings name; a line that says what was done.

    Raises:
        NotFoundError: there is none.
        IndexLockedError: another process writes it.
        StoreError: it cannot be removed.
    """
    folder = config.index_dir
    is_there = folder.is_dir()
    if config.store == "neo4j":
        drop_graph(config)
    elif not is_there:
        raise NotFoundError(f"nothing is indexed in {folder}")
    if is_there:
        _remove_folder(folder)
    if config.store == "neo4j":
        return f"removed the graph of {config.repo} from {config.neo4j_uri}"
    kept = f"; {folder} holds other files and is kept" if folder.exists() else ""
    return f"removed the index in {folder}{kept}"


def _remove_folder(folder: Path) -> None:
    """Remove our own folder whole, and from any other one only what an index puts there."""
    with writer_lease(folder):
        try:
            if folder.name == INDEX_FOLDER:
                shutil.rmtree(folder)
                return
            for pattern in _OWN_FILES:
                for path in folder.glob(pattern):
                    _remove(path)
            ignore = folder / ".gitignore"
            if [path.name for path in folder.iterdir()] == [ignore.name]:
                ignore.unlink()
                folder.rmdir()
        except OSError as error:
            raise StoreError(f"{folder} cannot be removed: {error.strerror}") from error


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
