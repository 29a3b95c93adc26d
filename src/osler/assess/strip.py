"""Draws an ECG lead on its paper grid as SVG, with the beats that are meant marked.

    svg = strip(samples_mv, rate_hz, lead, marks=[Mark(...)], start_s=0, length_s=10)

Paper: 25 mm/s and 10 mm/mV, a small square 1 mm, a large one 5 mm (AHA/ACC 2007, part I).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

__all__ = ["Mark", "strip"]

_MM = 4.0  # SVG units a millimetre
_MM_A_SECOND = 25.0
_MM_A_MILLIVOLT = 10.0
_MOST_POINTS = 2500  # along one strip: finer than a screen shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A beat to point at: seconds from the start of the recording and a short label."""

    at_s: float
    label: str
    strong: bool


def strip(
    samples_mv: np.ndarray,
    rate_hz: float,
    lead: str,
    marks: Sequence[Mark],
    start_s: float,
    length_s: float,
) -> bytes:
    """SVG of samples (n,) of one lead between `start_s` and `start_s + length_s`."""
    first = int(start_s * rate_hz)
    part = samples_mv[first : first + int(length_s * rate_hz)]
    part = part - np.median(part)
    low = min(-1.0, float(np.floor(part.min() * 2) / 2))
    high = max(1.5, float(np.ceil(part.max() * 2) / 2))
    width = len(part) / rate_hz * _MM_A_SECOND * _MM
    height = (high - low) * _MM_A_MILLIVOLT * _MM
    named = escape(lead)  # the recording's own words
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -22 {width:.0f} {height + 22:.0f}" '
        f'role="img" font-family="sans-serif" aria-label="ECG lead {named}">',
        '<g class="paper">' + _grid(width, height, 1, "#f6d5d5", 0.5),
        _grid(width, height, 5, "#eaa9a9", 0.8) + "</g>",
        _trace(part, rate_hz, high),
        f'<text x="6" y="14" font-size="14" fill="#334155">{named}  25 mm/s  10 mm/mV</text>',
    ]
    lines += [
        _mark(mark, start_s, height)
        for mark in marks
        if start_s <= mark.at_s < start_s + len(part) / rate_hz
    ]
    return "\n".join([*lines, "</svg>"]).encode()


def _grid(width: float, height: float, every_mm: int, colour: str, stroke: float) -> str:
    step = every_mm * _MM
    across = "".join(f"M{x:.0f} 0V{height:.0f}" for x in np.arange(0, width + 1, step))
    down = "".join(f"M0 {y:.0f}H{width:.0f}" for y in np.arange(0, height + 1, step))
    return f'<path d="{across}{down}" stroke="{colour}" stroke-width="{stroke}" fill="none"/>'


def _trace(part: np.ndarray, rate_hz: float, high: float) -> str:
    every = max(1, len(part) // _MOST_POINTS)
    x = np.arange(0, len(part), every) / rate_hz * _MM_A_SECOND * _MM
    y = (high - part[::every]) * _MM_A_MILLIVOLT * _MM
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    return f'<polyline points="{points}" fill="none" stroke="#0f172a" stroke-width="1.4"/>'


def _mark(mark: Mark, start_s: float, height: float) -> str:
    x = (mark.at_s - start_s) * _MM_A_SECOND * _MM
    if not mark.strong:
        return (
            f'<text x="{x:.0f}" y="-6" font-size="13" text-anchor="middle" '
            f'fill="#64748b">{escape(mark.label)}</text>'
        )
    return (
        f'<rect x="{x - 28:.0f}" y="0" width="56" height="{height:.0f}" fill="#b2182b" '
        f'fill-opacity="0.12"/><text x="{x:.0f}" y="-6" font-size="15" font-weight="700" '
        f'text-anchor="middle" fill="#b2182b">{escape(mark.label)}</text>'
    )
