"""Prompts fit into the window of the model that they go to, or one line says what to set."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.budget import Budget
from agent.messages import Message, Request, Role, ToolSpec
from agent.metered import Metered
from agent.model import Capabilities
from agent.models.repetition import is_circular
from agent.models.scripted import ScriptedModel
from agent.replies import offered
from agent.task import Limits
from agent.window import fitted, shortened
from graphdb.errors import ModelRefusedError

if TYPE_CHECKING:
    from agent.events import Event

PARTS = {
    "question": "What? " * 50,
    "context": "def context(): ...\n" * 200,
    "evidence": "found it\n" * 200,
    "calls": "4",
}


def make(parts: dict[str, str]) -> Request:
    text = "".join(f"{name.upper()}\n{value}\n" for name, value in parts.items())
    return Request((Message(Role.USER, text),), 400)


def ignore(event: Event) -> None:
    """Nobody looks on."""


def metered(window: int) -> Metered:
    model = ScriptedModel(lambda _: "fine", capabilities=Capabilities(context_tokens=window))
    return Metered(model, Budget(Limits(tokens=100_000)), ignore)


@pytest.mark.parametrize("window", [1_024, 1_536, 2_048])
def test_a_prompt_is_shortened_until_it_fits_beside_its_reply(window: int) -> None:
    model = metered(window)
    assert model.excess(make(PARTS)) > 0
    request = fitted(make, PARTS, model.excess)  # type: ignore[arg-type]
    assert model.excess(request) <= 0
    text = request.messages[0].content
    assert "the middle is left out" in text
    assert PARTS["question"] in text
    assert model.complete(request).text == "fine"


def test_evidence_goes_first_and_what_fits_is_left_alone() -> None:
    text = fitted(make, PARTS, metered(2_200).excess).messages[0].content  # type: ignore[arg-type]
    assert PARTS["context"] in text
    assert PARTS["evidence"] not in text
    for window in (0, 8_192):
        assert fitted(make, PARTS, metered(window).excess) == make(PARTS)  # type: ignore[arg-type]


def test_a_prompt_that_cannot_fit_is_one_line() -> None:
    with pytest.raises(ModelRefusedError) as caught:
        metered(512).complete(make(PARTS))
    assert "does not fit into the 512 of model scripted: raise model.context_t" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_tools_are_lines_of_text_where_the_window_is_small() -> None:
    tool = ToolSpec("echo", "Says it again.", {"type": "object", "properties": {"text": {}}})
    for window, is_native in ((0, True), (2_048, False), (8_192, True)):
        can = Capabilities(tools=True, context_tokens=window)
        text, tools, _ = offered(can, "Which?", (tool,))
        assert bool(tools) is is_native
        assert ("echo(text?): Says it again." in text) is not is_native


def test_a_reply_may_not_overrun_the_window() -> None:
    model = metered(1_000)
    model.complete(replace(make({"question": "x" * 2_000}), max_tokens=5_000))
    asked = model._model.requests[0]  # type: ignore[attr-defined]
    assert 256 <= asked.max_tokens <= 1_000 - 2_000 / 3


@given(st.text(max_size=3_000), st.integers(1, 3_000))
def test_both_ends_of_a_text_are_kept(text: str, over: int) -> None:
    short = shortened(text, over)
    assert len(short) <= len(text)
    assert short[:100] == text[:100]
    assert short[-60:] == text[-60:]
    if len(text) - over > 300:
        assert len(short) <= len(text) - over


@given(st.text(min_size=1, max_size=160), st.text(max_size=500))
def test_a_piece_again_and_again_is_a_circle(piece: str, before: str) -> None:
    times = 800 // len(piece) + 1
    assert is_circular([before, *[piece] * times])
    assert is_circular([before + piece * times])
    assert not is_circular([f"{number}: {piece}\n" for number in range(1_000)])
    assert not is_circular([piece * 4])
    assert not is_circular([])
