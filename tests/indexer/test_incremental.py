"""An update gives the graph that a fresh build gives, and links no more than it must."""

from __future__ import annotations

import os
import random
import shutil
import time
from typing import TYPE_CHECKING

import pytest

from graphdb.registry import StoreSettings, open_writer
from indexer.state import state_path
from tests.indexer.editor import Editor
from tests.indexer.indexes import REPO, differences, fresh_graph, graph, index
from tests.indexer.single_edits import single_edits
from tests.indexer.sources import DENSE, WIDE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from indexer.report import IndexReport
    from tests.indexer.sources import Sources

BATCHES, EDITS = 8, 40
"""320 random edits; another seed is another 40."""

DENSE_BATCHES = 5
"""200 where few names are in play."""

REBUILDS = 0.1
"""How many of those runs are whole."""

REAL = "CODEXGRAPH_TEST_REPO"


class Edited:
    """The fixture repository with its index, and a scratch folder for fresh ones."""

    def __init__(self, folder: Path, seed: int = 0, sources: Sources = WIDE) -> None:
        self.root = folder / "repository"
        self.index_dir = folder / "index"
        self._scratch = folder / "fresh"
        self.editor = Editor(self.root, random.Random(seed), sources)
        self.editor.start()
        self.index()

    def index(self, *, full: bool = False) -> IndexReport:
        # A whole build would hide what an update gets wrong, so none is made for a large change.
        return index(self.root, self.index_dir, full=full, rebuild_above=2.0)

    def append(self, path: str, statement: str) -> IndexReport:
        self.editor.put(path, [*self.editor.files[path], statement])
        return self.index()

    def replace(self, path: str, old: str, new: str) -> IndexReport:
        text = "\n".join(self.editor.files[path])
        assert old in text
        self.editor.put(path, [text.replace(old, new)])
        return self.index()

    def check(self, context: str = "") -> None:
        """The index holds what a fresh one would."""
        found = differences(graph(self.index_dir), fresh_graph(self.root, self._scratch))
        edits = "\n".join(f"{number}. {line}" for number, line in enumerate(self.editor.log))
        assert not found, f"{context}\n{edits}\n" + "\n".join(found[:10])

    def states(self) -> list[Path]:
        return sorted(self.index_dir.glob("state-*"))


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    return Edited(tmp_path)


@pytest.mark.parametrize("seed", range(BATCHES))
def test_an_update_equals_a_fresh_index(tmp_path: Path, seed: int) -> None:
    edited = Edited(tmp_path, seed)
    modes: set[str] = set()
    for number in range(EDITS):
        edited.editor.edit()
        modes.add(edited.index().mode)
        edited.check(f"seed {seed}, edit {number}")
    assert "incremental" in modes


@pytest.mark.parametrize("seed", range(DENSE_BATCHES))
def test_an_update_equals_a_fresh_index_where_names_are_few(tmp_path: Path, seed: int) -> None:
    edited = Edited(tmp_path, seed, DENSE)
    for number in range(EDITS):
        edited.editor.edit()
        if edited.editor.rng.random() < REBUILDS:
            index(edited.root, edited.index_dir, rebuild_above=0)
        else:
            edited.index()
        edited.check(f"seed {seed}, edit {number}")


def _and_back(edited: Edited, path: str, statements: list[str] | None) -> None:
    """Edit or delete a file, and undo it."""
    editor, first = edited.editor, graph(edited.index_dir)
    old = editor.files.get(path)
    for now in (statements, old):
        editor.drop(path) if now is None else editor.put(path, now)
        edited.index()
        if now is statements:
            edited.check(f"{path} is {now}")
    assert not differences(graph(edited.index_dir), first), f"{path} was {statements}"


@pytest.mark.parametrize("path", DENSE.files)
def test_every_single_edit_and_back(tmp_path: Path, path: str) -> None:
    edited = Edited(tmp_path, sources=DENSE)
    for statements in single_edits(DENSE.files[path], DENSE.pools(), DENSE.more):
        _and_back(edited, path, statements)
    _and_back(edited, path, None)


def test_every_new_file_and_back(tmp_path: Path) -> None:
    edited = Edited(tmp_path, sources=DENSE)
    folders = {path.rpartition("/")[0] for path in DENSE.files} | {"src", "plain/view"}
    names = [*DENSE.modules, "__init__"]
    paths = {f"{folder}/{name}.py".lstrip("/") for folder in folders for name in names}
    for path in sorted(paths - DENSE.files.keys()):
        _and_back(edited, path, [*DENSE.more[:2]])


