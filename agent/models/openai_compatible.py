"""Models behind an endpoint that speaks OpenAI's protocol, wherever it runs.

The client's own retries are off: waits have to end with the time that the request has, and be seen
in the reply.
"""

from __future__ import annotations

import math
import random
import time
from typing import TYPE_CHECKING

from agent.messages import Finish, Reply, Usage
from agent.models.assembly import Assembly
from agent.models.client import open_client
from agent.models.counting import tokens_of_reply, tokens_of_request
from agent.models.dialect import Dialect
from agent.models.failures import CallFailedError, Failure, FailureKind, error_of
from agent.models.wire import call, events
from graphdb.errors import ModelRefusedError, ModelUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from openai import OpenAI

    from agent.messages import Request
    from agent.models.settings import ModelSettings

_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 20.0


def open_endpoint(settings: ModelSettings) -> OpenAICompatibleModel:
    """A model at an endpoint, which is not asked anything yet. Raises ModelUnavailableError."""
    if not settings.name:
        raise ModelUnavailableError(
            "no model is named: set model.name to one that the endpoint has"
        )
    return OpenAICompatibleModel(settings, open_client(settings))


class OpenAICompatibleModel:
    """The port `agent.model.Model` over HTTP. Threads may share it.

    clock, sleep: replaced by tests of waits; sleep must advance the clock.
    """

    def __init__(
        self,
        settings: ModelSettings,
        client: OpenAI,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = settings.name
        self._settings = settings
        self._client = client
        self._dialect = Dialect(settings)
        self._clock = clock
        self._sleep = sleep
        self._ratio = 1.0  # of tokens that the endpoint counts to those that we would
        self.capabilities = self._dialect.capabilities

    def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Reply:
        """Answer a request. A time-out or a break after the first words keeps them (`CUT`).

        Raises:
            ModelUnavailableError: in one line; its subclass says whether it is the key, the rate,
                the time, the address or the request.
        """
        if request.suffix is not None and not self.capabilities.infill:
            hint = 'set model.infill = "yes" if its endpoint does'
            raise ModelRefusedError(f"model {self.name} does not fill in the middle: {hint}")
        began = self._clock()
        allowed = min(request.timeout_s, self._settings.timeout_s)
        tries = waits = 0
        while True:
            tries += 1
            body = self._dialect.body(request)
            assembly = Assembly()
            left = allowed - (self._clock() - began)
            failure = self._receive(self._dialect.path(request), body, assembly, left, on_text)
            if failure is None or assembly.has_content:
                seconds = self._clock() - began
                return self._reply(request, assembly, failure, seconds, tries)
            is_learned = self._dialect.learns(body, failure)
            self.capabilities = self._dialect.capabilities
            if is_learned:
                continue
            waits += 1
            left = allowed - (self._clock() - began)
            wait = self._wait(failure, waits)
            if not failure.is_passing or waits >= self._settings.tries or wait >= left:
                raise error_of(failure, self._settings, allowed)
            self._sleep(wait)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _receive(
        self,
        path: str,
        body: dict[str, Any],
        assembly: Assembly,
        seconds: float,
        on_text: Callable[[str], None] | None,
    ) -> Failure | None:
        """One call, into an assembly; None when the reply came to its end."""
        stream = events(lambda: call(self._client, path, body, seconds), seconds)
        try:
            for event in stream:
                if (text := assembly.add(event)) and on_text is not None:
                    on_text(self._without_key(text))
                if assembly.is_full or assembly.is_circular:
                    return Failure(FailureKind.BROKEN, "the reply does not end")
        except CallFailedError as failed:
            return failed.failure
        finally:
            stream.close()
        if assembly.finish:
            return None
        return Failure(FailureKind.BROKEN, "the stream ended before the reply did")

    def _wait(self, failure: Failure, waits: int) -> float:
        """Seconds before the next try: what the endpoint asks for, else longer each time.

        The jitter keeps callers that failed together from coming back together.
        """
        if failure.retry_after is not None:
            return failure.retry_after
        longest = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** (waits - 1))
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - nobody gains by guessing it

    def _reply(
        self,
        request: Request,
        assembly: Assembly,
        failure: Failure | None,
        seconds: float,
        tries: int,
    ) -> Reply:
        return Reply(
            text=self._without_key(assembly.text),
            calls=assembly.calls,
            usage=self._usage(request, assembly),
            finish=assembly.ending if failure is None else Finish.CUT,
            seconds=seconds,
            tries=tries,
        )

    def _usage(self, request: Request, assembly: Assembly) -> Usage:
        prompt, completion = assembly.prompt_tokens, assembly.completion_tokens
        counted = prompt is None or completion is None
        if prompt is None or completion is None:
            prompt = math.ceil(tokens_of_request(request) * self._ratio)
            # Endpoints stream token by token, and to the limit at most.
            estimate = tokens_of_reply(assembly.text, assembly.calls)
            completion = max(len(assembly.pieces), min(request.max_tokens, estimate))
        else:
            self._ratio = max(self._ratio, prompt / max(1, tokens_of_request(request)))
        return Usage(prompt, completion, self._settings.cost(prompt, completion), counted)

    def _without_key(self, text: str) -> str:
        key = self._settings.key
        return key.hidden_in(text) if key is not None else text
