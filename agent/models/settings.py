"""What a model needs to be opened, and the key that goes with it.

The key is an object that shows itself to nobody but who asks for it: settings may be printed,
compared or written into a trace without a thought.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from pathlib import Path

OPENAI_URL = "https://api.openai.com/v1"
KEY_VARIABLE = "CODEXGRAPH_MODEL_KEY"
DEFAULT_TIMEOUT_S = 120.0
_MIN_SECRET = 4


def is_openai(base_url: str) -> bool:
    """Whether an address is OpenAI's own, to which alone its key may go."""
    address = urlsplit(base_url)
    host = address.hostname or ""
    return address.scheme == "https" and f".{host}".endswith(".api.openai.com")


class Kind(StrEnum):
    """Who serves a model."""

    OPENAI = "openai"
    LOCAL = "local"
    SCRIPTED = "scripted"


class Switch(StrEnum):
    """Whether to use what an endpoint may or may not have. auto: try it, and learn."""

    AUTO = "auto"
    YES = "yes"
    NO = "no"


class Secret:
    """A text that is not to be seen."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, to be sent and not to be kept."""
        return self._text

    def hidden_in(self, text: str) -> str:
        """A text without the secret, also where it stands in another case or percent-encoded."""
        if len(self._text) < _MIN_SECRET:
            return text
        forms = "|".join(re.escape(form) for form in {self._text, quote(self._text, safe="")})
        return re.sub(forms, "***", text, flags=re.IGNORECASE)

    def __repr__(self) -> str:
        return "***"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which model, where, and how it is asked.

    timeout_s, temperature: what callers put in their requests unless they know better. tries: calls
    of the endpoint for one reply at most. price_in, price_out: US dollars for a million tokens.
    context_tokens: what prompt and reply may have together, 0 for what the model has. path: the
    GGUF file of a local model, the script of a scripted one.
    """

    kind: Kind
    name: str = ""
    base_url: str = OPENAI_URL
    key: Secret | None = None
    timeout_s: float = DEFAULT_TIMEOUT_S
    temperature: float = 0.0
    tries: int = 4
    price_in: float | None = None
    price_out: float | None = None
    context_tokens: int = 0
    path: Path | None = None
    tools: Switch = Switch.AUTO
    schema: Switch = Switch.AUTO
    infill: Switch = Switch.AUTO

    @property
    def host(self) -> str:
        """The endpoint's host, with its port where the address has one."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """US dollars of one call, None where a price is not known."""
        if self.price_in is None or self.price_out is None:
            return None
        return (prompt_tokens * self.price_in + completion_tokens * self.price_out) / 1e6
