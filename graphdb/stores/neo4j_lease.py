"""One writer per repository, held by a lock in the database server itself.

The surprising choice: the lease is a transaction that stays open. It has created a node whose key
is unique and never commits it, so a second writer's attempt waits for that key, and the lease ends
by itself when this process, its connection or the server dies: no clock and no left-over lock.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, LiteralString
from uuid import uuid4

from neo4j.exceptions import DriverError, Neo4jError

from graphdb.errors import IndexLockedError
from graphdb.stores.cypher_writer import REPOSITORY_LABEL
from graphdb.stores.neo4j_connection import rows, store_error, translated
from graphdb.stores.neo4j_schema import LEASE

if TYPE_CHECKING:
    from neo4j import ManagedTransaction, Session, Transaction

    from graphdb.stores.neo4j_connection import Connection

_TIMED_OUT_CODES = frozenset(
    {
        "Neo.ClientError.Transaction.LockClientStopped",
        "Neo.ClientError.Transaction.TransactionTimedOut",
        "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration",
        "Neo.TransientError.Transaction.LockAcquisitionTimeout",
    }
)
# Long, because a server that has just started times out on less without any lock.
_WAIT_S = 4.0
_ATTEMPTS = 2
_CLAIM_MS = 5000

_HOLD: LiteralString = f"CREATE (l:{LEASE} {{repo: $repo}})"
# Between trying the lock and holding it lies a moment in which a third process must not try.
_CLAIM = f"""
MERGE (r:{REPOSITORY_LABEL} {{repo: $repo}}) SET r.writer_token = r.writer_token
WITH r WHERE coalesce(r.claimed_until, 0) < timestamp()
  AND ($previous IS NULL OR r.writer_token = $previous)
SET r.claimed_until = timestamp() + $claim_ms, r.writer = $writer, r.writer_token = $token
RETURN r.writer AS writer
"""
_DROP = f"MATCH (l:{LEASE} {{repo: $repo}}) DELETE l"
_CLAIMED = f"MATCH (r:{REPOSITORY_LABEL} {{repo: $repo}}) REMOVE r.claimed_until"
_METADATA_KEY = "codexgraph_lease"
_RUNNING = (
    "SHOW TRANSACTIONS YIELD metaData, database WHERE metaData[$key] = $repo "
    "AND database = $database RETURN metaData.writer AS writer"
)
_HOLDER = f"MATCH (r:{REPOSITORY_LABEL} {{repo: $repo}}) RETURN r.writer AS writer"
# The assignment takes the node's lock, so that nobody can take over before this commits.
_VERIFY = (
    f"MATCH (r:{REPOSITORY_LABEL} {{repo: $repo}}) SET r.writer_token = r.writer_token "
    "RETURN r.writer_token AS token"
)


class Lease:
    """The right to write one repository; taken by `acquire`, given back by `release`."""

    def __init__(self, connection: Connection, repo: str) -> None:
        self._connection = connection
        self._repo = repo
        self._token: str | None = None
        self._session: Session | None = None
        self._lock: Transaction | None = None

    def acquire(self) -> None:
        """Take the lease. Raises IndexLockedError when another process has it."""
        token = uuid4().hex
        self._claim(token)
        self._token = token
        with translated(self._connection):
            self._session = self._connection.writing()
            self._lock = self._session.begin_transaction(
                metadata={_METADATA_KEY: self._repo, "writer": _myself()}
            )
            self._lock.run(_HOLD, repo=self._repo).consume()
        self._connection.run(_CLAIMED, repo=self._repo)

    def ensure(self) -> None:
        """Take the lease again if the connection that held it broke and nobody else came since."""
        if self._lock is not None:
            with suppress(Neo4jError, DriverError):
                self._lock.run("RETURN 1").consume()
                return
        self.release()
        self.acquire()

    def verify(self, transaction: Transaction | ManagedTransaction) -> None:
        """Make sure inside a transaction that nobody took over. Raises IndexLockedError."""
        found = rows(transaction, _VERIFY, repo=self._repo)
        if not found or found[0]["token"] != self._token:
            raise IndexLockedError(
                f"another process took over writing repository {self._repo} in Neo4j at "
                f"{self._connection.uri}: run the command again"
            )

    def release(self) -> None:
        """Give the lease back; a connection that is already gone is no error."""
        session, self._session, self._lock = self._session, None, None
        if session is not None:
            with suppress(Neo4jError, DriverError):
                session.close()

    def _claim(self, token: str) -> None:
        parameters: dict[str, Any] = {
            "repo": self._repo,
            "token": token,
            "previous": self._token,
            "claim_ms": _CLAIM_MS,
            "writer": _myself(),
        }
        holder = self._running_holder()
        if holder is not None:
            raise self._locked(holder)
        claimed = False
        for _ in range(_ATTEMPTS):
            try:
                claimed = self._try_claim(parameters)
                break
            except (Neo4jError, DriverError) as error:
                if not isinstance(error, Neo4jError) or error.code not in _TIMED_OUT_CODES:
                    raise store_error(error, self._connection) from None
        if not claimed:
            raise self._locked(self._noted_holder())

    def _running_holder(self) -> str | None:
        """Who holds the lease, where the server shows this user the holder's transaction."""
        found = self._connection.run(
            _RUNNING, key=_METADATA_KEY, repo=self._repo, database=self._connection.database
        )
        return str(found[0]["writer"]) if found else None

    def _noted_holder(self) -> str:
        found = self._connection.run(_HOLDER, repo=self._repo)
        return str(found[0]["writer"] or "another process") if found else "another process"

    def _try_claim(self, parameters: dict[str, Any]) -> bool:
        with (
            self._connection.writing() as session,
            session.begin_transaction(timeout=_WAIT_S) as transaction,
        ):
            rows(transaction, _HOLD, **parameters)
            claimed = bool(rows(transaction, _CLAIM, **parameters))
            rows(transaction, _DROP, **parameters)
            transaction.commit()
            return claimed

    def _locked(self, holder: str) -> IndexLockedError:
        return IndexLockedError(
            f"repository {self._repo} in Neo4j at {self._connection.uri} is being written by "
            f"{holder}: wait for it to finish, or stop it"
        )


def _myself() -> str:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return f"process {os.getpid()} on {socket.gethostname()} since {now}"
