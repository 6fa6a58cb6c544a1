"""The setting retrieval.embeddings, as a user turns it on."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tests.graphdb.retrieval.shop import FILES

if TYPE_CHECKING:
    from tests.codexgraph.conftest import Repository

INSTALL = "pip install 'codexgraph[embeddings]'"
ON = {"CODEXGRAPH_RETRIEVAL_EMBEDDINGS": "true"}
needs_extra = pytest.mark.skipif(find_spec("wordllama") is None, reason=INSTALL)
QUESTION = "how many coins does the purchase cost?"


@pytest.fixture
def shop(bare: Repository) -> Repository:
    for path, text in FILES.items():
        (bare.root / path).parent.mkdir(exist_ok=True)
        (bare.root / path).write_text(text)
    return bare


def test_it_is_off_and_can_be_set_in_a_file(shop: Repository) -> None:
    rows = shop.run("config", "show", "--json").value["result"]
    assert "retrieval.embeddings" in str(rows)
    assert shop.run("config", "show").out.count("retrieval.embeddings  false") == 1
    (shop.root / "codexgraph.toml").write_text("[retrieval]\nembeddings = true\n")
    assert shop.run("config", "show").out.count("retrieval.embeddings  true") == 1
    (shop.root / "codexgraph.toml").write_text("[retrieval]\nembeddings = 'on'\n")
    done = shop.run("search", "order")
    assert done.code == 2
    assert "codexgraph.toml:2: retrieval.embeddings must be true or false" in done.err


@pytest.mark.skipif(find_spec("wordllama") is not None, reason="the extra is installed here")
def test_without_the_extra_one_line_says_what_to_do(shop: Repository) -> None:
    done = shop.run("index", "--quiet", **ON)
    assert done.code == 2
    assert done.err.count("\n") == 1
    assert INSTALL in done.err
    assert not (shop.root / ".codexgraph" / "graph.kgl").exists()
    assert shop.run("index", "--quiet").code == 0
    done = shop.run("search", "order", **ON)
    assert done.code == 2
    assert INSTALL in done.err


def test_off_nothing_of_it_is_loaded(shop: Repository) -> None:
    assert shop.run("index", "--quiet").code == 0
    assert not list((shop.root / ".codexgraph").glob("*.vectors"))
    text = (
        "import sys; from codexgraph.cli import main; code = main(['search', 'order']);"
        "print([m for m in ('numpy', 'tokenizers', 'wordllama', 'graphdb.retrieval.static_model')"
        " if m in sys.modules], code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=shop.root, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1].startswith("[]"), done.stderr


@needs_extra
def test_on_symbols_are_found_by_what_they_mean(shop: Repository) -> None:
    assert shop.run("index", "--quiet").code == 0
    plain = shop.run("search", QUESTION, "--json").value
    assert shop.run("search", QUESTION, "--json", **ON).value == plain
    report = shop.run("index", "--json", **ON).value["result"]
    assert report["mode"] == "unchanged"
    (note,) = report["notes"]
    assert note.startswith("vectors made: ")
    assert int(note.split()[-1]) > 5
    found = shop.run("search", QUESTION, "--json", **ON).value["result"]
    assert any("alike in meaning" in item["why"] for item in found)
    assert shop.run("search", QUESTION, "--json").value == plain
    located = shop.run("locate", QUESTION, "--json", **ON).value["result"]
    assert any("alike in meaning" in item["why"] for item in located["files"])
    packed = shop.run("context", QUESTION, "--json", **ON).value["result"]
    assert any("alike in meaning" in item["why"] for item in packed["items"])


@needs_extra
def test_an_update_makes_vectors_of_what_changed(shop: Repository) -> None:
    assert shop.run("index", "--quiet", **ON).code == 0
    orders = shop.root / "shop" / "orders.py"
    orders.write_text(orders.read_text() + "\n\ndef purchase():\n    return 1\n")
    report = shop.run("index", "--json", **ON).value["result"]
    assert report["notes"] == ["vectors made: 1"]
    assert shop.run("clean").code == 0
    assert not (shop.root / ".codexgraph").exists()
