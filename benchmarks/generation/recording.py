"""A pytest plugin that writes one JSON line a report to the file named in CODEXGRAPH_RECORD.

It runs inside the interpreter of the project under test, so it imports nothing of ours and is
written for Python 3.8. Under xdist only the controller sees all reports and only it writes.
"""

from __future__ import annotations

import json
import os
from typing import Any

VARIABLE = "CODEXGRAPH_RECORD"


def pytest_runtest_logreport(report: Any) -> None:
    """Note how a phase of a test ended; an expected failure is `xfailed`."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    outcome = "xfailed" if hasattr(report, "wasxfail") else report.outcome
    row = {"id": report.nodeid, "when": report.when, "outcome": outcome}
    if outcome in ("failed", "error"):
        row["text"] = str(report.longrepr)[-4000:]
    with open(os.environ[VARIABLE], "a", encoding="utf-8") as file:  # noqa: PTH123 - the project under test may have replaced pathlib's parts
        file.write(json.dumps(row) + "\n")
