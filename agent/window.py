"""Fits a prompt into a model's context window: what is worth least is shortened first.

A window that nobody knows is not guessed: the endpoint's refusal then says what to set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agent.messages import Request

_ORDER = ("evidence", "context", "draft", "feedback", "reflection", "question")
_LEAST = 200
"""Characters of a part that are kept in any case."""


def fitted(
    make: Callable[[Mapping[str, str]], Request],
    parts: Mapping[str, str],
    excess: Callable[[Request], int],
) -> Request:
    """A request made of named parts, shortened until nothing of it is in excess.

    excess: characters that a request has too many. What cannot be shortened enough is left to
    whoever sends it to refuse.
    """
    request = make(parts)
    for name in _ORDER:
        over = excess(request)
        if over <= 0:
            return request
        if name in parts:
            parts = {**parts, name: shortened(parts[name], over)}
            request = make(parts)
    return request


def shortened(text: str, over: int) -> str:
    """A text without at least `over` characters of its middle, said in their place.

    Both ends are worth more: a question is at one of them, the newest answer at the other.
    """
    mark = f"\n[{len(text)} characters in all; the middle is left out]\n"
    room = max(_LEAST, len(text) - over - len(mark))
    if room >= len(text):
        return text
    return text[: room - room // 3] + mark + text[len(text) - room // 3 :]
