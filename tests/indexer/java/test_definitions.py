"""What a definition's row says: flags, signatures, documentation, names that edits do not move."""

from __future__ import annotations

from graphdb.schema import ExtraLabel
from indexer.languages.java.extract import extract
from tests.indexer.java.linked import Linked
from tests.indexer.java.saying import facts_of


def definition(source: str, name: str):
    return next(d for d in facts_of(source).definitions if d.qualified_name == name)


def test_signatures_leave_out_annotations_and_comments() -> None:
    source = "class A { @X(1) public static /* why */ <T>\n T m(final int a, T... b) throws E { } }"
    found = definition(source, "A.m").signature
    assert found == "public static <T> T m(final int a, T... b) throws E"


def test_documentation_belongs_to_what_follows_it() -> None:
    source = "class A {\n /** One\n  * two. */\n @X void m() {}\n /* no */ void n() {}\n}"
    assert definition(source, "A.m").docstring == "One\ntwo."
    assert definition(source, "A.n").docstring is None


def test_flags_say_what_the_language_implies() -> None:
    source = (
        "class A { void m() {} private A() {} } interface I { void m(); default void d() {} }"
        "record R(int a) { R {} } enum E { X }"
    )
    assert definition(source, "A.m").flags == ("package",)
    assert definition(source, "A.A").flags == ("private", "constructor")
    assert definition(source, "I.m").flags == ("abstract", "public")
    assert definition(source, "I.d").flags == ("default", "public")
    assert "compact" in definition(source, "R.R").flags
    assert "enum" in definition(source, "E").flags


def test_the_graph_has_visibility_modifiers_and_labels(tmp_path) -> None:
    source = (
        "package p;\n@interface N {}\nclass A { protected static final int X = 1; int y;\n"
        " private synchronized void m() {} interface I {} enum E { ONE } record R(int a) {} }"
    )
    nodes = Linked({"p/A.java": source}, tmp_path).nodes
    said = {str(n.properties["full_name"]): n for n in nodes.values()}
    assert said["p.A.m"].properties["visibility"] == "private"
    assert said["p.A.m"].properties["modifiers"] == ["synchronized"]
    assert said["p.A.m"].properties["class_full_name"] == "p.A"
    assert said["p.A.X"].properties["visibility"] == "protected"
    assert said["p.A.X"].properties["modifiers"] == ["static", "final"]
    assert said["p.A.y"].properties["visibility"] == "package"
    assert ExtraLabel.INTERFACE.value in said["p.A.I"].labels
    assert ExtraLabel.INTERFACE.value in said["p.N"].labels
    assert ExtraLabel.ENUM.value in said["p.A.E"].labels
    assert ExtraLabel.RECORD.value in said["p.A.R"].labels


def test_interfaces_are_implemented_and_inherited(tmp_path) -> None:
    source = "interface I {} interface J extends I {} class B {} class A extends B implements J {}"
    linked = Linked({"A.java": source}, tmp_path)
    assert linked.implemented == {("java:A.java:A", "java:A.java:J")}


def test_what_a_file_offers_has_no_positions() -> None:
    source = "package p;\nclass A extends q.Base<X> { public String toString() { return null; } }"
    offers = extract("A.java", source.encode()).facts.offers
    assert offers == (("#toString", "A#1"), (".p.", ""), (".p.A", "A#1"), ("<Base", "A#1"))
    assert extract("A.java", f"\n\n{source}".encode()).facts.offers == offers
