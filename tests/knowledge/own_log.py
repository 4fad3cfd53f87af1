"""The add-on's own log and events, as a run has written them, with the fields that the conf files give."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from tests.knowledge import spl
from tests.knowledge.apply import Applier, Event, Outcome
from tests.knowledge.conf import Knowledge

SOURCETYPE = "ta_alibaba_sls:log"
SOURCE = "/opt/splunk/var/log/splunk/ta_alibaba_sls_input.log"
_TIME = "%Y-%m-%d %H:%M:%S,%f"
_STAMP = len("2026-01-02 03:04:05,678")


def outcomes(path: Path, knowledge: Knowledge) -> Iterator[tuple[Event, Outcome]]:
    """Each line of a file, and what a search sees of it."""
    applier = Applier(knowledge)
    for line in path.read_text(encoding="utf-8").splitlines():
        when = datetime.strptime(line[:_STAMP], _TIME).timestamp()
        event = Event(line, SOURCETYPE, SOURCE, "hf1", f"{when:.3f}")
        yield event, applier.run(event)


def rows(path: Path, knowledge: Knowledge) -> list[spl.Row]:
    """The lines of a file, the newest first, as a search has them."""
    found = [
        {**spl.view(event, outcome), "index": "_internal"} for event, outcome in outcomes(path, knowledge)
    ]
    return _newest_first(found)


def events(path: Path, knowledge: Knowledge) -> list[spl.Row]:
    """The add-on's own events out of a JSON file."""
    applier, found = Applier(knowledge), []
    for row in json.loads(path.read_text(encoding="utf-8")):
        event = Event(row["event"], row["sourcetype"], row["source"], row["host"], f"{row['time']:.3f}")
        found.append({**spl.view(event, applier.run(event)), "index": row["index"]})
    return _newest_first(found)


def _newest_first(found: list[spl.Row]) -> list[spl.Row]:
    return sorted(found, key=when, reverse=True)


def when(row: spl.Row) -> float:
    """Epoch seconds."""
    return float(str(row["_time"]))
