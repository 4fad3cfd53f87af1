"""What was produced against what arrived: loss, duplicates and delay, told record by record.

Pure: no clock, no socket, no file. Every produced record has a number that no other record has; the arrived
event still carries it in its text, so both sides can be matched without trusting either stand-in's counters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

NUMBER_FIELD = "demo_seq"
_NUMBER = re.compile(NUMBER_FIELD + r'["\\]*\s*[:=]\s*["\\]*([0-9A-Za-z_.-]+)')


@dataclass(frozen=True)
class Arrival:
    """One indexed event. ``at`` is the epoch second of its arrival."""

    number: str
    sourcetype: str = ""
    at: float = 0.0


@dataclass
class Row:
    """The account of one (topic, logstore). ``indexed`` counts different records, not copies."""

    topic: str
    logstore: str
    produced: int = 0
    indexed: int = 0
    sourcetypes: set[str] = field(default_factory=set)
    missing_numbers: list[str] = field(default_factory=list)
    duplicate_numbers: list[str] = field(default_factory=list)
    duplicate: int = 0
    """Surplus copies: a record that arrived three times counts two."""

    @property
    def missing(self) -> int:
        return len(self.missing_numbers)


@dataclass(frozen=True)
class Reconciliation:
    """All rows, and the numbers that arrived though nobody produced them."""

    rows: list[Row]
    unknown_numbers: list[str]
    lags: list[float]
    """Seconds from production to arrival, for records whose production time is known; sorted."""
    backlog: list[float] = field(default_factory=list)
    """Arrival times (epoch seconds) of the records without a production time; sorted."""

    @property
    def total(self) -> Row:
        """The sum of all rows, topic and logstore empty."""
        total = Row("", "")
        for row in self.rows:
            total.produced += row.produced
            total.indexed += row.indexed
            total.duplicate += row.duplicate
            total.sourcetypes |= row.sourcetypes
            total.missing_numbers += row.missing_numbers
            total.duplicate_numbers += row.duplicate_numbers
        return total

    @property
    def complete(self) -> bool:
        """True when nothing is missing. Duplicates are allowed: delivery is at least once."""
        return not self.total.missing

    def lag(self, share: float) -> float | None:
        """The lag that ``share`` (0..1) of the records did not exceed; None when no lag is known."""
        if not self.lags:
            return None
        return self.lags[min(len(self.lags) - 1, int(share * len(self.lags)))]


@dataclass(frozen=True)
class _Produced:
    topic: str
    logstore: str
    at: float | None


class Ledger:
    """Remembers what was produced."""

    def __init__(self) -> None:
        self._records: dict[str, _Produced] = {}

    def __len__(self) -> int:
        return len(self._records)

    def produced(self, topic: str, logstore: str, number: str, at: float | None = None) -> None:
        """Enter one record. ``at``: epoch second of its production, None leaves it out of the lag.

        Raises ValueError when the number has been used before.
        """
        if number in self._records:
            raise ValueError(f"record number {number} was produced twice")
        self._records[number] = _Produced(topic, logstore, at)

    def reconcile(self, arrivals: Iterable[Arrival]) -> Reconciliation:
        """Match arrivals with the entries. May be called again while records still arrive."""
        copies: Counter[str] = Counter()
        first: dict[str, Arrival] = {}
        for arrival in arrivals:
            copies[arrival.number] += 1
            known = first.get(arrival.number)
            if known is None or arrival.at < known.at:
                first[arrival.number] = arrival
        rows: dict[tuple[str, str], Row] = {}
        lags: list[float] = []
        backlog: list[float] = []
        for number, record in self._records.items():
            row = rows.setdefault((record.topic, record.logstore), Row(record.topic, record.logstore))
            _account(row, number, copies[number], first.get(number))
            if number not in first:
                continue
            if record.at is None:
                backlog.append(first[number].at)
            else:
                lags.append(first[number].at - record.at)
        unknown = sorted(set(copies) - set(self._records))
        return Reconciliation(list(rows.values()), unknown, sorted(lags), sorted(backlog))


def _account(row: Row, number: str, copies: int, arrival: Arrival | None) -> None:
    row.produced += 1
    if arrival is None:
        row.missing_numbers.append(number)
        return
    row.indexed += 1
    row.sourcetypes.add(arrival.sourcetype)
    if copies > 1:
        row.duplicate += copies - 1
        row.duplicate_numbers.append(number)


def number_in(text: str) -> str | None:
    """The ledger number in an event's text, in JSON or key=value form; None when there is none."""
    match = _NUMBER.search(text)
    return match.group(1) if match else None
