"""The line through the soak test's samples, against figures that tables and textbooks give."""

from __future__ import annotations

import random

import pytest

from tests.chaos.slope import blocks, grew, slope, t_quantile


@pytest.mark.parametrize(
    ("freedom", "table"), [(3, 3.182), (5, 2.571), (10, 2.228), (25, 2.060), (1000, 1.962)]
)
def test_the_quantile_agrees_with_the_table(freedom: int, table: float) -> None:
    assert t_quantile(freedom) == pytest.approx(table, rel=0.01)


def test_slope_and_interval_of_a_worked_example() -> None:
    # By hand: mean (3, 4), Sxx 10, Sxy 6, residuals 2.4, so 0.6 +- 3.182 * sqrt(2.4 / 3 / 10).
    found = slope([(1, 2), (2, 4), (3, 5), (4, 4), (5, 5)])
    assert found.value == pytest.approx(0.6)
    assert (found.low, found.high) == pytest.approx((-0.3, 1.5), abs=0.01)
    assert found.holds_zero


def test_growth_beyond_the_noise_is_told_from_noise() -> None:
    rng = random.Random(1)
    noise = [(float(x), 100_000 + rng.gauss(0, 500)) for x in range(27)]
    assert slope(noise).holds_zero
    assert slope([(x, y + 100 * x) for x, y in noise]).low > 0


def test_two_points_have_no_interval() -> None:
    with pytest.raises(ValueError, match="too few"):
        slope([(1, 1), (2, 2)])


def test_blocks_are_means_and_a_short_run_keeps_its_samples() -> None:
    points = [(second / 6, float(second)) for second in range(60)]
    assert blocks(points, 1)[0] == (pytest.approx(2.5 / 6), pytest.approx(2.5))
    assert blocks(points[:12], 1) == points[:12]


def test_a_spike_is_no_growth_and_a_step_is() -> None:
    assert not grew([9, 9, 12, 9, 10, 30, 9, 9, 10], 1)
    assert grew([9, 9, 9, 10, 11, 12, 12, 12, 12], 1)
