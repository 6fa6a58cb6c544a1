"""Facts are kept up to a bound; mentions are found alike in the files and in the table of all."""

from __future__ import annotations

import random
import weakref
from typing import TYPE_CHECKING

from indexer.languages import REGISTRY
from indexer.project import KEPT_BYTES, KEPT_SHARE, Project, ReadAs, StoredFile, stored_file

if TYPE_CHECKING:
    from indexer.facts import FileFacts

TEXTS = {
    "a.py": b"run() run,*3 base< run:*12 ",
    "b.py": b"rerun() run()*2 () ",
    "c.py": b"",
    "d.py": b"run()2 ()*40 r\xc3\xbcn() ",
}


def _project() -> Project:
    return Project(
        {
            path: StoredFile(path, "python", "", 0, 0, b"", b"", mentions)
            for path, mentions in TEXTS.items()
        }
    )


EXPECTED = {
    "run()": [("a.py", 1), ("b.py", 2)],
    "run,": [("a.py", 3)],
    "run:": [("a.py", 12)],
    "()": [("b.py", 1), ("d.py", 40)],
    "rün()": [("d.py", 1)],
    "run": [],
}


def test_mentions_are_sought_while_few_are_asked_for() -> None:
    project = _project()
    for mention, rows in EXPECTED.items():
        assert list(project.mentioning(mention)) == rows
        assert list(project.mentioning(mention)) == rows


def test_many_questions_are_answered_the_same() -> None:
    project = _project()
    for number in range(200):
        assert not project.mentioning(f"other{number}()")
    for mention, rows in EXPECTED.items():
        assert list(project.mentioning(mention)) == rows


class _Table:
    """What a language might make of facts."""

    def __init__(self, facts: FileFacts) -> None:
        self.facts = facts


def test_facts_are_kept_up_to_a_bound_and_then_decoded_again() -> None:
    text = b'"""%s"""\n' % random.Random(0).randbytes(100_000).hex().encode()
    extracted = REGISTRY.language("python").extract("a.py", text)
    file = stored_file("a.py", "python", ReadAs("hash"), extracted)
    files = {f"{number}.py": file for number in range(3 * KEPT_BYTES // len(file.facts))}
    project = Project(files)
    kept = [weakref.ref(project.table(path, _Table)) for path in files]
    alive = [number for number, table in enumerate(kept) if table() is not None]
    assert 0 < len(alive) * len(file.facts) <= KEPT_SHARE * len(files) * len(file.facts)
    assert alive == list(range(alive[0], len(files))), "the last that were asked for"
    oldest = list(files)[alive[0]]
    assert project.table(oldest, _Table) is kept[alive[0]]()
    assert project.facts("0.py") == project.facts(oldest)
    assert kept[alive[0]]() is not None, "it was asked for a moment ago"
    assert kept[alive[1]]() is None
