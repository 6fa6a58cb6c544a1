"""Line plots as SVG: a percentage against a cut-off, one line a retriever, the cut-offs evenly set.

Cut-offs double from one to the next, so a scale by value would crush the small ones together.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH, _HEIGHT = 560, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 130, 40, 40
_COLOURS = ("#0b6e4f", "#c8553d", "#3d5a80", "#8d6a9f", "#b08900", "#555555")
"""Told apart also by those who see few colours; the lines are labelled in any case."""


class Series(NamedTuple):
    """One line: points of (cut-off, percent), in order."""

    name: str
    points: tuple[tuple[float, float], ...]


def line_plot(title: str, series: Sequence[Series]) -> str:
    """An SVG document."""
    cuts = sorted({x for line in series for x, _ in line.points})
    step = (_WIDTH - _LEFT - _RIGHT) / max(1, len(cuts) - 1)
    across = {cut: _LEFT + step * number for number, cut in enumerate(cuts)}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
        f'<text x="{_LEFT}" y="20" font-size="14">{escape(title)}</text>',
    ]
    for percent in range(0, 101, 20):
        y = _up(percent)
        parts.append(
            f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}" '
            'stroke="#dddddd"/>'
        )
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{percent}</text>')
    for cut, x in across.items():
        y = _HEIGHT - _BOTTOM + 18
        parts.append(f'<text x="{x:.1f}" y="{y}" text-anchor="middle">{cut:g}</text>')
    for number, line in enumerate(series):
        parts += _line(line, across, _COLOURS[number % len(_COLOURS)], number)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _line(line: Series, across: dict[float, float], colour: str, number: int) -> list[str]:
    places = [(across[x], _up(y)) for x, y in line.points]
    text = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    key_y = _TOP + 18 * number + 6
    return [
        f'<polyline points="{text}" fill="none" stroke="{colour}" stroke-width="2"/>',
        *(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places),
        f'<line x1="{_WIDTH - _RIGHT + 10}" y1="{key_y}" x2="{_WIDTH - _RIGHT + 30}" '
        f'y2="{key_y}" stroke="{colour}" stroke-width="2"/>',
        f'<text x="{_WIDTH - _RIGHT + 36}" y="{key_y + 4}">{escape(line.name)}</text>',
    ]


def _up(percent: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * percent / 100
