"""`python -m tests.bench.side <name> ...`: measure, print tables and goals, publish them when told to.

Exit code 1 when a measurement did not come to its end, else 0: whether a goal is met is told, not judged.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.bench.side import distance, fairness, growth, idle, latency, licence, many, pair, publish
from tests.bench.side.measurement import Figures, MeasureError, Measurement
from tests.bench.side.stage import Bench

ALL: dict[str, Measurement] = {
    module.MEASUREMENT.name: module.MEASUREMENT
    for module in (latency, idle, distance, pair, many, fairness, growth, licence)
}


def main() -> int:
    given = _options()
    names = [*ALL] if "all" in given.names else given.names
    figures: dict[str, Figures] = {}
    failed = False
    if names:
        with Bench() as bench:
            for name in names:
                found = _measure(ALL[name], bench)
                failed |= found is None
                if found is not None:
                    figures[name] = found
            keep = given.json or (publish.RESULTS if given.publish else None)
            if keep:
                publish.keep(figures, publish.facts(bench.spl), keep)
    if given.publish and not failed:
        publish.write([*ALL.values()])
    return 1 if failed else 0


def _measure(one: Measurement, bench: Bench) -> Figures | None:
    """Run it and say what came out; None when it broke off."""
    began = time.monotonic()
    sys.stdout.write(f"\n{one.title}\n")
    sys.stdout.flush()
    try:
        found = one.run(bench)
    except (AssertionError, MeasureError, OSError, RuntimeError) as error:
        sys.stderr.write(f"  {one.name} did not come to its end: {error}\n")
        return None
    sys.stdout.write(one.table(found).text())
    for goal in one.goals(found):
        sys.stdout.write(f"  {goal.line()}\n")
    sys.stdout.write(f"  ({time.monotonic() - began:.0f} s)\n")
    sys.stdout.flush()
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.side", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("names", nargs="*", metavar="name", help=f"all, or some of: {', '.join(ALL)}")
    parser.add_argument(
        "--publish", action="store_true", help="keep the figures and rewrite the documents from them"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the figures here")
    given = parser.parse_args()
    if unknown := {*given.names} - {"all", *ALL}:
        parser.error(f"there is no measurement {', '.join(sorted(unknown))}; choose of all, {', '.join(ALL)}")
    return given


if __name__ == "__main__":
    sys.exit(main())
