"""The client for an endpoint, kept from telling one endpoint what is meant for another.

It reads a good deal from the environment by itself: keys, an organization, headers, proxies.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from agent.models.settings import is_openai
from graphdb.errors import ModelKeyError, ModelUnreachableError

if TYPE_CHECKING:
    from openai import OpenAI

    from agent.models.settings import ModelSettings

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_NO_KEY = "none"
"""What is sent to endpoints that want no key: the client insists on one."""


def open_client(settings: ModelSettings) -> OpenAI:
    """A client without retries of its own.

    Raises:
        ModelKeyError: the key cannot be sent in a header.
        ModelUnreachableError: the address or a proxy is none.
    """
    from openai import DefaultHttpxClient, OpenAI

    key = settings.key.reveal() if settings.key else _NO_KEY
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ModelKeyError("the model's key has characters that a key cannot have: set it anew")
    # What it logs there are whole headers, and a server may send a key back in one.
    logging.getLogger("httpcore2").setLevel(logging.WARNING)
    try:
        # No proxy leads to this machine.
        is_here = urlsplit(settings.base_url).hostname in _LOOPBACK
        client = OpenAI(
            api_key=key,
            base_url=settings.base_url,
            max_retries=0,
            default_headers={"Authorization": f"Bearer {key}"},
            http_client=DefaultHttpxClient(trust_env=False) if is_here else None,
        )
    except Exception as error:  # noqa: BLE001 - whatever it makes of an address or a proxy
        raise ModelUnreachableError(
            f"no connection can be made to {settings.base_url}: {error}; check model.base_url and "
            "the variables that name a proxy"
        ) from None
    if not is_openai(settings.base_url):
        client.organization = client.project = None
    return client
