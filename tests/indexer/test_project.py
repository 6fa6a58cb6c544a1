"""Mentions are found alike by looking through the files and in the table of all of them."""

from __future__ import annotations

from indexer.project import Project, StoredFile

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
