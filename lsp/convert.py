"""Between the graph's words and the protocol's: the one place that builds locations and kinds."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from lsprotocol import types

from graphdb.schema import ExtraLabel, NodeKind
from lsp.positions import Positions
from lsp.text import Encoding, character_of, split_lines
from lsp.writing import changed_region

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from agent.draft import Edit
    from graphdb.schema import Site
    from graphdb.symbols import Symbol
    from lsp.writing import Region

_KINDS = {
    NodeKind.MODULE: types.SymbolKind.Module,
    NodeKind.CLASS: types.SymbolKind.Class,
    NodeKind.FUNCTION: types.SymbolKind.Function,
    NodeKind.METHOD: types.SymbolKind.Method,
    NodeKind.FIELD: types.SymbolKind.Field,
    NodeKind.GLOBAL_VARIABLE: types.SymbolKind.Variable,
    NodeKind.EXTERNAL: types.SymbolKind.Namespace,
    NodeKind.FILE: types.SymbolKind.File,
}
_EXTRA_KINDS = {
    ExtraLabel.INTERFACE.value: types.SymbolKind.Interface,
    ExtraLabel.ENUM.value: types.SymbolKind.Enum,
    ExtraLabel.RECORD.value: types.SymbolKind.Struct,
}
_COMPLETION_KINDS = {
    NodeKind.MODULE: types.CompletionItemKind.Module,
    NodeKind.CLASS: types.CompletionItemKind.Class,
    NodeKind.FUNCTION: types.CompletionItemKind.Function,
    NodeKind.METHOD: types.CompletionItemKind.Method,
    NodeKind.FIELD: types.CompletionItemKind.Field,
    NodeKind.GLOBAL_VARIABLE: types.CompletionItemKind.Variable,
    NodeKind.EXTERNAL: types.CompletionItemKind.Reference,
    NodeKind.FILE: types.CompletionItemKind.File,
}


def encoding_of(agreed: object) -> Encoding:
    """The unit of columns that client and server agreed on."""
    text = agreed.value if isinstance(agreed, types.PositionEncodingKind) else agreed
    return Encoding(text) if text in set(Encoding) else Encoding.UTF16


def symbol_kind(symbol: Symbol) -> types.SymbolKind:
    """The protocol's kind of a symbol."""
    extra = (_EXTRA_KINDS[label] for label in symbol.labels if label in _EXTRA_KINDS)
    return next(extra, _KINDS[symbol.kind])


def completion_kind(symbol: Symbol) -> types.CompletionItemKind:
    """The protocol's kind of a symbol in a list of completions."""
    return _COMPLETION_KINDS[symbol.kind]


class Converter(Positions):
    """Makes the locations of one answer; `lines_of` and `uri_of` take paths below the root."""

    def __init__(
        self,
        encoding: Encoding,
        lines_of: Callable[[str], Sequence[str]],
        uri_of: Callable[[str], str],
    ) -> None:
        super().__init__(encoding, lines_of)
        self._uri_of = cache(uri_of)

    def place(self, path: str, position: types.Position) -> tuple[int, int]:
        """Line and byte column, as the graph counts, of a client's position."""
        return self.of_client(path, position.line, position.character)

    def position(self, path: str, line: int, column: int) -> types.Position:
        """A client's position of a line and byte column of the graph."""
        return types.Position(*self.to_client(path, line, column))

    def range(self, path: str, site: Site) -> types.Range:
        """The range of an occurrence."""
        start, end = self.span(path, site)
        return types.Range(types.Position(*start), types.Position(*end))

    def location(self, path: str, site: Site) -> types.Location:
        """The location of an occurrence."""
        return types.Location(self._uri_of(path), self.range(path, site))

    def name_range(self, symbol: Symbol) -> types.Range:
        """Where the name of a symbol stands; the start of a module."""
        start, end = self.name_span(symbol)
        return types.Range(types.Position(*start), types.Position(*end))

    def full_range(self, symbol: Symbol) -> types.Range:
        """The lines of a symbol, whole."""
        name = self.name_range(symbol)
        first = max(0, (symbol.start_line or 1) - 1)
        end = max(first + 1, symbol.end_line or 0)
        start = types.Position(min(first, name.start.line), 0)
        return types.Range(start, types.Position(max(end, name.end.line + 1), 0))

    def symbol_location(self, symbol: Symbol) -> types.Location | None:
        """Where a symbol is defined; None for what lies outside the repository."""
        if symbol.file_path is None:
            return None
        return types.Location(self._uri_of(symbol.file_path), self.name_range(symbol))

    def symbol_locations(self, symbols: Iterable[Symbol]) -> list[types.Location]:
        """Where symbols are defined, each place once."""
        # A location has no hash; its text says all of it.
        found: dict[str, types.Location] = {}
        for symbol in symbols:
            location = self.symbol_location(symbol)
            if location is not None:
                found.setdefault(repr(location), location)
        return list(found.values())

    def symbol_link(self, symbol: Symbol) -> types.LocationLink | None:
        """Where a symbol is defined, with its whole extent."""
        if symbol.file_path is None:
            return None
        name = self.name_range(symbol)
        return types.LocationLink(self._uri_of(symbol.file_path), self.full_range(symbol), name)

    def locations(self, places: Iterable[tuple[str, Site]]) -> list[types.Location]:
        """The locations of files and sites, in order of file and position."""
        return [self.location(path, site) for path, site in sorted(places)]

    def uri(self, path: str) -> str:
        """The URI of a file."""
        return self._uri_of(path)


def workspace_edit(
    edits: Iterable[Edit],
    uri_of: Callable[[str], str],
    client: types.ClientCapabilities,
    encoding: Encoding,
) -> types.WorkspaceEdit:
    """Drafts as the edits of an editor; a file is created in so many words where it can be."""
    offered = client.workspace.workspace_edit if client.workspace else None
    can_create = types.ResourceOperationKind.Create in (
        (offered.resource_operations or ()) if offered and offered.document_changes else ()
    )
    changes: dict[str, list[types.TextEdit]] = {}
    created: list[str] = []
    for edit in edits:
        uri = uri_of(edit.path)
        if edit.before is None:
            created.append(uri)
        if (region := changed_region(edit.before or "", edit.after)) is not None:
            changes[uri] = [_text_edit(edit.before or "", region, encoding)]
    if not (created and can_create):
        return types.WorkspaceEdit(changes)
    steps = [types.CreateFile(uri) for uri in created]
    texts = [
        types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri), found)
        for uri, found in changes.items()
    ]
    return types.WorkspaceEdit(document_changes=[*steps, *texts])


def _text_edit(before: str, region: Region, encoding: Encoding) -> types.TextEdit:
    lines = split_lines(before)
    end = types.Position(region.last, 0)
    if region.last == len(lines):
        last = lines[-1]
        end = types.Position(region.last - 1, character_of(last, len(last), encoding))
    return types.TextEdit(types.Range(types.Position(region.first, 0), end), region.text)
