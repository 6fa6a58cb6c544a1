"""What each tool answers, on both stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from agent.events import ToolAnswered
    from tests.agent.tools.conftest import Asker


def texts(answer: ToolAnswered) -> list[str]:
    assert answer.result.error is None, answer.result.error
    return [item.text for item in answer.result.items]


def names(answer: ToolAnswered) -> list[str | None]:
    assert answer.result.error is None, answer.result.error
    return [item.qname for item in answer.result.items]


def test_search_finds_by_words_and_by_kind(ask: Asker) -> None:
    found = ask("search_code", query="text for addresses", k=3)
    assert found.result.items[0].qname == "library.tools.slug"
    assert found.result.total > 3
    assert found.result.next == 3
    second = ask("search_code", query="text for addresses", k=3, offset=3)
    assert not set(names(found)) & set(names(second))
    classes = ask("search_code", query="shelf of media", kinds=["class"])
    assert {item.kind for item in classes.result.items} == {"CLASS"}


def test_search_without_a_retriever_asks_the_store(reader: object, ask: Asker) -> None:
    from agent.tools.search import SearchCode

    tool = SearchCode(reader)  # type: ignore[arg-type]
    result = tool.run({"query": "slug", "kinds": None, "k": 5, "offset": 0})
    assert result.items[0].qname == "library.tools.slug"


def test_names_are_resolved_in_any_case_and_from_texts(ask: Asker) -> None:
    found = ask("resolve_names", names=["Shelf", "BOOK", "Medium.key", "Nothign", "shelff"])
    assert names(found) == [
        "library.shelves.Shelf",
        "library.media.Book",
        "library.media.Medium.key",
    ]
    assert "nothing is called Nothign" in " ".join(found.result.notes)
    assert "near: library.shelves.Shelf" in " ".join(found.result.notes)
    traced = ask("resolve_names", text="TypeError in library.shelves.Shelf.add, see Medium")
    assert "library.shelves.Shelf.add" in names(traced)
    assert "library.media.Medium" in names(traced)


def test_a_class_shows_what_is_still_to_implement(ask: Asker) -> None:
    assert marked(ask("get_class", name="Medium")) == ["describe", "count"]
    assert marked(ask("get_class", name="Sketch")) == ["describe"]
    assert marked(ask("get_class", name="Book")) == []
    assert marked(ask("get_class", name="Record")) == [], "Countable.count implements it"
    assert marked(ask("get_class", name="lib.Shape")) == ["area", "name"]
    assert marked(ask("get_class", name="lib.Circle")) == []


def marked(answer: ToolAnswered) -> list[str]:
    return [
        str(item.qname).rpartition(".")[2]
        for item in answer.result.items
        if item.text.startswith("to implement:")
    ]


def test_a_class_shows_constructor_members_and_origin(ask: Asker) -> None:
    found = ask("get_class", name="Book")
    assert names(found)[:2] == ["library.media.Book", "library.media.Medium.__init__"]
    assert "library.media.Book.describe" in names(found)
    assert "library.media.Medium.key" in names(found), "inherited, under its own name"
    public = ask("get_class", name="Book", include="public")
    assert "library.media.Medium._secret" not in names(public)
    assert "in library.media.Medium" in found.text
    every = ask("get_class", name="Book", include="all")
    assert "library.media.Medium._secret" in names(every)
    java = texts(ask("get_class", name="Shape"))
    assert "protected Shape(double scale)" in java
    assert "private void hide()" not in java
    assert "@Deprecated public double grow(double by, int times)" in java


def test_a_query_ranks_the_members(ask: Asker) -> None:
    found = names(ask("get_class", name="Book", query="name in addresses", include="all"))
    assert found[2] == "library.media.Medium.key"


def test_what_is_no_class_says_so(ask: Asker) -> None:
    found = ask("get_class", name="Shelf.add").result
    assert found.error == "library.shelves.Shelf.add is a method, no class"
    assert found.near == ("library.shelves.Shelf",)


def test_signatures_are_all_overloads(ask: Asker) -> None:
    assert texts(ask("get_signature", name="lend")) == [
        "@overload def lend(item: Book) -> str",
        "@overload def lend(item: Record) -> int",
        "def lend(item)",
    ]
    assert texts(ask("get_signature", name="lib.Shape.grow")) == [
        "public double grow(double by)",
        "@Deprecated public double grow(double by, int times)",
    ]
    assert "throws IllegalStateException" in texts(ask("get_signature", name="Shape.area"))[0]
    assert texts(ask("get_signature", name="Book")) == [
        "class Book(Medium)",
        "def __init__(self, title: str, *, pages: int = 0)",
    ]
    described = texts(ask("get_signature", name="Medium.describe"))[0]
    assert described.startswith("@abstractmethod def describe")


def test_a_body_is_paged_by_lines(ask: Asker) -> None:
    first = ask("get_body", name="long_one", max_lines=10)
    assert first.result.total == 153
    assert first.result.next == 10
    assert texts(first)[0] == "def long_one():"
    second = ask("get_body", name="long_one", max_lines=2, offset=10)
    assert texts(second) == [
        "    value_8 = 8  # line 8 of a long function",
        "    value_9 = 9  # line 9 of a long function",
    ]
    start = first.result.items[0].line or 0
    assert second.result.items[0].line == start + 10
    assert f"library/tools.py:{start + 10}" in second.text


def test_a_body_that_is_too_long_for_the_answer_says_how_to_go_on(ask: Asker) -> None:
    found = ask("get_body", name="long_one", max_lines=400)
    shown = found.text.count("value_")
    assert found.text.startswith(f"results 1-{shown + 2} of 153; more with offset={shown + 2}")
    rest = ask("get_body", name="long_one", max_lines=400, offset=shown + 2)
    assert f"value_{shown} = " in rest.text


def test_indentation_is_that_of_the_text_itself(ask: Asker) -> None:
    assert texts(ask("get_body", name="Medium.key")) == [
        "def key(self) -> str:",
        '    """Its name in addresses."""',
        "    return slug(self.title)",
    ]
    assert texts(ask("get_body", name="Circle.area")) == [
        "@Override",
        "public double area() { return 3.14 * scale; }",
    ]


def test_the_body_of_a_module_is_its_file(ask: Asker) -> None:
    assert "FIRST.key()" in texts(ask("get_body", name="library.shelves", max_lines=100))


def test_what_is_outside_has_no_body(ask: Asker) -> None:
    assert ask("get_body", name="abc.ABC").result.error == "abc.ABC lies outside the repository"


def test_usages_show_lines_and_leave_out_tests(ask: Asker) -> None:
    found = ask("get_usages", name="lend")
    assert found.result.notes == ("2 more in tests",)
    assert [item.text for item in found.result.items] == [
        ' 19: for item in self.items:\n>20:     lend(item)\n 21: return lend(Book("last"))',
        ' 20:     lend(item)\n>21: return lend(Book("last"))',
    ]
    assert {item.file for item in found.result.items} == {"library/shelves.py"}


def test_a_use_at_the_top_of_a_module_is_read_from_its_file(ask: Asker) -> None:
    found = ask("get_usages", name="Medium.key", k=10)
    assert any(">25: FIRST.key()" in item.text for item in found.result.items)


def test_usages_are_paged(ask: Asker) -> None:
    first, second = (ask("get_usages", name="lend", k=1, offset=n) for n in (0, 1))
    assert (first.result.total, first.result.next) == (2, 1)
    assert second.result.next is None
    assert second.result.items[0].line == 21


def test_siblings_of_a_base_a_class_and_a_package(ask: Asker) -> None:
    base = ask("get_siblings", name="Medium")
    assert set(names(base)) >= {"library.media.Book", "library.media.Record"}
    assert texts(base)[0] == "class Book(Medium): describe, count"
    assert names(base)[-1] == "tests.test_media.Book2", "tests come last"
    beside = names(ask("get_siblings", name="Sketch"))
    assert beside[0] in ("library.media.Book", "library.media.Record")
    assert "library.media.Sketch" not in beside
    assert names(ask("get_siblings", name="lib")) == ["lib.Circle", "lib.Named", "lib.Shape"]
    liked = ask("get_siblings", name="lib", like=["title"])
    assert names(liked)[0] == "lib.Named"


def test_neighbours_are_typed_edges(ask: Asker) -> None:
    found = ask("get_neighbors", name="Medium.key")
    assert "-CALLS-> library.tools.slug" in texts(found)
    assert "<-CALLS- library.shelves.Shelf.add" in texts(found)
    far = ask("get_neighbors", name="Medium.key", depth=2)
    assert len(far.result.items) > len(found.result.items)
    assert texts(ask("get_neighbors", name="Book", edge="INHERITS"))[0] == (
        "-INHERITS-> library.media.Medium"
    )
    assert "library/tools.py:6" in found.text


def test_imports_are_ranked_by_use(ask: Asker) -> None:
    found = ask("suggest_imports", path="library/new.py", file_text="MISSING_Book\nMISSING_slug()")
    first = [text.partition("  #")[0] for text in texts(found)]
    assert first[0] == "from library.media import Book"
    assert "from library.tools import slug" not in first, "slug() is no name"
    lost = texts(ask("suggest_imports", path="x.py", file_text="LOST_wrong.place.slug NO_x"))
    assert [text.partition("  #")[0] for text in lost] == ["from library.tools import slug"]
    shelf = texts(ask("suggest_imports", path="x.py", file_text="MISSING_Shelf"))
    assert {text.partition("  #")[0] for text in shelf} == {
        "from library import Shelf",
        "from library.shelves import Shelf",
    }
    module = texts(ask("suggest_imports", path="x.py", file_text="MISSING_media MISSING_os"))
    assert [text.partition("  #")[0] for text in module] == [
        "from library import media",
        "import os",
    ]


def test_imports_of_java(ask: Asker) -> None:
    text = "MISSING_List MISSING_Circle MISSING_Nothing"
    found = ask("suggest_imports", path="java/src/app/New.java", file_text=text)
    assert [text.partition("  #")[0] for text in texts(found)] == [
        "import java.util.List;",
        "import lib.Circle;",
    ]
    assert found.result.notes == ("nothing to import is called Nothing (line 1)",)
    other = ask("suggest_imports", path="a.xyz", file_text="MISSING_x")
    assert other.result.error == "import statements of .xyz files are not known"


NAMED = ["get_class", "get_signature", "get_body", "get_usages", "get_siblings", "get_neighbors"]


@pytest.mark.parametrize("tool", NAMED)
def test_an_unknown_name_has_near_ones(ask: Asker, tool: str) -> None:
    found = ask(tool, name="Shelff")
    assert found.result.error == "no symbol is called 'Shelff'"
    assert "library.shelves.Shelf" in found.result.near
    assert "library.shelves.Shelf" in found.text


@pytest.mark.parametrize("tool", ["get_body", "get_usages", "get_neighbors"])
def test_an_ambiguous_name_has_its_candidates(ask: Asker, tool: str) -> None:
    found = ask(tool, name="key").result
    assert found.error == "'key' fits 2 symbols: give one of these instead"
    assert [name.split()[0] for name in found.near] == [
        "library.media.Medium.key",
        "library.media.Counter.key",
    ]
    for name in found.near:
        assert ask(tool, name=name).result.error is None, "a candidate can be given back as it is"


def test_overloads_are_told_apart_by_their_place(ask: Asker) -> None:
    found = ask("get_body", name="lib.Shape.grow").result
    assert [name.partition("  ")[0] for name in found.near] == [
        "java/src/lib/Shape.java:12",
        "java/src/lib/Shape.java:15",
    ]
    assert "times" in texts(ask("get_body", name=found.near[1]))[1]


def test_what_only_tests_share_a_name_with_is_not_ambiguous(ask: Asker) -> None:
    assert names(ask("get_signature", name="Circle"))[0] == "lib.Circle"


def test_every_item_says_what_and_where_it_is(ask: Asker) -> None:
    calls = [
        *(ask(tool, name="library.media.Book") for tool in NAMED),
        ask("search_code", query="book"),
        ask("resolve_names", names=["Book"]),
        ask("cypher", query="MATCH (c:CLASS {name: 'Book'}) RETURN c"),
        ask("ask_template", template="callers", values=["lend"]),
    ]
    for call in calls:
        assert call.result.items, call.call
        for item in call.result.items:
            assert item.uid, call.call
            assert item.qname, call.call
            assert item.kind, call.call
            assert item.line or item.kind == "EXTERNAL", call.call