def test_many_edits_between_two_runs(tmp_path: Path) -> None:
    edited = Edited(tmp_path, 1000)
    for _ in range(10):
        for _ in range(8):
            edited.editor.edit()
        edited.index()
        edited.check()


# How much is linked again


def test_nothing_changed_links_nothing(edited: Edited) -> None:
    report = edited.index()
    assert (report.mode, report.relinked_files) == ("unchanged", 0)


def test_touched_files_link_nothing(edited: Edited) -> None:
    for path in sorted(edited.editor.files):
        os.utime(edited.root / path, (time.time() - 50, time.time() - 50))
    report = edited.index()
    assert (report.mode, report.relinked_files) == ("unchanged", 0)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("src/app/base.py", "        return f(*a)", "        f(*a)\n        return f(*a)"),
        ("src/app/models.py", "        super().save()\n", "        super().close()\n"),
        ("src/app/cyc_b.py", "    return helper(x)", "    helper(x)\n    return helper(x)"),
        ("tests/test_app.py", "assert make().owner", "assert make().parent"),
        ("src/app/base.py", "from __future__", "# a comment moves all lines\nfrom __future__"),
    ],
)
def test_a_body_edit_links_one_file(edited: Edited, path: str, old: str, new: str) -> None:
    report = edited.replace(path, old, new)
    assert (report.mode, report.relinked_files) == ("incremental", 1)
    edited.check()


def test_a_new_function_links_one_file(edited: Edited) -> None:
    report = edited.append("src/app/base.py", "def entirely_new(x):\n    return Base(x)")
    assert (report.mode, report.relinked_files) == ("incremental", 1)
    edited.check()


def test_an_interface_edit_links_its_dependants_only(edited: Edited) -> None:
    report = edited.replace("src/app/cyc_b.py", "def run(x):", "def run(x, y=Leaf()) -> Leaf:")
    # run is used by both modules of the cycle, and through `helper` by who uses the models.
    assert report.mode == "incremental"
    assert 2 <= report.relinked_files < len(edited.editor.files) / 2
    edited.check()


def test_a_changed_result_reaches_callers_through_values(edited: Edited) -> None:
    before = graph(edited.index_dir)[1]
    call = "python:space/two/more.py CALLS python:space/two/part.py:Model.save"
    assert call in before
    report = edited.replace("space/two/part.py", "-> Model: return Model()", "-> int: return 1")
    assert report.relinked_files == 3
    assert call not in graph(edited.index_dir)[1]
    edited.check()


def test_a_new_file_links_those_that_asked_for_it(edited: Edited) -> None:
    edited.append("space/two/more.py", "from space.late import thing\nthing()")
    edited.editor.put("space/late.py", ["def thing(): pass"])
    report = edited.index()
    assert report.mode == "incremental"
    assert report.relinked_files < 12
    assert "python:space/two/more.py CALLS python:space/late.py:thing" in graph(edited.index_dir)[1]
    edited.check()


def test_an_outside_name_lives_as_long_as_its_last_use(edited: Edited) -> None:
    edited.append("top.py", "import colorsys\ncolorsys.hls_to_rgb()")
    edited.append("other.py", "import colorsys")
    assert "external:colorsys" in graph(edited.index_dir)[0]
    edited.editor.put("top.py", [])
    edited.index()
    assert "external:colorsys" in graph(edited.index_dir)[0]
    assert "external:colorsys.hls_to_rgb" not in graph(edited.index_dir)[0]
    edited.editor.drop("other.py")
    edited.index()
    assert "external:colorsys" not in graph(edited.index_dir)[0]
    edited.check()


# Answers that hang on what is not there


def test_a_name_that_comes_before_a_star(edited: Edited) -> None:
    edited.append("src/app/sub/__init__.py", "def View(): pass")
    edited.check()
    edited.append("src/app/sub/star.py", "class View: pass")
    edited.check()


def test_the_first_star_import_of_a_module(edited: Edited) -> None:
    edited.append("plain/right.py", "def whole(): pass")
    edited.append("scripts/run.py", "from plain import whole\nwhole()")
    edited.append("plain/__init__.py", "from plain.right import *")
    call = "python:scripts/run.py CALLS python:plain/right.py:whole"
    assert call in graph(edited.index_dir)[1]
    edited.check()


def test_a_module_that_its_own_package_asked_for(edited: Edited) -> None:
    edited.editor.put("space/late/__init__.py", ["from . import thing"])
    edited.append("space/two/more.py", "from space.late import thing\nthing.open()")
    edited.editor.put("space/late/thing.py", ["def open(): pass"])
    edited.index()
    call = "python:space/two/more.py CALLS python:space/late/thing.py:open"
    assert call in graph(edited.index_dir)[1]
    edited.check()


