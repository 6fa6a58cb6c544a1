"""Places in files that are in memory are answered at once, and as a worker thread answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codexgraph.serving import host
from graphdb.errors import NoIndexError
from lsp.answers import Answers
from lsp.at_hand import AtHand, NotAtHandError
from lsp.documents import Document, Edit, Place, opened
from lsp.project import Project
from lsp.text import Encoding
from tests.lsp.conftest import indexed, where, write_repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

CHILD = "pkg/child.py"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return indexed(write_repository(tmp_path / "repo"))


@pytest.fixture
def project(root: Path) -> Iterator[Project]:
    found = Project(host().settings_of(root), root)
    yield found
    found.close()


def document(root: Path, path: str) -> Document:
    return opened((root / path).as_uri(), 1, (root / path).read_text())


def test_every_mention_is_answered_alike(root: Path, project: Project) -> None:
    checked = 0
    for path in (CHILD, "pkg/base.py", "tests/test_child.py"):
        documents = {path: document(root, path)}
        for mention in Answers(project, documents).content(path).mentions:
            at = (path, mention.site.line, mention.site.column)
            expected = Answers(project, documents).at(*at)
            assert AtHand(project, documents).at(*at) == expected != []
            checked += 1
    assert checked > 20


def test_nothing_is_loaded_for_it(root: Path, project: Project) -> None:
    documents = {CHILD: document(root, CHILD)}
    line, column = where(root / CHILD, "h(")
    with pytest.raises(NotAtHandError):
        AtHand(project, documents)
    project.reader()
    with pytest.raises(NotAtHandError):
        AtHand(project, documents).at(CHILD, line + 1, column)
    assert Answers(project, documents).at(CHILD, line + 1, column)
    assert AtHand(project, documents).at(CHILD, line + 1, column)
    with pytest.raises(NotAtHandError):
        AtHand(project, documents).at("pkg/base.py", 1, 1)


def edited(documents: Mapping[str, Document], path: str, line: str) -> dict[str, Document]:
    edit = Edit(line, Place(0, 0), Place(0, 0))
    return {**documents, path: documents[path].edited(edit, 2, Encoding.UTF8)}


def test_open_documents_count(root: Path, project: Project) -> None:
    before = {path: document(root, path) for path in (CHILD, "pkg/base.py")}
    line, column = where(root / CHILD, "h(")
    (first,) = Answers(project, before).at(CHILD, line + 1, column)
    moved = edited(edited(before, "pkg/base.py", "# new\n"), CHILD, "# new\n")
    with pytest.raises(NotAtHandError):
        AtHand(project, moved).at(CHILD, line + 2, column)
    (expected,) = Answers(project, moved).at(CHILD, line + 2, column)
    assert AtHand(project, moved).at(CHILD, line + 2, column) == [expected]
    assert expected.name_line == (first.name_line or 0) + 1


def test_a_new_graph_is_not_at_hand(root: Path, project: Project) -> None:
    documents = {CHILD: document(root, CHILD)}
    line, column = where(root / CHILD, "h(")
    Answers(project, documents).at(CHILD, line + 1, column)
    (root / "pkg/base.py").write_text("def helper(x):\n    return x\n")
    indexed(root)
    with pytest.raises(NotAtHandError):
        AtHand(project, documents).at(CHILD, line + 1, column)
    (symbol,) = Answers(project, documents).at(CHILD, line + 1, column)
    assert AtHand(project, documents).at(CHILD, line + 1, column) == [symbol]
    assert symbol.name_line == 1


def test_a_graph_that_is_gone_is_not_at_hand(root: Path, project: Project) -> None:
    project.reader()
    for file in (root / ".codexgraph").glob("graph*"):
        file.unlink()
    with pytest.raises(NotAtHandError):
        AtHand(project, {})
    with pytest.raises(NoIndexError):
        project.reader().meta()
