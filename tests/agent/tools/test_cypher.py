"""Queries and templates through the tools, and why a query has no rows."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from agent.models.scripted import ScriptedModel
from agent.templates import FREQUENT
from agent.toolbox import Ports, open_toolbox
from agent.tools.diagnosis import diagnose, near_values
from agent.tools.pattern import take_apart, text_of
from agent.translate import Translator
from tests.agent.tools.conftest import Asker
from tests.contracts.hostile_queries import HARMLESS, HOSTILE

if TYPE_CHECKING:
    from agent.events import ToolAnswered
    from agent.messages import Reply, Request
    from graphdb.store import GraphReader


def texts(answer: ToolAnswered) -> list[str]:
    assert answer.result.error is None, answer.result.error
    return [item.text for item in answer.result.items]


def test_a_node_is_its_label_name_and_place(ask: Asker) -> None:
    found = ask("cypher", query="MATCH (c:CLASS) WHERE c.language = 'python' RETURN c")
    assert "CLASS library.media.Book  library/media.py:41" in texts(found)
    assert "class Book" not in found.text, "many rows show no code"


def test_few_rows_show_code(ask: Asker) -> None:
    found = ask("cypher", query="MATCH (m:METHOD {name: 'key', class: 'Medium'}) RETURN m")
    assert texts(found) == [
        "METHOD library.media.Medium.key  library/media.py:33\n"
        "def key(self) -> str:\n"
        '    """Its name in addresses."""\n'
        "    return slug(self.title)"
    ]
    item = found.result.items[0]
    assert (item.kind, item.line) == ("METHOD", 33)


def test_long_texts_are_folded_by_what_there_is_room_for(ask: Asker) -> None:
    query = "MATCH (f:FUNCTION) WHERE f.name = 'long_one' RETURN f.code"
    one = texts(ask("cypher", query=query))[0]
    assert one.endswith("more lines")
    assert len(one) > 1_500
    many = "UNWIND range(1, 20) AS i MATCH (f:FUNCTION {name: 'long_one'}) RETURN i, f.code"
    found = ask("cypher", query=many)
    assert len(found.result.items) == 20
    assert found.tokens <= 600
    assert "i: 20" in found.text, "all rows have a place"


def test_rows_are_paged(ask: Asker) -> None:
    query = "MATCH (n:CLASS) RETURN n.full_name AS name ORDER BY name"
    every = texts(ask("cypher", query=query))
    part = ask("cypher", query=query, limit=3, offset=2)
    assert texts(part) == every[2:5]
    assert (part.result.total, part.result.next) == (len(every), 5)
    past = ask("cypher", query=query, offset=999)
    assert past.result.notes == ("offset 999 is past the end",)


def test_other_values_are_short_json(ask: Asker) -> None:
    query = "RETURN 1 AS a, null AS b, [1, 'x'] AS c, {_labels: 3, k: {l: true}} AS d, 1.5 AS e"
    assert texts(ask("cypher", query=query)) == [
        "a: 1 | c: 1, x | d: {_labels: 3, k: {l: true}} | e: 1.5"
    ]


def test_errors_are_whole_and_have_hints(ask: Asker) -> None:
    found = ask("cypher", query="MATCH (c:CLASS RETURN c").result
    assert "CLASS RETURN c" in (found.error or "")
    hinted = ask("cypher", query="MATCH (c:CLAS)-[:INHERITES]->(b {nam: 'x'}) RETURN c").result
    notes = " ".join(hinted.notes)
    assert "did you mean CLASS?" in notes
    assert "did you mean INHERITS?" in notes
    assert "did you mean name?" in notes


@pytest.mark.parametrize("query", HOSTILE)
def test_no_write_and_no_file_is_let_through(ask: Asker, query: str) -> None:
    found = ask("cypher", query=query)
    assert found.result.error, found.text


@pytest.mark.parametrize("query", HARMLESS)
def test_questions_that_look_like_writes_are_answered(ask: Asker, query: str) -> None:
    assert ask("cypher", query=query).result.error is None


DIAGNOSES = [
    (
        "MATCH (c:CLASS {name: 'Boook'}) RETURN c",
        ["no CLASS has the name 'Boook': did you mean Book, Book2?"],
    ),
    (
        "MATCH (c:CLASS {name: 'library.media.Book'}) RETURN c",
        ["no CLASS has the name 'library.media.Book': did you mean Book?"],
    ),
    (
        "MATCH (m:MODULE)-[:HAS_METHOD]->(x:METHOD) RETURN x.name",
        ["though (m:MODULE) does", "HAS_METHOD leads from CLASS to METHOD"],
    ),
    (
        "MATCH (c:CLASS {name: 'Medium'})-[:INHERITS]->(b:CLASS) RETURN b",
        ["in the other direction it does: (c:CLASS {name:'Medium'})<-[:INHERITS]-(b:CLASS)"],
    ),
    (
        "MATCH (c:CLASS)-[:HAS_METHOD]->(m:METHOD) WHERE c.name = 'Book' AND m.name = 'ky' "
        "AND m.file_path CONTAINS 'media' RETURN m",
        ["without this condition there are rows: m.name = 'ky'", "did you mean key?"],
    ),
    (
        "MATCH (c:CLASS) WHERE c.name = 'BOOK' AND c.language = 'cobol' RETURN c",
        ["nothing meets c.name = 'BOOK'", "did you mean Book?", "nothing meets c.language"],
    ),
    (
        "MATCH (m:MODULE {name: 'media'}) MATCH (m)-[:CONTAINS]->(c:CLASS) RETURN c",
        ["no MODULE has the name 'media': did you mean library.media?"],
    ),
    (
        "MATCH p = (a:CLASS {name: 'Book'})-[:INHERITS*1..3]->(b:CLASS {name: 'Medum'}) RETURN p",
        ["no CLASS has the name 'Medum': did you mean Medium?"],
    ),
]


@pytest.mark.parametrize(("query", "told"), DIAGNOSES)
def test_an_empty_answer_says_what_matched_nothing(ask: Asker, query: str, told: list[str]) -> None:
    found = ask("cypher", query=query).result
    assert found.items == ()
    for part in told:
        assert any(part in note for note in found.notes), found.notes


@pytest.mark.parametrize(
    "query",
    [
        "MATCH (c:CLASS) OPTIONAL MATCH (c)-[:X]->(d) WITH d WHERE d.name = 'x' RETURN d",
        "UNWIND [] AS x RETURN x",
        "MATCH (c:CLASS {name: 'x'}) RETURN c UNION MATCH (c:CLASS {name: 'y'}) RETURN c",
        "MATCH (a), (b), p = shortestPath((a)-[*..3]->(b)) WHERE a.name = 'q' RETURN p",
        "MATCH (c:CLASS) WHERE EXISTS { MATCH (c)-[:CALLS]->() } AND c.name = 'z' RETURN c",
        "MATCH (c) WHERE c.match = 1 RETURN c",
        "RETURN",
        "",
    ],
)
def test_nothing_is_said_of_a_query_that_is_not_simple(reader: GraphReader, query: str) -> None:
    assert diagnose(reader, query) == ()


def test_a_diagnosis_takes_no_longer_than_it_may(reader: GraphReader) -> None:
    names = ", ".join(f"(n{number})" for number in range(6))
    where = " AND ".join(f"n{number}.name = n{number + 1}.code" for number in range(5))
    started = time.monotonic()
    diagnose(reader, f"MATCH {names} WHERE {where} RETURN n0", seconds=0.3)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("query", HOSTILE)
def test_a_diagnosis_of_a_write_asks_nothing_that_writes(embedded: GraphReader, query: str) -> None:
    before = embedded.counts()
    diagnose(embedded, query)
    assert embedded.counts() == before


def test_patterns_are_taken_apart_and_put_together() -> None:
    parts = take_apart(
        "MATCH (a:`A b` {name: 'x, (y)'})<-[r:CALLS*1..2]-(b), (c) WHERE a.n = 1 AND "
        "(b.x IN ['AND', 2] OR NOT c.y) MATCH (c)--(d) RETURN a"
    )
    assert parts is not None
    assert [path.text() for path in parts.paths] == [
        "(a:`A b` {name:'x, (y)'})<-[r:CALLS*1..2]-(b)",
        "(c)",
        "(c)--(d)",
    ]
    assert [text_of(p) for p in parts.predicates] == [
        "a.n = 1",
        "(b.x IN ['AND',2] OR NOT c.y)",
    ]


def test_near_values() -> None:
    values = ["Book", "book", "library.media", "Bookshelf", "x/media.py"]
    assert near_values("BOOK", values) == ["Book", "book"]
    assert near_values("media", values) == ["library.media"]
    assert near_values("media.py", values) == ["x/media.py"]
    assert near_values("Bookshelv", values) == ["Bookshelf"]
    assert near_values("zzz", values) == []


def one(ask: Asker, template: str, *values: str) -> list[str]:
    found = ask("ask_template", template=template, values=list(values))
    assert found.result.error is None, found.result.error
    return [item.qname or item.text for item in found.result.items]


def test_the_frequent_questions(ask: Asker) -> None:
    assert one(ask, "callers", "slug") == ["library.media.Medium.key"]
    assert one(ask, "callees", "Medium.key") == ["library.tools.slug"]
    assert "library.shelves.Shelf.lend_all" in one(ask, "references", "Book")
    assert one(ask, "subclasses", "Medium") == [
        *("library.media.Book", "library.media.Record", "library.media.Sketch"),
        "tests.test_media.Book2",
    ]
    assert "library.media.Medium" in one(ask, "superclasses", "Book2")
    assert one(ask, "overrides", "Shape.area") == ["lib.Circle.area"]
    assert one(ask, "members", "Shelf") == [
        "library.shelves.Shelf.__init__",
        "library.shelves.Shelf.items",
        "library.shelves.Shelf.add",
        "library.shelves.Shelf.lend_all",
    ]
    assert one(ask, "contents", "library.tools") == ["library.tools.slug", "library.tools.long_one"]
    assert "library.media" in one(ask, "imports", "library.shelves")
    assert one(ask, "importers", "library.media.lend") == ["library.shelves", "tests.test_media"]
    assert one(ask, "tests", "lend") == ["tests.test_media.test_lend"]
    assert one(ask, "path", "Shelf.add", "slug") == [
        "library.shelves.Shelf.add, library.media.Medium.key, library.tools.slug"
    ]
    assert one(ask, "methods_named", "Book", "escri") == ["library.media.Book.describe"]
    assert "library.tools.long_one" in one(ask, "functions_named", "LONG")
    assert one(ask, "classes_named", "shel") == ["library.shelves.Shelf"]
    assert (
        "return slug(self.title)"
        in ask("ask_template", template="source", values=["Medium.key"]).text
    )
    assert "file: library/tools.py" in one(ask, "definition", "slug")[0]


def test_every_frequent_question_runs_on_what_it_does_not_fit(ask: Asker) -> None:
    for template in FREQUENT:
        for value in ("FIRST", "library.tools", "java.util.List"):
            values = [value] * len(template.parameters)
            found = ask("ask_template", template=template.name, values=values)
            assert found.result.error is None, (template.name, found.result.error)


@pytest.mark.parametrize(
    ("template", "values", "error"),
    [
        ("callers", ["a", "b"], "callers takes 1 values: callers(name): what calls"),
        ("path", "Shelf.add", "path takes 2 values: path(from, to)"),
        ("callers", ["slugg"], "no symbol is called 'slugg'"),
        ("callers", ["key"], "'key' fits 2 symbols"),
        ("nothing", ["key"], "must be one of definition, source"),
        ("callers", [""], "callers takes 1 values"),
    ],
)
def test_what_does_not_fit_a_template_is_told(
    ask: Asker, template: str, values: list[str] | str, error: str
) -> None:
    found = ask("ask_template", template=template, values=values)
    assert error in (found.result.error or "")


def test_values_are_bound_and_never_part_of_the_text(ask: Asker) -> None:
    before = "x' OR true RETURN n //"
    assert one(ask, "functions_named", before) == []
    assert one(ask, "functions_named", "}) DETACH DELETE n //") == []


def test_queries_that_answered_are_remembered_for_keeping(ask: Asker) -> None:
    good, empty = "MATCH (c:CLASS {name: 'Book'}) RETURN c", "MATCH (c:NOPE) RETURN c"
    ask("cypher", query=empty)
    ask("cypher", query=good)
    ask("cypher", query="nonsense")
    assert ask.toolbox.answered_queries == (good,)


def translating(reader: GraphReader, *replies: str) -> tuple[Asker, list[str]]:
    prompts: list[str] = []

    def told(request: Request, _: Reply) -> None:
        prompts.append(request.messages[-1].content)

    translator = Translator(ScriptedModel(replies), told)
    return Asker(open_toolbox(reader, Ports(translator=translator))), prompts


def test_a_question_in_words_is_translated(embedded: GraphReader) -> None:
    reply = "Here:\n```cypher\nMATCH (c:CLASS {name: 'Book'}) RETURN c.full_name\n```\nDone."
    ask, prompts = translating(embedded, reply)
    found = ask("cypher", question="Which class is the book?")
    assert texts(found) == ["library.media.Book"]
    assert found.result.notes == ("asked as: MATCH (c:CLASS {name: 'Book'}) RETURN c.full_name",)
    assert prompts == ["Question: Which class is the book?"]
    assert len(ask.toolbox.answered_queries) == 1


def test_a_translation_is_tried_again_with_the_whole_error(embedded: GraphReader) -> None:
    ask, prompts = translating(
        embedded,
        "I cannot.",
        "```\nMATCH (c:CLASS RETURN c\n```",
        "MATCH (c:CLASS {name: 'Book'}) RETURN c.name\n\nThat is it.",
    )
    assert texts(ask("cypher", question="the book")) == ["Book"]
    assert prompts[1].startswith("the reply has no Cypher query")
    assert "The query failed: " in prompts[2]
    assert "CLASS RETURN c" in prompts[2]


def test_an_empty_answer_is_explained_to_the_translator(embedded: GraphReader) -> None:
    wrong = "MATCH (c:CLASS {name: 'Boook'}) RETURN c"
    ask, prompts = translating(embedded, wrong, '{"cypher": "MATCH (c:CLASS) RETURN count(c)"}')
    assert ask("cypher", question="the book").result.items
    assert "did you mean Book" in prompts[1]


def test_translations_end(embedded: GraphReader) -> None:
    ask, prompts = translating(embedded, *["MATCH (c:CLASS SET c.x = 1"] * 5)
    found = ask("cypher", question="break it")
    assert len(prompts) == 3
    assert found.result.error
    assert found.result.notes == ("asked as: MATCH (c:CLASS SET c.x = 1",)
    silent, _ = translating(embedded)
    assert silent("cypher", question="x").result.error


def test_without_a_model_there_are_no_questions_in_words(ask: Asker) -> None:
    assert "no argument 'question'" in (ask("cypher", question="x").result.error or "")
