"""What a measurement is: a run that gives figures, a table of them, and the goals they are held against."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.bench.side.stage import Bench

Figures = dict[str, Any]
"""JSON-able; names end in their unit."""


class MeasureError(RuntimeError):
    """A measurement that did not come to its end; the message is one sentence."""


@dataclass(frozen=True)
class Goal:
    """One demand: `found` (with its unit in `text`) must be at most, or at least, `bound`."""

    text: str
    found: float
    bound: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the figure keeps the bound."""
        return self.found >= self.bound if self.at_least else self.found <= self.bound

    def line(self) -> str:
        """The goal, the figure and the verdict as a sentence."""
        sign = ">=" if self.at_least else "<="
        return f"{self.text} {sign} {self.bound:g}: {number(self.found)}, {'met' if self.met else 'MISSED'}"


@dataclass(frozen=True)
class Table:
    """Heads and rows of text; the first column is left-aligned, the others to the right."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]

    def text(self) -> str:
        """For a terminal."""
        lines = [self.heads, *self.rows]
        widths = [max(len(line[n]) for line in lines) for n in range(len(self.heads))]
        return "".join(
            "  " + "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() + "\n"
            for row in lines
        )

    def markdown(self) -> str:
        """For a document."""
        rule = ["---", *["---:"] * (len(self.heads) - 1)]
        return "".join("| " + " | ".join(row) + " |\n" for row in [self.heads, rule, *self.rows])


@dataclass(frozen=True)
class Measurement:
    """One of them. `note` says in a sentence or two how it is done."""

    name: str
    title: str
    note: str
    run: Callable[[Bench], Figures]
    table: Callable[[Figures], Table]
    goals: Callable[[Figures], list[Goal]]


def number(value: float) -> str:
    """Three significant digits, thousands with commas."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
