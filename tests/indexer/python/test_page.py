"""The examples of docs/python.md are true: what their comments name is found, and no other call."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.indexer.python.linked import Linked, compare, expected

PAGE = Path(__file__).parents[3] / "docs" / "python.md"
EXAMPLES = re.findall(r"(?ms)^```python\n(.*?)^```", PAGE.read_text())


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_says_what_is_found(example: str, tmp_path: Path) -> None:
    linked = Linked({"page.py": example}, tmp_path)
    assert expected(linked.files)[0]
    assert compare(linked) == []
