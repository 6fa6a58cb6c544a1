"""CodexGraph's own requests and commands: status, Cypher, the graph around a symbol, indexing.

Each is there twice, as a request `codexgraph/…` and as a command that any editor can run; both take
one JSON object. Answers say which files have changed since they were indexed.
"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from graphdb.errors import NotFoundError
from graphdb.queries.names import resolve
from graphdb.queries.neighbourhood import neighbourhood
from graphdb.symbols import to_json
from lsp.features.definition import symbols_at
from lsp.features.lens import SHOW_REFERENCES
from lsp.server import RequestFailedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphdb.symbols import Symbol
    from lsp.indexing import IndexState
    from lsp.server import GraphServer
    from lsp.session import Question

MAX_DEPTH = 3
MAX_STALE = 200


def register(server: GraphServer) -> None:
    """Add the handlers of this module."""
    _register_status(server)
    _register_graph(server)


def _register_status(server: GraphServer) -> None:
    async def status(arguments: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for workspace in list(server.session.workspaces.values()):
            if arguments.get("wait"):
                await workspace.indexing.settled()
            found.append(await server.session.ask_about(workspace, "", _status))
        return found

    async def index(arguments: dict[str, Any]) -> list[dict[str, Any]]:
        uri = arguments.get("uri")
        asked = [server.workspace_of(uri)] if uri else list(server.session.workspaces.values())
        for workspace in asked:
            workspace.indexing.request(is_full=bool(arguments.get("full")))
        return [_state(workspace.indexing.state) for workspace in asked]

    @server.feature("codexgraph/status")
    async def status_request(params: Any) -> list[dict[str, Any]]:
        return await status(plain(params))

    @server.command("codexgraph.status")
    async def status_command(*arguments: Any) -> list[dict[str, Any]]:
        return await status(_first(arguments))

    @server.command("codexgraph.index")
    async def index_command(*arguments: Any) -> list[dict[str, Any]]:
        return await index(_first(arguments))


def _register_graph(server: GraphServer) -> None:
    async def about(arguments: dict[str, Any], work: Any) -> Any:
        uri = arguments.get("uri")
        workspace = server.workspace_of(str(uri) if uri else None)
        located = server.session.locate(str(uri)) if uri else None
        path = located[1] if located else ""
        try:
            return await server.session.ask_about(workspace, path, partial(work, arguments))
        except Exception as error:
            raise server.failure(error, workspace) from error

    @server.feature("codexgraph/query")
    async def query_request(params: Any) -> Any:
        return await about(plain(params), _query)

    @server.command("codexgraph.query")
    async def query_command(*arguments: Any) -> Any:
        return await about(_first(arguments), _query)

    @server.feature("codexgraph/neighbourhood")
    async def graph_request(params: Any) -> Any:
        return await about(plain(params), _neighbourhood)

    @server.command("codexgraph.showGraph")
    async def graph_command(*arguments: Any) -> Any:
        return await about(_first(arguments), _neighbourhood)

    @server.command(SHOW_REFERENCES)
    async def references_command(uri: str, uid: str) -> Any:
        return await server.ask(uri, partial(_references, uid=uid))


def plain(params: object) -> dict[str, Any]:
    """The parameters of a request of our own as plain values."""
    if params is None:
        return {}
    if isinstance(params, dict):
        return {str(k): v for k, v in params.items()}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    as_dict: Callable[[], dict[str, Any]] | None = getattr(params, "_asdict", None)
    return as_dict() if as_dict else dict(vars(params))


def _first(arguments: tuple[Any, ...]) -> dict[str, Any]:
    return plain(arguments[0]) if arguments else {}


def _state(state: IndexState) -> dict[str, Any]:
    values = asdict(state)
    values["pending"] = sorted(state.pending)[:MAX_STALE]
    return {**values, "is_running": state.is_running, "text": state.line()}


def _status(question: Question) -> dict[str, Any]:
    project, answers = question.answers.project, question.answers
    indexed = to_json(answers.reader.meta()) if answers.is_indexed else None
    changed = sorted(answers.live_files()) if answers.is_indexed else []
    state = _state(question.index)
    return {"root": str(project.root), "index": indexed, "run": state, "edited": changed}


def _envelope(question: Question, result: Any) -> dict[str, Any]:
    """An answer with the graph that it is from and the files that have changed since."""
    stale = sorted({*question.index.pending, *question.answers.live_files()})
    meta = question.answers.reader.meta()
    index = {
        "generation": meta.generation,
        "commit": meta.commit,
        "indexed_at": meta.indexed_at,
        "is_running": question.index.is_running,
        "percent": question.index.percent,
    }
    return {"index": index, "stale": stale[:MAX_STALE], "result": result}


def _query(arguments: dict[str, Any], question: Question) -> dict[str, Any]:
    text = arguments.get("cypher")
    if not isinstance(text, str):
        raise RequestFailedError("`cypher` must be a text")
    given = arguments.get("params")
    settings = question.answers.project.settings
    most = arguments.get("limit")
    result = question.answers.reader.query(
        text,
        plain(given),
        timeout_s=settings.query_timeout_s,
        max_rows=most if isinstance(most, int) and most > 0 else settings.query_max_rows,
    )
    return _envelope(question, to_json(result))


def _neighbourhood(arguments: dict[str, Any], question: Question) -> dict[str, Any]:
    symbols = _asked(arguments, question)
    depth = arguments.get("depth", 1)
    depth = min(MAX_DEPTH, depth) if isinstance(depth, int) and depth > 0 else 1
    found = neighbourhood(question.answers.reader, symbols, depth=depth)
    return _envelope(question, to_json(found))


def _asked(arguments: dict[str, Any], question: Question) -> list[Symbol]:
    """The symbols that a `name` or a `position` in `uri` stands for."""
    if name := arguments.get("name"):
        return [resolve(question.answers.reader, str(name))]
    position = arguments.get("position")
    if position is None:
        raise RequestFailedError("give `name`, or `uri` with `position`")
    at = plain(position)
    found = symbols_at(question, types.Position(int(at["line"]), int(at["character"])))
    if not found:
        raise NotFoundError(f"nothing is named at line {int(at['line']) + 1} of {question.path}")
    return found


def _references(question: Question, uid: str) -> list[types.Location]:
    symbol = question.answers.by_uid(uid)
    return question.convert.locations(question.answers.references(symbol)) if symbol else []
