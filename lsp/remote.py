"""A graph that another process serves, as a reader like any other.

It saves a short-lived program the loading of the graph. Whoever uses it must be able to do without:
a server can end at any moment.
"""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any

import graphdb.errors
from graphdb.delta import GraphCounts, IndexMeta
from graphdb.errors import CodexGraphError, StoreError
from graphdb.store import DEFAULT_MAX_ROWS, DEFAULT_TIMEOUT_S, QueryResult, TextHit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from graphdb.schema import NodeKind

ADDRESS_FILE = "serve.json"
CONNECT_S = 0.5
SLACK_S = 5.0


class RemoteReader:
    """A `GraphReader` over the socket of a server."""

    def __init__(self, repo: str, connection: socket.socket, token: str) -> None:
        self.repo = repo
        self._connection = connection
        self._file = connection.makefile("rwb")
        self._token = token
        self._number = 0
        self._lock = Lock()

    def ask(self, method: str, params: dict[str, Any], timeout_s: float = SLACK_S) -> Any:
        """One request. Raises what the server's graph raises, StoreError when it is gone."""
        with self._lock:
            self._number += 1
            message = {
                "jsonrpc": "2.0",
                "id": self._number,
                "method": method,
                "params": params,
                "token": self._token,
            }
            try:
                self._connection.settimeout(timeout_s)
                self._file.write(json.dumps(message).encode() + b"\n")
                self._file.flush()
                answer: dict[str, Any] = json.loads(self._file.readline())
            except (OSError, ValueError) as error:
                raise StoreError(f"the server of this index is gone: {error}") from error
        if "error" in answer:
            raise _error(answer["error"])
        return answer["result"]

    def meta(self) -> IndexMeta:
        """What the graph says of itself."""
        return IndexMeta(**self.ask("meta", {}))

    def meta_at_hand(self) -> None:
        """The server would have to be asked."""

    def query(
        self,
        cypher: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        max_rows: int | None = DEFAULT_MAX_ROWS,
    ) -> QueryResult:
        """Run one read-only statement; `$repo` is bound."""
        asked = {
            "cypher": cypher,
            "params": dict(params or {}),
            "timeout_s": timeout_s,
            "max_rows": max_rows,
        }
        found = self.ask("query", asked, timeout_s + SLACK_S)
        return QueryResult(
            columns=tuple(found["columns"]),
            rows=tuple(tuple(row) for row in found["rows"]),
            truncated=found["truncated"],
            seconds=found["seconds"],
            notes=tuple(found["notes"]),
        )

    def search_text(
        self, text: str, kinds: Sequence[NodeKind] = (), limit: int = 20
    ) -> list[TextHit]:
        """Full-text search, best first."""
        asked = {"text": text, "kinds": [kind.value for kind in kinds], "limit": limit}
        return [TextHit(**hit) for hit in self.ask("search_text", asked, 6 * SLACK_S)]

    def search_vector(
        self, vector: Sequence[float], kinds: Sequence[NodeKind] = (), limit: int = 20
    ) -> list[TextHit]:
        """Nodes by the cosine of their vectors, best first."""
        asked = {
            "vector": list(vector),
            "kinds": [kind.value for kind in kinds],
            "limit": limit,
        }
        return [TextHit(**hit) for hit in self.ask("search_vector", asked, 6 * SLACK_S)]

    def counts(self) -> GraphCounts:
        """Nodes by label and edges by type."""
        return GraphCounts(**self.ask("counts", {}))

    def close(self) -> None:
        """Hang up; calling it twice is allowed."""
        with suppress(OSError):
            self._file.close()
        self._connection.close()


def connect(index_dir: Path, repo: str) -> RemoteReader | None:
    """The server of an index folder; None when none is alive and answers."""
    try:
        file = index_dir / ADDRESS_FILE
        if file.stat().st_uid != os.getuid():
            return None
        address: dict[str, Any] = json.loads(file.read_text(encoding="ascii"))
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    except (OSError, ValueError):
        return None
    reader: RemoteReader | None = None
    with suppress(OSError, KeyError, TypeError, CodexGraphError):
        connection.settimeout(CONNECT_S)
        connection.connect(str(address["socket"]))
        reader = RemoteReader(repo, connection, str(address["token"]))
        if reader.ask("meta", {}, CONNECT_S)["repo"] == repo:
            return reader
    if reader is not None:
        reader.close()
    connection.close()
    return None


def _error(error: dict[str, Any]) -> CodexGraphError:
    """The error that the server met, of the class that it had there."""
    data: dict[str, Any] = error.get("data") or {}
    message = str(error["message"])
    found: Any = getattr(graphdb.errors, str(data.get("kind")), None)
    if found is graphdb.errors.AmbiguousNameError:
        return found(message, ())
    is_ours = isinstance(found, type) and issubclass(found, CodexGraphError)
    return found(message) if is_ours else CodexGraphError(message)
