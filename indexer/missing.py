"""Uses that denote nothing: what a language's rules prove not to be there, as opposed to not found.

Whoever reports one must be able to say where it would have had to be and that it is not there. What
a program may do while it runs is therefore asked of the whole tree (`Around`), as text.
"""

from __future__ import annotations

import os
import re
from enum import StrEnum
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from indexer.state import FileRecord


_SCHEMAS = frozenset(
    {".proto", ".avsc", ".avdl", ".thrift", ".fbs", ".xsd", ".wsdl", ".g4", ".graphqls", ".capnp"}
)
"""Suffixes of files from which builds make source code."""


class MissingKind(StrEnum):
    """What kind of use denotes nothing."""

    IMPORT = "import"
    NAME = "name"
    MEMBER = "member"


class MissingUse(NamedTuple):
    """A use that denotes nothing.

    name: as written, with dots; of a member its own name alone. line: 1-based. owner: full name of
    the class or module that lacks a member.
    """

    name: str
    kind: MissingKind
    line: int
    owner: str | None = None


_SET = (
    # Fields set through a receiver are the facts' business: they say of which class.
    r"(?<!\bself)(?<!\bcls)\.%s\s*\)?\s*(?::[^=\n]+)?[-+*/|&^%%@<>]*=(?!=)"
    # One of several targets: in parentheses it would be an argument before a keyword.
    r"|^[^()\n]*\.%s\s*,[^()=\n]*=(?!=)"
    r"|(?:^|=)\s*\([^()\n]*\.%s\s*,[^()=\n]*\)\s*=(?!=)"
    r"|\bas\s+[\w.]+\.%s\b"
    r"|attr(?:__)?\([^()]*[\"']%s[\"']"
)


class Around:
    """The files around a draft, beyond what facts say of them. path, text: the draft's own."""

    def __init__(self, root: Path, files: Mapping[str, FileRecord], path: str, text: bytes) -> None:
        self._root = root
        self._files = files
        self._path = path
        self._draft = text
        self._texts: dict[str, bytes] = {}
        self._schema_files: list[Path] | None = None

    def has_beside(self, folder: str, stem: str) -> bool:
        """True when a folder has a file or folder of that name, whatever language it is in.

        Extension modules and what a build generates are modules that no index has.
        """
        try:
            return any(
                entry.name.partition(".")[0] == stem for entry in (self._root / folder).iterdir()
            )
        except OSError:
            return False

    def has_in_package(self, package: str, name: str) -> bool:
        """True when a folder of a Java package has a file of that name, in whatever language."""
        tail = package.replace(".", "/")
        folders = {path.rpartition("/")[0] for path in self._files}
        return any(
            self.has_beside(folder, name)
            for folder in folders
            if folder == tail or folder.endswith(f"/{tail}")
        )

    def is_in_schema(self, name: str) -> bool:
        """True when a file from which a build makes code has a name, or is called so."""
        word = re.compile(rb"\b" + re.escape(name.encode()) + rb"\b")
        return any(
            path.stem == name or word.search(_bytes_of(path)) is not None
            for path in self._schemas()
        )

    def _schemas(self) -> list[Path]:
        if self._schema_files is None:
            self._schema_files = [
                Path(folder) / file
                for folder, folders, files in os.walk(self._root)
                if not _drop_hidden(folders)
                for file in files
                if PurePath(file).suffix in _SCHEMAS
            ]
        return self._schema_files

    def may_be_set(self, name: str) -> bool:
        """True when a file of this language sets an attribute of that name on some object."""
        word = re.escape(name)
        pattern = re.compile((_SET % ((word,) * _SET.count("%s"))).encode(), re.MULTILINE)
        if pattern.search(self._draft):
            return True
        return any(pattern.search(text) for _, text in self._indexed(name.encode()))

    def is_outside_elsewhere(self, name: str) -> bool:
        """True when another file's edges reach a name, or one in it, as outside the repository."""
        inside = f"{name}."
        return any(
            external == name or external.startswith(inside)
            for path, record in self._files.items()
            if path != self._path
            for external in record.linked.externals
        )

    def is_used_beside(self, name: str) -> bool:
        """True when another file of the draft's folder uses a name that it does not import."""
        folder = self._path.rpartition("/")[0]
        word = re.compile(rb"\b" + re.escape(name.encode()) + rb"\b")
        return any(
            path.rpartition("/")[0] == folder
            and word.search(_without_comments(text))
            and not re.search(rb"import[^;]*[.\s](?:\*|" + word.pattern + rb")\s*;", text)
            for path, text in self._indexed(name.encode())
        )

    def _indexed(self, word: bytes) -> Iterator[tuple[str, bytes]]:
        """The other files with a text in them."""
        suffix = self._path.rpartition(".")[2]
        for path in self._files:
            if path != self._path and path.endswith(suffix):
                text = self._text(path)
                if word in text:
                    yield path, text

    def _text(self, path: str) -> bytes:
        known = self._texts.get(path)
        if known is None:
            known = self._texts[path] = _bytes_of(self._root / path)
        return known


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _drop_hidden(folders: list[str]) -> None:
    """Keep a walk out of hidden folders and of what is installed."""
    folders[:] = [name for name in folders if name[0] != "." and name != "node_modules"]


def _without_comments(text: bytes) -> bytes:
    return re.sub(rb"/\*.*?\*/|//[^\n]*", b"", text, flags=re.DOTALL)
