"""A graph that is opened before anybody asks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from codexgraph.ahead import Ahead
from codexgraph.config import ConfigError
from codexgraph.serving import host
from graphdb.errors import NoIndexError
from tests.lsp.conftest import indexed, write_repository

if TYPE_CHECKING:
    from pathlib import Path

    from graphdb.registry import StoreSettings


def settings_of(root: Path) -> StoreSettings:
    return host().settings_of(root).request.settings


def opening(settings: StoreSettings) -> Ahead:
    return Ahead(lambda: (settings.index_dir.parent, settings))


def test_the_first_who_asks_gets_it(tmp_path: Path) -> None:
    settings = settings_of(indexed(write_repository(tmp_path / "repo")))
    ahead = opening(settings)
    first, second = ahead.take(replace(settings)), ahead.take(settings)
    assert first.meta() == second.meta()
    assert first is not second


def test_whoever_asks_about_another_gets_that(tmp_path: Path) -> None:
    one = settings_of(indexed(write_repository(tmp_path / "one")))
    files = {"other.py": "def other():\n    pass\n"}
    other = settings_of(indexed(write_repository(tmp_path / "other", files)))
    taken = opening(one).take(other)
    assert taken.counts().nodes["FUNCTION"] == 1


def test_what_cannot_be_opened_is_told_to_whoever_asks(tmp_path: Path) -> None:
    settings = settings_of(write_repository(tmp_path / "repo"))
    with pytest.raises(NoIndexError):
        opening(settings).take(settings)


def test_settings_that_cannot_be_are_nobodys_before_somebody_asks(tmp_path: Path) -> None:
    def wrong() -> tuple[Path, StoreSettings]:
        raise ConfigError("codexgraph.toml:1: no")

    settings = settings_of(indexed(write_repository(tmp_path / "repo")))
    assert Ahead(wrong).take(settings).meta()