def test_a_folder_that_is_no_package_any_more_is_searched_from_below(edited: Edited) -> None:
    edited.editor.put("space/late.py", ["def thing(): pass"])
    edited.editor.put("space/__init__.py", [])
    edited.editor.put("space/two/low.py", ["import late", "late.thing()"])
    edited.index()
    call = "python:space/two/low.py CALLS python:space/late.py:thing"
    assert call not in graph(edited.index_dir)[1]
    edited.editor.drop("space/__init__.py")
    edited.index()
    assert call in graph(edited.index_dir)[1]
    edited.check()


def test_a_package_beside_a_script_hides_no_module_beside_it(edited: Edited) -> None:
    edited.editor.put("src/tools.py", ["def helper(): pass"])
    edited.index()
    call = "python:scripts/run.py CALLS python:scripts/tools.py:helper"
    assert call in graph(edited.index_dir)[1]
    edited.editor.put("scripts/kit/__init__.py", [])
    edited.index()
    assert call in graph(edited.index_dir)[1]
    edited.check()


def test_a_folder_that_had_files_of_another_language_alone(edited: Edited) -> None:
    edited.editor.put("late/Thing.java", ["package late; class Thing {}"])
    edited.append("top.py", "import late")
    assert "external:late" in graph(edited.index_dir)[0]
    edited.editor.put("late/thing.py", [])
    edited.index()
    assert "external:late" not in graph(edited.index_dir)[0]
    edited.check()


def test_a_name_that_was_bound_nowhere(edited: Edited) -> None:
    edited.append("space/two/part.py", "def late(): return Late()")
    edited.append("space/two/more.py", "from space.two.part import late\nlate().open()")
    edited.append("space/two/part.py", "class Late:\n    def open(self): pass")
    call = "python:space/two/more.py CALLS python:space/two/part.py:Late.open"
    assert call in graph(edited.index_dir)[1]
    edited.check()


@pytest.mark.parametrize(
    ("user", "maker"),
    [
        ("def take(x):\n    x.close()", "    take(Kind())"),
        (
            "class Box:\n    held = None\n    def go(self): self.held.close()",
            "    box = Box()\n    box.held = Kind()",
        ),
        (
            "class Box:\n    held = []\n    def go(self):\n        for x in self.held: x.close()",
            "    box = Box()\n    box.held.append(Kind())",
        ),
        ("from far.maker import current\ncurrent.close()", "    global current; current = Kind()"),
        ("def call(f): f().close()", "    call(Kind)"),
        ("def wrap(f): f().close()", "    @wrap\n    class Inner(Kind): pass"),
    ],
)
def test_a_name_that_a_body_binds_otherwise(edited: Edited, user: str, maker: str) -> None:
    first = "def f():\n    from far.kinds import First as Kind\n"
    edited.editor.put(
        "far/kinds.py", [f"class {n}:\n    def close(self): 0" for n in ("First", "Second")]
    )
    edited.editor.put("far/user.py", [user])
    edited.editor.put("far/maker.py", ["from far.user import *", first + maker])
    edited.index()
    edited.replace("far/maker.py", "First", "Second")
    calls = [key for key in graph(edited.index_dir)[1] if key.startswith("python:far/user.py")]
    assert any(key.endswith("CALLS python:far/kinds.py:Second.close") for key in calls)
    edited.check()


def test_a_field_that_an_inner_function_sets(edited: Edited) -> None:
    inner = "        def inner():\n            held = View()\n            self.held = held"
    first = "from app.sub.deep import View\nfrom space.two.part import Model"
    edited.append("top.py", f"{first}\nclass Box:\n    def fill(self):\n{inner}")
    edited.append("scripts/run.py", "from top import Box\nBox().held.save()")
    edited.replace("top.py", "held = View", "held = Model")
    call = "python:scripts/run.py CALLS python:space/two/part.py:Model.save"
    assert call in graph(edited.index_dir)[1]
    edited.check()


def test_a_parameter_of_a_function_that_is_handed_on(edited: Edited) -> None:
    given = "from space.two.part import Model\ndef run(f): f(1, y=Model()).save()"
    edited.editor.put("far/run.py", [given])
    edited.editor.put("far/take.py", ["def take(x, y): return y"])
    edited.editor.put("far/use.py", ["from far import run, take", "run.run(take.take)"])
    edited.index()
    call = "python:far/run.py:run CALLS python:space/two/part.py:Model.save"
    assert call in graph(edited.index_dir)[1]
    edited.replace("far/take.py", "y): return y", "z): return z")
    assert call not in graph(edited.index_dir)[1]
    edited.check()


