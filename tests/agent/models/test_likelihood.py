"""The log-likelihood of a text under a real small model, held against the whole distribution."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from agent.models.likelihood import Scorer, open_scorer
from agent.models.llama_server import LlamaServer, Weights
from agent.models.settings import Kind, ModelSettings
from graphdb.errors import ModelRefusedError, ModelUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.model

CODE = "def add(a, b):\n    return a +"


@pytest.fixture(scope="module")
def server(gguf: Path) -> Iterator[LlamaServer]:
    server = LlamaServer(Weights(gguf, "small", 512))
    yield server
    server.close()


@pytest.fixture(scope="module")
def scorer(server: LlamaServer) -> Scorer:
    return Scorer(server)


def test_it_is_that_of_the_whole_distribution(scorer: Scorer, server: LlamaServer) -> None:
    continuation = " b\n\nprint(add"
    scored = scorer.mean_log_likelihood(CODE, continuation)
    before, after = scorer.tokens(CODE), scorer.tokens(continuation, is_start=False)
    logs: list[float] = []
    for number, token in enumerate(after):
        body = {"prompt": before + after[:number], "n_predict": 1, "n_probs": 100_000}
        (step,) = server.ask("/completion", body | {"cache_prompt": False})[
            "completion_probabilities"
        ]
        everything = {entry["id"]: entry["logprob"] for entry in step["top_logprobs"]}
        assert sum(map(math.exp, everything.values())) == pytest.approx(1.0, abs=1e-3)
        logs.append(everything[token])
    assert scored.tokens == len(after)
    assert scored.mean == pytest.approx(sum(logs) / len(logs), abs=1e-3)


def test_what_is_likelier_scores_higher(scorer: Scorer) -> None:
    def mean(continuation: str) -> float:
        return scorer.mean_log_likelihood(CODE, continuation).mean

    assert mean(" b\n") > mean(" c\n") > mean(" Ottawa\n")


def test_it_repeats_itself(scorer: Scorer) -> None:
    prefix = "".join(f"def add_{number}(a, b):\n    return a + b\n\n" for number in range(15))
    first = scorer.mean_log_likelihood(prefix, "def sub(a, b):")
    scorer.mean_log_likelihood(prefix[:200], "something in between")
    scorer.mean_log_likelihood(prefix + "def", " sub(a, b):")
    assert scorer.mean_log_likelihood(prefix, "def sub(a, b):") == first


def test_characters_of_many_bytes(scorer: Scorer) -> None:
    scored = scorer.mean_log_likelihood(CODE, " '日本 😀 naïve'")
    assert scored.tokens > 8
    assert math.isfinite(scored.mean)
    assert scored.mean < -1


def test_special_tokens_in_a_text_are_text(scorer: Scorer) -> None:
    assert len(scorer.tokens("<|im_end|>", is_start=False)) > 1


def test_a_token_that_spans_both_is_scored(scorer: Scorer) -> None:
    apart = scorer.tokens("retur"), scorer.tokens("n a", is_start=False)
    scored = scorer.mean_log_likelihood("    retur", "n a")
    together = scorer.tokens("    return a")
    assert len(together) < len(scorer.tokens("    ")) + len(apart[0]) + len(apart[1])
    assert scored.tokens == 2


def test_tokens_are_text_again(scorer: Scorer) -> None:
    assert scorer.text(scorer.tokens(CODE, is_start=False)) == CODE


def test_a_scorer_of_its_own(gguf: Path) -> None:
    with open_scorer(ModelSettings(Kind.LOCAL, path=gguf, context_tokens=256)) as scorer:
        assert scorer.mean_log_likelihood(CODE, " b").tokens == 1
    with (
        pytest.raises(ModelUnavailableError, match=r"set model\.path"),
        open_scorer(ModelSettings(Kind.LOCAL)),
    ):
        pass


def test_what_cannot_be_scored(scorer: Scorer) -> None:
    with pytest.raises(ValueError, match="at least one token each"):
        scorer.mean_log_likelihood("a", "")
    with pytest.raises(ValueError, match="at least one token each"):
        scorer.mean_log_likelihood("", "a")
    with pytest.raises(ModelRefusedError, match=r"the model's context 512: shorten the prefix"):
        scorer.mean_log_likelihood("word " * 600, "a")
