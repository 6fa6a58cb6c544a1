"""CodexGraph's write-then-translate step: a question in words, a second call to write Cypher.

The second call sees the schema and the question, and nothing else: no code and no history, so that
no text of the repository can speak to it. A query that fails goes back with the whole error.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.messages import Message, Request, Role
from graphdb.errors import ModelUnavailableError, QueryError
from graphdb.schema_text import schema_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.messages import Reply
    from agent.model import Model
    from graphdb.store import QueryResult

    RunQuery = Callable[[str], QueryResult]
    Explain = Callable[[str], tuple[str, ...]]
    OnReply = Callable[[Request, Reply], None]

MAX_TRIES = 3
MAX_REPLY_TOKENS = 400
_TIMEOUT_S = 60.0

_ROLE = """You write Cypher queries for a read-only graph of a code base.
Reply with one query in a ```cypher block and nothing else.

{schema}

Rules:
- One statement: MATCH, WHERE, RETURN, at most with WITH, ORDER BY and LIMIT. Change nothing.
- Names in questions are often short: compare `name`, or `full_name ENDS WITH '.Class.method'`.
- Return whole nodes, unless the question asks for one property.
- Examples:
  methods of class Order: MATCH (c:CLASS {{name: 'Order'}})-[:HAS_METHOD]->(m:METHOD) RETURN m
  who calls parse: MATCH (f)-[:CALLS]->(g) WHERE g.name = 'parse' RETURN DISTINCT f
  subclasses of Base: MATCH (c:CLASS)-[:INHERITS*1..5]->(b:CLASS {{name: 'Base'}}) RETURN c"""
_FENCE = re.compile(r"```[ \t]*\w*\n?(.*?)(?:```|\Z)", re.DOTALL)
_START = re.compile(r"\b(?:OPTIONAL\s+MATCH|MATCH|RETURN|UNWIND|WITH|CALL)\b", re.IGNORECASE)
_SCHEMA = {
    "type": "object",
    "properties": {"cypher": {"type": "string"}},
    "required": ["cypher"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Translation:
    """The last query that was written, with its rows or why it has none."""

    cypher: str = ""
    result: QueryResult | None = None
    error: str = ""
    tries: int = 0


class Translator:
    """Asks a model for queries until one runs."""

    def __init__(self, model: Model, on_reply: OnReply | None = None) -> None:
        """`on_reply` is told of every call, on the thread that asks, so that it can be counted."""
        self._model = model
        self._on_reply = on_reply

    def translate(
        self, question: str, run: RunQuery, explain: Explain, tries: int = MAX_TRIES
    ) -> Translation:
        """A query for a question, tried again on errors and on empty results that are explained.

        Args:
            question: in words.
            run: runs a query; may raise QueryError.
            explain: why a query has no rows, as far as that is sure.
            tries: how many calls at most.
        """
        messages = [
            Message(Role.SYSTEM, _ROLE.format(schema=schema_text())),
            Message(Role.USER, f"Question: {question}"),
        ]
        best = Translation()
        for number in range(1, tries + 1):
            try:
                text = self._ask(tuple(messages))
            except ModelUnavailableError as error:
                return best if best.result is not None else Translation(error=str(error))
            cypher = written_query(text)
            best, feedback = _tried(cypher, run, explain, number)
            if feedback is None:
                return best
            messages = messages[:2]
            messages += [
                Message(Role.ASSISTANT, text[:2_000]),
                Message(Role.USER, f"{feedback}\nWrite a better query for: {question}"),
            ]
        return best

    def _ask(self, messages: tuple[Message, ...]) -> str:
        schema = _SCHEMA if self._model.capabilities.schema else None
        request = Request(messages, MAX_REPLY_TOKENS, schema=schema, timeout_s=_TIMEOUT_S)
        reply = self._model.complete(request)
        if self._on_reply is not None:
            self._on_reply(request, reply)
        return reply.text


def written_query(text: str) -> str:
    """The query in a reply: its JSON field, its code block or what begins like one; "" for none."""
    try:
        value: Any = json.loads(text)
        return str(value["cypher"]).strip()
    except (ValueError, RecursionError, TypeError, KeyError):
        pass
    fenced = _FENCE.search(text)
    found = fenced.group(1) if fenced else text
    start = _START.search(found)
    # Prose that follows a query without a fence is behind an empty line.
    return found[start.start() :].partition("\n\n")[0].strip() if start else ""


def _tried(
    cypher: str, run: RunQuery, explain: Explain, tries: int
) -> tuple[Translation, str | None]:
    """What became of a query, and what to tell its writer; None when it is good."""
    if not cypher:
        error = "the reply has no Cypher query"
        return Translation(error=error, tries=tries), f"{error}: give it in a ```cypher block."
    try:
        result = run(cypher)
    except QueryError as error:
        failed = Translation(cypher, error=str(error), tries=tries)
        return failed, f"The query failed: {error}"
    done = Translation(cypher, result, tries=tries)
    notes = (*result.notes, *explain(cypher)) if not result.rows else ()
    if not notes:
        return done, None
    return done, "The query has no rows:\n" + "\n".join(notes)
