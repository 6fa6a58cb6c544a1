"""The embedder of the extra: what it says is alike, and what it says when it is not there."""

from __future__ import annotations

import socket
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from graphdb.errors import CodexGraphError
from graphdb.retrieval.static_model import StaticModel

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = ("wordllama", "numpy", "safetensors", "tokenizers")
INSTALL = "pip install 'codexgraph[embeddings]'"


@pytest.fixture
def model() -> StaticModel:
    if not all(find_spec(name) for name in PACKAGES):
        pytest.skip(INSTALL)
    return StaticModel()


def cosine(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_texts_that_mean_the_same_are_alike(model: StaticModel) -> None:
    basket, cart, yaml = model.embed(["purchase basket", "what a buyer wants", "YAML parser"])
    assert cosine(basket, basket) == pytest.approx(1.0, abs=1e-5)
    assert cosine(basket, cart) > cosine(basket, yaml) + 0.1


def test_vectors_are_those_that_the_package_gives(model: StaticModel) -> None:
    # The similarity that WordLlama's own description states for these two.
    car, shop = model.embed(["i went to the car", "i went to the pawn shop"])
    assert cosine(car, shop) == pytest.approx(0.06641249, abs=1e-6)


def test_vectors_are_the_same_each_time_and_in_any_company(model: StaticModel) -> None:
    texts = ["def run(self)", "", "löschen 😀", "x" * 5_000]
    every = model.embed(texts)
    assert every == model.embed(texts) == [StaticModel().embed([text])[0] for text in texts]
    assert {len(vector) for vector in every} == {256}
    assert not any(every[1])
    assert model.embed([]) == []


def test_no_network_is_used(model: StaticModel, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert any(model.embed(["retry"])[0])


def test_without_the_extra_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(CodexGraphError, match=r"wordllama is not installed: pip install 'codex"):
        StaticModel()


def test_a_package_without_the_files_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in PACKAGES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(CodexGraphError, match=r"safetensors is not there, this wordllama"):
        StaticModel()
