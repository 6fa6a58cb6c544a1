"""Source text for answers: lines of a definition, windows around places, files of the repository.

A file is opened folder by folder from the root and no link is followed at any step, so that neither
`..` nor a link that appears meanwhile leads out.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from agent.encodings import text_of
from graphdb.errors import CodexGraphError
from graphdb.queries.source import sources_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

    ReadFile = Callable[[str], str | None]

MAX_FILE_BYTES = 2_000_000
_CLOSING = (")", "]", "}")


class OutsideError(CodexGraphError):
    """A path that is not one below the repository."""


def inside(path: str) -> str:
    """A path relative to the repository, as the graph spells it. Raises OutsideError."""
    parts = PurePosixPath(path).parts if path.isprintable() and "\\" not in path else ()
    first = parts[0] if parts else "/"
    # What begins with a dash would be an option of a command that is given the path.
    leads_out = ".." in parts or ":" in first or first.startswith(("/", "~", "-"))
    # Some file systems take `.GIT` or a name with trailing dots for the same folder.
    is_git = any(part.casefold().rstrip(". ") == ".git" for part in parts)
    if leads_out or is_git or len(path) > 1_000:
        raise OutsideError(
            "a path must be relative and inside the repository, without '..' and outside .git"
        )
    return "/".join(parts)


def repository_files(root: Path, texts: Mapping[str, str] | None = None) -> ReadFile:
    """A reader of a repository's files by relative path: their text, None for what is no file.

    texts: files as somebody is editing them, which count in place of those on disk. Raises
    OutsideError for a path that leads out, also by a link.
    """

    def read(path: str) -> str | None:
        known = inside(path)
        if texts is not None and known in texts:
            return texts[known]
        parts = known.split("/")
        folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for part in parts[:-1]:
                inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
                os.close(folder)
                folder = inner
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            handle = os.open(parts[-1], flags, dir_fd=folder)
        except OSError:
            return None
        finally:
            os.close(folder)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            return None
        with os.fdopen(handle, "rb") as file:
            return text_of(path, file.read(MAX_FILE_BYTES))

    return read


def dedented(code: str) -> list[str]:
    """The lines of a definition, of whose first one the graph has cut the indentation."""
    first, *rest = code.splitlines() or [""]
    inner = [line for line in rest if line.strip()]
    margin = min((len(line) - len(line.lstrip()) for line in inner), default=0)
    outer = [line for line in inner if not line[margin].isspace()]
    is_level = first.lstrip().startswith("@") or (
        not first.rstrip().endswith(":")
        and any(line[margin:].startswith(_CLOSING) for line in (*outer[:1], *outer[-1:]))
    )
    shift = margin if is_level else max(0, margin - 4)
    return [first.strip(), *(_shifted(line, shift) for line in rest)]


def _shifted(line: str, shift: int) -> str:
    cut = min(shift, len(line) - len(line.lstrip()))
    return line[cut:].rstrip()


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a file from `start` on (1-based)."""

    start: int
    lines: tuple[str, ...]

    def around(self, line: int, before: int = 1, after: int = 1) -> str:
        """A line with its neighbours, numbered, the line itself marked; "" where it is not there.

        Indentation that all have in common is cut.
        """
        at = line - self.start
        if not 0 <= at < len(self.lines):
            return ""
        first = max(0, at - before)
        shown = self.lines[first : at + after + 1]
        margins = [len(s) - len(s.lstrip()) for s in shown if s.strip()]
        # Of a definition's first line the graph has cut the indentation.
        margin = min(margins[1:] if first == 0 and len(margins) > 1 else margins, default=0)
        numbered = enumerate(shown, self.start + first)
        return "\n".join(
            f"{'>' if number == line else ' '}{number}: {_shifted(text, margin)}"
            for number, text in numbered
            if text.strip() or number == line
        )


class Sources:
    """The texts of symbols: as indexed where the graph holds them, else from their file."""

    def __init__(self, reader: GraphReader, read_file: ReadFile | None) -> None:
        self._reader = reader
        self._read_file = read_file

    def of(self, symbols: Iterable[Symbol]) -> dict[str, Lines]:
        """The lines of symbols by uid; those that have no text are left out."""
        found: dict[str, Lines] = {}
        for source in sources_of(self._reader, list(symbols)):
            symbol = source.symbol
            if source.code is not None:
                start = symbol.start_line or 1
                found[symbol.uid] = Lines(start, tuple(source.code.splitlines()))
            elif symbol.file_path and self._read_file is not None:
                text = self._read_file(symbol.file_path)
                if text is not None:
                    found[symbol.uid] = Lines(1, tuple(text.splitlines()))
        return found
