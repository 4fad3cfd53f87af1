"""Where it happens: an SLS stand-in in a process of its own, a Splunk stand-in here, inputs in processes."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.addon import SCHEME
from tests.app_package import find_or_build_spl, place_app, unpack
from tests.bench.side.agents import Address
from tests.bench.side.arrivals import ParsedArrivals, UnparsedArrivals
from tests.bench.side.measurement import MeasureError
from tests.bench.side.payload import Work, fill
from tests.demo.sls_process import SlsProcess
from tests.functional.harness import (
    KEY_ID,
    KEY_SECRET,
    PROJECT,
    Forwarder,
    create_account,
    create_input,
    wait_for,
)
from tests.pythons import pythons_for_splunk
from tests.standins.splunk import Knobs

DEFAULTS = {"heartbeat_interval": 20, "interval": 60}
"""What the functional tests' harness sets quicker than an input's page does."""
_ENDED = ("stopped", "done", "failed")


class Bench:
    """One unpacked add-on for all measurements of a session; a context manager."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="bench_side-"))
        self.spl = find_or_build_spl(self.home / "package.log")
        self._app = unpack(self.spl, self.home / "app")
        self._sites = 0

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *exc: object) -> None:
        shutil.rmtree(self.home, ignore_errors=True)

    @contextmanager
    def site(self, arrivals: ParsedArrivals | UnparsedArrivals) -> Iterator[Site]:
        """Both stand-ins, new and empty. The kind of `arrivals` decides whether events are parsed."""
        self._sites += 1
        home = self.home / f"site{self._sites}"
        place_app(self._app, home / "hf1")
        with SlsProcess(home / "sls") as sls:
            sls.control.add_access_key(KEY_ID, KEY_SECRET)
            sls.control.create_project(PROJECT)
            parsed = isinstance(arrivals, ParsedArrivals)
            knobs = Knobs(store="tap" if parsed else "bytes", exec_debug=False)
            forwarder = Forwarder(home / "hf1", sls, knobs=knobs, pythons=pythons_for_splunk())
            with forwarder:
                site = Site(sls, forwarder, arrivals)
                yield site
                site.check()
        shutil.rmtree(home, ignore_errors=True)


class Site:
    """The stand-ins of one measurement and the inputs on them."""

    def __init__(
        self, sls: SlsProcess, forwarder: Forwarder, arrivals: ParsedArrivals | UnparsedArrivals
    ) -> None:
        self.sls, self.forwarder, self.arrivals = sls, forwarder, arrivals
        if isinstance(arrivals, ParsedArrivals):
            forwarder.tap(arrivals.take)
        else:
            forwarder.tap_bytes(arrivals.take)
        forwarder.addon.set_network(ca_bundle=sls.ca_file)
        create_account(forwarder)

    # -- SLS

    @property
    def address(self) -> Address:
        """Where producers in other processes find it."""
        return Address(self.sls.https_port, str(self.sls.ca_file), self.sls.control.control_url)

    def logstore(self, name: str, shards: int) -> None:
        """A new, empty logstore."""
        self.sls.control.create_logstore(PROJECT, name, shards=shards)

    def fill(self, logstore: str, shards: range | list[int], work: Work, groups: int) -> int:
        """At least so many log groups in each of the shards; returns how many logs that are together."""
        return sum(fill(self.sls.control, (PROJECT, logstore), shard, work, groups) for shard in shards)

    def calls(self, endpoint: str, after: float = 0.0, **fields: Any) -> list[dict[str, Any]]:
        """The calls of one kind that SLS answered from an epoch second on; `fields` as in its trace."""
        return [
            row
            for row in self.sls.control.requests()
            if row["endpoint"] == endpoint
            and row["t"] >= after
            and all(row[name] == value for name, value in fields.items())
        ]

    def first_heartbeat(self, group: str, after: float, timeout: float = 30) -> float:
        """Epoch second of the first answered heartbeat of a consumer group since an epoch second."""
        rows = wait_for(
            lambda: self.calls("ConsumerGroupHeartBeat", after, consumer_group=group, status=200),
            timeout,
            f"the first heartbeat of {group}",
            poll=0.1,
        )
        return float(rows[0]["t"])

    # -- inputs

    def start_input(self, name: str, logstore: str, **over: Any) -> int:
        """A new input with the defaults of its page, reading from the beginning; its process's id."""
        create_input(self.forwarder, name, logstore=logstore, **{**DEFAULTS, **over})
        return self.pid(name)

    def stop_input(self, name: str) -> None:
        """Disable an input and wait for its process's end."""
        self.forwarder.addon.disable_input(name)
        wait_for(lambda: self._state(name) in _ENDED, 20, f"input {name} to stop")

    def enable_input(self, name: str) -> int:
        """Start an input that was stopped; its process's id."""
        self.forwarder.addon.enable_input(name)
        return self.pid(name)

    def pid(self, name: str) -> int:
        """Process id of a running input, waiting for a start that is under way."""
        return wait_for(lambda: self._running(name), 20, f"input {name} to run", poll=0.01)

    def _running(self, name: str) -> int | None:
        stanza = f"{SCHEME}://{name}"
        rows = self.forwarder.inputs()
        return next((r.pid for r in rows if r.stanza == stanza and r.state == "running"), None)

    def _state(self, name: str) -> str:
        stanza = f"{SCHEME}://{name}"
        return next((row.state for row in self.forwarder.inputs() if row.stanza == stanza), "stopped")

    # -- arrivals

    def await_events(self, name: str, count: int = 1, timeout: float = 60) -> float:
        """Wait until an input has delivered so many events; epoch second at which that was seen."""
        wait_for(
            lambda: self.arrivals.of(name) >= count,
            timeout,
            lambda: f"{count:,} events of {name} ({self.arrivals.of(name):,} came)",
            poll=0.005,
        )
        return time.time()

    def check(self) -> None:
        """Raises MeasureError when the event stream was not clean or an input ended by itself."""
        if problems := self.forwarder.problems():
            raise MeasureError(f"the event stream: {problems[0]}")
        restarted = [row.stanza for row in self.forwarder.inputs() if row.exit_code not in (None, 0)]
        if restarted:
            raise MeasureError(f"{restarted[0]} ended by itself:\n{self.forwarder.addon.log_tail()}")
