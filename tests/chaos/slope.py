"""Does a figure grow? A least-squares line through its samples, with a 95 % confidence interval. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, median
from typing import NamedTuple

Point = tuple[float, float]
_Z = 1.959964  # 97.5 % quantile of the normal distribution
_FEWEST_BLOCKS = 8


class Slope(NamedTuple):
    """Units of y per unit of x; `low` and `high` bound the 95 % confidence interval."""

    value: float
    low: float
    high: float

    @property
    def holds_zero(self) -> bool:
        return self.low <= 0 <= self.high


def slope(points: Sequence[Point]) -> Slope:
    """The least-squares slope of at least three points with different x. Raises ValueError for fewer."""
    count = len(points)
    if count < 3:
        raise ValueError(f"{count} points are too few for a slope with an interval")
    middle, level = fmean(x for x, _ in points), fmean(y for _, y in points)
    spread = math.fsum((x - middle) ** 2 for x, _ in points)
    value = math.fsum((x - middle) * (y - level) for x, y in points) / spread
    rest = math.fsum((y - level - value * (x - middle)) ** 2 for x, y in points)
    margin = t_quantile(count - 2) * math.sqrt(rest / (count - 2) / spread)
    return Slope(value, value - margin, value + margin)


def t_quantile(freedom: int) -> float:
    """97.5 % quantile of Student's distribution (expansion by Cornish and Fisher; within 1 % from 3 on)."""
    z3, z5, z7 = _Z**3, _Z**5, _Z**7
    first = (z3 + _Z) / 4
    second = (5 * z5 + 16 * z3 + 3 * _Z) / 96
    third = (3 * z7 + 19 * z5 + 17 * z3 - 15 * _Z) / 384
    return _Z + first / freedom + second / freedom**2 + third / freedom**3


def blocks(points: Sequence[Point], width: float) -> list[Point]:
    """Means over stretches of `width` in x; the points themselves where that leaves too few.

    Neighbouring samples resemble each other, which would make the interval too narrow; means of longer
    stretches hardly do.
    """
    grouped: dict[int, list[Point]] = {}
    for point in points:
        grouped.setdefault(int(point[0] // width), []).append(point)
    if len(grouped) < _FEWEST_BLOCKS:
        return list(points)
    return [(fmean(x for x, _ in part), fmean(y for _, y in part)) for part in grouped.values()]


def grew(values: Sequence[float], tolerance: float) -> bool:
    """Whether the last third lies above the first by more than `tolerance`, both by their median."""
    third = max(1, len(values) // 3)
    return median(values[-third:]) > median(values[:third]) + tolerance
