"""Repositories are found by many names and read without a checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.harness.commits import Expectation, find_commit
from benchmarks.harness.repositories import (
    MissingRepositoryError,
    find_repository,
    write_files,
)
from graphdb.errors import CodexGraphError
from tests.benchmarks.harness.sources import git, shop_repository, write
from tests.graphdb.retrieval.shop import FILES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["shop", "ada/shop", "Ada/Shop", "ada__shop"])
def test_a_repository_is_found_by_name(tmp_path: Path, name: str) -> None:
    shop_repository(tmp_path)
    assert find_repository(tmp_path, name).folder == tmp_path / "ada+shop"


@pytest.mark.parametrize("place", ["ada/shop", "shop", "ada__shop", "shop.git"])
def test_folders_may_be_named_in_many_ways(tmp_path: Path, place: str) -> None:
    write(tmp_path / place, FILES)
    repository = find_repository(tmp_path, "ada/shop")
    assert set(repository.source_files(None)) == set(FILES)


def test_a_bare_git_directory_gives_each_commit(tmp_path: Path) -> None:
    first, second = shop_repository(tmp_path / "from")
    git(tmp_path, "clone", "-q", "--bare", "from/ada+shop", "repos/shop/repo")
    repository = find_repository(tmp_path / "repos", "shop")
    old, new = (repository.source_files(repository.resolve(c)) for c in (first[:8], second))
    assert old["shop/money.py"].decode() == FILES["shop/money.py"]
    assert new["shop/money.py"] == b"\n\n" + old["shop/money.py"]


def test_a_missing_blob_costs_its_file_only(tmp_path: Path) -> None:
    first, _ = shop_repository(tmp_path)
    folder = tmp_path / "ada+shop"
    blob = git(folder, "rev-parse", f"{first}:shop/money.py")
    (folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    files = find_repository(tmp_path, "shop").source_files(first)
    assert set(files) == set(FILES) - {"shop/money.py"}


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    shop_repository(tmp_path)
    with pytest.raises(MissingRepositoryError, match="no repository market"):
        find_repository(tmp_path, "market")
    with pytest.raises(MissingRepositoryError, match="no commit 0123456"):
        find_repository(tmp_path, "shop").resolve("0123456")
    with pytest.raises(CodexGraphError, match="not a folder"):
        find_repository(tmp_path / "none", "shop")


def test_a_path_that_leads_out_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CodexGraphError, match="leads out"):
        write_files(tmp_path / "inside", {"../outside.py": b""})
    assert not (tmp_path / "outside.py").exists()


def test_the_commit_is_found_from_what_the_records_say(tmp_path: Path) -> None:
    first, second = shop_repository(tmp_path)
    repository = find_repository(tmp_path, "shop")
    assert find_commit(repository, [Expectation("shop/money.py", 4, "class Money")]) == first
    assert find_commit(repository, [Expectation("shop/money.py", 6, "class Money")]) == second
    with pytest.raises(MissingRepositoryError, match="no commit has"):
        find_commit(repository, [Expectation("shop/money.py", 1, "class Coin")])
