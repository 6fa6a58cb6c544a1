"""`bench checks` as a user runs it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.codexgraph.conftest import Repository

FILES = {
    "a.py": "class Order:\n    def total(self):\n        return 1\n",
    "b.py": "from a import Order\n\n\ndef run():\n    return Order().total()\n",
}


def test_alarms_and_shares(bare: Repository) -> None:
    for path, text in FILES.items():
        (bare.root / path).write_text(text)
    assert bare.run("bench", "checks").code == 3
    assert bare.run("index", "--jobs", "1").code == 0
    done = bare.run("bench", "checks", "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["alarms"] == []
    assert "missed" not in found
    changes = found["metrics"]["changes"]
    assert changes["import"] == {"n": 1, "told": 1.0, "resolved": 1, "resolved_told": 1.0}
    assert changes["called attribute"]["resolved_told"] == 1.0
    lines = bare.run("bench", "checks", "--misses").out.splitlines()
    assert lines[1] == "alarms on files as they are: 0"
    assert any(line.startswith("import ") and "100.0%" in line for line in lines)
