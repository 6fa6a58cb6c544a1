"""DevEval: the records of EvoCodeBench's format over other repositories, below a topic's folder."""

from __future__ import annotations

from benchmarks.harness.suite import DataCard
from benchmarks.suites.evocodebench import DependencySuite

SUITE = DependencySuite(
    card=DataCard(
        title="DevEval, ContextRecall of reference dependencies (bodies hidden)",
        source="data.tar.gz of seketeam/DevEval",
        version="c165345",
        licence="none stated: do not redistribute",
        obtain="data.tar.gz of seketeam/DevEval holds data.jsonl",
    ),
    folders=1,
)
