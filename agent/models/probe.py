"""Looks whether a model would answer, within seconds and without asking it anything.

A file is looked at and not loaded; an endpoint is asked for the list of its models, which costs
nothing, and which not every endpoint has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.models.failures import CallFailedError, Failure, FailureKind, error_of
from agent.models.settings import Kind
from agent.models.values import items, mapping
from agent.models.wire import events
from graphdb.errors import ModelRefusedError, ModelTimeoutError

if TYPE_CHECKING:
    from collections.abc import Generator

    from openai import OpenAI, RequestOptions

    from agent.models.settings import ModelSettings

PROBE_S = 5.0


def probe(settings: ModelSettings, seconds: float = PROBE_S) -> str:
    """What was found, in one line. Raises ModelUnavailableError."""
    match settings.kind:
        case Kind.LOCAL:
            from agent.models.llama_server import check_weights

            return f"{check_weights(settings.path)}, not loaded"
        case Kind.SCRIPTED:
            from agent.models.scripted import open_script

            return f"script of {len(open_script(settings).unused)} replies"
        case Kind.OPENAI:
            return _probe_endpoint(settings, seconds)


def _probe_endpoint(settings: ModelSettings, seconds: float) -> str:
    from agent.models.client import open_client

    client = open_client(settings)
    try:
        names = _names(client, seconds)
    except CallFailedError as failed:
        failure = failed.failure
        if failure.kind is FailureKind.REFUSED and failure.status in (404, 405, 501):
            return f"{settings.host} answers, and does not list its models"
        if failure.kind is FailureKind.TIMEOUT:
            late = f"{settings.host} sent nothing within {seconds:g} s; check that it runs"
            raise ModelTimeoutError(late) from None
        raise error_of(failure, settings, seconds) from None
    finally:
        client.close()
    if settings.name in names:
        return f"{settings.name} at {settings.host}"
    some = ", ".join(sorted(names)[:5]) or "none"
    raise ModelRefusedError(
        f"{settings.host} has no model {settings.name}: set model.name; it has {some}"
    )


def _names(client: OpenAI, seconds: float) -> set[str]:
    """The models that an endpoint lists, by the names they are asked with."""

    def listed() -> Generator[object]:
        options: RequestOptions = {"timeout": seconds, "follow_redirects": False}
        yield client.get("/models", cast_to=object, options=options)

    (answer,) = events(listed, seconds)
    if "data" not in mapping(answer):
        raise CallFailedError(Failure(FailureKind.FOREIGN, "it lists no models"))
    found = [mapping(entry).get("id") for entry in items(mapping(answer)["data"])]
    return {name for name in found if isinstance(name, str)}