def test_a_cycle_of_imports_has_one_answer_whoever_asks_first(edited: Edited) -> None:
    edited.editor.put("late/__init__.py", ["from round import thing"])
    edited.editor.put("late/thing.py", ["def open(): pass"])
    edited.editor.put("round.py", ["from late import thing"])
    edited.editor.put("user.py", ["from round import thing", "thing.open()"])
    edited.index()
    for first in ("round", "late"):
        edited.editor.put("user.py", [f"from {first} import thing", "thing.open()"])
        edited.index()
        edited.check(first)


def test_an_alias_that_becomes_an_import(edited: Edited) -> None:
    """What the name denotes stays the same; that it is a symbol of its own does not."""
    edited.editor.put("space/two/late.py", ["class Thing: pass"])
    first = "from space.two.late import Thing"
    edited.append("space/two/part.py", f"{first}\nAlias = Thing")
    edited.append("space/two/more.py", "from space.two.part import Alias\nAlias()")
    use = "python:space/two/more.py USES python:space/two/part.py:Alias"
    assert use in graph(edited.index_dir)[1]
    edited.replace("space/two/part.py", "Alias = Thing", f"{first} as Alias")
    assert use not in graph(edited.index_dir)[1]
    edited.check()


def test_a_parameter_that_is_no_more(edited: Edited) -> None:
    edited.append("space/two/part.py", "def take(x, y): y.save()")
    edited.append("space/two/more.py", "from space.two.part import Model, take\ntake(1, Model())")
    call = "python:space/two/part.py:take CALLS python:space/two/part.py:Model.save"
    assert call in graph(edited.index_dir)[1]
    edited.replace("space/two/part.py", "def take(x, y): y.save()", "def take(x): x.save()")
    assert call not in graph(edited.index_dir)[1]
    edited.check()


def test_a_folder_that_becomes_a_package_and_ceases_to_be_one(edited: Edited) -> None:
    edited.editor.put("pad/app.py", ["class Base: pass"])
    edited.editor.put("pad/bare.py", ["import app"])
    edited.index()
    edited.check()
    edited.editor.put("pad/__init__.py", [])
    edited.index()
    edited.check()
    edited.editor.drop("pad/__init__.py")
    edited.index()
    edited.check()


def test_a_field_with_the_name_of_a_method_of_another_class(edited: Edited) -> None:
    twice = "class Twice:\n    x: int = 1\nclass Twice:\n    def x(self): pass"
    edited.append("top.py", twice)
    assert {"python:top.py:Twice.x", "python:top.py:Twice.x#field"} <= graph(edited.index_dir)[
        0
    ].keys()
    edited.check()


# The state and the graph belong together


def _lose_state(edited: Edited) -> None:
    for path in edited.states():
        path.unlink()


def _cut_state(edited: Edited) -> None:
    (path,) = edited.states()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _garble_state(edited: Edited) -> None:
    (path,) = edited.states()
    data = bytearray(path.read_bytes())
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    path.write_bytes(data)


def _empty_state(edited: Edited) -> None:
    (path,) = edited.states()
    path.write_bytes(b"")


def _older_state(edited: Edited) -> None:
    (path,) = edited.states()
    path.write_bytes(b"codexgraph state of another format, which this program does not know\n")


def _lose_graph(edited: Edited) -> None:
    (edited.index_dir / "graph.kgl").unlink()


def _cut_graph(edited: Edited) -> None:
    path = edited.index_dir / "graph.kgl"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _lose_all(edited: Edited) -> None:
    shutil.rmtree(edited.index_dir)


@pytest.mark.parametrize(
    "harm",
    [
        _lose_state,
        _cut_state,
        _garble_state,
        _empty_state,
        _older_state,
        _lose_graph,
        _cut_graph,
        _lose_all,
    ],
)
def test_a_damaged_index_is_built_anew(edited: Edited, harm: Callable[[Edited], None]) -> None:
    harm(edited)
    report = edited.append("top.py", "def after_the_harm(): pass")
    assert report.mode == "full"
    edited.check()
    assert edited.append("top.py", "def later(): pass").mode == "incremental"
    edited.check()


