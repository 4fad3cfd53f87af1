"""One cell as a process: `python -m tests.chaos.cell PLAN.json`; the result goes to result.json beside it."""

from __future__ import annotations

import json
import random
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

from . import evidence
from .driver import Driver
from .faults.shards import where
from .site import Site

_PROGRESS = 10.0  # seconds between two progress lines
_PER_SECOND = 5_000  # logs that the rest is expected to be delivered with, at least
_LAST = 60.0  # seconds that the last logs are waited for
_LATE = 3.0  # seconds for copies that come after everything has arrived


class Cell:
    """Runs one plan (see `__main__`) to its end."""

    def __init__(self, plan: dict[str, Any], home: Path) -> None:
        self._plan, self._home = plan, home
        self._rng = random.Random(plan["seed"])
        self._ended = threading.Event()

    def run(self) -> dict[str, Any]:
        plan = self._plan
        site = Site(self._home, Path(plan["app"]), self._rng, plan["events"], plan["forwarders"])
        driver = Driver(site, plan["episodes"], plan["short"], plan["slack"])
        begin = time.time()
        try:
            site.open()
            opened = time.time()
            threading.Thread(target=self._tell, args=(site, driver), name="progress", daemon=True).start()
            driver.run()
            struck = time.time()
            self._finish(site)
            driver.take_account()
            times = {"open": opened - begin, "faults": struck - opened, "rest": time.time() - struck}
            return self._result(site, driver, times)
        finally:
            self._ended.set()
            site.close()

    def _finish(self, site: Site) -> None:
        """Write the rest, and wait until it has arrived."""
        producer, ledger = site.producer, site.ledger
        producer.finish()
        producer.join(_LAST + producer.left / _PER_SECOND)
        until = time.monotonic() + _LAST
        while time.monotonic() < until:
            with site.tap.lock:
                if not producer.is_alive() and not ledger.missing:
                    break
            time.sleep(0.2)
        time.sleep(_LATE)

    def _result(self, site: Site, driver: Driver, times: dict[str, float]) -> dict[str, Any]:
        ledger = site.ledger
        with site.tap.lock:
            facts = {
                "events": len(ledger),
                "missing": ledger.missing,
                "duplicates": ledger.duplicates,
                "unknown": [*ledger.unknown[:20], *site.tap.strangers[:20]],
                "dropped": ledger.dropped,
                "notices": dict(Counter(notice.kind for notice in site.tap.notices)),
            }
        return {
            **{name: self._plan[name] for name in ("cell", "seed", "forwarders")},
            **facts,
            "home": str(self._home),
            "unwritten": site.producer.left,
            "producer_error": site.producer.error,
            "seconds": {name: round(value, 1) for name, value in times.items()},
            "problems": _problems(site),
            "unexpected_notices": _unexpected(site),
            "outcomes": [outcome.as_dict() for outcome in driver.outcomes],
            "evidence": evidence.of_missing(site) if facts["missing"] else [],
        }

    def _tell(self, site: Site, driver: Driver) -> None:
        total = len(self._plan["episodes"])
        while not self._ended.wait(_PROGRESS):
            with site.tap.lock:
                ledger = site.ledger
                text = f"{len(ledger)} logs, {ledger.missing} under way, {ledger.duplicates} repeated"
            done = f"episode {len(driver.outcomes)}/{total}"
            sys.stdout.write(f"cell {self._plan['cell']}: {done}, {text}, now: {driver.now}\n")
            sys.stdout.flush()


def _problems(site: Site) -> dict[str, list[str]]:
    """What the strict reader of each forwarder's event streams says, by kind."""
    found: dict[str, list[str]] = {}
    for member in site.members:
        for line in member.problems():
            kind, _, text = line.partition(": ")
            found.setdefault(kind, []).append(f"{member.home.name}: {text}")
    return found


def _unexpected(site: Site) -> list[str]:
    """Gaps and quarantines of what was neither dropped unread nor damaged."""
    found = []
    for notice in site.tap.notices:
        if notice.kind == "gap" and notice.fields["shard"] not in site.gaps:
            found.append(f"gap: {json.dumps(notice.fields)}")
        if notice.kind == "quarantine" and where(notice.fields) not in site.poison:
            shown = {name: value for name, value in notice.fields.items() if name != "data_base64"}
            found.append(f"quarantine: {json.dumps(shown)}")
    return found


def _leave(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(f"cell ended by signal {signum}")


def main() -> int:
    signal.signal(signal.SIGTERM, _leave)
    path = Path(sys.argv[1])
    result = Cell(json.loads(path.read_text(encoding="utf-8")), path.parent).run()
    (path.parent / "result.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
