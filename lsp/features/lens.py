"""How often a class or function is used, tested and overridden, above its first line.

The numbers are counted when a lens comes into view, by the same functions that list the places.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types

from graphdb.schema import NodeKind
from lsp.features.hover import counted
from lsp.writing import WRITE

if TYPE_CHECKING:
    from graphdb.symbols import Symbol
    from lsp.server import GraphServer
    from lsp.session import Question, Workspace

SHOW_REFERENCES = "codexgraph.references"
GENERATE_TESTS = "generate tests"
MAX_LENSES = 1_000
_SHOWN = (NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD)


def register(server: GraphServer) -> None:
    """Add the handlers of this module."""

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions(resolve_provider=True))
    async def lenses(params: types.CodeLensParams) -> list[types.CodeLens] | None:
        uri = params.text_document.uri
        located = server.session.locate(uri)
        writes = located is not None and located[0].author is not None
        return await server.ask_softly(uri, partial(_lenses, uri=uri, writes=writes))

    @server.feature(types.CODE_LENS_RESOLVE)
    async def resolve(lens: types.CodeLens) -> types.CodeLens:
        uid, uri = _data(lens.data)
        command = await server.ask_softly(uri, partial(_command, uid=uid, uri=uri)) if uri else None
        lens.command = command or types.Command(
            title="not indexed", command=SHOW_REFERENCES, arguments=[uri, uid]
        )
        return lens

    def refresh(_: Workspace) -> None:
        workspace = server.client_capabilities.workspace
        if workspace and workspace.code_lens and workspace.code_lens.refresh_support:
            server.workspace_code_lens_refresh(None)

    server.on_index.append(refresh)


def _data(data: object) -> tuple[str, str]:
    if isinstance(data, list) and len(data) == 2:  # pyright: ignore[reportUnknownArgumentType]
        return str(data[0]), str(data[1])  # pyright: ignore[reportUnknownArgumentType]
    return "", ""


def _lenses(question: Question, uri: str, *, writes: bool) -> list[types.CodeLens]:
    """A lens for each definition to count at, and where a model is set one to write its tests."""
    if not question.answers.is_indexed:
        return []
    symbols = question.answers.content(question.path).symbols
    shown = [symbol for symbol in symbols if symbol.kind in _SHOWN and _is_outer(symbol)]
    found: list[types.CodeLens] = []
    for symbol in shown[:MAX_LENSES]:
        place = question.convert.name_range(symbol)
        found.append(types.CodeLens(place, data=[symbol.uid, uri]))
        if writes and not symbol.is_test:
            asked = {"job": "test", "uri": uri, "uid": symbol.uid}
            found.append(
                types.CodeLens(place, types.Command(GENERATE_TESTS, WRITE, arguments=[asked]))
            )
    return found


def _is_outer(symbol: Symbol) -> bool:
    """False for test functions: nothing calls them but the runner."""
    return not (symbol.is_test and symbol.kind != NodeKind.CLASS)


def _command(question: Question, uid: str, uri: str) -> types.Command | None:
    symbol = question.answers.by_uid(uid)
    if symbol is None:
        return None
    answers = question.answers
    parts = [counted(len(answers.references(symbol)), "reference")]
    if tests := len({r.symbol.uid for r in answers.tests(symbol)}):
        parts.append(counted(tests, "test"))
    if below := len({r.symbol.uid for r in answers.subtypes(symbol)}):
        is_class = symbol.kind == NodeKind.CLASS
        parts.append(counted(below, "subclass" if is_class else "override"))
    return types.Command(title=" · ".join(parts), command=SHOW_REFERENCES, arguments=[uri, uid])
