"""Analyses of drafts, each text once: several checks look at the same texts one after the other."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.analysis import Analyst, FileAnalysis

_KEPT = 32


class Analyses:
    """An `Analyst` that remembers its last answers; several threads may ask."""

    def __init__(self, analyst: Analyst) -> None:
        self._analyst = analyst
        self._lock = Lock()
        self._known: OrderedDict[tuple[str, str], FileAnalysis] = OrderedDict()

    def analyse(self, path: str, text: str) -> FileAnalysis:
        """What a file would say if it had this text."""
        with self._lock:
            known = self._known.get((path, text))
            if known is None:
                known = self._known[path, text] = self._analyst.analyse(path, text)
                while len(self._known) > _KEPT:
                    self._known.popitem(last=False)
            else:
                self._known.move_to_end((path, text))
            return known
