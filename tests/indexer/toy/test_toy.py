"""A language that is added as CONTRIBUTING.md says gets all that the others have.

It is passed in by the registry, so nothing of the product is changed for it.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphdb.queries.call_hierarchy import incoming_calls
from graphdb.queries.names import resolve
from graphdb.registry import StoreSettings, open_reader
from graphdb.schema import LEGAL_ENDS
from indexer.facts import decode_facts, encode_facts
from indexer.pipeline import IndexRequest, run_index
from tests.indexer import editor as python_editor
from tests.indexer.indexes import REPO, SILENT, Graph, differences, graph, index
from tests.indexer.python.linked import Linked, compare, expected, read_case
from tests.indexer.toy.editor import ToyEditor
from tests.indexer.toy.extract import extract
from tests.indexer.toy.language import REGISTRY, TOY

if TYPE_CHECKING:
    from indexer.report import IndexReport

CASES = sorted((Path(__file__).parents[2] / "fixtures" / "toy" / "link").glob("*.toy"))
SEEDS, EDITS = 4, 30
MIXED_SEEDS, MIXED_EDITS = 2, 25


# Facts


def test_facts_of_a_file() -> None:
    text = "use a.b\nlet näme = 1\nfn f(x, y)  # adds\n  b.g(x)\nend\n"
    facts, sites, _ = extract("m.toy", text.encode())
    assert [(b.name, b.line, b.column) for b in facts.bindings] == [("b", 1, 4), ("näme", 2, 4)]
    (f,) = facts.definitions
    assert (f.signature, f.start_line, f.end_line) == ("fn f(x, y)", 3, 5)
    assert text.encode()[f.start_byte : f.end_byte].decode() == "fn f(x, y)  # adds\n  b.g(x)\nend"
    assert facts.troubles == ()
    assert len(sites) == 6 * 3


@pytest.mark.parametrize(
    ("text", "lines"),
    [("end\n", [1]), ("\nfn f()\n  g()\n", [2]), ("fn f()\nfn g()\nend\n", [2]), ("fn f(\n", [])],
)
def test_what_does_not_parse_is_told_with_its_line(text: str, lines: list[int]) -> None:
    assert [trouble.line for trouble in extract("m.toy", text.encode()).facts.troubles] == lines


@given(st.text(alphabet="fnuseltd .()#\"\nxyü=0'"))
def test_any_text_gives_facts_that_can_be_stored(text: str) -> None:
    first, again = extract("m.toy", text.encode()), TOY.extract("m.toy", text.encode())
    assert first == again
    assert decode_facts(encode_facts(first.facts)) == first.facts


# Links


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_links_are_those_that_the_comments_name(case: Path, tmp_path: Path) -> None:
    linked = Linked(read_case(case.read_text()), tmp_path, registry=REGISTRY)
    assert expected(linked.files)[0], "a case without expectations proves nothing"
    assert compare(linked) == []


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_links_do_not_depend_on_the_order_of_files(case: Path, tmp_path: Path) -> None:
    files = read_case(case.read_text())
    straight = Linked(files, tmp_path, registry=REGISTRY)
    reversed_ = Linked(files, tmp_path, sorted(files, reverse=True), REGISTRY)
    assert reversed_.facts() == straight.facts()


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.stem)
def test_edges_have_the_ends_that_the_schema_allows(case: Path, tmp_path: Path) -> None:
    linked = Linked(read_case(case.read_text()), tmp_path, registry=REGISTRY)
    for edge in (edge for edges in linked.edges.values() for edge in edges):
        sources, targets = LEGAL_ENDS[edge.key.kind]
        assert edge.key.source_kind in sources
        assert edge.key.target_kind in targets


# The graph in a store


class Repository:
    """A repository of toy and Python files with its index."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self.root, self.index_dir = folder / "repository", folder / "index"
        self._scratch = folder / "fresh"
        self.toy = ToyEditor(self.root, random.Random(seed))
        self.python = python_editor.Editor(self.root, random.Random(seed), log=self.toy.log)

    def start(self, *editors: ToyEditor | python_editor.Editor) -> None:
        for editor in editors:
            editor.start()
        self.index()

    def index(self, folder: Path | None = None, *, full: bool = False) -> IndexReport:
        # A whole build would hide what an update gets wrong, so none is made for a large change.
        where = folder or self.index_dir
        return index(self.root, where, full=full, rebuild_above=2.0, registry=REGISTRY)

    def replace(self, path: str, old: str, new: str) -> IndexReport:
        statements = self.toy.files[path]
        assert any(old in each for each in statements)
        self.toy.put(path, [each.replace(old, new) for each in statements])
        return self.index()

    def graph(self) -> Graph:
        return graph(self.index_dir)

    def check(self, context: str = "") -> None:
        self.index(self._scratch, full=True)
        found = differences(self.graph(), graph(self._scratch))
        edits = "\n".join(f"{number}. {line}" for number, line in enumerate(self.toy.log))
        assert not found, f"{context}\n{edits}\n" + "\n".join(found[:10])


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path)
    made.start(made.toy)
    return made


