"""A checked connection to a Neo4j server, and its errors in one line each.

The password passes through here once, into the driver; no message, log or repr holds it.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString, cast
from urllib.parse import urlsplit

from neo4j import GraphDatabase, NotificationMinimumSeverity
from neo4j.exceptions import (
    AuthError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    UnsupportedServerProduct,
)

from graphdb.errors import StoreError
from graphdb.gate import one_line

if TYPE_CHECKING:
    from collections.abc import Generator

    from neo4j import Driver, ManagedTransaction, Session, Transaction

    from graphdb.registry import StoreSettings

PASSWORD_VARIABLE = "CODEXGRAPH_NEO4J_PASSWORD"  # noqa: S105 - a variable's name
OLDEST_SERVER = (5, 0)
OUT_OF_MEMORY_CODES = frozenset(
    {
        "Neo.TransientError.General.MemoryPoolOutOfMemoryError",
        "Neo.TransientError.General.OutOfMemoryError",
        "Neo.TransientError.General.TransactionMemoryLimit",
    }
)
_SCHEMES = frozenset({"bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"})
_CONNECT_TIMEOUT_S = 5.0
_RETRY_TIME_S = 5.0
_IDLE_CHECK_S = 10.0


@dataclass(frozen=True, slots=True)
class Connection:
    """An open driver and where it leads; safe to share between threads."""

    driver: Driver
    uri: str
    user: str
    database: str

    def reading(self, fetch_size: int = 1000) -> Session:
        """A session whose transactions the server itself keeps from writing."""
        return self.driver.session(  # pyright: ignore[reportUnknownMemberType] - untyped options
            database=self.database, default_access_mode="READ", fetch_size=fetch_size
        )

    def writing(self) -> Session:
        """A session that may write."""
        return self.driver.session(  # pyright: ignore[reportUnknownMemberType] - untyped options
            database=self.database, default_access_mode="WRITE"
        )

    def run(self, cypher: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run one statement in a write transaction of its own, repeated on transient errors."""

        def work(transaction: ManagedTransaction) -> list[dict[str, Any]]:
            return rows(transaction, cypher, **parameters)

        with translated(self), self.writing() as session:
            return session.execute_write(work)

    def close(self) -> None:
        """Close all sockets."""
        self.driver.close()


def connect(settings: StoreSettings) -> Connection:
    """Open a driver and make sure that a usable server answers. Raises StoreError."""
    if not settings.password:
        raise StoreError(
            f"no password for user {settings.user} of Neo4j at {settings.uri}: set "
            f"{PASSWORD_VARIABLE}, or store it in the keyring as service codexgraph"
        )
    connection = Connection(
        _driver(settings), uri=settings.uri, user=settings.user, database=settings.database
    )
    try:
        with translated(connection):
            server = connection.driver.get_server_info()  # pyright: ignore[reportUnknownMemberType] - untyped options
            check_version(server.agent, settings.uri)
    except BaseException:
        connection.close()
        raise
    return connection


def check_version(agent: str, uri: str) -> None:
    """Raise StoreError unless an agent, such as `Neo4j/5.26.20`, is new enough."""
    _, _, version = agent.partition("/")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < OLDEST_SERVER:
        raise StoreError(
            f"the server at {uri} is {agent or 'unknown'}: codexgraph needs Neo4j 5.0 or newer "
            "(5.26 is what it is tested with)"
        )


@contextmanager
def translated(connection: Connection) -> Generator[None]:
    """Turn the driver's errors into a StoreError of one line."""
    try:
        yield
    except (Neo4jError, DriverError) as error:
        raise store_error(error, connection) from None


def store_error(error: Neo4jError | DriverError, connection: Connection) -> StoreError:
    """What an error of the driver or the server means, and what to do."""
    server = f"Neo4j at {connection.uri}"
    if isinstance(error, UnsupportedServerProduct):
        return StoreError(f"{server} speaks no protocol of Neo4j 5.0 or newer: upgrade the server")
    if isinstance(error, ServiceUnavailable | SessionExpired):
        return StoreError(
            f"{server} does not answer: start it, or correct the setting neo4j.uri; "
            "what was committed before is kept"
        )
    if isinstance(error, AuthError):
        return StoreError(_refused(error, server, connection.user))
    if isinstance(error, Neo4jError):
        return StoreError(_server_message(error, server, connection.database))
    return StoreError(f"{server} cannot be used: {one_line(str(error))}")


def literal(cypher: str) -> LiteralString:
    """A statement for the driver, whose types would only take literals of the source."""
    return cast("LiteralString", cypher)


def rows(
    transaction: Transaction | ManagedTransaction, cypher: str, **parameters: Any
) -> list[dict[str, Any]]:
    """Run a statement inside a transaction and fetch all its rows."""
    return transaction.run(literal(cypher), parameters).data()


def _driver(settings: StoreSettings) -> Driver:
    _check_address(settings.uri)
    _keep_driver_log_off_stderr()
    return GraphDatabase.driver(  # pyright: ignore[reportUnknownMemberType] - untyped options
        settings.uri,
        auth=(settings.user, settings.password or ""),
        connection_timeout=_CONNECT_TIMEOUT_S,
        connection_acquisition_timeout=_CONNECT_TIMEOUT_S,
        max_transaction_retry_time=_RETRY_TIME_S,
        # A pooled connection that a restarted server dropped is noticed before it is used.
        liveness_check_timeout=_IDLE_CHECK_S,
        warn_notification_severity=NotificationMinimumSeverity.OFF,
        user_agent="codexgraph",
        telemetry_disabled=True,
    )


def _check_address(uri: str) -> None:
    # The driver would take http:// too, with packages that are not there.
    try:
        parts = urlsplit(uri)
        usable = parts.scheme in _SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise StoreError(
            f"the setting neo4j.uri is no address of a Neo4j ({uri}): give one such as "
            "bolt://127.0.0.1:7687 or neo4j+s://host"
        )


def _keep_driver_log_off_stderr() -> None:
    """Without a handler, Python prints a library's warnings to stderr."""
    for name in ("neo4j", "neo4j.notifications"):
        log = logging.getLogger(name)
        if not any(isinstance(handler, logging.NullHandler) for handler in log.handlers):
            log.addHandler(logging.NullHandler())
    # What the server remarks about a query is told by the notes of the gate.
    logging.getLogger("neo4j.notifications").propagate = False


def _refused(error: AuthError, server: str, user: str) -> str:
    if error.code == "Neo.ClientError.Security.AuthenticationRateLimit":
        return f"{server} locked out user {user} after wrong passwords: wait a few seconds"
    if error.code in (
        "Neo.ClientError.Security.Forbidden",
        "Neo.ClientError.Security.CredentialsExpired",
    ):
        return f"{server} does not let user {user} do this: {one_line(error.message or '')}"
    return (
        f"{server} refused user {user}: correct the setting neo4j.user, and the password in "
        f"{PASSWORD_VARIABLE} or in the keyring (service codexgraph)"
    )


def _server_message(error: Neo4jError, server: str, database: str) -> str:
    code = error.code or ""
    if code == "Neo.ClientError.Database.DatabaseNotFound":
        return (
            f"{server} has no database {database}: create it, or correct the setting neo4j.database"
        )
    if code in OUT_OF_MEMORY_CODES:
        return (
            f"{server} has too little transaction memory for this write, the graph is as before: "
            "raise server.memory.heap.max_size or dbms.memory.transaction.total.max on the server"
        )
    return f"{server} failed: {one_line(error.message or code)} ({code})"
