"""What can go wrong with an endpoint: read from the client's exceptions, told to a person.

The client's exceptions carry the request, and the endpoint's words may carry the key it was sent.
Neither leaves this module: a failure is plain data, and an error is raised without a cause.
"""

from __future__ import annotations

import json
import math
import re
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from agent.models.settings import KEY_VARIABLE
from agent.models.values import mapping
from graphdb.errors import (
    ModelBusyError,
    ModelKeyError,
    ModelRefusedError,
    ModelTimeoutError,
    ModelUnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import openai

    from agent.models.settings import ModelSettings
    from graphdb.errors import ModelUnavailableError

_MAX_DETAIL = 240
_BUSY_STATUSES = (408, 409, 425, 429)
_TOO_LONG = re.compile(r"context[ _](?:length|size|window)|too long|too large", re.IGNORECASE)
_WINDOW = re.compile(r"context[ _](?:length|size|window)\D{0,20}(\d{3,8})", re.IGNORECASE)
_EMPTY_PURSE = ("insufficient_quota", "billing_not_active", "insufficient_balance")


class FailureKind(StrEnum):
    """What to do about it: the first three are worth another try."""

    BUSY = "busy"
    UNREACHABLE = "unreachable"
    BROKEN = "broken"
    TIMEOUT = "timeout"
    KEY = "key"
    REFUSED = "refused"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call gave no reply.

    kind: `foreign` is a server that is no endpoint. status: of HTTP, where there was an answer.
    detail: the server's own words. code, param: as OpenAI's errors have them. retry_after: seconds.
    """

    kind: FailureKind
    detail: str = ""
    status: int | None = None
    code: str = ""
    param: str = ""
    retry_after: float | None = None

    @property
    def is_passing(self) -> bool:
        """True when another try may help."""
        return self.kind in (FailureKind.BUSY, FailureKind.UNREACHABLE, FailureKind.BROKEN)


class CallFailedError(Exception):
    """A call that gave no reply, inside this package only."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


def failure_of(error: Exception) -> Failure:
    """What an exception of the client, or of reading what it read, comes to."""
    import openai

    if isinstance(error, CallFailedError):
        return error.failure
    if isinstance(error, openai.APIConnectionError):
        return _of_connection(error)
    if isinstance(error, openai.APIStatusError):
        after = _retry_after(error.response.headers, time.time())
        return _of_status(error.status_code, error.body, after)
    if isinstance(error, openai.APIError):
        return failure_in(error.body)
    return Failure(FailureKind.BROKEN, f"{type(error).__name__}: {error}")


def _of_connection(error: openai.APIConnectionError) -> Failure:
    import openai

    cause = error.__cause__
    name = type(cause).__name__
    if isinstance(error, openai.APITimeoutError) and name != "ConnectTimeout":
        return Failure(FailureKind.TIMEOUT)
    return Failure(FailureKind.UNREACHABLE, str(cause or "") or name)


def failure_in(body: object) -> Failure:
    """An error that came in the place of a reply, with HTTP's status 200."""
    status = _member(body, "code")
    if isinstance(status, int) and 400 <= status < 600:
        return _of_status(status, body, None)
    return Failure(FailureKind.BROKEN, _words(body), None, str(status or ""))


def _of_status(status: int, body: object, after: float | None) -> Failure:
    code = str(_member(body, "code") or _member(body, "type") or "")
    param = str(_member(body, "param") or "")
    return Failure(_kind_of(status, code), _words(body), status, code, param, after)


def _kind_of(status: int, code: str) -> FailureKind:
    if status in (401, 403):
        return FailureKind.KEY
    if code in _EMPTY_PURSE:
        return FailureKind.REFUSED
    if status in _BUSY_STATUSES or (status >= 500 and status != 501):
        return FailureKind.BUSY
    return FailureKind.REFUSED if status >= 400 else FailureKind.FOREIGN


def _member(body: object, name: str) -> object:
    """A member of an error, which some endpoints wrap once more."""
    fields = mapping(body)
    return (mapping(fields.get("error")) or fields).get(name)


def _words(body: object) -> str:
    """What an error's body says, whatever its shape."""
    said = _member(body, "message") or _member(body, "detail") or _member(body, "error") or body
    if isinstance(said, str):
        return said
    try:
        return json.dumps(said) if said else ""
    except RecursionError:
        return ""


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait, as RFC 9110 section 10.2.3 has it, or in milliseconds as OpenAI does."""
    for name, scale in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        value = headers.get(name, "")
        try:
            seconds = float(value) * scale
        except ValueError:
            continue
        return seconds if math.isfinite(seconds) and seconds >= 0 else None
    try:
        return max(0.0, parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def error_of(failure: Failure, settings: ModelSettings, timeout_s: float) -> ModelUnavailableError:
    """The error that a person sees. timeout_s: the time that the request had."""
    where = f"model {settings.name} at {settings.host}"
    detail = _one_line(failure.detail, settings)
    status = f" ({failure.status})" if failure.status else ""
    said = f"{status}: {detail}" if detail else status
    match failure.kind:
        case FailureKind.KEY if settings.key is None:
            return ModelKeyError(f"{where} wants a key{said}; set {KEY_VARIABLE}")
        case FailureKind.KEY:
            return ModelKeyError(f"{where} refused the key{said}; check {KEY_VARIABLE}")
        case FailureKind.BUSY:
            return ModelBusyError(f"{where} {_busy(failure)}{said}; try again later")
        case FailureKind.TIMEOUT:
            given = f"{where} sent nothing within {timeout_s:g} s{said}"
            return ModelTimeoutError(f"{given}; raise model.timeout_s or ask for less")
        case FailureKind.REFUSED if failure.status == 404:
            return ModelRefusedError(f"{where} not found{said}; check model.name and base_url")
        case FailureKind.REFUSED:
            return ModelRefusedError(f"{where} refused the request{said}{_window(failure)}")
        case FailureKind.FOREIGN:
            hint = "check model.base_url, which often ends in /v1"
            return ModelUnreachableError(f"{where} is no OpenAI endpoint{said}; {hint}")
        case FailureKind.BROKEN:
            hint = "try again, or check model.base_url"
            return ModelUnreachableError(f"{where} sent no reply that can be read{said}; {hint}")
        case FailureKind.UNREACHABLE:
            hint = "check model.base_url and that it runs"
            return ModelUnreachableError(f"{where} cannot be reached{said}; {hint}")


def _busy(failure: Failure) -> str:
    if failure.status != 429:
        return "fails"
    if failure.retry_after is None:
        return "limits the rate"
    return f"limits the rate and asks to wait {failure.retry_after:.3g} s"


def _window(failure: Failure) -> str:
    """What to set when a prompt was too long."""
    if not is_too_long(failure):
        return ""
    found = _WINDOW.search(failure.detail)
    return f"; set model.context_tokens to {found[1] if found else 'what the model has'}"


def is_too_long(failure: Failure) -> bool:
    """Whether a prompt did not fit into the model's window."""
    return _TOO_LONG.search(failure.detail) is not None


def _one_line(text: str, settings: ModelSettings) -> str:
    """Foreign words without the key, without control characters, and not too many."""
    if settings.key is not None:
        text = settings.key.hidden_in(text)
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _MAX_DETAIL else line[: _MAX_DETAIL - 3] + "..."