def test_the_graph_has_nodes_and_edges_with_their_properties(repository: Repository) -> None:
    nodes, edges, _ = repository.graph()
    area = nodes["toy:app/base.toy:area"]
    assert area["language"] == "toy"
    assert area["full_name"] == "app.base.area"
    assert area["code"] == "fn area(side)\n  area(scale)\nend"
    assert nodes["toy:app/run.toy:side"]["code"] == "let side = app.scale"
    call = edges["toy:shapes/side.toy:side CALLS toy:app/base.toy:area"]
    assert (call["tier"], call["reason"], call["kind"]) == ("exact", "import", "call")
    assert call["sites"] == "3:10:4"
    assert "toy:shapes/area.toy IMPORTS external:std.io" in edges
    assert nodes["file:shapes/area.toy"].get("unresolved_calls") is None


def test_queries_need_nothing_of_the_language(repository: Repository) -> None:
    reader = open_reader(StoreSettings("embedded", REPO, repository.index_dir))
    try:
        found = incoming_calls(reader, resolve(reader, "app.run.run"))
        assert {each.symbol.full_name for each in found.items} == {"main", "shapes.side.side"}
    finally:
        reader.close()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_an_update_equals_a_fresh_index(tmp_path: Path, seed: int) -> None:
    made = Repository(tmp_path, seed)
    made.start(made.toy)
    modes: set[str] = set()
    for number in range(EDITS):
        made.toy.edit()
        modes.add(made.index().mode)
        made.check(f"seed {seed}, edit {number}")
    assert "incremental" in modes


@pytest.mark.parametrize("seed", range(MIXED_SEEDS))
def test_an_update_of_a_mixed_repository_equals_a_fresh_index(tmp_path: Path, seed: int) -> None:
    made, rng = Repository(tmp_path, seed), random.Random(seed)
    made.start(made.toy, made.python)
    for number in range(MIXED_EDITS):
        rng.choice([made.toy, made.python]).edit()
        made.index()
        made.check(f"seed {seed}, edit {number}")


def test_languages_do_not_meet(tmp_path: Path) -> None:
    made = Repository(tmp_path)
    made.start(made.toy, made.python)
    nodes, edges, _ = made.graph()
    assert {node.get("language") for node in nodes.values()} == {"toy", "python", None}
    for key in edges:
        ends = {uid.partition(":")[0] for uid in (key.split(" ")[0], key.split(" ")[-1])}
        assert not {"toy", "python"} <= ends, key


# How much is linked again


def test_a_body_edit_links_one_file(repository: Repository) -> None:
    assert repository.replace("app/base.toy", "area(scale)", "area(side)").relinked_files == 1
    repository.check()


def test_a_name_that_goes_links_those_that_asked_for_it(repository: Repository) -> None:
    report = repository.replace("app/base.toy", "fn area", "fn other")
    # main, run and side ask for it, side through run; shapes/area does not.
    assert (report.mode, report.relinked_files) == ("incremental", 4)
    assert "main.toy" not in [key.split(" ")[0] for key in repository.graph()[1] if "area" in key]
    repository.check()


def test_a_new_module_links_those_that_asked_for_it(repository: Repository) -> None:
    repository.toy.put("std/io.toy", ["fn print(x)\nend"])
    report = repository.index()
    assert (report.mode, report.relinked_files) == ("incremental", 2)
    edges = repository.graph()[1]
    assert "toy:shapes/area.toy CALLS toy:std/io.toy:print" in edges
    repository.check()


# The registry


def test_other_registries_do_not_know_it(repository: Repository) -> None:
    assert index(repository.root, repository.index_dir.with_name("other")).files == 0


def test_a_registry_travels_to_worker_processes(tmp_path: Path) -> None:
    for number in range(240):
        (tmp_path / f"m{number}.toy").write_text(f"use m{number + 1}\nm{number + 1}.f()\n")
    (tmp_path / "m240.toy").write_text("fn f()\nend\n")
    settings = StoreSettings("embedded", REPO, tmp_path / "index")
    report = run_index(IndexRequest(tmp_path, settings, 2, True, registry=REGISTRY), SILENT)
    assert (report.files, report.unresolved_calls) == (241, 239)
    assert report.problems == ()
