"""Words of identifiers and prose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphdb.retrieval.words import fold, parts, terms, terms_of


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("get_object_or_404", ("get", "object", "or", "404")),
        ("HTTPServer", ("http", "server")),
        ("parseXMLFile", ("parse", "xml", "file")),
        ("x", ("x",)),
        ("größe", ("größe",)),
    ],
)
def test_identifiers_are_cut_into_words(identifier: str, expected: tuple[str, ...]) -> None:
    assert "".join(parts(identifier)) == "".join(expected)
    if identifier.isascii():
        assert parts(identifier) == expected


def test_an_identifier_of_several_words_is_a_term_itself() -> None:
    assert "get_queryset" in terms_of("get_queryset")
    assert terms_of("queryset") == ("queryset",)


@pytest.mark.parametrize(
    ("word", "expected"),
    [("queries", "query"), ("classes", "classe"), ("class", "class"), ("status", "status")],
)
def test_plurals_are_folded(word: str, expected: str) -> None:
    assert fold(word) == expected


def test_function_words_are_no_terms() -> None:
    assert terms("the order of an issue") == ["order", "issue"]


@given(st.text(max_size=200))
def test_any_text_has_terms_in_lower_case(text: str) -> None:
    assert all(term == term.lower() for term in terms(text))
