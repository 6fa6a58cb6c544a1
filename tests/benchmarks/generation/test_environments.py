"""Trees laid out as their commits have them, recipes read, interpreters found."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks.generation.environments import build_python, find_python, lay_tree
from benchmarks.generation.recipes import Recipe, read_recipes
from benchmarks.generation.testrun import BrokenEnvironmentError
from benchmarks.harness.repositories import find_repository
from benchmarks.harness.trees import lay_out
from graphdb.errors import CodexGraphError
from tests.benchmarks.harness.sources import commit, git

if TYPE_CHECKING:
    from pathlib import Path

HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture(name="revision")
def fixture_revision(tmp_path: Path) -> str:
    folder = tmp_path / "repos" / "shop"
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "inside").symlink_to("data/a.txt")
    (folder / "outside").symlink_to("../../secret")
    (folder / "absolute").symlink_to("/etc/passwd")
    return commit(folder, {"data/a.txt": "one\n", "b.py": "x = 1\n"})


def test_a_tree_has_files_programs_and_links_that_stay_inside(
    tmp_path: Path, revision: str
) -> None:
    repository = find_repository(tmp_path / "repos", "shop")
    missing = lay_out(repository, revision, tmp_path / "tree")
    assert missing == ["absolute", "outside"]
    assert (tmp_path / "tree/inside").read_text() == "one\n"
    assert (tmp_path / "tree/run.sh").stat().st_mode & 0o111
    assert not (tmp_path / "tree/outside").is_symlink()


def test_a_tree_is_brought_back_and_what_was_built_is_kept(tmp_path: Path, revision: str) -> None:
    repository = find_repository(tmp_path / "repos", "shop")
    tree = lay_tree(tmp_path / "cache", repository, revision)
    (tree.folder / "b.py").write_text("broken")
    (tree.folder / "built.class").write_text("built")
    assert lay_tree(tmp_path / "cache", repository, revision) == tree
    assert (tree.folder / "b.py").read_text() == "x = 1\n"
    assert (tree.folder / "built.class").exists()


def test_recipes_are_read_and_a_file_adds_to_them(tmp_path: Path) -> None:
    assert read_recipes()["litestar"].python == "3.8"
    own = tmp_path / "own.toml"
    own.write_text('[shop]\npython = "3.11"\nsteps = ["{bin}/python -V"]\n')
    found = read_recipes(own)
    assert found["shop"] == Recipe("3.11", steps=("{bin}/python -V",))
    assert "litestar" in found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[shop]\nsteps = []\n", "needs python"),
        ('[shop]\npython = "3.11"\nstep = []\n', "no field step"),
        ("[shop]\npython = 3.11\n", "must be a str"),
        ("[shop\n", "cannot be read"),
    ],
)
def test_a_wrong_recipe_is_one_clear_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(CodexGraphError, match=said):
        read_recipes(path)


def test_an_interpreter_is_found_by_its_version() -> None:
    assert find_python(HERE).exists()
    with pytest.raises(BrokenEnvironmentError, match=r"no Python 2\.99"):
        find_python("2.99")


@pytest.mark.slow
def test_an_environment_is_made_once_and_a_failing_step_is_told(
    tmp_path: Path, revision: str
) -> None:
    tree = lay_tree(tmp_path / "cache", find_repository(tmp_path / "repos", "shop"), revision)
    said: list[str] = []
    recipe = Recipe(HERE, steps=("{bin}/python -c 'import sys; print(sys.prefix)'",))
    built = build_python(tmp_path / "cache", tree, recipe, None, said.append)
    assert build_python(tmp_path / "cache", tree, recipe, None, said.append) == built
    assert len(said) == 1
    assert built.interpreter.startswith(f"Python {HERE}")
    wrong = Recipe(HERE, steps=("{bin}/python -c 'raise SystemExit(\"ERROR no network\")'",))
    with pytest.raises(BrokenEnvironmentError, match="ERROR no network"):
        build_python(tmp_path / "cache", tree, wrong, None, said.append)
