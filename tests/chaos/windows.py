"""How much was repeated, and how much may be: surplus copies against the checkpoints. Pure.

A forwarder that takes a shard over begins at its saved checkpoint, so what was written after that is
written again: at most what one checkpoint interval holds. It is more where checkpoints could not be saved for
a while, and where one trouble follows another before the next checkpoint is due.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .ledger import Surplus

CHECKPOINT_INTERVAL = 3.0  # seconds, as documented
SAVE_TAKES = 1.0  # seconds that saving a checkpoint may take
_QUIET = 2.0  # seconds without a surplus copy that end one repetition
_STILL = 1.0  # seconds without a first copy beyond which nothing was being written


class Trouble(NamedTuple):
    """A fault lasted from `begin` to `end` (epoch seconds); `refuses`: no checkpoint could be saved."""

    begin: float
    end: float
    refuses: bool


@dataclass
class Repetition:
    """One stretch of a shard that one forwarder sent though it had arrived before; epoch seconds."""

    shard: int
    reader: int
    copies: int
    first_from: float
    first_to: float
    again_from: float
    again_to: float
    moments: set[float] = field(default_factory=set, repr=False)
    """When its first copies arrived, in tenths of a second."""

    @property
    def window(self) -> float:
        """Seconds during which its first copies were written: how far back the reading began again.

        Times at which nothing was written do not count: no checkpoint falls due in them.
        """
        moments = sorted(self.moments)
        return sum(min(later - earlier, _STILL) for earlier, later in zip(moments, moments[1:]))


def repetitions(surplus: Iterable[Surplus]) -> list[Repetition]:
    """Group surplus copies, given in the order of their arrival."""
    done: list[Repetition] = []
    open_ones: dict[tuple[int, int], Repetition] = {}
    for copy in surplus:
        key = (copy.shard, copy.reader)
        known = open_ones.get(key)
        if known is None or copy.at - known.again_to > _QUIET:
            known = Repetition(copy.shard, copy.reader, 0, copy.first_at, copy.first_at, copy.at, copy.at)
            open_ones[key] = known
            done.append(known)
        known.copies += 1
        known.first_from = min(known.first_from, copy.first_at)
        known.first_to = max(known.first_to, copy.first_at)
        known.again_to = copy.at
        known.moments.add(round(copy.first_at, 1))
    return done


def allowed(repetition: Repetition, troubles: Sequence[Trouble], slack: float = 1.0) -> float:
    """The longest window that is in order, in seconds; `slack` multiplies what a saving interval takes.

    A trouble that began before the last repeated log was written may have started the interval anew.
    """
    once = (CHECKPOINT_INTERVAL + SAVE_TAKES) * slack
    extra = 0.0
    for begin, end, refuses in troubles:
        if begin < repetition.first_to and end >= repetition.first_from - once:
            extra += CHECKPOINT_INTERVAL * slack + (end - begin if refuses else 0.0)
    return once + extra
