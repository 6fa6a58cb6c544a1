"""A model from a GGUF file of the user's, served on this machine by llama.cpp.

It is spoken to over HTTP like any other endpoint, so that there is one way of asking, and a crash
of the engine is an error and not the end of this process.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.models.client import open_client
from agent.models.llama_server import open_server
from agent.models.openai_compatible import OpenAICompatibleModel
from agent.models.settings import Kind, Switch
from agent.models.values import mapping
from graphdb.errors import ModelUnavailableError, ModelUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.messages import Reply, Request
    from agent.models.llama_server import LlamaServer
    from agent.models.settings import ModelSettings


def open_local(settings: ModelSettings) -> LocalModel:
    """Load a model. Raises ModelUnavailableError."""
    server = open_server(settings)
    try:
        return LocalModel(settings, server)
    except BaseException:
        server.close()
        raise


class LocalModel(OpenAICompatibleModel):
    """The port `agent.model.Model` over a server of our own, which ends with `close`."""

    def __init__(self, settings: ModelSettings, server: LlamaServer) -> None:
        self.server = server
        served = replace(
            settings,
            kind=Kind.OPENAI,
            name=server.weights.name,
            context_tokens=server.context_tokens,
            base_url=server.base_url,
            key=server.key,
            tools=_tools(settings.tools, server),
            # Held to by a grammar, whatever the model.
            schema=Switch.YES if settings.schema is Switch.AUTO else settings.schema,
            # It takes a suffix and does not look at it.
            infill=Switch.NO,
        )
        super().__init__(served, open_client(served))

    def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Reply:
        """Answer a request. Raises ModelUnavailableError, also when the engine has crashed."""
        try:
            return super().complete(request, on_text)
        except ModelUnreachableError:
            if self.server.death is None:
                raise
            ended = f"local model {self.name} has ended: {self.server.death}"
            raise ModelUnavailableError(f"{ended}; try a smaller model.context_tokens") from None

    def close(self) -> None:
        """End the server."""
        super().close()
        self.server.close()


def _tools(wanted: Switch, server: LlamaServer) -> Switch:
    """Whether the model's chat template has tools; one without drops them in silence."""
    if wanted is not Switch.AUTO:
        return wanted
    has = mapping(server.ask("/props").get("chat_template_caps"))
    return Switch.YES if has.get("supports_tools") else Switch.NO
