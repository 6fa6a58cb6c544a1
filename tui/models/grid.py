"""The measures of a result grid: how wide its columns are, from what is in them.

Only some rows are measured, spread over all, so that ten thousand cost what a few hundred do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from tui.models.cypher import cell_text

if TYPE_CHECKING:
    from collections.abc import Sequence

MEASURED_ROWS = 200
MAX_WIDTH = 60
GAP = 2


def column_widths(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    """Columns of the terminal for each column of the result, without the gap."""
    widths = [cell_len(name) for name in columns]
    step = max(1, len(rows) // MEASURED_ROWS)
    for row in (*rows[::step], *rows[-1:]):
        for number, value in enumerate(row):
            widths[number] = max(widths[number], cell_len(cell_text(value)))
    return [min(width, MAX_WIDTH) for width in widths]


def column_starts(widths: Sequence[int]) -> list[int]:
    """Where each column begins, and where the last one ends."""
    starts = [0]
    for width in widths:
        starts.append(starts[-1] + width + GAP)
    return starts


def is_number(value: Any) -> bool:
    """True for what is set to the right."""
    return isinstance(value, int | float) and not isinstance(value, bool)
