"""Connects settings with language models: which one, where, and with which key.

The key of OpenAI goes to OpenAI alone: another endpoint gets only a key that was meant for it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from codexgraph.readers import MODEL_KEY_VARIABLE
from codexgraph.wiring import keyring_entry
from graphdb.errors import ModelUnavailableError

if TYPE_CHECKING:
    from agent.model import Model
    from agent.models.settings import ModelSettings
    from codexgraph.config import Config

OPENAI_KEY_VARIABLE = "OPENAI_API_KEY"
_KINDS_BY_SUFFIX = {".gguf": "local", ".json": "scripted"}


def is_model_configured(config: Config) -> bool:
    """Whether a model is set, right or wrong."""
    from agent.models.settings import OPENAI_URL

    is_elsewhere = config.model_base_url != OPENAI_URL
    return bool(config.model_kind or config.model_name or config.model_path or is_elsewhere)


def open_model_of(config: Config) -> Model:
    """Open the model that is set. Raises ModelUnavailableError."""
    from agent.models import open_model

    return open_model(model_settings(config))


def probe_model(config: Config) -> str:
    """What a look at the model that is set finds. Raises ModelUnavailableError."""
    from agent.models.probe import probe

    return probe(model_settings(config))


def model_settings(config: Config) -> ModelSettings:
    """What a model needs to open; only here is its key read.

    Raises:
        ModelUnavailableError: none is set; says how to set one.
    """
    from dataclasses import replace

    from agent.models.settings import Kind, ModelSettings, Switch

    if not is_model_configured(config):
        raise ModelUnavailableError(
            "no language model is set: set model.name (OpenAI), model.base_url and model.name (any "
            "compatible endpoint) or model.path (a GGUF file); docs/models.md says how"
        )
    # An address given for one command is asked, whatever file is set for all.
    if config.origins.get("model.base_url") == "flag":
        config = replace(config, model_path=None, model_kind="openai")
    path = config.model_path
    suffix = path.suffix.lower() if path else ""
    kind = Kind(config.model_kind or _KINDS_BY_SUFFIX.get(suffix, "openai"))
    if path and kind is Kind.OPENAI and not config.model_kind:
        raise ModelUnavailableError(
            f"model.path {path}: a model's file ends in .gguf and a script in .json; set "
            "model.kind to local or scripted where it does not"
        )
    settings = ModelSettings(
        kind=kind,
        name=config.model_name,
        base_url=config.model_base_url,
        timeout_s=config.model_timeout_s,
        temperature=config.model_temperature,
        price_in=config.model_price_in,
        price_out=config.model_price_out,
        context_tokens=config.model_context_tokens,
        path=config.root / path if path else None,
        tools=Switch(config.model_tools),
        schema=Switch(config.model_schema),
        infill=Switch(config.model_infill),
    )
    return _with_key(settings) if kind is Kind.OPENAI else settings


def _with_key(settings: ModelSettings) -> ModelSettings:
    """From the environment, else from the keyring's entry for the endpoint's host."""
    from dataclasses import replace

    from agent.models.settings import Secret, is_openai

    key = os.environ.get(MODEL_KEY_VARIABLE)
    if not key and is_openai(settings.base_url):
        key = os.environ.get(OPENAI_KEY_VARIABLE)
    key = key or keyring_entry(f"model:{settings.host}")
    return replace(settings, key=Secret(key.strip())) if key and key.strip() else settings
