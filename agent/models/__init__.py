"""The language models that can be asked, by the kind of who serves them.

A kind is a line here: the function named is imported when a model of that kind is opened, so that
nothing loads a client that it does not use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from agent.models.settings import Kind

if TYPE_CHECKING:
    from agent.model import Model
    from agent.models.settings import ModelSettings

MODELS = {
    Kind.OPENAI: "agent.models.openai_compatible:open_endpoint",
    Kind.LOCAL: "agent.models.local:open_local",
    Kind.SCRIPTED: "agent.models.scripted:open_script",
}


def open_model(settings: ModelSettings) -> Model:
    """Open a model. Raises ModelUnavailableError in one line that says what to do."""
    module, _, function = MODELS[settings.kind].partition(":")
    return getattr(import_module(module), function)(settings)
