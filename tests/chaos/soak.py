"""`python -m tests.chaos.soak --minutes 30`: one input at full rate; does its process grow?

The SLS stand-in runs in a process of its own and always has more than the input can read. Exit code 1 when
the resident memory, the threads or the file descriptors of the input's process grew, or when it did not run
well.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.app_package import find_or_build_spl, place_app, unpack
from tests.chaos import soak_report
from tests.chaos.soak_feed import Feeder
from tests.chaos.soak_report import Sample
from tests.demo.sls_process import SlsProcess
from tests.functional.harness import KEY_ID, KEY_SECRET, LOGSTORE, PROJECT, Forwarder, connect, wait_for
from tests.pythons import pythons_for_splunk
from tests.standins.splunk import Knobs

SHARDS = 4
AHEAD = 1200  # log groups in each shard that no checkpoint covers: some 10 s of reading
HEARTBEAT = 5  # seconds
EVERY, LOOK = 10.0, 0.25  # seconds between two samples, and between two looks at the memory


@contextmanager
def stage(home: Path) -> Iterator[tuple[Forwarder, Feeder]]:
    """Both stand-ins, the input and its feeder, all running."""
    app = unpack(find_or_build_spl(home / "package.log"), home / "app")
    place_app(app, home / "hf1")
    with SlsProcess(home / "sls") as sls:
        sls.control.add_access_key(KEY_ID, KEY_SECRET)
        sls.control.create_project(PROJECT)
        sls.control.create_logstore(PROJECT, LOGSTORE, shards=SHARDS)
        feeder = Feeder(sls.control, (PROJECT, LOGSTORE), "splunk-central", AHEAD)
        knobs = Knobs(store="count", exec_debug=False)
        forwarder = Forwarder(home / "hf1", sls, knobs=knobs, pythons=pythons_for_splunk())
        with forwarder, feeder:
            forwarder.addon.set_network(ca_bundle=sls.ca_file)
            connect(forwarder, heartbeat_interval=HEARTBEAT, interval=60)
            yield forwarder, feeder


def collect(forwarder: Forwarder, feeder: Feeder, minutes: float) -> Iterator[Sample]:
    """A sample every ten seconds, from the first event on."""
    wait_for(forwarder.event_count, 60, "the first event")
    pid = next(row.pid for row in forwarder.inputs() if row.pid)
    started = time.monotonic()
    for number in range(int(minutes * 60 / EVERY) + 1):
        rss = list(resident(pid, started + number * EVERY))
        if feeder.error:
            raise RuntimeError(f"nothing is fed any more: {feeder.error}")
        count = forwarder.event_count()
        yield soak_report.sample(
            pid, rss, time.monotonic() - started, count, count * feeder.bytes_per_log / 1e6
        )


def resident(pid: int, until: float) -> Iterator[int]:
    """The resident KB of a process, at least once and up to the monotonic second `until`."""
    yield soak_report.status(pid)[0]
    while time.monotonic() < until:
        time.sleep(LOOK)
        yield soak_report.status(pid)[0]


def run(minutes: float, home: Path) -> soak_report.Report:
    """The whole soak; prints a line per minute as it goes."""
    with stage(home) as (forwarder, feeder):
        samples: list[Sample] = []
        sys.stdout.write(soak_report.HEAD)
        for sample in collect(forwarder, feeder, minutes):
            samples.append(sample)
            if round(sample.seconds) % 60 == 0:
                sys.stdout.write(soak_report.line(samples))
                sys.stdout.flush()
        return soak_report.report(samples, forwarder.problems())


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--minutes", type=float, default=30, help="how long (30)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the figures go, too")
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="sls-soak-"))
    try:
        found = run(given.minutes, home)
    except (AssertionError, ProcessLookupError, FileNotFoundError, RuntimeError) as error:
        sys.stderr.write(f"The soak did not come to its end: {error}\nWhat it wrote is in {home}\n")
        return 1
    sys.stdout.write(found.text())
    if given.json:
        given.json.write_text(json.dumps(found.figures(), indent=1) + "\n")
    shutil.rmtree(home, ignore_errors=True)
    return 1 if found.failures else 0


if __name__ == "__main__":
    sys.exit(main())
