"""From the cells' results to figures, a table, and a verdict. Pure."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from .outcome import RECOVERY_BOUND, Outcome, Tally, tally

# An input that dies in the middle of a write leaves half an event behind; splunkd drops it, and it comes
# whole with the next run. The strict reader counts that, and it is in order here.
EXPECTED_PROBLEMS = ("cut_event",)
_MOST_EVIDENCE = 400  # lines


class Report:
    """`results` as the cells wrote them; `demanded` are the kinds that must have struck at least once."""

    def __init__(self, results: Sequence[dict[str, Any]], demanded: Sequence[str], slack: float) -> None:
        self._results, self._slack = results, slack
        self._pairs = [(r, Outcome(**row)) for r in results for row in r["outcomes"]]
        self.tallies = tally([outcome for _, outcome in self._pairs])
        self.uncovered = [kind for kind in demanded if kind not in self.tallies]
        self.broken = [
            (result, outcome, text) for result, outcome in self._pairs for text in outcome.broken(slack)
        ]

    # -- figures

    def total(self, name: str) -> int:
        """The sum of a figure over all cells."""
        return sum(int(result[name]) for result in self._results)

    @property
    def faults(self) -> int:
        return sum(row.count for row in self.tallies.values())

    def problems(self) -> Counter[str]:
        """Complaints about event streams by kind."""
        return Counter(
            {
                kind: sum(len(r["problems"].get(kind, ())) for r in self._results)
                for kind in {name for r in self._results for name in r["problems"]}
            }
        )

    def failures(self) -> list[str]:
        """Every reason to fail, one line each; empty when all is in order."""
        found = [
            f"cell {r['cell']} (seed {r['seed']}): {text}" for r in self._results for text in _of_cell(r)
        ]
        found += [f"kind {kind} was demanded and never struck" for kind in self.uncovered]
        for result, outcome, text in self.broken:
            found.append(
                f"cell {result['cell']} (seed {result['seed']}), episode {outcome.number} "
                f"({'+'.join(outcome.kinds)}): {text}"
            )
        return found

    def as_dict(self) -> dict[str, Any]:
        """All figures, for --json."""
        return {
            "ok": not self.failures(),
            "events": self.total("events"),
            "missing": self.total("missing"),
            "duplicates": self.total("duplicates"),
            "dropped_by_retention": self.total("dropped"),
            "faults": self.faults,
            "uncovered": self.uncovered,
            "recovery_bound": RECOVERY_BOUND * self._slack,
            "kinds": {kind: _figures(row) for kind, row in self.tallies.items()},
            "problems": self.problems(),
            "failures": self.failures(),
            "cells": list(self._results),
        }

    # -- text

    def table(self) -> str:
        """One line per kind; seconds."""
        head = (
            f"{'kind':28}{'count':>6}{'recovery max':>14}{'median':>8}{'repeated':>10}{'window':>8}{'lag':>7}"
        )
        rows = [_row(self.tallies[kind]) for kind in sorted(self.tallies)]
        return "\n".join([head, *rows, "", *self._summary()])

    def _summary(self) -> list[str]:
        recoveries = [seconds for row in self.tallies.values() for seconds in row.recoveries]
        quarantines = [seconds for row in self.tallies.values() for seconds in row.quarantines]
        lines = [
            f"faults {self.faults}, logs {self.total('events')}, missing {self.total('missing')}, "
            f"repeated {self.total('duplicates')}, dropped unread by SLS {self.total('dropped')}",
            f"recovery at most {max(recoveries, default=0):.1f} s, bound {RECOVERY_BOUND * self._slack:g} s, "
            f"median {statistics.median(recoveries or [0]):.1f} s",
        ]
        if quarantines:
            lines.append(f"quarantine took {min(quarantines):.1f} to {max(quarantines):.1f} s")
        saves = [seconds for row in self.tallies.values() for seconds in row.saves]
        backs = [seconds for row in self.tallies.values() for seconds in row.backs]
        lines.append(
            f"checkpoints caught up at most {max(saves, default=0):.1f} s after recovery, every forwarder "
            f"was back at most {max(backs, default=0):.1f} s after a fault"
        )
        for kind, count in sorted(self.problems().items()):
            lines.append(f"event streams: {count} x {kind}{' (expected)' * (kind in EXPECTED_PROBLEMS)}")
        return lines

    def evidence(self) -> str:
        """The logs around each failure, bounded."""
        lines = [line for result in self._results for line in _told(result, result["evidence"])]
        lines += [
            line
            for result, outcome in self._pairs
            if outcome.broken(self._slack)
            for line in _told(result, outcome.evidence, f"episode {outcome.number} {'+'.join(outcome.kinds)}")
        ]
        more = len(lines) - _MOST_EVIDENCE
        return "\n".join(lines[:_MOST_EVIDENCE] + ([f"... and {more} more lines"] if more > 0 else []))


def _of_cell(result: dict[str, Any]) -> Iterable[str]:
    if result["missing"]:
        yield f"{result['missing']} logs are missing"
    if result["unknown"]:
        yield f"events that nobody produced: {result['unknown'][:3]}"
    if result["unwritten"] or result["producer_error"]:
        yield f"{result['unwritten']} logs were not written {result['producer_error']}"
    for text in result["unexpected_notices"]:
        yield f"without reason: {text}"
    for kind, texts in result["problems"].items():
        if kind not in EXPECTED_PROBLEMS:
            yield f"event stream, {kind}: {texts[0]}"


def _told(result: dict[str, Any], lines: Sequence[str], what: str = "") -> list[str]:
    head = f"--- cell {result['cell']}, seed {result['seed']}, {what or 'the end'} ({result['home']})"
    return [head, *lines] if lines else []


def _figures(row: Tally) -> dict[str, Any]:
    return {
        "count": row.count,
        "unrecovered": row.unrecovered,
        "recovery_max": max(row.recoveries, default=None),
        "recovery_median": statistics.median(row.recoveries) if row.recoveries else None,
        "duplicates_max": row.duplicates,
        "window_max": row.window,
        "lag_max": row.lag,
        "quarantine_max": max(row.quarantines, default=None),
    }


def _row(row: Tally) -> str:
    most = f"{max(row.recoveries):.1f}" if row.recoveries else "-"
    median = f"{statistics.median(row.recoveries):.1f}" if row.recoveries else "-"
    return (
        f"{row.kind:28}{row.count:6}{most:>14}{median:>8}{row.duplicates:10}{row.window:8.1f}{row.lag:7.1f}"
        + (f"  {row.unrecovered} never recovered" if row.unrecovered else "")
    )
