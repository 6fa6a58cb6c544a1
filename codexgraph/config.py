"""Settings: what they are, where they come from, and which place wins.

Defaults < user file < repository file < `CODEXGRAPH_*` environment < flags. The surprising choice:
a password or key is no setting. It is read from the environment or a keyring when it is needed, and
a file that holds one is an error, because such files are committed.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codexgraph.readers import (
    MODEL_KEY_VARIABLE,
    PASSWORD_VARIABLE,
    ConfigError,
    is_on_this_machine,
    read_choice,
    read_count,
    read_flag,
    read_folder,
    read_number,
    read_patterns,
    read_positive,
    read_seconds,
    read_switch,
    read_text,
    read_uri,
    read_url,
)
from graphdb.store import DEFAULT_MAX_ROWS, DEFAULT_TIMEOUT_S

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

REPOSITORY_FILE = "codexgraph.toml"
INDEX_FOLDER = ".codexgraph"
ENVIRONMENT_PREFIX = "CODEXGRAPH_"
STORES = ("embedded", "neo4j")
MODEL_KINDS = ("openai", "local", "scripted")
_SECRET = re.compile(r"password|secret|token$|(?:^|[._])(?:api_?)?key$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of a run, for one repository.

    repo: its scope name in a store; by default the name of its folder. exclude: patterns as in a
    `.gitignore`. inherited_members: HAS_METHOD and HAS_FIELD reach inherited members.
    imported_members: CONTAINS reaches re-exported names. retrieval_embeddings: symbols get vectors,
    and retrieval asks them, too. model_*: as in
    `agent.models.settings.ModelSettings`; prices are US dollars for a million tokens, an empty kind
    follows from what else is set. origins: where each setting came from.
    """

    root: Path
    store: str = "embedded"
    index_dir: Path = Path(INDEX_FOLDER)
    repo: str = ""
    neo4j_uri: str = "bolt://127.0.0.1:7687"
    neo4j_user: str = "neo4j"
    neo4j_database: str = "neo4j"
    jobs: int = 0
    exclude: tuple[str, ...] = ()
    max_file_bytes: int = 5_000_000
    query_timeout_s: float = DEFAULT_TIMEOUT_S
    query_max_rows: int = DEFAULT_MAX_ROWS
    inherited_members: bool = True
    imported_members: bool = True
    retrieval_embeddings: bool = False
    model_kind: str = ""
    model_name: str = ""
    model_base_url: str = "https://api.openai.com/v1"
    model_timeout_s: float = 120.0
    model_temperature: float = 0.0
    model_price_in: float | None = None
    model_price_out: float | None = None
    model_context_tokens: int = 0
    model_path: Path | None = None
    model_tools: str = "auto"
    model_schema: str = "auto"
    model_infill: str = "auto"
    origins: Mapping[str, str] = field(default_factory=dict[str, str])


_READERS: dict[str, Callable[[object], Any]] = {
    "store": read_choice(*STORES),
    "index_dir": read_folder,
    "repo": read_text,
    "neo4j.uri": read_uri,
    "neo4j.user": read_text,
    "neo4j.database": read_text,
    "jobs": read_count,
    "exclude": read_patterns,
    "max_file_bytes": read_positive,
    "query.timeout_s": read_seconds,
    "query.max_rows": read_positive,
    "inherited_members": read_flag,
    "imported_members": read_flag,
    "retrieval.embeddings": read_flag,
    "model.kind": read_choice(*MODEL_KINDS),
    "model.name": read_text,
    "model.base_url": read_url,
    "model.timeout_s": read_seconds,
    "model.temperature": read_number,
    "model.price_in": read_number,
    "model.price_out": read_number,
    "model.context_tokens": read_positive,
    "model.path": read_folder,
    "model.tools": read_switch,
    "model.schema": read_switch,
    "model.infill": read_switch,
}
SETTINGS = tuple(_READERS)
_TABLES = frozenset(key.partition(".")[0] for key in SETTINGS if "." in key)


def load_config(
    root: Path,
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    user_file: Path | None = None,
) -> Config:
    """The settings that hold for the repository at `root`.

    Args:
        root: folder of the repository.
        flags: settings given on the command line, by key; None values are left out.
        environment: by default that of the process.
        user_file: by default `codexgraph.toml` in the user's configuration folder.

    Raises:
        ConfigError: naming the file and line, variable or flag.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    layers = [
        _read_file(user_file or user_config_file(), ""),
        *_repository_layers(root),
        _read_environment(environment),
        _read_flags(flags or {}),
    ]
    for layer in layers:
        for key, (value, origin) in layer.items():
            values[key], origins[key] = value, origin
    return _assembled(root, values, origins)


def user_config_file() -> Path:
    """The file with the user's own settings, which need not exist."""
    from platformdirs import user_config_path

    return user_config_path("codexgraph") / REPOSITORY_FILE


def find_root(start: Path) -> Path:
    """The repository around a folder: the nearest one with an index or git's top; else itself."""
    start = start.resolve()
    if start.is_file():
        start = start.parent
    for place in (start, *start.parents):
        if (place / INDEX_FOLDER).is_dir() or (place / ".git").exists():
            return place
    return start


def setting_rows(config: Config) -> list[tuple[str, Any, str]]:
    """Every setting with its value and origin."""
    return [
        (key, getattr(config, _attribute(key)), config.origins.get(key, "default"))
        for key in SETTINGS
    ]


