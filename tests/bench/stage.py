"""Where the paths run: an SLS stand-in that is always ahead of them, and what else they need."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.app_package import place_app
from tests.bench.children import HecSink
from tests.bench.works import Work
from tests.demo.sls_process import SlsProcess
from tests.functional.harness import KEY_ID, KEY_SECRET, PROJECT, Forwarder, create_account
from tests.standins.splunk import Knobs

MOST_MB_PER_SECOND = 1200.0  # more than any path reads
START_SECONDS = 6.0  # that a path may read before and after the window


@dataclass(frozen=True)
class Place:
    """A logstore with more in it than a path can read in its run; `mb` is what is in it (10^6 bytes)."""

    logstore: str
    work: Work
    shards: int
    mb: float


class Stage:
    """The stand-ins of a bench; a context manager. `app` is the unpacked add-on."""

    def __init__(self, home: Path, app: Path) -> None:
        self.home, self.app = home, app
        self._numbers = itertools.count(1)
        self._open = ExitStack()
        self._forwarders: dict[str, Forwarder] = {}
        self._sink: HecSink | None = None

    def __enter__(self) -> Stage:
        self.sls = self._open.enter_context(SlsProcess(self.home / "sls"))
        self.sls.control.add_access_key(KEY_ID, KEY_SECRET)
        self.sls.control.create_project(PROJECT)
        self.sls.control.set_knob("groups_per_logstore", 10_000)
        return self

    def __exit__(self, *exc: object) -> None:
        self._open.close()

    def next_name(self) -> str:
        """A name that no other consumer group or input of this stage has."""
        return f"bench-{next(self._numbers)}"

    @contextmanager
    def filled(self, work: Work, shards: int, window: float) -> Iterator[Place]:
        """A logstore full of the work, and pulls that return its template as a whole."""
        control, name = self.sls.control, self.next_name()
        wanted = MOST_MB_PER_SECOND * (window + START_SECONDS)
        times = 1 + int(wanted * 1e6 / work.pull_bytes / shards)
        control.set_knob("pull_max_bytes", work.pull_bytes)
        control.create_logstore(PROJECT, name, shards=shards)
        for shard in range(shards):
            control.put_raw_groups(
                PROJECT, name, work.groups, shard=shard, count_logs=work.logs_per_group, repeat=times
            )
        try:
            yield Place(name, work, shards, times * shards * work.pull_bytes / 1e6)
        finally:
            control.delete_logstore(PROJECT, name)

    @property
    def sink(self) -> HecSink:
        """The event collector, started when it is first asked for."""
        if self._sink is None:
            self._sink = self._open.enter_context(HecSink())
        return self._sink

    def forwarder(self, python: str) -> Forwarder:
        """A Splunk stand-in with the add-on on it whose inputs run on that interpreter (a path); started
        when it is first asked for. It reads and checks their events, and counts them."""
        if python not in self._forwarders:
            home = self.home / f"hf{len(self._forwarders) + 1}"
            place_app(self.app, home)
            knobs = Knobs(store="count", exec_debug=False)
            forwarder = Forwarder(home, self.sls, knobs=knobs, pythons={"3.9": python})
            self._open.enter_context(forwarder)
            forwarder.addon.set_network(ca_bundle=self.sls.ca_file)
            create_account(forwarder)
            self._forwarders[python] = forwarder
        return self._forwarders[python]

    def problems(self) -> list[str]:
        """What the Splunk stand-ins found wrong with the event streams."""
        return [text for forwarder in self._forwarders.values() for text in forwarder.problems()]
