"""Starts real Neo4j servers for the tests, from jars that Maven copies once into a cache folder."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
import pytest

from graphdb.registry import StoreSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = Path(__file__).parent / "neo4j"
USER = "neo4j"
START_SECONDS = 180.0


@dataclass
class Neo4jServer:
    """One server with its own home folder, which outlives a `kill` and can be started again."""

    home: Path
    jars: Path
    port: int
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)
    process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return f"bolt://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    def settings(self, repo: str, index_dir: Path) -> StoreSettings:
        return StoreSettings(
            kind="neo4j",
            repo=repo,
            index_dir=index_dir,
            uri=self.uri,
            user=USER,
            password=self.password,
            database="neo4j",
        )

    def start(self) -> None:
        """Start the server and wait until it says that it is ready."""
        command = [
            "java",
            "-Xmx1g",
            # Starts and runs short tests in less processor time than the full compiler does.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            f"{self.jars}/*",
            str(SOURCES / "Neo4jServer.java"),
            str(self.home),
            str(self.port),
        ]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "NEO4J_TEST_PASSWORD": self.password},
            )
        deadline = time.monotonic() + START_SECONDS
        while b"\nready" not in b"\n" + self.log.read_bytes():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                text = self.log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"Neo4j did not start:\n{text}")
            time.sleep(0.2)

    def admin(self, arguments: list[str]) -> str:
        """Run neo4j-admin on the stopped server's files and give what it prints."""
        classes = f"{self.jars}/*"
        command = ["java", "-Xmx512m", "-cp", classes, "org.neo4j.cli.AdminTool", *arguments]
        (self.home / "conf").mkdir(exist_ok=True)
        places = {"NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self.home / "conf")}
        done = subprocess.run(
            command,
            env={**os.environ, **places},
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"neo4j-admin failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def kill(self) -> None:
        """End the server at once, as a crash does."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.communicate()


@contextmanager
def private_server(*, started: bool = True) -> Iterator[Neo4jServer]:
    """A server that belongs to one test, with an empty database."""
    jars = server_jars()
    home = Path(tempfile.mkdtemp(prefix="codexgraph-neo4j-"))
    server = Neo4jServer(home=home, jars=jars, port=_free_port())
    try:
        if started:
            server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(home, ignore_errors=True)


def external_settings(repo: str, index_dir: Path) -> StoreSettings | None:
    """A server that somebody provides, by CODEXGRAPH_TEST_NEO4J_URI, _USER and _PASSWORD."""
    uri = os.environ.get("CODEXGRAPH_TEST_NEO4J_URI")
    if not uri:
        return None
    return StoreSettings(
        kind="neo4j",
        repo=repo,
        index_dir=index_dir,
        uri=uri,
        user=os.environ.get("CODEXGRAPH_TEST_NEO4J_USER", USER),
        password=os.environ.get("CODEXGRAPH_TEST_NEO4J_PASSWORD"),
        database="neo4j",
    )


def server_jars() -> Path:
    """The folder with the jars of the pom; Maven copies them when they are not there."""
    pom = SOURCES / "pom.xml"
    folder = _cache() / f"neo4j-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    for tool, package in (("java", "a JDK, 17 or newer"), ("mvn", "Maven, 3.8 or newer")):
        if shutil.which(tool) is None and (tool == "java" or not folder.is_dir()):
            _unavailable(f"tests on Neo4j need {package} on the PATH, or a server named by "
                         "CODEXGRAPH_TEST_NEO4J_URI, _USER and _PASSWORD")  # fmt: skip
    if not folder.is_dir():
        _copy_jars(pom, folder)
    return folder


def _copy_jars(pom: Path, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Renamed when complete, so that an interrupted copy is never taken for a whole one.
    part = Path(tempfile.mkdtemp(prefix="part-", dir=folder.parent))
    command = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"]
    options = ["-DincludeScope=runtime", f"-DoutputDirectory={part}"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(part, ignore_errors=True)
        reason = (done.stdout + done.stderr).strip().splitlines()[:1]
        _unavailable(f"Maven could not copy the jars of Neo4j: {' '.join(reason)}")
    try:
        part.rename(folder)
    except OSError:
        # Another test run was faster.
        shutil.rmtree(part, ignore_errors=True)


def _unavailable(reason: str) -> None:
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(reason)
    pytest.skip(reason)


def _cache() -> Path:
    named = os.environ.get("CODEXGRAPH_TEST_CACHE")
    return Path(named) if named else platformdirs.user_cache_path("codexgraph-tests")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
