"""An update of a repository with Java files gives the graph that a fresh build gives."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.indexer import editor as python_editor
from tests.indexer.indexes import differences, fresh_graph, graph, index
from tests.indexer.java.editor import JavaEditor
from tests.indexer.java.sources import DENSE, WIDE
from tests.indexer.single_edits import single_edits

if TYPE_CHECKING:
    from pathlib import Path

    from tests.indexer.java.sources import JavaSources

BATCHES, EDITS = 5, 25
"""125 random edits; another seed is another 25."""

DENSE_BATCHES = 5
"""As many where few names are in play."""

MIXED_BATCHES, MIXED_EDITS = 4, 20


class _Editor(Protocol):
    log: list[str]

    def edit(self) -> None: ...


def check(root: Path, editor: _Editor, context: str) -> None:
    found = differences(graph(root / "index"), fresh_graph(root / "repository", root / "fresh"))
    edits = "\n".join(f"{number}. {line}" for number, line in enumerate(editor.log))
    assert not found, f"{context}\n{edits}\n" + "\n".join(found[:10])


def update(root: Path) -> str:
    # A whole build would hide what an update gets wrong, so none is made for a large change.
    return index(root / "repository", root / "index", rebuild_above=2.0).mode


def started(root: Path, seed: int, sources: JavaSources = WIDE) -> JavaEditor:
    editor = JavaEditor(root / "repository", random.Random(seed), sources)
    editor.start()
    update(root)
    return editor


@pytest.mark.parametrize("seed", range(BATCHES))
def test_an_update_equals_a_fresh_index(tmp_path: Path, seed: int) -> None:
    editor = started(tmp_path, seed)
    modes: set[str] = set()
    for number in range(EDITS):
        editor.edit()
        modes.add(update(tmp_path))
        check(tmp_path, editor, f"seed {seed}, edit {number}")
    assert "incremental" in modes


@pytest.mark.parametrize("seed", range(DENSE_BATCHES))
def test_an_update_equals_a_fresh_index_where_names_are_few(tmp_path: Path, seed: int) -> None:
    editor = started(tmp_path, seed, DENSE)
    for number in range(EDITS):
        editor.edit()
        update(tmp_path)
        check(tmp_path, editor, f"seed {seed}, edit {number}")


@pytest.mark.parametrize("path", DENSE.files)
def test_every_single_edit_and_back(tmp_path: Path, path: str) -> None:
    editor = started(tmp_path, 0, DENSE)
    first, old = graph(tmp_path / "index"), DENSE.files[path]
    for declarations in single_edits(old, DENSE.pools(), DENSE.more):
        editor.put(path, declarations)
        update(tmp_path)
        check(tmp_path, editor, f"{path} is {declarations}")
        editor.put(path, [*old])
        update(tmp_path)
        assert not differences(graph(tmp_path / "index"), first), f"{path} was {declarations}"


@pytest.mark.parametrize("seed", range(MIXED_BATCHES))
def test_an_update_of_a_mixed_repository_equals_a_fresh_index(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    java = JavaEditor(tmp_path / "repository", rng)
    python = python_editor.Editor(tmp_path / "repository", rng, log=java.log)
    for each in (java, python):
        each.start()
    update(tmp_path)
    for number in range(MIXED_EDITS):
        rng.choice([java, python]).edit()
        update(tmp_path)
        check(tmp_path, java, f"seed {seed}, edit {number}")


# How much is linked again


def edited(root: Path, path: str, old: str, new: str) -> int:
    """Replace text in a file of the fixture; how many files an update links again."""
    editor = started(root, 0)
    text = "\n".join(editor.files[path])
    assert old in text
    editor.put(path, [text.replace(old, new)])
    report = index(root / "repository", root / "index", rebuild_above=2.0)
    assert report.mode == "incremental"
    check(root, editor, path)
    return report.relinked_files


def test_a_body_edit_links_one_file(tmp_path: Path) -> None:
    path = "core/src/main/java/app/model/Model.java"
    assert edited(tmp_path, path, "super.save(); return", "super.save(); size(); return") == 1


def test_moved_lines_link_one_file(tmp_path: Path) -> None:
    path = "core/src/main/java/app/Base.java"
    assert edited(tmp_path, path, "import java.util.*;", "// moved\nimport java.util.*;") == 1


def test_a_changed_result_reaches_callers(tmp_path: Path) -> None:
    path = "core/src/main/java/app/model/Model.java"
    linked = edited(tmp_path, path, "public Model get()", "public app.util.Item get()")
    assert 2 <= linked < 10


def test_a_new_secondary_type_reaches_those_that_asked_for_it(tmp_path: Path) -> None:
    editor = started(tmp_path, 0)
    editor.put("web/src/main/java/web/Late.java", ["package web;", "class Late extends Hidden {}"])
    update(tmp_path)
    path = "web/src/main/java/web/Item.java"
    editor.put(path, [*editor.files[path], "class Hidden { void save() {} }"])
    assert update(tmp_path) == "incremental"
    ends = "java:web/src/main/java/web/Late.java:Late INHERITS java:" + path + ":Hidden"
    assert ends in graph(tmp_path / "index")[1]
    check(tmp_path, editor, "secondary type")


def test_a_new_subclass_is_a_candidate_at_once(tmp_path: Path) -> None:
    editor = started(tmp_path, 0)
    path = "web/src/main/java/web/Fast.java"
    text = "class Fast extends Model { public int size() { return 9; } }"
    editor.put(path, ["package web;", "import app.model.Model;", text])
    assert update(tmp_path) == "incremental"
    caller = "java:web/src/main/java/web/Item.java:Item.size"
    assert f"{caller} CALLS java:{path}:Fast.size" in graph(tmp_path / "index")[1]
    check(tmp_path, editor, "subclass")
