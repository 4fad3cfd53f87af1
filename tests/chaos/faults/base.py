"""What a fault is: something that begins, lasts, and ends."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..site import Site


class Draw:
    """Parameters of one fault, drawn from the seed; short runs take the short end of each range."""

    def __init__(self, rng: random.Random, short: bool) -> None:
        self.rng, self.short = rng, short

    def hold(self, low: float, high: float) -> float:
        """Seconds that a fault lasts."""
        return low if self.short else self.rng.uniform(low, high)

    def one_of(self, *values: Any) -> Any:
        return self.rng.choice(values)


class Fault:
    """One fault. `hold` is how long it lasts, in seconds; 0 is a blow, over when inject() returns."""

    hold = 0.0

    def __init__(self, site: Site, draw: Draw) -> None:
        self.site, self.draw = site, draw
        self.facts: dict[str, Any] = {}
        """What was drawn, for the journal."""
        self.since: float | None = None
        """Epoch second from which recovery counts, where that is not the fault's end."""
        self.complaints: list[str] = []
        """What went on differently from what this fault demands."""

    def inject(self) -> None:
        """Begin. Raises AssertionError, OSError, ControlError where that is impossible."""

    def heal(self) -> None:
        """End; also called after a failed inject()."""

    def struck(self) -> bool:
        """Whether it has had an effect yet; asked before heal()."""
        return True

    def settled(self) -> bool:
        """Whether everything has come that the fault demands, apart from the logs."""
        return True

    def check(self) -> None:
        """A last look after recovery, which may add complaints."""


@dataclass(frozen=True)
class Kind:
    """One entry of the table.

    `family` says what it may overlap with (plan.py), `seconds` what one takes in a short and in a full run.
    `refuses`: checkpoints cannot be saved, or written events are not read, while it lasts.
    """

    make: Callable[[Site, Draw], Fault]
    family: str
    short_seconds: float
    seconds: float
    refuses: bool = False
    holds: bool = False
    """What was about to arrive before it may arrive only after it, though others sent it meanwhile."""
