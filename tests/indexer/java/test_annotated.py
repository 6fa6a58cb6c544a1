"""Every line of the annotated Java sources: all that is expected is said, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.indexer.java.saying import expected, said

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures/java/extract"
SOURCES = sorted(FIXTURES.glob("*.java"))


def test_there_are_sources() -> None:
    assert len(SOURCES) >= 5


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_annotated(path: Path) -> None:
    text = path.read_bytes()
    wanted, found = expected(text.decode()), said(text)
    lines = text.decode().split("\n")
    wrong = [
        f"{path.name}:{number}: {lines[number - 1].strip()}\n"
        f"    wanted {wanted.get(number, [])}\n    found  {found.get(number, [])}"
        for number in sorted(wanted.keys() | found.keys())
        if wanted.get(number, []) != found.get(number, [])
    ]
    assert not wrong, "\n" + "\n".join(wrong)
