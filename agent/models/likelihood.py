"""How likely a local model finds a given text: the measure behind perplexity.

llama.cpp's server gives no log-probabilities of a prompt. It does give that of each token which it
generates, from the raw logits, so each token of the text is forced by a bias on it, one request a
token, and the cache makes each of them one step of the model.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from agent.models.llama_server import open_server
from agent.models.values import items, mapping
from graphdb.errors import ModelRefusedError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from typing import Any

    from agent.models.llama_server import LlamaServer
    from agent.models.settings import ModelSettings

_FORCE = 1e4
"""Added to a logit, which is some tens at most. The reported probability is without it."""


class Likelihood(NamedTuple):
    """mean: natural logarithm of the probability, for each token. tokens: how many."""

    mean: float
    tokens: int


class Scorer:
    """Scores texts on a running server, whose model and context length it takes over."""

    def __init__(self, server: LlamaServer) -> None:
        self._server = server
        meta = mapping(next(iter(items(server.ask("/v1/models").get("data"))), None)).get("meta")
        self._vocabulary = int(mapping(meta).get("n_vocab", 0))
        self._plain = self.tokens("a", is_start=False)[0]

    def tokens(self, text: str, *, is_start: bool = True) -> list[int]:
        """A text as the model's tokens. is_start: with the token that opens every text, if any."""
        # What looks like a special token in a source file is text.
        body = {"content": text, "add_special": is_start, "parse_special": False}
        return [int(token) for token in items(self._server.ask("/tokenize", body).get("tokens"))]

    def text(self, tokens: Sequence[int]) -> str:
        """Tokens as text."""
        return str(self._server.ask("/detokenize", {"tokens": list(tokens)}).get("content", ""))

    def mean_log_likelihood(self, prefix: str, continuation: str) -> Likelihood:
        """How likely a continuation is after a prefix.

        Both are cut into tokens together. Where a token spans the two, it is scored with the
        continuation, so that the same end of a prefix always gives the same scored tokens. The
        prefix is always evaluated anew: what is kept of other prompts was computed in other
        batches, which moves the result by about a hundredth, more than some contexts do.

        Raises:
            ValueError: there is nothing before the first token, or none to score.
            ModelUnavailableError: the two are longer than the context, or the server has ended.
        """
        before, whole = self.tokens(prefix), self.tokens(prefix + continuation)
        start = _common(before, whole)
        if not start or start == len(whole):
            raise ValueError("a prefix and a continuation of at least one token each are needed")
        limit = self._server.weights.context_tokens
        if len(whole) >= limit:
            raise ModelRefusedError(
                f"prefix and continuation have {len(whole)} tokens, the model's context {limit}: "
                "shorten the prefix or raise model.context_tokens"
            )
        scores = [
            self._score(whole[:at], whole[at], is_new=at == start)
            for at in range(start, len(whole))
        ]
        return Likelihood(sum(scores) / len(scores), len(scores))

    def _score(self, before: list[int], token: int, *, is_new: bool) -> float:
        """The log-probability of one token after others. is_new: nothing kept is used."""
        generated = self._generate(before, token, 1, is_new=is_new)
        if generated.get("id") == token:
            return float(generated["logprob"])
        # Of a token that ends within a character nothing is told. It is looked up among all others,
        # which costs some megabytes of JSON and is rare.
        everything = self._generate(before, self._plain, self._vocabulary, is_new=is_new)
        ranked = items(everything.get("top_logprobs"))
        return next(float(other["logprob"]) for other in ranked if other.get("id") == token)

    def _generate(
        self, before: list[int], forced: int, shown: int, *, is_new: bool
    ) -> dict[str, Any]:
        body = {
            "prompt": before,
            "n_predict": 1,
            "n_probs": shown,
            "logit_bias": [[forced, _FORCE]],
            "samplers": [],
            "cache_prompt": not is_new,
            "response_fields": ["completion_probabilities"],
        }
        told = items(self._server.ask("/completion", body).get("completion_probabilities"))
        return dict(mapping(next(iter(told), None)))


@contextmanager
def open_scorer(settings: ModelSettings) -> Generator[Scorer]:
    """A scorer on a server of its own, for the GGUF file of a local model's settings.

    Raises:
        ModelUnavailableError: the file cannot be served, in one line that says what to do.
    """
    server = open_server(settings)
    try:
        yield Scorer(server)
    finally:
        server.close()


def _common(first: Sequence[int], second: Sequence[int]) -> int:
    """How many tokens two sequences begin with together."""
    pairs = zip(first, second, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))