def test_a_run_that_died_between_graph_and_state(edited: Edited) -> None:
    (before,) = edited.states()
    kept = before.read_bytes()
    edited.append("top.py", "def one_more(): pass")
    (after,) = edited.states()
    after.unlink()
    before.write_bytes(kept)
    report = edited.append("other.py", "def another(): pass")
    assert report.mode == "full"
    assert before not in edited.states()
    edited.check()


def test_settings_that_change_the_graph_rebuild_it(edited: Edited) -> None:
    report = index(edited.root, edited.index_dir, inherited_members=False)
    assert report.mode == "full"
    assert edited.index().mode == "full"
    edited.check()


def test_a_whole_build_forgets_what_was_said_before(edited: Edited) -> None:
    edited.editor.put("space/kind.py", [])
    edited.editor.put("space/take.py", ["from space.kind import Kind\ndef take(x: Kind): x.save()"])
    edited.append("space/two/part.py", "from space.take import take\ntake(Model())")
    # With the type known no value is followed, and the build says nothing of the parameter.
    edited.editor.put("space/kind.py", ["class Kind:\n    def save(self): pass"])
    assert index(edited.root, edited.index_dir, rebuild_above=0).mode == "full"
    edited.replace("space/two/part.py", "take(Model())", "take(1)")
    edited.editor.put("space/kind.py", [])
    edited.index()
    edited.check()


def test_a_state_is_for_one_generation(edited: Edited) -> None:
    settings = StoreSettings("embedded", REPO, edited.index_dir)
    writer = open_writer(settings)
    try:
        meta = writer.meta()
    finally:
        writer.close()
    assert meta is not None
    assert edited.states() == [state_path(edited.index_dir, REPO, meta.generation)]


def test_files_left_out_by_a_setting_leave_the_graph(edited: Edited) -> None:
    report = index(edited.root, edited.index_dir, exclude=("pad/",))
    assert report.mode == "incremental"
    assert not [uid for uid in graph(edited.index_dir)[0] if "pad/" in uid]
    edited.index()
    edited.check()


def test_an_emptied_repository_has_an_empty_graph(edited: Edited) -> None:
    for path in sorted(edited.editor.files):
        edited.editor.drop(path)
    assert edited.index().files == 0
    assert graph(edited.index_dir) == ({}, {}, {})
    edited.editor.start()
    edited.index()
    edited.check()


# A real repository


def _real_files(root: Path) -> list[Path]:
    return sorted(p for p in root.rglob("*.py") if ".git" not in p.parts and p.stat().st_size > 200)


def _edit_real(rng: random.Random, files: list[Path]) -> str:
    """An edit of lines, blind to what they mean."""
    path, other = rng.choice(files), rng.choice(files)
    lines, more = path.read_text().splitlines(), other.read_text().splitlines()
    at = rng.randrange(len(lines))
    form = rng.choice(["drop", "swap", "insert", "rename", "delete", "move", "append"])
    if form == "drop":
        del lines[at : at + rng.randint(1, 12)]
    elif form == "insert":
        start = rng.randrange(len(more))
        lines[at:at] = more[start : start + rng.randint(1, 20)]
    elif form == "append":
        lines.append(f"def appended_{at}(value=None):\n    return value")
    elif form == "rename":
        words = [w for w in lines[at].replace("(", " ").split() if w.isidentifier() and len(w) > 3]
        word = rng.choice(words or ["self"])
        lines = [line.replace(word, word + "_new") for line in lines]
    elif form == "swap":
        lines = more
    if form in {"delete", "move"}:
        path.unlink()
        files.remove(path)
    if form == "move":
        path = other.with_name("moved_" + path.name)
        files.append(path)
    if form != "delete":
        path.write_text("\n".join(lines) + "\n")
    return f"{form} in {path} at {at}"


@pytest.mark.realrepo
@pytest.mark.timeout(900)
def test_a_real_repository(tmp_path: Path) -> None:
    if REAL not in os.environ:
        pytest.skip(f"set {REAL} to the folder of a Python repository, such as a clone of flask")
    root = tmp_path / "repository"
    shutil.copytree(
        os.environ[REAL], root, symlinks=True, ignore=shutil.ignore_patterns(".codexgraph")
    )
    files, rng, log = _real_files(root), random.Random(7), list[str]()
    index(root, tmp_path / "index")
    for _ in range(20):
        log.append(_edit_real(rng, files))
        report = index(root, tmp_path / "index", rebuild_above=2.0)
        log[-1] += f" ({report.mode}, {report.relinked_files} linked)"
        found = differences(graph(tmp_path / "index"), fresh_graph(root, tmp_path / "fresh"))
        assert not found, "\n".join([*log, *found[:10]])
