"""What can be wrong with an installation, and what to do about each.

A check is data and never raises; only what would make the product fail is red, the rest is a
warning.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from graphdb.errors import CodexGraphError, NoIndexError

if TYPE_CHECKING:
    from codexgraph.config import Config

_PACKAGES = (
    "codexgraph",
    "kglite",
    "neo4j",
    "tree-sitter",
    "tree-sitter-python",
    "tree-sitter-java",
    "typeshed-client",
    "typer",
    "openai",
)
_LOW_DISK_BYTES = 500_000_000
_FEW_WATCHES = 65_536
_WATCHES_FILE = Path("/proc/sys/fs/inotify/max_user_watches")


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Check:
    """One row: what was looked at, what was found, and what to do when it is not right."""

    name: str
    state: State
    detail: str
    fix: str = ""


def examine(config: Config) -> list[Check]:
    """All checks, in the order in which a person would repair them."""
    checks = [
        _python(),
        _packages(),
        _grammars(),
        _git(),
        _index_folder(config),
        _disk_space(config),
        _store(config),
        _password(config),
        _model(config),
        _sandbox(),
        _watches(),
        _variables(),
    ]
    return [check for check in checks if check is not None]


def _python() -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Check("python", State.OK, f"{version} at {sys.executable}")


def _packages() -> Check:
    found: list[str] = []
    missing: list[str] = []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    # Run from a checkout, the program itself is no installed package.
    missing = [name for name in missing if name != "codexgraph"]
    if missing:
        fix = "install codexgraph again: pip install --force-reinstall codexgraph"
        return Check("packages", State.BROKEN, "missing: " + ", ".join(missing), fix)
    return Check("packages", State.OK, ", ".join(found))


def _grammars() -> Check:
    from codexgraph.wiring import load_grammars

    try:
        loaded = load_grammars()
    except Exception as error:  # noqa: BLE001 - whatever a native library raises is the finding
        fix = "install codexgraph again: its tree-sitter wheels do not load"
        return Check("grammars", State.BROKEN, str(error), fix)
    return Check("grammars", State.OK, ", ".join(loaded))


def _git() -> Check:
    try:
        done = subprocess.run(["git", "--version"], capture_output=True, text=True, check=False)
    except OSError:
        fix = "install git; without it ignore rules and new files are not seen"
        return Check("git", State.WARNING, "not found", fix)
    return Check("git", State.OK, done.stdout.strip())


def _index_folder(config: Config) -> Check:
    folder = config.index_dir
    place = next(p for p in (folder, *folder.parents) if p.exists())
    try:
        with TemporaryFile(dir=place):
            pass
    except OSError as error:
        fix = "make it writable, or set index_dir to another folder"
        return Check("index folder", State.BROKEN, f"{place}: {error.strerror}", fix)
    return Check("index folder", State.OK, f"{folder} is writable")


def _disk_space(config: Config) -> Check:
    folder = config.index_dir
    place = next(p for p in (folder, *folder.parents) if p.exists())
    free = shutil.disk_usage(place).free
    detail = f"{free / 1e9:.1f} GB free at {place}"
    if free < _LOW_DISK_BYTES:
        fix = "free some space, or set index_dir to another disk"
        return Check("disk space", State.WARNING, detail, fix)
    return Check("disk space", State.OK, detail)


def _store(config: Config) -> Check:
    from codexgraph.wiring import open_graph

    name = f"store {config.store}"
    try:
        reader = open_graph(config)
        try:
            meta = reader.meta()
        finally:
            reader.close()
    except NoIndexError:
        return Check(name, State.OK, f"opens, no index of {config.repo} yet", "codexgraph index")
    except CodexGraphError as error:
        fix = "codexgraph index --full builds it anew"
        if config.store == "neo4j":
            fix = "start the server, or correct neo4j.uri, neo4j.user and the password"
        return Check(name, State.BROKEN, str(error), fix)
    return Check(name, State.OK, f"opens, {meta.files} files of {meta.repo}")


def _password(config: Config) -> Check | None:
    from codexgraph.config import PASSWORD_VARIABLE
    from codexgraph.wiring import neo4j_password

    if config.store != "neo4j":
        return None
    if neo4j_password(config) is None:
        fix = f"set {PASSWORD_VARIABLE}, or store it in the keyring service codexgraph"
        return Check("neo4j password", State.WARNING, "none found", fix)
    return Check("neo4j password", State.OK, "found")


def _model(config: Config) -> Check | None:
    """Everything but generation works without a model, so it is never red."""
    from codexgraph.wiring_models import is_model_configured, probe_model

    if not is_model_configured(config):
        return None
    try:
        return Check("model", State.OK, probe_model(config))
    except CodexGraphError as error:
        fix = "codexgraph config show --origin lists the settings model.*"
        return Check("model", State.WARNING, str(error), fix)


def _sandbox() -> Check:
    """What keeps code that a model wrote apart from this machine, by trying it."""
    from agent.sandbox.local import describe

    try:
        isolation = describe()
    except (CodexGraphError, OSError) as error:
        return Check("sandbox", State.WARNING, str(error), "set TMPDIR to a folder with space")
    apart = ", ".join(line.partition(":")[0] for line in isolation.apart)
    detail = f"{isolation.method}: {apart} apart; not: {'; '.join(isolation.open)}"
    if not isolation.is_closed:
        fix = "install bubblewrap; until then code is only run where that is accepted"
        return Check("sandbox", State.WARNING, detail, fix)
    return Check("sandbox", State.OK, detail)


def _watches() -> Check | None:
    try:
        limit = int(_WATCHES_FILE.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    if limit < _FEW_WATCHES:
        fix = f"sysctl fs.inotify.max_user_watches={_FEW_WATCHES}"
        return Check("file watches", State.WARNING, f"{limit} for each user", fix)
    return Check("file watches", State.OK, f"{limit} for each user")


def _variables() -> Check | None:
    from codexgraph.config import unknown_variables

    unknown = unknown_variables(os.environ)
    if not unknown:
        return None
    fix = "codexgraph config show lists the settings"
    return Check("environment", State.WARNING, "sets nothing: " + ", ".join(unknown), fix)
