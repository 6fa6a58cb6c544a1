"""Counts tokens where nobody counted better: by characters, as budgets are counted elsewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from graphdb.retrieval.packing import tokens_of

if TYPE_CHECKING:
    from agent.messages import Request, ToolCall


def tokens_of_request(request: Request) -> int:
    """What the prompt of a request counts as, with the tools and the schema it brings."""
    texts = [message.content for message in request.messages]
    texts += [tool.name + tool.description + _written(tool.parameters) for tool in request.tools]
    if request.schema is not None:
        texts.append(_written(request.schema))
    return sum(map(tokens_of, texts)) + tokens_of(request.suffix or "")


def tokens_of_reply(text: str, calls: tuple[ToolCall, ...]) -> int:
    """What a reply counts as."""
    return tokens_of(text) + sum(tokens_of(c.name + _written(c.arguments)) for c in calls)


def _written(value: object) -> str:
    return json.dumps(value, default=dict)
