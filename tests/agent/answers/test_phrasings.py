"""Every phrasing is read as the intent and the words that it means."""

from __future__ import annotations

import pytest

from agent.answers.intents import INTENTS, read
from agent.answers.phrases import tidy
from tests.agent.answers.phrasings import PHRASINGS, SEARCH


def understood(question: str) -> tuple[str, str]:
    found = read(question)
    if found is None:
        return SEARCH, ""
    intent, words = found
    kept = {hole: text for hole, text in words.items() if not hole.endswith(("_kind", "_like"))}
    order = sorted(kept.items(), key=lambda item: (item[0] != "what", item[0]))
    return intent.name, " ".join(f"{hole}={text}" for hole, text in order)


@pytest.mark.parametrize(("question", "intent", "words"), PHRASINGS, ids=lambda text: text)
def test_a_question_is_read_as_it_is_meant(question: str, intent: str, words: str) -> None:
    assert understood(question) == (intent, words)


def test_each_intent_reads_the_phrase_that_its_help_shows() -> None:
    for intent in INTENTS:
        for phrase in intent.help.split(", "):
            assert understood(phrase)[0] == intent.name, phrase


def test_each_intent_has_phrasings() -> None:
    assert {name for _, name, _ in PHRASINGS} == {intent.name for intent in INTENTS} | {SEARCH}


@pytest.mark.parametrize(
    "text",
    ["", "?", "   ", "`", "where is", "who calls ((((", "what is `", "a" * 5_000, "(" * 3_000],
)
def test_any_text_is_read_without_failing(text: str) -> None:
    understood(text)


def test_long_questions_are_read_quickly() -> None:
    """Patterns with several names must not try every way to share out the words."""
    import time

    start = time.process_time()
    understood("how do I get from " + "a in b of c from d " * 300)
    understood("what is the path from " + " ".join(["x"] * 1_500) + " to y")
    assert time.process_time() - start < 2


def test_politeness_says_nothing() -> None:
    assert tidy("Please could you show me all the callers of x, please?") == "the callers of x"
