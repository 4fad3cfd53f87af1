"""The ways from a shard to Splunk that are measured, each a whole process."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.bench.children import TOKEN, Ask, Counter, EventTags, Program, Totals
from tests.bench.stage import Place, Stage
from tests.functional.harness import KEY_ID, KEY_SECRET, PROJECT, Forwarder, create_input, wait_for
from tests.standins.splunk.runner import RESOLVER_DIR

PROGRAMS = Path(__file__).parent / "programs"
PYPY = "pypy3"
"""Name of PyPy among the versions of CPython."""
WARM_UP, PYPY_WARM_UP = 1.0, 35.0  # seconds; PyPy compiles for so long
_ENDED = ("stopped", "done", "failed")


class Run(Protocol):
    """A path under way."""

    pid: int

    def events(self) -> int: ...


Start = Callable[[Stage, Place, str], AbstractContextManager[Run]]


@dataclass(frozen=True)
class Way:
    """One path.

    `start(stage, place, python)` runs it on an interpreter (a path, or PYPY). `seconds` is about what a run
    takes beside its warm-up and its window; `rhythm` is the time in seconds between its bursts, 0 where it
    has none; `lesser` paths are run with one number of shards and the newest Python only.
    """

    name: str
    title: str
    start: Start
    seconds: float
    rhythm: float = 0.0
    lesser: bool = False
    on_pypy: bool = False

    def warm_up(self, python: str) -> float:
        """Seconds from the first event to the window."""
        return PYPY_WARM_UP if python == PYPY else WARM_UP


def _library(interval: float) -> Start:
    def start(stage: Stage, place: Place, python: str) -> AbstractContextManager[Run]:
        more = {"fetch_interval": interval, "unfold": place.work.unfold}
        return _program(stage, place, python, "library", EventTags(), **more)

    return start


def _hec(stage: Stage, place: Place, python: str) -> AbstractContextManager[Run]:
    sink = stage.sink
    more = {"fetch_interval": 1.0, "sink": sink.url, "token": TOKEN}
    return _program(stage, place, python, "hec", Ask(sink.total), **more)


def _floor(stage: Stage, place: Place, python: str) -> AbstractContextManager[Run]:
    return _program(stage, place, python, "floor", Totals(place.work.logs_per_group))


@contextmanager
def _addon(stage: Stage, place: Place, python: str) -> Iterator[Run]:
    forwarder, name = stage.forwarder(python), stage.next_name()
    unfold = "auto" if place.work.unfold else "none"
    settings = {"logstore": place.logstore, "heartbeat_interval": 20, "interval": 60, "unfold": unfold}
    before = forwarder.event_count()
    create_input(forwarder, name, **settings)
    try:
        yield _Input(forwarder, name, before)
    finally:
        forwarder.addon.delete_input(name)
        wait_for(lambda: _state(forwarder, name) in _ENDED, 20, f"the end of the input {name}")


class _Input:
    """A running input of the add-on."""

    def __init__(self, forwarder: Forwarder, name: str, before: int) -> None:
        self._forwarder, self._name, self._before = forwarder, name, before
        self.pid = wait_for(self._pid, 20, f"the process of the input {name}")

    def events(self) -> int:
        """Raises RuntimeError when the process that was measured is gone."""
        if self._pid() != self.pid:
            raise RuntimeError(f"the input ended: {self._forwarder.addon.log_tail(5)}")
        return self._forwarder.event_count() - self._before

    def _pid(self) -> int | None:
        rows = self._forwarder.inputs()
        return next((row.pid for row in rows if row.stanza.endswith(f"//{self._name}")), None)


def _state(forwarder: Forwarder, name: str) -> str:
    """The state of an input, "done" for one that is forgotten."""
    rows = forwarder.inputs()
    return next((row.state for row in rows if row.stanza.endswith(f"//{name}")), "done")


def _program(stage: Stage, place: Place, python: str, name: str, counter: Counter, **more: object) -> Program:
    group = stage.next_name()
    given = {
        "endpoint": stage.sls.https_endpoint,
        "key_id": KEY_ID,
        "key_secret": KEY_SECRET,
        "project": PROJECT,
        "logstore": place.logstore,
        "group": group,
        "shards": place.shards,
        **more,
    }
    executable = shutil.which(PYPY) or PYPY if python == PYPY else python
    argv = [executable, str(PROGRAMS / f"{name}.py"), json.dumps(given)]
    return Program(argv, _environment(stage, python), stage.home / f"{group}-{name}.log", counter)


def _environment(stage: Stage, python: str) -> dict[str, str]:
    """Libraries of the package, names of the stand-in, and its CA: as the add-on has them."""
    lib = stage.app / "lib"
    own = PROGRAMS / "pypy" if python == PYPY else lib / "plat" / f"linux_{os.uname().machine}"
    parts = (RESOLVER_DIR, own, lib)
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": os.pathsep.join(map(str, parts)),
        "SPLUNK_STANDIN_RESOLVE": json.dumps({"*.sls.test": "127.0.0.1", "sls.test": "127.0.0.1"}),
        "REQUESTS_CA_BUNDLE": str(stage.sls.ca_file),
    }


WAYS = {
    way.name: way
    for way in (
        Way("a1", "library, fetch interval 1 s", _library(1.0), 5.5, rhythm=1.0),
        Way("a02", "library, fetch interval 0.2 s", _library(0.2), 1.5),
        Way("hec", "the vendor's sample: one HTTP POST per event", _hec, 4.5, lesser=True, on_pypy=True),
        Way("addon", "this add-on", _addon, 4.0),
        Way("floor", "fetch and decompress only", _floor, 0.5),
    )
}
