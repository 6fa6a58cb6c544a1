"""`cypher` and `ask_template`: questions straight to the graph, through the reader's gate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from agent.templates import FREQUENT, SOURCE, SYMBOL
from agent.tool import Item, Parameter, ToolResult
from agent.tools.code import OFFSET
from agent.tools.diagnosis import diagnose
from agent.tools.lookup import MAX_NAME, UnknownNameError, paged, symbols_called
from agent.tools.render import one_line
from agent.tools.rows import row_items

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.templates import Template
    from agent.translate import Translator
    from graphdb.store import GraphReader, QueryResult

TIMEOUT_S = 5.0
MAX_ROWS = 500
"""Rows that are fetched; what is shown of them is the page that was asked for."""

BUDGET = 600
LIMIT = Parameter("limit", "integer", "how many rows", default=50, maximum=200)
_MAX_QUERY = 4_000


@dataclass(frozen=True, slots=True)
class _Page:
    """Which rows are wanted."""

    offset: int
    limit: int


class Cypher:
    """Queries that a model writes, or that are written for it."""

    name = "cypher"
    budget = BUDGET

    def __init__(self, reader: GraphReader, translator: Translator | None = None) -> None:
        self._reader = reader
        self._translator = translator
        self.answered: list[str] = []
        """Queries that had rows, in their order."""
        query = Parameter("query", "string", "one read-only Cypher statement")
        if translator is None:
            self.description = "Run one read-only Cypher query on the graph of the code."
            self.parameters = (replace(query, is_required=True), LIMIT, OFFSET)
        else:
            self.description = (
                "Ask the graph of the code: give a question in words, for which Cypher is "
                "written, or a read-only Cypher query."
            )
            asked = Parameter("question", "string", "what to find, in words, with full names")
            self.parameters = (asked, query, LIMIT, OFFSET)

    def run(self, arguments: Mapping[str, Any]) -> ToolResult:
        """One item a row."""
        page = _Page(arguments["offset"], arguments["limit"])
        query = str(arguments["query"] or "").strip()
        question = str(arguments.get("question") or "").strip()
        if len(query) > _MAX_QUERY or len(question) > _MAX_QUERY:
            return ToolResult(error=f"at most {_MAX_QUERY} characters")
        if query:
            return self._answered(query, run_query(self._reader, query), page)
        if question and self._translator is not None:
            return self._translated(question, self._translator, page)
        return ToolResult(error="give a query" + (" or a question" if self._translator else ""))

    def _translated(self, question: str, translator: Translator, page: _Page) -> ToolResult:
        def run(cypher: str) -> QueryResult:
            return run_query(self._reader, cypher)

        def explain(cypher: str) -> tuple[str, ...]:
            return diagnose(self._reader, cypher)

        done = translator.translate(question, run, explain)
        note = f"asked as: {one_line(done.cypher)}" if done.cypher else ""
        if done.result is None:
            return ToolResult(error=done.error, notes=(note,) if note else ())
        result = self._answered(done.cypher, done.result, page)
        return replace(result, notes=(*result.notes, note))

    def _answered(self, query: str, result: QueryResult, page: _Page) -> ToolResult:
        if result.rows:
            self.answered.append(query)
            return _shown(result, page)
        return _shown(result, page, diagnose(self._reader, query))


class AskTemplate:
    """Queries by name."""

    name = "ask_template"
    budget = BUDGET

    def __init__(self, reader: GraphReader, kept: Sequence[Template] = ()) -> None:
        self._reader = reader
        self._templates = {template.name: template for template in (*FREQUENT, *kept)}
        usages = "; ".join(template.usage for template in self._templates.values())
        self.description = f"Answer a frequent question by its name. {usages}"
        self.parameters = (
            Parameter(
                "template", "string", "its name", is_required=True, choices=tuple(self._templates)
            ),
            Parameter("values", "strings", "what it is about, in order", is_required=True),
            LIMIT,
            OFFSET,
        )

    def run(self, arguments: Mapping[str, Any]) -> ToolResult:
        """One item a row."""
        template = self._templates[arguments["template"]]
        values = [str(value).strip() for value in arguments["values"]]
        if len(values) != len(template.parameters) or not all(
            0 < len(v) <= MAX_NAME for v in values
        ):
            return ToolResult(
                error=f"{template.name} takes {len(template.parameters)} values: {template.usage}"
            )
        bound: dict[str, Any] = {}
        try:
            for (name, kind), value in zip(template.parameters, values, strict=True):
                is_symbol = kind == SYMBOL
                found = symbols_called(self._reader, value) if is_symbol else ()
                bound[name] = [symbol.uid for symbol in found] if is_symbol else value
        except UnknownNameError as error:
            return error.result
        page = _Page(arguments["offset"], arguments["limit"])
        result = run_query(self._reader, template.cypher, bound)
        is_named = any(kind == SYMBOL for _, kind in template.parameters)
        doubt = not result.rows and not is_named
        causes = diagnose(self._reader, template.cypher, bound) if doubt else ()
        return _shown(result, page, causes, has_code=template.name == SOURCE)


def run_query(
    reader: GraphReader, cypher: str, params: Mapping[str, Any] | None = None
) -> QueryResult:
    """The first rows of a query. Raises QueryError with the store's whole words."""
    return reader.query(cypher, params, timeout_s=TIMEOUT_S, max_rows=MAX_ROWS)


def _shown(
    result: QueryResult, page: _Page, causes: Sequence[str] = (), *, has_code: bool = True
) -> ToolResult:
    part = replace(result, rows=result.rows[page.offset : page.offset + max(1, page.limit)])
    notes = [*result.notes, *causes]
    if result.truncated:
        notes.append(f"there are more than {MAX_ROWS} rows: narrow the query")
    shown = paged([Item("")] * len(result.rows), page.offset, max(1, page.limit), notes)
    return replace(shown, items=tuple(row_items(part, BUDGET, has_code=has_code)))
