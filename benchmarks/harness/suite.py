"""What a suite is: how its data is read, what is asked for each record, and how answers score.

A record whose repository cannot be had is an error of the environment, and one that the suite's own
rules leave out is skipped; both are counted with their reason and neither is a wrong answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.harness.desk import Desk


class SkipRecordError(Exception):
    """The suite's rules leave a record out; the message says which rule."""


class DataError(CodexGraphError):
    """A data file that cannot be read; the message names file and line."""


@dataclass(frozen=True, slots=True)
class DataCard:
    """Where a suite's data comes from, and under what terms.

    sha256: checksums of the files that the figures in docs/benchmarks.md were measured on, by file
    name; other files run as well. obtain: one line for whoever has no data.
    """

    title: str
    source: str
    version: str
    licence: str
    obtain: str
    sha256: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Record:
    """One question. group: the repository; records of one group share a workspace, in `order`."""

    id: str
    group: str
    fields: Mapping[str, Any]
    order: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """How a run asks. ks: cut-offs. retrievers: names, the product's first."""

    retrievers: tuple[str, ...]
    ks: tuple[int, ...]


class Suite(Protocol):
    """One benchmark; an object of this kind is what a module of `benchmarks/suites` offers."""

    card: DataCard
    retrievers: tuple[str, ...]
    ks: tuple[int, ...]
    needs_repositories: bool

    def load(self, path: Path) -> list[Record]:
        """The records of a data file, in its order. Raises DataError."""
        ...

    def answer(self, record: Record, desk: Desk, ask: Ask) -> dict[str, Any]:
        """Ask every retriever; what is kept of the answers, as JSON values.

        Raises SkipRecordError, or MissingRepositoryError.
        """
        ...

    def score(self, answers: Sequence[Mapping[str, Any]], ask: Ask) -> dict[str, Any]:
        """Metrics over the answers of records; retriever -> name -> value in percent."""
        ...


@runtime_checkable
class Offering(Protocol):
    """A suite with retrievers that are asked only where a run names them."""

    optional: tuple[str, ...]


@runtime_checkable
class Exporting(Protocol):
    """A suite whose answers can be given to the original's own tools."""

    def exports(self, answers: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
        """Files in the formats of those tools: name -> lines of JSON."""
        ...
