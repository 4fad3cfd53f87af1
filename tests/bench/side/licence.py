"""Bytes that Splunk counts against its licence, for each raw byte that SLS sends."""

from __future__ import annotations

from tests.bench.side.arrivals import ParsedArrivals
from tests.bench.side.measurement import Figures, Goal, Measurement, Table, number
from tests.bench.side.stage import Bench, Site
from tests.bench.works import NAMES, work
from tests.functional.harness import PROJECT

EVENTS = 4_000  # of each work, about


def run(bench: Bench) -> Figures:
    """For each work: size of a raw log, of its event's text, and of the event with `event_id`."""
    arrivals = ParsedArrivals(characters=True)
    with bench.site(arrivals) as site:
        return {"rows": [_rendered(site, arrivals, name) for name in NAMES]}


def _rendered(site: Site, arrivals: ParsedArrivals, name: str) -> Figures:
    load = work(name)
    groups = list(load.groups[: max(1, EVENTS // load.logs_per_group)])
    plain, marked = (
        _size(site, arrivals, f"{name.lower()}{option}", groups, load.logs_per_group) for option in "01"
    )
    raw = sum(map(len, groups)) / len(groups) / load.logs_per_group
    return {
        "work": load.title,
        "raw_bytes_per_log": raw,
        "event_bytes": plain,
        "event_bytes_with_id": marked,
        "event_bytes_per_raw_byte": plain / raw,
    }


def _size(site: Site, arrivals: ParsedArrivals, name: str, groups: list[bytes], logs: int) -> float:
    """Mean bytes of the events' texts; the name ends in the setting of `event_id`."""
    place = f"licence-{name}"
    site.logstore(place, 1)
    site.sls.control.put_raw_groups(PROJECT, place, groups, shard=0, count_logs=logs)
    site.start_input(place, place, event_id=name[-1])
    count = len(groups) * logs
    site.await_events(place, count)
    site.stop_input(place)
    return arrivals.size(place) / count


def table(found: Figures) -> Table:
    """One row for each work."""
    heads = ("logs", "raw bytes", "event bytes", "with event_id", "event bytes per raw byte")
    keys = ("raw_bytes_per_log", "event_bytes", "event_bytes_with_id", "event_bytes_per_raw_byte")
    return Table(heads, [[row["work"], *(number(row[key]) for key in keys)] for row in found["rows"]])


def goals(found: Figures) -> list[Goal]:
    """None: it is what it is."""
    return []


MEASUREMENT = Measurement(
    "licence",
    "Licence volume",
    "The length of an event's text, which Splunk counts, against the raw bytes of its log and its share "
    "of the log group around it.",
    run,
    table,
    goals,
)
