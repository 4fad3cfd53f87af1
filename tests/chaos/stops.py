"""`python -m tests.chaos.stops --count 100`: SIGTERM at random moments of an input's life.

Each stop must end the process within five seconds and lose nothing. Several lanes run side by side. Exit code
1 when a stop took longer, a log is missing, or a lane got stuck.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from tests.app_package import find_or_build_spl, place_app, unpack
from tests.chaos.stop_cases import CASES
from tests.chaos.stop_lane import Lane
from tests.demo.sls_process import SlsProcess
from tests.pythons import pythons_for_splunk
from tests.standins.sls import SlsServer

BOUND = 5.0  # seconds from the signal until the process is gone, as promised to users
LANES = 4
EXPECTED = ("cut_event",)  # complaints about the stream: a stop may end a process inside an event


@dataclass(frozen=True)
class Stop:
    """One stop: `seconds` from the signal to the end of the process, `duplicates` that came of it."""

    number: int
    case: str
    lane: str
    seconds: float
    duplicates: int


@dataclass
class Outcome:
    """What a run of the suite found; `trouble` holds what should not have happened, in words."""

    stops: list[Stop] = field(default_factory=list)
    produced: int = 0
    missing: int = 0
    trouble: list[str] = field(default_factory=list)

    @property
    def late(self) -> list[Stop]:
        return [stop for stop in self.stops if stop.seconds > BOUND]

    @property
    def ok(self) -> bool:
        return not (self.late or self.missing or self.trouble)

    def text(self) -> str:
        """A table by situation, and the verdict."""
        width = max(map(len, CASES))
        head = f"\n  {'situation':<{width}}  stops  median s   max s  duplicates  (most)\n"
        rows = [_row(case, [s for s in self.stops if s.case == case], width) for case in CASES]
        every = _row("all", self.stops, width)
        late = "".join(f"  LATE: {s.seconds:.1f} s, {s.case} (stop {s.number})\n" for s in self.late)
        trouble = "".join(f"  TROUBLE: {text}\n" for text in self.trouble)
        ledger = (
            f"\n  {self.produced:,} logs, {self.missing} missing, {len(self.late)} stops over {BOUND:g} s\n"
        )
        return head + "".join(rows) + every + ledger + late + trouble


def _row(name: str, stops: Sequence[Stop], width: int) -> str:
    if not stops:
        return ""
    seconds, copies = [stop.seconds for stop in stops], [stop.duplicates for stop in stops]
    return (
        f"  {name:<{width}}  {len(stops):5}  {median(seconds):8.2f}  {max(seconds):6.2f}"
        f"  {sum(copies):10}  {max(copies):6}\n"
    )


def plan(count: int, seed: int) -> list[str]:
    """`count` situations in random order, each about equally often."""
    names = [name for _ in range(count // len(CASES) + 1) for name in CASES][:count]
    random.Random(seed).shuffle(names)
    return names


class Suite:
    """The lanes that work through one plan."""

    def __init__(self, sls: SlsServer, app: Path, home: Path, seed: int) -> None:
        self.outcome = Outcome()
        self._sls, self._app, self._home, self._seed = sls, app, home, seed
        self._pythons = pythons_for_splunk()
        self._lock = threading.Lock()

    def run(self, names: Sequence[str], lanes: int) -> Outcome:
        """Every `lanes`-th situation goes to one lane."""
        threads = [
            threading.Thread(target=self._lane, args=(f"lane{n}", list(enumerate(names, 1))[n::lanes]))
            for n in range(lanes)
        ]
        for thread in threads:
            thread.start()
            time.sleep(0.1)
        for thread in threads:
            thread.join()
        self._sls.control.close()  # each lane's thread had a connection of its own
        self.outcome.stops.sort(key=lambda stop: stop.number)
        return self.outcome

    def _lane(self, name: str, todo: list[tuple[int, str]]) -> None:
        place_app(self._app, self._home / name)
        number, seed = 0, self._seed * 1000 + int(name[len("lane") :])
        lane = Lane(self._sls, self._home / name, self._pythons, seed)
        try:
            with lane:
                for number, case in todo:
                    seconds = CASES[case](lane)
                    self._note(Stop(number, case, name, round(seconds, 3), lane.settle()))
        except (AssertionError, ProcessLookupError, KeyError, RuntimeError, OSError) as error:
            self._trouble(f"{name}, stop {number} ({dict(todo).get(number)}): {error}")
        self._account(lane)

    def _note(self, stop: Stop) -> None:
        with self._lock:
            self.outcome.stops.append(stop)
            sys.stdout.write(
                f"  {len(self.outcome.stops):3}  {stop.case}: {stop.seconds:.2f} s, "
                f"{stop.duplicates} duplicates\n"
            )
            sys.stdout.flush()

    def _account(self, lane: Lane) -> None:
        total = lane.last.total
        problems = [p for p in lane.forwarder.problems() if not p.startswith(EXPECTED)]
        with self._lock:
            self.outcome.produced += total.produced
            self.outcome.missing += total.missing
            self.outcome.trouble += [f"{lane.project}: {problem}" for problem in problems]

    def _trouble(self, text: str) -> None:
        with self._lock:
            self.outcome.trouble.append(text)
            sys.stdout.write(f"  {text}\n")


def run(home: Path, count: int, lanes: int, seed: int) -> Outcome:
    """The whole suite, on the package that the tests use."""
    app = unpack(find_or_build_spl(home / "package.log"), home / "app")
    with SlsProcess(home / "sls") as sls:
        return Suite(sls, app, home, seed).run(plan(count, seed), lanes)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--count", type=int, default=100, help="how many stops (100)")
    parser.add_argument("--lanes", type=int, default=LANES, help=f"how many side by side ({LANES})")
    parser.add_argument("--seed", type=int, default=1, help="order and moments (1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the figures go, too")
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="sls-stops-"))
    started = time.monotonic()
    outcome = run(home, given.count, given.lanes, given.seed)
    sys.stdout.write(outcome.text() + f"  {time.monotonic() - started:.0f} s\n")
    if given.json:
        given.json.write_text(json.dumps({"bound": BOUND, **asdict(outcome)}, indent=1) + "\n")
    if outcome.ok:
        shutil.rmtree(home, ignore_errors=True)
    else:
        sys.stderr.write(f"All logs are in {home}\n")
    return 0 if outcome.ok else 1


if __name__ == "__main__":
    sys.exit(main())