def _assembled(root: Path, values: Mapping[str, Any], origins: Mapping[str, str]) -> Config:
    known = {f.name for f in fields(Config)}
    given = {_attribute(key): value for key, value in values.items()}
    config = Config(root=root, origins=origins, **{k: v for k, v in given.items() if k in known})
    index_dir = config.index_dir if config.index_dir.is_absolute() else root / config.index_dir
    return replace(config, index_dir=index_dir, repo=config.repo or root.name or "repository")


def _attribute(key: str) -> str:
    return key.replace(".", "_")


def _repository_layers(root: Path) -> list[dict[str, tuple[Any, str]]]:
    """`[tool.codexgraph]` of pyproject.toml, then codexgraph.toml, which wins.

    Raises ConfigError for a model, and for a server elsewhere: who clones a repository must not
    have it choose who gets to read code, what a key pays for, or where a password is sent.
    """
    layers = [
        _read_file(root / "pyproject.toml", "tool.codexgraph"),
        _read_file(root / REPOSITORY_FILE, ""),
    ]
    for layer in layers:
        for key, (value, place) in layer.items():
            is_server = key == "neo4j.uri" and not is_on_this_machine(str(value))
            if is_server or key.startswith("model."):
                what = "where a password is sent" if is_server else "who reads its code"
                raise ConfigError(
                    f"{place}: {key} does not belong in a repository, which must not choose "
                    f"{what}: set it in {user_config_file()} or as {variable_name(key)}"
                )
    return layers


def _read_file(path: Path, table: str) -> dict[str, tuple[Any, str]]:
    try:
        text = path.read_bytes().decode("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    if table and "codexgraph" not in text:
        return {}
    try:
        data: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    for part in table.split(".") if table else ():
        data = data.get(part, {}) if isinstance(data, dict) else {}  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: [{table}] is not a table")
    found: dict[str, tuple[Any, str]] = {}
    flat = _flattened(data)  # pyright: ignore[reportUnknownArgumentType]
    for key, value in flat.items():
        place = f"{path}:{_line_of(text, table, key)}"
        found[key] = (_checked(key, value, place), place)
    return found


def _flattened(data: Mapping[str, Any]) -> dict[str, Any]:
    """Keys with dots for the known tables; anything else stays whole and is refused by name."""
    flat: dict[str, Any] = {}
    for key, value in data.items():
        if key in _TABLES and isinstance(value, dict):
            inner: Mapping[str, Any] = dict(value)  # pyright: ignore[reportUnknownArgumentType]
            flat |= {f"{key}.{name}": item for name, item in inner.items()}
        else:
            flat[key] = value
    return flat


def _line_of(text: str, table: str, key: str) -> int:
    """The line that sets a dotted key; TOML parsers do not tell."""
    wanted = [part for part in table.split(".") if part] + key.split(".")
    header: list[str] = []
    nearest = 1
    for number, line in enumerate(text.splitlines(), start=1):
        if match := re.match(r"\s*\[+([^\]]+)\]", line):
            header = _key_parts(match[1])
            if wanted[: len(header)] == header:
                nearest = number
        elif match := re.match(r"\s*([\w.\"'-]+(?:\s*\.\s*[\w\"'-]+)*)\s*=", line):
            parts = header + _key_parts(match[1])
            if parts == wanted:
                return number
            if wanted[: len(parts)] == parts:
                nearest = number
    return nearest


def _key_parts(text: str) -> list[str]:
    return [part.strip().strip("\"'") for part in text.split(".")]


def _read_environment(environment: Mapping[str, str]) -> dict[str, tuple[Any, str]]:
    found: dict[str, tuple[Any, str]] = {}
    for key in SETTINGS:
        name = variable_name(key)
        if environment.get(name):
            found[key] = (_checked(key, environment[name], name), f"environment {name}")
    return found


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """`CODEXGRAPH_*` variables that set nothing; other programs may own them, so no error."""
    environment = os.environ if environment is None else environment
    known = {variable_name(key) for key in SETTINGS} | {PASSWORD_VARIABLE, MODEL_KEY_VARIABLE}
    return sorted(n for n in environment if n.startswith(ENVIRONMENT_PREFIX) and n not in known)


def variable_name(key: str) -> str:
    """The environment variable of a setting."""
    return ENVIRONMENT_PREFIX + _attribute(key).upper()


def _read_flags(flags: Mapping[str, Any]) -> dict[str, tuple[Any, str]]:
    return {
        key: (_checked(key, value, f"--{key.replace('_', '-').replace('.', '-')}"), "flag")
        for key, value in flags.items()
        if value is not None
    }


def _checked(key: str, value: object, place: str) -> Any:
    if _SECRET.search(key):
        what = "key" if key.startswith("model") else "password"
        variable = MODEL_KEY_VARIABLE if what == "key" else PASSWORD_VARIABLE
        raise ConfigError(
            f"{place}: a {what} does not belong in a file: "
            f"set {variable} or store it in the keyring service codexgraph"
        )
    reader = _READERS.get(key)
    if reader is None:
        near = get_close_matches(key, SETTINGS, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else "known are " + ", ".join(SETTINGS)
        raise ConfigError(f"{place}: unknown setting {key!r}: {hint}")
    try:
        return reader(value)
    except ConfigError as error:
        raise ConfigError(f"{place}: {error}") from None
    except ValueError as error:
        raise ConfigError(f"{place}: {key} must be {error}, not {value!r}") from error
