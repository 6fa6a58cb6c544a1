"""Settings of language models: where they may come from, whose key goes where, what doctor says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import keyring
import pytest
from keyring.backend import KeyringBackend

from agent.models.scripted import ScriptedModel
from agent.models.settings import KEY_VARIABLE, OPENAI_URL, Kind, ModelSettings, Switch
from codexgraph.config import (
    MODEL_KINDS,
    SETTINGS,
    Config,
    ConfigError,
    load_config,
    unknown_variables,
)
from codexgraph.readers import MODEL_KEY_VARIABLE
from codexgraph.wiring_models import is_model_configured, model_settings, open_model_of
from graphdb.errors import ModelUnavailableError
from tests.agent.endpoint import Endpoint, fails, page
from tests.codexgraph.conftest import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.codexgraph.conftest import Repository


class MemoryKeyring(KeyringBackend):
    """A keyring of this test's own, so that nobody's real one is asked."""

    priority = 1  # type: ignore[assignment] # the base has a property

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryKeyring]:
    for name in ("CODEXGRAPH_MODEL_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    before, ring = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


def config_of(root: Path, **settings: object) -> Config:
    """Settings `model.*` as flags."""
    flags = {f"model.{name}": value for name, value in settings.items()}
    return load_config(root, flags, {}, root / "no-user-file.toml")


def key_of(settings: ModelSettings) -> str | None:
    return settings.key.reveal() if settings.key else None


def test_the_names_are_those_of_the_agent() -> None:
    assert tuple(Kind) == MODEL_KINDS
    assert KEY_VARIABLE == MODEL_KEY_VARIABLE
    assert Config.__dataclass_fields__["model_base_url"].default == OPENAI_URL
    default = ModelSettings(Kind.OPENAI)
    assert Config.__dataclass_fields__["model_timeout_s"].default == default.timeout_s


def test_without_a_model_the_error_says_how_to_set_one(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    assert not is_model_configured(config)
    with pytest.raises(ModelUnavailableError, match=r"set model\.name .*docs/models\.md") as caught:
        open_model_of(config)
    assert caught.value.exit_code == 5


def test_a_user_file_sets_everything(tmp_path: Path) -> None:
    user = tmp_path / "user.toml"
    user.write_text(
        '[model]\nname = "m"\nbase_url = "http://127.0.0.1:8080/v1/"\ntimeout_s = 7\n'
        "temperature = 0.5\nprice_in = 1\nprice_out = 2.5\ncontext_tokens = 4096\ntools = false\n"
        'schema = "yes"\ninfill = "auto"\n'
    )
    settings = model_settings(load_config(tmp_path, {}, {}, user))
    assert settings == ModelSettings(
        kind=Kind.OPENAI,
        name="m",
        base_url="http://127.0.0.1:8080/v1",
        timeout_s=7.0,
        temperature=0.5,
        price_in=1.0,
        price_out=2.5,
        context_tokens=4096,
        tools=Switch.NO,
        schema=Switch.YES,
    )


def test_variables_set_it_too(tmp_path: Path) -> None:
    environment = {"CODEXGRAPH_MODEL_NAME": "m", "CODEXGRAPH_MODEL_TEMPERATURE": "0.25"}
    config = load_config(tmp_path, {}, environment, tmp_path / "none.toml")
    settings = model_settings(config)
    assert (settings.name, settings.temperature) == ("m", 0.25)


@pytest.mark.parametrize(
    ("path", "kind"), [("m.gguf", Kind.LOCAL), ("M.GGUF", Kind.LOCAL), ("s.json", Kind.SCRIPTED)]
)
def test_the_kind_follows_from_the_file(tmp_path: Path, path: str, kind: Kind) -> None:
    settings = model_settings(config_of(tmp_path, path=path))
    assert (settings.kind, settings.path) == (kind, tmp_path / path)
    forced = model_settings(config_of(tmp_path, path="odd.bin", kind="local"))
    assert forced.kind is Kind.LOCAL


def test_an_address_given_for_a_command_is_asked_whatever_file_is_set(tmp_path: Path) -> None:
    user = tmp_path / "user.toml"
    user.write_text('[model]\npath = "m.gguf"\n')
    flags = {"model.name": "m", "model.base_url": "http://127.0.0.1:8080/v1"}
    settings = model_settings(load_config(tmp_path, flags, {}, user))
    assert (settings.kind, settings.path, settings.host) == (Kind.OPENAI, None, "127.0.0.1:8080")


def test_a_file_of_another_name_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailableError, match=r"ends in \.gguf .*; set model\.kind to local"):
        model_settings(config_of(tmp_path, path="weights.bin"))


def test_a_script_opens(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(json.dumps({"version": 1, "replies": ["hello"]}))
    assert isinstance(open_model_of(config_of(tmp_path, path="s.json")), ScriptedModel)


@pytest.mark.parametrize("file", ["codexgraph.toml", "pyproject.toml"])
@pytest.mark.parametrize("line", ['base_url = "https://evil.example/v1"', 'name = "dear"'])
def test_a_repository_does_not_choose_the_model(tmp_path: Path, file: str, line: str) -> None:
    table = "[tool.codexgraph.model]" if file == "pyproject.toml" else "[model]"
    (tmp_path / file).write_text(f"{table}\n{line}\n")
    with pytest.raises(ConfigError) as caught:
        config_of(tmp_path)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / file}:2: model.")
    assert "does not belong in a repository" in message
    assert "CODEXGRAPH_MODEL_" in message


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('key = "sk-1"', "a key does not belong in a file: set CODEXGRAPH_MODEL_KEY"),
        ('api_key = "sk-1"', "a key does not belong in a file"),
        ('base_url = "https://me:sk-1@host/v1"', "does not belong in model.base_url"),
        ('base_url = "https://host/v1?key=sk-1"', "does not belong in model.base_url"),
        ('base_url = "host:8080"', "model.base_url must be an address such as http"),
        ('base_url = "ftp://host"', "model.base_url must be an address such as http"),
        ('base_url = "http://host:99999/v1"', "model.base_url must be an address"),
        ('kind = "magic"', "model.kind must be one of openai, local, scripted"),
        ("temperature = -1", "model.temperature must be a number, 0 or more"),
        ("price_in = nan", "model.price_in must be a number, 0 or more"),
        ("timeout_s = 0", "model.timeout_s must be a number of seconds above 0"),
        ('tools = "maybe"', "model.tools must be one of auto, yes, no"),
        ("context_tokens = 0", "model.context_tokens must be a whole number, 1 or more"),
    ],
)
def test_a_wrong_setting_is_one_line(tmp_path: Path, line: str, words: str) -> None:
    user = tmp_path / "user.toml"
    user.write_text(f"[model]\n{line}\n")
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, {}, {}, user)
    message = str(caught.value)
    assert message.startswith(f"{user}:2: ")
    assert words in message
    assert "sk-1" not in message
    assert "\n" not in message


def test_whose_key_goes_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ring: MemoryKeyring
) -> None:
    openai = config_of(tmp_path, name="m")
    other = config_of(tmp_path, name="m", base_url="https://other.example:8443/v1")
    plain = config_of(tmp_path, name="m", base_url="http://api.openai.com/v1")
    assert key_of(model_settings(openai)) is None
    ring.set_password("codexgraph", "model:other.example:8443", "from-keyring")
    monkeypatch.setenv("OPENAI_API_KEY", "openais-own")
    assert key_of(model_settings(openai)) == "openais-own"
    assert key_of(model_settings(other)) == "from-keyring"
    assert key_of(model_settings(plain)) is None
    monkeypatch.setenv("CODEXGRAPH_MODEL_KEY", " meant-for-it\n")
    assert key_of(model_settings(openai)) == "meant-for-it"
    assert key_of(model_settings(other)) == "meant-for-it"
    local = config_of(tmp_path, path="m.gguf")
    assert key_of(model_settings(local)) is None


def test_the_key_is_a_known_variable() -> None:
    assert unknown_variables({"CODEXGRAPH_MODEL_KEY": "x", "CODEXGRAPH_MODEL_NAME": "m"}) == []


def model_row(repository: Repository, **environment: str) -> dict[str, Any] | None:
    outcome = repository.run("doctor", "--json", **environment)
    assert outcome.code == 0, outcome.err
    checks = outcome.value["result"]["checks"]
    return next((check for check in checks if check["name"] == "model"), None)


def test_doctor_has_no_row_without_a_model(repository: Repository) -> None:
    assert model_row(repository) is None


def test_doctor_looks_at_the_endpoint(repository: Repository) -> None:
    with Endpoint() as endpoint:
        at = {"CODEXGRAPH_MODEL_BASE_URL": endpoint.base_url, "CODEXGRAPH_MODEL_KEY": "sk-secret"}
        good = model_row(repository, CODEXGRAPH_MODEL_NAME="tiny", **at)
        assert good is not None
        assert good["state"] == "ok"
        assert good["detail"].startswith("tiny at 127.0.0.1:")
        wrong = model_row(repository, CODEXGRAPH_MODEL_NAME="huge", **at)
        assert wrong is not None
        assert wrong["state"] == "warning"
        assert "has no model huge: set model.name; it has tiny" in wrong["detail"]
        unnamed = model_row(repository, **at)
        assert unnamed is not None
        assert "it has tiny" in unnamed["detail"]
        assert {seen.method for seen in endpoint.requests} == {"GET"}
        assert endpoint.requests[0].key == "sk-secret"


@pytest.mark.parametrize(
    ("models", "state", "words"),
    [
        (fails(401, "no"), "warning", "wants a key (401): no; set CODEXGRAPH_MODEL_KEY"),
        (fails(404, "no"), "ok", "answers, and does not list its models"),
        (fails(500, "no"), "warning", "fails (500)"),
        (page(), "warning", "no OpenAI endpoint"),
    ],
)
def test_doctor_tells_what_the_endpoint_does(
    repository: Repository, models: Any, state: str, words: str
) -> None:
    with Endpoint() as endpoint:
        endpoint.models = models
        at = {"CODEXGRAPH_MODEL_BASE_URL": endpoint.base_url, "CODEXGRAPH_MODEL_NAME": "tiny"}
        row = model_row(repository, **at)
    assert row is not None
    assert (row["state"], words in row["detail"]) == (state, True), row


def test_doctor_looks_at_files(repository: Repository) -> None:
    row = model_row(repository, CODEXGRAPH_MODEL_PATH="none.gguf")
    assert row is not None
    assert "No such file" in row["detail"]
    (repository.root / "s.json").write_text('{"version": 1, "replies": ["a"]}')
    row = model_row(repository, CODEXGRAPH_MODEL_PATH="s.json")
    assert row is not None
    assert row["detail"] == "script of 1 replies"


def test_the_page_is_true(tmp_path: Path) -> None:
    page_text = (PROJECT / "docs/models.md").read_text()
    start = page_text.index('    {\n      "version"')
    example = page_text[start : page_text.index("\n    }\n", start) + len("\n    }\n")]
    (tmp_path / "s.json").write_text(example)
    model = open_model_of(config_of(tmp_path, path="s.json"))
    assert isinstance(model, ScriptedModel)
    assert len(model.unused) == 4
    table = page_text[page_text.index("## All settings") :]
    names = [key.removeprefix("model.") for key in SETTINGS if key.startswith("model.")]
    assert names
    assert [name for name in names if f"`{name}`" not in table] == []
