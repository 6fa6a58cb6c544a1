"""What the server is given by whoever starts it: settings of a folder, and how to run an index."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from graphdb.errors import CodexGraphError
from graphdb.store import DEFAULT_MAX_ROWS, DEFAULT_TIMEOUT_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from graphdb.store import GraphReader
    from indexer.pipeline import IndexRequest
    from lsp.writing import Author


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """One repository: what an index run of it needs, and the limits of a user's query.

    open_reader: opens its graph. Raises NoIndexError or StoreError.
    """

    request: IndexRequest
    open_reader: Callable[[], GraphReader]
    query_timeout_s: float = DEFAULT_TIMEOUT_S
    query_max_rows: int = DEFAULT_MAX_ROWS

    @property
    def root(self) -> Path:
        """The folder of the repository."""
        return self.request.root


class SettingsOf(Protocol):
    """Finds the repository around a folder and reads its settings."""

    def __call__(self, folder: Path) -> ProjectSettings:
        """The settings. Raises CodexGraphError for settings that cannot be."""
        ...


def _nobody(folder: Path) -> Author | None:
    """Who writes where no model is set."""
    del folder
    return None


@dataclass(frozen=True, slots=True)
class Host:
    """Who starts the server.

    settings_of: see `SettingsOf`. worker: the command of a process that runs
    `lsp.index_worker.main`. version: what the server says of itself. author_of: who writes code in
    the repository around a folder, None where no model is set; raises CodexGraphError.
    """

    settings_of: SettingsOf
    worker: tuple[str, ...]
    version: str
    author_of: Callable[[Path], Author | None] = _nobody

    def has_author(self, folder: Path) -> bool:
        """True where a model is set; False also for settings that cannot be."""
        try:
            return self.author_of(folder) is not None
        except CodexGraphError:
            return False


@dataclass(frozen=True, slots=True)
class DiagnosticSettings:
    """Which kinds of diagnostics are published; those that are off by default are opinions."""

    unresolved_import: bool = True
    import_cycle: bool = True
    cyclic_inheritance: bool = True
    dead_code: bool = False


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """What an editor may set, under `codexgraph` of its settings or initialization options."""

    diagnostics: DiagnosticSettings = field(default_factory=DiagnosticSettings)
    watch: bool = True
    index: bool = True


def client_settings(value: object) -> ClientSettings:
    """Settings from plain JSON; what is not understood keeps its default."""
    table = _table(value)
    table = _table(table.get("codexgraph", table))
    asked = _table(table.get("diagnostics"))
    usual = DiagnosticSettings()
    diagnostics = DiagnosticSettings(
        unresolved_import=_flag(asked, "unresolved_import", usual.unresolved_import),
        import_cycle=_flag(asked, "import_cycle", usual.import_cycle),
        cyclic_inheritance=_flag(asked, "cyclic_inheritance", usual.cyclic_inheritance),
        dead_code=_flag(asked, "dead_code", usual.dead_code),
    )
    watch, index = _flag(table, "watch", True), _flag(table, "index", True)
    return ClientSettings(diagnostics, watch, index)


def _flag(table: dict[str, object], name: str, usual: bool) -> bool:
    value = table.get(name)
    return value if isinstance(value, bool) else usual


def _table(value: object) -> dict[str, object]:
    """A JSON object with text keys; empty for anything else."""
    if not isinstance(value, dict):
        return {}
    return {str(key): item for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
