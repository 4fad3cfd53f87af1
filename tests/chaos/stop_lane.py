"""One lane of the stop suite: a project of its own in a shared SLS, a forwarder of its own, and a ledger."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.addon import APP, SCHEME
from tests.functional.harness import (
    KEY_ID,
    KEY_SECRET,
    LOGSTORE,
    Forwarder,
    Traffic,
    create_account,
    create_input,
    wait_for,
)
from tests.standins.ledger import Reconciliation
from tests.standins.sls import SlsServer
from tests.standins.splunk import Knobs

INPUT, SPARE = "central", "spare"
STANZA, SPARE_STANZA = f"{SCHEME}://{INPUT}", f"{SCHEME}://{SPARE}"
HEARTBEAT = 1  # seconds
GIVE_UP = 15.0  # seconds after which a process that does not stop is killed
_POLL = 0.004  # seconds; the resolution of what is measured
_SETTLE = 60.0  # seconds for all logs to arrive after a stop
_BURST, _PAUSE = 60, 0.05  # logs at once, and seconds between two bursts, while traffic flows


class Lane:
    """A running input to be stopped again and again; a context manager.

    `sls` is a stand-in in this process or in one of its own; `home` already holds the add-on.
    """

    def __init__(self, sls: SlsServer, home: Path, pythons: dict[str, str], seed: int) -> None:
        self.rng = random.Random(seed)
        self.project = home.name
        self.control = sls.control
        self.traffic = Traffic(sls.control, seed)
        self.forwarder = Forwarder(home, sls, server_name=home.name, pythons=pythons, knobs=Knobs())
        self.last: Reconciliation = self.traffic.ledger.reconcile([])
        """Of all that was written, what had arrived at the end."""
        self._duplicates = 0

    def __enter__(self) -> Lane:
        try:
            self._set_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self.last = self.traffic.reconcile(self.forwarder)
        self.forwarder.close()

    def _set_up(self) -> None:
        self.control.add_access_key(KEY_ID, KEY_SECRET)
        self.control.create_project(self.project)
        self.control.create_logstore(self.project, LOGSTORE, shards=2)
        self.forwarder.start()
        self.forwarder.addon.set_network(ca_bundle=self.forwarder.sls.ca_file)
        create_account(self.forwarder)
        create_input(self.forwarder, INPUT, project=self.project, heartbeat_interval=HEARTBEAT)
        self._set_up_spare()
        self.put(100)
        self.settle()

    def _set_up_spare(self) -> None:
        """A second input, switched off, on a logstore without logs: for what only a first start does."""
        self.control.create_logstore(self.project, SPARE, shards=1)
        # A relative start, so that the input asks for the age of each shard.
        over = {"project": self.project, "logstore": SPARE, "cursor_start_time": "-1h", "disabled": 1}
        create_input(self.forwarder, SPARE, heartbeat_interval=HEARTBEAT, interval=600, **over)

    # -- logs

    def put(self, events: int) -> None:
        """Write logs to both shards."""
        self.traffic.put(events, project=self.project, group_size=20)

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """Logs are written all the while, by a thread of their own."""
        ended = threading.Event()

        def write() -> None:
            while not ended.wait(_PAUSE):
                self.put(_BURST)

        thread = threading.Thread(target=write, name=f"traffic-{self.project}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def settle(self) -> int:
        """Wait until every log has arrived; how many more copies there are than at the last call."""
        result = self.traffic.wait_until_all_arrived(self.forwarder, timeout=_SETTLE)
        time.sleep(0.2)  # for copies that come after the last missing log
        result = self.traffic.reconcile(self.forwarder)
        before, self._duplicates = self._duplicates, result.total.duplicate
        return self._duplicates - before

    # -- trouble

    @contextmanager
    def fault(self, endpoint: str, **settings: Any) -> Iterator[int]:
        """A fault of SLS for this lane's project only; its id."""
        number = self.control.fault(endpoint, project=self.project, **settings)
        try:
            yield number
        finally:
            self.control.clear_faults(number)

    def wait_struck(self, fault: int, timeout: float) -> bool:
        """Whether a fault has met a request before the time-out."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if any(rule["id"] == fault and rule["struck"] for rule in self.control.faults()):
                return True
            time.sleep(0.02)
        return False

    @contextmanager
    def blocked(self) -> Iterator[None]:
        """splunkd does not read."""
        self.forwarder.pause_reading(STANZA)
        try:
            yield
        finally:
            self.forwarder.resume_reading(STANZA)

    def wait_blocked(self) -> None:
        """Until a write has begun that the full pipe does not take."""
        wait_for(lambda: (self.forwarder.unread_bytes(STANZA) or 0) > 60_000, 15, "the pipe to be full")

    # -- the process

    def pause(self, least: float, most: float) -> None:
        """Sleep for a random time, in seconds."""
        time.sleep(self.rng.uniform(least, most))

    def running(self, stanza: str = STANZA) -> tuple[int, float]:
        """Process id and start time (epoch seconds) of an input, which starts within a tick after its end."""
        return wait_for(lambda: self._running(stanza), 20, f"{stanza} of {self.project} to run", poll=_POLL)

    def _running(self, stanza: str) -> tuple[int, float] | None:
        for row in self.forwarder.inputs():
            if row.stanza == stanza and row.state == "running" and row.pid and row.started:
                return (row.pid, row.started) if is_alive(row.pid) else None
        return None

    def stop(self, stanza: str = STANZA) -> float:
        """Send SIGTERM; seconds until the process is gone, at most GIVE_UP."""
        pid, _ = self.running(stanza)
        started = time.monotonic()
        self.forwarder.signal_input(stanza, signal.SIGTERM)
        while is_alive(pid):
            if time.monotonic() - started > GIVE_UP:
                with suppress(ProcessLookupError):
                    self.forwarder.signal_input(stanza, signal.SIGKILL)
                break
            time.sleep(_POLL)
        return time.monotonic() - started

    @contextmanager
    def first_start(self) -> Iterator[None]:
        """The spare input is switched on, while its logstore has no consumer group yet."""
        self.control.delete_logstore(self.project, SPARE)
        self.control.create_logstore(self.project, SPARE, shards=1)
        self._switch_spare("enable")
        try:
            yield
        finally:
            self._switch_spare("disable")

    def _switch_spare(self, action: str) -> None:
        path = f"/servicesNS/nobody/{APP}/data/inputs/{SCHEME}/{SPARE}/{action}"
        self.forwarder.rest("POST", path, expect=200)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
