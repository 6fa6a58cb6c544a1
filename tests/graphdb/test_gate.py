"""The gate: what is refused, what is hinted, where a limit is added, how an answer is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphdb.cypher_scan import TokenKind, decode_escapes, scan, without_block_comments
from graphdb.errors import WriteRefusedError
from graphdb.gate import (
    budgeted,
    check_read_only,
    hints,
    limited,
    one_line,
    query_error,
    schema_vocabulary,
    search_terms,
)
from graphdb.store import QueryResult

VOCABULARY = schema_vocabulary()


def texts(cypher: str) -> list[str]:
    return [token.text for token in scan(cypher)]


@pytest.mark.parametrize(
    ("cypher", "kinds"),
    [
        ("'a\\'b'", [TokenKind.STRING]),
        ('"a\'b"', [TokenKind.STRING]),
        ("`a``b`", [TokenKind.QUOTED_NAME]),
        ("$name", [TokenKind.PARAMETER]),
        ("$`odd name`", [TokenKind.PARAMETER]),
        ("1.5e3", [TokenKind.NUMBER]),
        ("größe", [TokenKind.WORD]),
        ("// all of it", []),
        ("/* 'a' */", []),
        ("'never closed", [TokenKind.STRING]),
        ("/* never closed", []),
    ],
)
def test_tokens(cypher: str, kinds: list[TokenKind]) -> None:
    assert [token.kind for token in scan(cypher)] == kinds


def test_a_quoted_name_loses_its_backticks_only() -> None:
    assert texts("`a``b` `c`") == ["a`b", "c"]


def test_a_range_is_not_a_number_with_a_point() -> None:
    assert texts("*1..3") == ["*", "1", "..", "3"]


def test_brackets_tell_patterns_from_lists_and_maps() -> None:
    tokens = scan("(n {a: 1})-[r {b: [c]}]->() RETURN {d: e}")
    assert {
        t.text: t.brackets for t in tokens if t.kind is TokenKind.WORD and len(t.text) == 1
    } == {
        "n": "(",
        "a": "(p",
        "r": "r",
        "b": "rp",
        "c": "rp[",
        "d": "{",
        "e": "{",
    }


@given(st.text())
def test_scanning_never_fails_and_loses_no_word(text: str) -> None:
    assert all(token.text or token.kind is TokenKind.QUOTED_NAME for token in scan(text))
    assert len(without_block_comments(text)) == len(text)


def test_escapes_are_decoded() -> None:
    assert decode_escapes("\\u0043REATE \\uu0041 \\u00") == "CREATE A \\u00"


def test_block_comments_become_blanks() -> None:
    cypher = "MATCH (n) /* a\nb */ WHERE n.name = '/* no */' // /* x\nRETURN n"
    assert without_block_comments(cypher) == (
        "MATCH (n)     \n     WHERE n.name = '/* no */' // /* x\nRETURN n"
    )


@pytest.mark.parametrize(
    ("cypher", "reason"),
    [
        ("CREATE (n)", "CREATE would change the graph"),
        ("match (n) set n.x = 1", "SET would change the graph"),
        ("MATCH (n) REMOVE n:CLASS", "REMOVE would change the graph"),
        ("MATCH (n) DETACH DELETE n", "DETACH would change the graph"),
        ("FOREACH (x IN [1] | CREATE (n))", "FOREACH would change the graph"),
        ("\\u0043REATE (n)", "CREATE would change the graph"),
        ("LOAD CSV FROM 'x' AS l RETURN l", "LOAD CSV reads files, not the graph"),
        ("RETURN 1; RETURN 2", "give one statement at a time"),
        ("CALL dbms.shutdown()", "procedure dbms.shutdown is not available"),
        ("CALL { MATCH (n) RETURN n } IN TRANSACTIONS", "IN TRANSACTIONS is not available"),
        ("EXPLAIN DROP INDEX x", "DROP would change the graph"),
        ("USE system MATCH (n) RETURN n", "USE is not a query on the graph"),
    ],
)
def test_a_plain_write_is_refused_with_its_reason(cypher: str, reason: str) -> None:
    with pytest.raises(WriteRefusedError, match=r"^queries are read-only here: ") as caught:
        check_read_only(cypher)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "cypher",
    [
        "RETURN 'CREATE (n)'",
        "MATCH (n) RETURN n.set, n.delete",
        "MATCH (n {set: 1}) // DELETE n\nRETURN n",
        "RETURN {create: 1, merge: [2]} AS x ORDER BY x",
        "MATCH (create) WHERE create.name = 'x' RETURN create",
        "MATCH (n:SET|DELETE)-[:CREATE]->(m) RETURN n",
        "CALL (n) { RETURN 1 AS x } RETURN x",
        "CALL db.schema.visualization() YIELD nodes RETURN nodes",
        "CALL db.labels",
        "MATCH (n) WHERE n.x IN transactions RETURN n",
        "RETURN 1;;",
        "",
        ";",
    ],
)
def test_a_question_is_not_refused(cypher: str) -> None:
    check_read_only(cypher)


@pytest.mark.parametrize(
    ("cypher", "notes"),
    [
        ("MATCH (c:CLASS {name: 'x'})-[:INHERITS*1..3]->(b) RETURN b.name, labels(b)", ()),
        (
            "MATCH (a)-[:CALL|USAGE]->(b) RETURN b",
            (
                "relationship type CALL is not in the schema: did you mean CALLS?",
                "relationship type USAGE is not in the schema: did you mean USES?",
            ),
        ),
        (
            "MATCH (f:Function|METHODS) RETURN f",
            (
                "label Function is not in the schema: did you mean FUNCTION?",
                "label METHODS is not in the schema: did you mean METHOD?",
            ),
        ),
        (
            "MATCH (n {Name: 'x'}) WHERE n.file_pth = 'y' RETURN n {.docstrin}",
            (
                "property Name is not in the schema: did you mean name?",
                "property file_pth is not in the schema: did you mean file_path?",
                "property docstrin is not in the schema: did you mean docstring?",
            ),
        ),
        ("MATCH (n) RETURN n.zzzz", ("property zzzz is not in the schema",)),
        ("MATCH (n) WITH n.name AS title WITH {x: title} AS m RETURN m.x, m.title", ()),
        ("MATCH (n) WHERE 'Foo' IN labels(n) RETURN apoc.text.join([], ''), n.name = ':Bar'", ()),
        (
            "MATCH (n) WHERE n:KLASS RETURN [x IN [n] WHERE x:CLASS | x.name]",
            ("label KLASS is not in the schema: did you mean CLASS?",),
        ),
        ("CALL db.labels() YIELD label RETURN collect({label: label, n: 1})", ()),
        ("MATCH (r:REPOSITORY) RETURN r.generation", ()),
    ],
)
def test_hints(cypher: str, notes: tuple[str, ...]) -> None:
    assert hints(cypher, VOCABULARY) == notes


@pytest.mark.parametrize(
    "cypher",
    [
        "MATCH (n) RETURN n",
        "MATCH (n) RETURN n ORDER BY n.name SKIP 3",
        "MATCH (n) CALL { WITH n RETURN 1 AS x LIMIT 1 } RETURN n, x",
        "MATCH (n) WITH n RETURN n.return // at the end",
        "MATCH (n) RETURN 'LIMIT 5'",
    ],
)
def test_a_limit_is_added_on_a_line_of_its_own(cypher: str) -> None:
    assert limited(cypher, 7) == f"{cypher}\nLIMIT 7"


@pytest.mark.parametrize(
    "cypher",
    [
        "MATCH (n) RETURN n LIMIT 3",
        "MATCH (n) RETURN n limit $n",
        "MATCH (n) WITH n LIMIT 3 RETURN n",
        "RETURN 1 AS x UNION RETURN 2 AS x",
        "MATCH (n) RETURN n;",
        "EXPLAIN MATCH (n) RETURN n",
        "CALL db.labels()",
        "CALL { RETURN 1 AS x }",
        "",
        "RETURN 1 NEXT RETURN 2",
    ],
)
def test_in_doubt_no_limit_is_added(cypher: str) -> None:
    assert limited(cypher, 7) == cypher


def test_a_result_is_cut_to_its_budget() -> None:
    result = QueryResult(("x",), tuple((f"{n:010}",) for n in range(100)), notes=("one",))
    cut = budgeted(result, 100)
    assert [row for (row,) in cut.rows] == [f"{n:010}" for n in range(6)]
    assert cut.truncated
    assert cut.notes == (
        "one",
        "shown are 6 of 100 rows, cut at 100 characters: return fewer columns or add LIMIT",
    )
    assert budgeted(result, 10_000) is result


def test_search_terms_are_plain_words() -> None:
    assert search_terms('+Foo_bar:baz~2 AND "Größe 日本" (x*') == [
        *("foo", "bar", "baz", "2", "and", "größe", "日本", "x"),
    ]


def test_messages_are_one_line() -> None:
    assert one_line("a\n   b\tc ") == "a b c"
    assert str(query_error("no\nway", ("hint",))) == "no way; hint"
