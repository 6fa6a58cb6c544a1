"""The one error tree of the project; every layer adds its own branch below the same root.

The command line's exit code for each (2 where a subclass says nothing else):

- `NotFoundError` 1: the question was understood and nothing matches.
- `AmbiguousNameError` 2: a name fits several symbols; carries the candidates.
- `QueryError` 2: a Cypher text that the store refused or could not run. `WriteRefusedError`: it
  would change the graph. `QueryTimeoutError`: it ran past its time limit.
- `NoIndexError` 3: nothing is indexed here yet.
- `StaleIndexError` 3: the index is behind the files and `--require-fresh` was given.
- `IndexLockedError` 2: another process is writing this index.
- `StoreError` 4: the store cannot be opened, reached or written.
- `SandboxError` 2: code cannot be run apart from this machine, or not be copied.
- `ModelUnavailableError` 5: no language model answers; its subclasses say why.

A message says what failed, names the file, setting or line, and says what to do, in one line.
"""

from __future__ import annotations

from typing import ClassVar


class CodexGraphError(Exception):
    """Root of all errors that a user may see; `exit_code` is the command line's."""

    exit_code: ClassVar[int] = 2


class NotFoundError(CodexGraphError):
    """Nothing in the graph matches."""

    exit_code: ClassVar[int] = 1


class AmbiguousNameError(CodexGraphError):
    """A name fits more than one symbol; `candidates` holds their full names with file:line."""

    def __init__(self, message: str, candidates: tuple[str, ...]) -> None:
        super().__init__(message)
        self.candidates = candidates


class QueryError(CodexGraphError):
    """The store refused a query or failed while it ran."""


class WriteRefusedError(QueryError):
    """A query on a read-only path tried to change the graph."""


class QueryTimeoutError(QueryError):
    """A query ran past its time limit and was stopped."""


class NoIndexError(CodexGraphError):
    """There is no index where one was expected."""

    exit_code: ClassVar[int] = 3


class StaleIndexError(CodexGraphError):
    """The index is behind the files and the caller asked for a fresh one."""

    exit_code: ClassVar[int] = 3


class IndexLockedError(CodexGraphError):
    """Another process holds the writer lease of this index."""


class StoreError(CodexGraphError):
    """A store cannot be opened, reached, read or written."""

    exit_code: ClassVar[int] = 4


class ModelUnavailableError(CodexGraphError):
    """No language model is configured, or it does not answer."""

    exit_code: ClassVar[int] = 5


class ModelKeyError(ModelUnavailableError):
    """The endpoint wants a key, or refuses the one it got."""


class ModelBusyError(ModelUnavailableError):
    """The endpoint limits the rate or fails, and goes on doing so."""


class ModelTimeoutError(ModelUnavailableError):
    """Nothing came within the time that a request has."""


class ModelUnreachableError(ModelUnavailableError):
    """Nobody answers at the address, or it is no endpoint of a model."""


class ModelRefusedError(ModelUnavailableError):
    """The endpoint understood the request and will not serve it: unknown model, prompt too long."""


class SandboxError(CodexGraphError):
    """Code cannot be copied or run apart from this machine."""
