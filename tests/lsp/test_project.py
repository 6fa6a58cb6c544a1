"""The URIs of a project's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pygls.uris import from_fs_path

from codexgraph.serving import host
from lsp.project import Project

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("folder", [".", "with blank", "50%", "é漢", "a_"])
@pytest.mark.parametrize("name", ["a.py", "p q/é#?.py", "100%/~a+b@c.py", "_"])
def test_the_uri_of_a_file_is_that_of_its_path(tmp_path: Path, folder: str, name: str) -> None:
    root = tmp_path / folder
    root.mkdir(exist_ok=True)
    project = Project(host().settings_of(root), root)
    assert project.uri(name) == from_fs_path(str(root / name))
