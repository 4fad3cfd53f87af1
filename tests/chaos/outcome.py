"""What one episode of faults did, and whether that is in order. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

HEARTBEAT = 2.0  # seconds
RECOVERY_BOUND = 2 * HEARTBEAT + 5.0  # seconds from a fault's end until nothing of before it is missing
QUARANTINE_BOUND = 30.0  # seconds from a damaged LogGroup until it is quarantined
SAVE_BOUND = (
    RECOVERY_BOUND  # seconds until what has arrived is saved: a save that fails is tried an interval later
)
BACK_BOUND = 15.0  # seconds from a fault's end until a forwarder takes part again


@dataclass
class Outcome:
    """Times in epoch seconds, the rest of the floats in seconds. `recovery` None: it never came."""

    number: int
    kinds: list[str]
    begin: float
    end: float = 0.0
    facts: list[dict[str, Any]] = field(default_factory=list)
    struck: list[bool] = field(default_factory=list)
    recovery: float | None = None
    quarantine: float | None = None
    """Seconds from a damaged LogGroup to its quarantine event."""
    saved: float | None = None
    """Seconds from recovery until every checkpoint had come as far; None: not waited for."""
    back: float | None = None
    """Seconds from where recovery counts until every forwarder beat again; None: not waited for."""
    lag: float = 0.0
    duplicates: int = 0
    window: float = 0.0
    """Of the largest repetition: how long a stretch of logs was repeated, by their first arrival."""
    allowed: float = 0.0
    """What this window may be."""
    excess: float = 0.0
    """By how much any repetition of the episode is longer than it may be; 0 = none is."""
    stale: int = 0
    """Copies that came though the checkpoint behind them had been saved long before."""
    complaints: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)

    def covered(self) -> list[str]:
        """The kinds that really struck."""
        return [kind for kind, hit in zip(self.kinds, self.struck) if hit]

    def broken(self, slack: float) -> list[str]:
        """What is not in order; `slack` multiplies the bounds (1 = as documented)."""
        found = list(self.complaints)
        bound = RECOVERY_BOUND * slack
        if self.recovery is None:
            found.append("it never recovered")
        elif self.recovery > bound:
            found.append(f"recovery took {self.recovery:.1f} s, bound {bound:g} s")
        if self.quarantine is not None and self.quarantine > QUARANTINE_BOUND * slack:
            found.append(f"quarantine took {self.quarantine:.1f} s")
        if self.saved is not None and self.saved > SAVE_BOUND * slack:
            found.append(f"checkpoints were saved only {self.saved:.1f} s after recovery")
        if self.back is not None and self.back > BACK_BOUND * slack:
            found.append(f"a forwarder was back only after {self.back:.1f} s")
        if self.excess > 0:
            found.append(
                f"repeated {self.excess:.1f} s more than it may (largest {self.window:.1f} s, "
                f"of {self.allowed:.1f} s)"
            )
        if self.stale:
            found.append(f"{self.stale} copies came long after the checkpoint behind them was saved")
        return found

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Tally:
    """All outcomes of one kind."""

    kind: str
    count: int = 0
    recoveries: list[float] = field(default_factory=list)
    unrecovered: int = 0
    duplicates: int = 0  #: most of one fault
    window: float = 0.0
    lag: float = 0.0
    quarantines: list[float] = field(default_factory=list)
    saves: list[float] = field(default_factory=list)
    backs: list[float] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.count += 1
        if outcome.recovery is None:
            self.unrecovered += 1
        else:
            self.recoveries.append(outcome.recovery)
        if outcome.quarantine is not None:
            self.quarantines.append(outcome.quarantine)
        if outcome.saved is not None:
            self.saves.append(outcome.saved)
        if outcome.back is not None:
            self.backs.append(outcome.back)
        self.duplicates = max(self.duplicates, outcome.duplicates)
        self.window, self.lag = max(self.window, outcome.window), max(self.lag, outcome.lag)


def tally(outcomes: Sequence[Outcome]) -> dict[str, Tally]:
    """By kind; an overlap counts for both of its kinds, and only faults that struck count."""
    tallies: dict[str, Tally] = {}
    for outcome in outcomes:
        for kind in outcome.covered():
            tallies.setdefault(kind, Tally(kind)).add(outcome)
    return tallies
