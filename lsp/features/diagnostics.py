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
    import_graph,
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
    tasks: set[asyncio.Task[Any]] = set()
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
            spawn(_publish(server, params.text_document.uri), tasks)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        if not _pulls(server):
            empty = types.PublishDiagnosticsParams(params.text_document.uri, [])
            server.text_document_publish_diagnostics(empty)

    def indexed(workspace: Workspace) -> None:
        client = server.client_capabilities.workspace
        if not _pulls(server):
            for document in server.session.documents_of(workspace).values():
                spawn(_publish(server, document.uri), tasks)
        elif client and client.diagnostics and client.diagnostics.refresh_support:
            server.workspace_diagnostic_refresh(None)

    server.on_index.append(indexed)


def _pulls(server: GraphServer) -> bool:
    document = server.client_capabilities.text_document
    return bool(document and document.diagnostic)


async def _publish(server: GraphServer, uri: str) -> None:
    try:
        found = await server.session.ask(uri, _diagnostics)
    except (CodexGraphError, GivenUpError):
        return
    document = server.session.documents.get(uri)
    if found is not None and document is not None:
        server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, found, document.version)
        )


def _diagnostics(question: Question) -> list[types.Diagnostic]:
    if not question.answers.is_indexed:
        return []
    found = (_diagnostic(question, problem) for problem in _problems(question))
    return [diagnostic for diagnostic in found if diagnostic is not None]


def _problems(question: Question) -> list[GraphProblem]:
    reader, path, wanted = question.answers.reader, question.path, question.settings.diagnostics
    found: list[GraphProblem] = []
    if wanted.unresolved_import:
        found += unresolved_imports(reader, path)
    if wanted.import_cycle:
        symbols = question.answers.content(path).symbols
        modules = [symbol for symbol in symbols if symbol.kind == NodeKind.MODULE]
        imports = import_graph(reader) if modules else {}
        found += [problem for module in modules for problem in import_cycles(imports, module)]
    if wanted.cyclic_inheritance:
        found += cyclic_inheritance(reader, path)
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
