"""Runs a cell's episodes one after the other: inject, hold, heal, wait for recovery, take account."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Sequence
from contextlib import suppress

from tests.standins.sls.control_client import ControlError
from tests.standins.splunk.server_reply import UnexpectedStatusError

from . import evidence, windows
from .faults import KINDS, Fault
from .faults.base import Draw
from .outcome import Outcome
from .plan import KindFacts, expected_seconds
from .site import Site

PAUSE = 0.8  # seconds between two episodes, on average
_LONGER = 6.0  # seconds that a fault may last longer until it strikes
_PATIENCE = 60.0  # seconds that recovery is waited for
_POLL = 0.05  # seconds
_CALM_SHARE = 0.6  # of the episodes begin when all has settled, the others at any moment after recovery
_CALM = 20.0  # seconds that this is waited for, times the slack
_GIVE_UP = 3  # episodes in a row without recovery
_STALE = 5.0  # seconds from a saved checkpoint until nothing before it may arrive any more
# What a stand-in, its REST interface or the system says when a fault cannot be injected just now.
_FAILURES = (AssertionError, OSError, ControlError, UnexpectedStatusError, KeyError, IndexError)


def facts_of(short: bool) -> dict[str, KindFacts]:
    """The table of kinds as planning wants it."""
    return {
        name: KindFacts(kind.family, kind.short_seconds if short else kind.seconds)
        for name, kind in KINDS.items()
    }


class Driver:
    """`outcomes` grows while run() works."""

    def __init__(self, site: Site, episodes: Sequence[Sequence[str]], short: bool, slack: float) -> None:
        self.outcomes: list[Outcome] = []
        self.now = "-"  #: what is going on, for progress lines
        self._site, self._episodes = site, episodes
        self._rng: random.Random = site.rng
        self._draw = Draw(site.rng, short)
        self._short, self._slack = short, slack
        self._troubles: list[windows.Trouble] = []
        self._counted = 0  # surplus copies that an outcome has answered for
        self._is_calm = False  # whether all has settled since the last trouble
        self._failed = 0  # episodes in a row without recovery

    def run(self) -> None:
        """All episodes, unless the cell does not recover any more."""
        begin = time.monotonic()
        for number, kinds in enumerate(self._episodes):
            self._pace(number, time.monotonic() - begin)
            time.sleep(self._rng.uniform(0.3, 2 * PAUSE - 0.3))
            self.take_account()
            self._episode(number, list(kinds))
            if self._failed >= _GIVE_UP:
                self.outcomes[-1].complaints.append("the cell gave up: nothing recovers any more")
                return

    def _pace(self, done: int, taken: float) -> None:
        """Spread the logs that are left over the time that the rest will take, as far as one can tell."""
        facts = facts_of(self._short)
        before = expected_seconds(self._episodes[:done], facts, PAUSE)
        ahead = expected_seconds(self._episodes[done:], facts, PAUSE)
        self._site.producer.pace(ahead * (taken / before if done >= 5 else 1.0))

    # -- one episode

    def _episode(self, number: int, kinds: list[str]) -> None:
        self.now = "+".join(kinds)
        with self._site.tap.lock:
            self._site.ledger.worst_lag = 0.0
        is_patient = self._rng.random() < _CALM_SHARE
        outcome = Outcome(number, kinds, begin=time.time(), struck=[False] * len(kinds))
        self.outcomes.append(outcome)
        faults = [KINDS[kind].make(self._site, self._draw) for kind in kinds]
        self._strike(faults, outcome)
        outcome.facts = [fault.facts for fault in faults]
        outcome.end = self._site.journal.write("over", number=number, kinds=kinds)
        if self._await_recovery(faults, outcome) and is_patient:
            self._await_calm(outcome)
        for fault in faults:
            fault.check()
            outcome.complaints += fault.complaints
        self.now = "-"

    def _strike(self, faults: list[Fault], outcome: Outcome) -> None:
        """Inject all and heal each in its time."""
        due: list[tuple[float, int, float]] = []
        for index, fault in enumerate(faults):
            begin = self._site.journal.write("inject", kind=outcome.kinds[index], number=outcome.number)
            if self._try(outcome, index, fault.inject, "inject"):
                due.append((time.monotonic() + fault.hold, index, begin))
            else:
                self._try(outcome, index, fault.heal, "heal")
            if index + 1 < len(faults):
                time.sleep(self._rng.uniform(0, fault.hold / 2))
        for moment, index, begin in sorted(due):
            fault = faults[index]
            time.sleep(max(0.0, moment - time.monotonic()))
            outcome.struck[index] = self._await_strike(fault)
            self._try(outcome, index, fault.heal, "heal")
            facts = {"kind": outcome.kinds[index], "struck": outcome.struck[index], "facts": fault.facts}
            end = self._site.journal.write("heal", number=outcome.number, **facts)
            refuses = KINDS[outcome.kinds[index]].refuses
            self._troubles.append(windows.Trouble(begin, end, refuses))

    def _try(self, outcome: Outcome, index: int, step: object, name: str) -> bool:
        """Up to three times, as an input may just be between two runs."""
        assert callable(step)
        for attempt in range(3):
            try:
                step()
                return True
            except _FAILURES as error:
                text = f"{name} of {outcome.kinds[index]} failed: {type(error).__name__}: {error}"
                self._site.journal.write("failed", number=outcome.number, text=text, attempt=attempt)
            time.sleep(1.0)
        outcome.complaints.append(text)
        return False

    def _await_strike(self, fault: Fault) -> bool:
        until = time.monotonic() + _LONGER
        while not fault.struck():
            if time.monotonic() > until:
                return False
            time.sleep(_POLL)
        return True

    # -- recovery

    def _await_recovery(self, faults: list[Fault], outcome: Outcome) -> bool:
        ledger, lock = self._site.ledger, self._site.tap.lock
        with lock:
            mark = len(ledger)
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            settled = [fault.settled() for fault in faults]  # each is asked, as it notes when it was
            if all(settled):
                with lock:
                    complete = ledger.complete_before() >= mark
                if complete:
                    self._recovered(faults, outcome)
                    return True
            time.sleep(_POLL)
        self._failed += 1
        for kind, fault in zip(outcome.kinds, faults):
            if not fault.settled():
                outcome.complaints.append(f"{kind}: what it calls for never came")
        outcome.evidence = evidence.of_missing(self._site)
        self._site.journal.write("unrecovered", number=outcome.number)
        with lock:
            ledger.shelve()
        self._start_afresh()
        return False

    def _start_afresh(self) -> None:
        """Kill every input, so that what is stuck in one of them does not hide what other faults do."""
        for member in self._site.present():
            with suppress(*_FAILURES):  # it may be down already
                member.signal(signal.SIGKILL)

    def _recovered(self, faults: list[Fault], outcome: Outcome) -> None:
        now = time.time()
        since = max([outcome.end, *(fault.since for fault in faults if fault.since)])
        outcome.recovery = now - since
        if any(fault.since for fault in faults):
            outcome.quarantine = since - outcome.begin
        self._failed = 0
        self._site.journal.write("recovered", number=outcome.number, seconds=round(outcome.recovery, 3))
        if outcome.broken(self._slack):
            outcome.evidence = evidence.around(self._site, outcome.begin, now)

    def _await_calm(self, outcome: Outcome) -> None:
        """Wait until checkpoints have caught up and every forwarder takes part: then nothing is excused."""
        site, ends, recovered = self._site, self._site.ends(), time.time()
        since = recovered - (outcome.recovery or 0.0)
        until = time.monotonic() + _CALM * self._slack
        while outcome.saved is None or outcome.back is None:
            late = time.monotonic() > until
            if outcome.saved is None and (site.are_saved(ends) or late):
                outcome.saved = time.time() - recovered
            if outcome.back is None and (site.are_beating(since) or late):
                outcome.back = time.time() - since
            time.sleep(_POLL)
        self._is_calm = not late
        site.journal.write("calm", number=outcome.number, saved=outcome.saved, back=outcome.back)

    # -- accounts

    def take_account(self) -> None:
        """Give the last episode the surplus copies that came since it began."""
        if not self.outcomes:
            return
        outcome, ledger = self.outcomes[-1], self._site.ledger
        with self._site.tap.lock:
            surplus = list(ledger.surplus(self._counted))
            outcome.lag = ledger.worst_lag
        self._counted += len(surplus)
        outcome.duplicates = len(surplus)
        for repeated in windows.repetitions(surplus):
            allowed = windows.allowed(repeated, self._troubles, self._slack)
            told = {**vars(repeated), "window": repeated.window, "allowed": allowed, "moments": None}
            self._site.journal.write("repetition", number=outcome.number, **told)
            if repeated.window >= outcome.window:
                outcome.window, outcome.allowed = repeated.window, allowed
            outcome.excess = max(outcome.excess, repeated.window - allowed)
        if self._is_calm:
            self._troubles.clear()
            self._is_calm = False
        if not any(KINDS[kind].holds for kind in outcome.kinds):
            saved = self._site.watcher.saved_past
            outcome.stale = sum(saved(c.shard, c.position, c.at - _STALE) is not None for c in surplus)
        if outcome.excess > 0 or outcome.stale:
            outcome.evidence = evidence.around(self._site, outcome.begin, time.time())
