"""Diagnostics that only the graph of a whole repository can give, when it is new.

They are computed for open documents and moved with the text while it is edited; a client that pulls
is answered, any other is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from graphdb.errors import CodexGraphError
from graphdb.queries.problems import (
    GraphProblem,
    ProblemKind,
    cyclic_inheritance,
    import_cycles,
    unresolved_imports,
    unused_symbols,
)
from graphdb.schema import NodeKind
from lsp.answers import GivenUpError
from lsp.server import spawn

if TYPE_CHECKING:
    import asyncio

    from lsp.server import GraphServer
    from lsp.session import Question, Workspace

SOURCE = "codexgraph"
_SEVERITIES = {
    ProblemKind.UNRESOLVED_IMPORT: types.DiagnosticSeverity.Warning,
    ProblemKind.IMPORT_CYCLE: types.DiagnosticSeverity.Information,
    ProblemKind.CYCLIC_INHERITANCE: types.DiagnosticSeverity.Error,
    ProblemKind.DEAD_CODE: types.DiagnosticSeverity.Hint,
}


def register(server: GraphServer) -> None:
    """Add the handlers of this module."""
    publisher = _Publisher(server)
    options = types.DiagnosticOptions(
        inter_file_dependencies=True, workspace_diagnostics=False, identifier=SOURCE
    )

    @server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)
    async def pull(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        found = await server.ask_softly(params.text_document.uri, _diagnostics)
        return types.RelatedFullDocumentDiagnosticReport(items=found or [])

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        if not _pulls(server):
            publisher.ask_for(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        if not _pulls(server):
            empty = types.PublishDiagnosticsParams(params.text_document.uri, [])
            server.text_document_publish_diagnostics(empty)

    def indexed(workspace: Workspace) -> None:
        client = server.client_capabilities.workspace
        if not _pulls(server):
            for document in server.session.documents_of(workspace).values():
                publisher.ask_for(document.uri)
        elif client and client.diagnostics and client.diagnostics.refresh_support:
            server.workspace_diagnostic_refresh(None)

    server.on_index.append(indexed)


def _pulls(server: GraphServer) -> bool:
    document = server.client_capabilities.text_document
    return bool(document and document.diagnostic)


class _Publisher:
    """Tells the client about one document after the other, when nobody waits for an answer."""

    def __init__(self, server: GraphServer) -> None:
        self._server = server
        self._waiting: dict[str, None] = {}
        self._is_busy = False
        self._tasks: set[asyncio.Task[Any]] = set()

    def ask_for(self, uri: str) -> None:
        """Have the diagnostics of a document told soon."""
        self._waiting[uri] = None
        if not self._is_busy:
            self._is_busy = True
            spawn(self._publish_all(), self._tasks)

    async def _publish_all(self) -> None:
        try:
            while self._waiting:
                uri = next(iter(self._waiting))
                del self._waiting[uri]
                await self._publish(uri)
        finally:
            self._is_busy = False

    async def _publish(self, uri: str) -> None:
        session = self._server.session
        located = session.locate(uri)
        if located is None:
            return
        await located[0].indexing.until_ready()
        if uri not in session.documents or session.locate(uri) != located:
            return
        try:
            found = await session.ask(uri, _diagnostics)
        except (CodexGraphError, GivenUpError):
            return
        document = session.documents.get(uri)
        if found is not None and document is not None:
            self._server.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(uri, found, document.version)
            )


def _diagnostics(question: Question) -> list[types.Diagnostic]:
    if not question.answers.is_indexed:
        return []
    found = (_diagnostic(question, problem) for problem in _problems(question))
    return [diagnostic for diagnostic in found if diagnostic is not None]


def _problems(question: Question) -> list[GraphProblem]:
    reader, path, wanted = question.answers.reader, question.path, question.settings.diagnostics
    project, symbols = question.answers.project, question.answers.content(path).symbols
    found: list[GraphProblem] = []
    if wanted.unresolved_import:
        found += unresolved_imports(reader, path)
    if wanted.import_cycle:
        modules = [symbol for symbol in symbols if symbol.kind == NodeKind.MODULE]
        imports = project.imports.of(reader) if modules else {}
        found += [problem for module in modules for problem in import_cycles(imports, module)]
    if wanted.cyclic_inheritance:
        classes = [symbol for symbol in symbols if symbol.kind == NodeKind.CLASS]
        bases = project.bases.of(reader) if classes else {}
        found += cyclic_inheritance(bases, classes)
    if wanted.dead_code:
        found += unused_symbols(reader, path)
    return found


def _diagnostic(question: Question, problem: GraphProblem) -> types.Diagnostic | None:
    """A problem where its text is now; None when that line was changed since."""
    live, convert = question.answers.live_of(question.path), question.convert
    if problem.symbol is not None:
        place = convert.name_range(question.answers.now(problem.symbol))
    elif problem.site is not None:
        line = live.lines.now(problem.site.line) if live else problem.site.line
        if line is None:
            return None
        place = convert.range(question.path, problem.site._replace(line=line))
    else:
        return None
    is_dead = problem.kind == ProblemKind.DEAD_CODE
    return types.Diagnostic(
        range=place,
        message=problem.message,
        severity=_SEVERITIES[problem.kind],
        code=problem.kind.value,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if is_dead else None,
    )
