"""What the fuzz tests expect of the add-on: settings to vary, and the check of a rendered batch."""

from __future__ import annotations

from sls_ingest.errors import ConfigError
from sls_ingest.log_types import LOG_TYPES
from sls_ingest.pipeline import Pipeline
from tests.unit.core import fuzz_reader
from tests.unit.core.fuzz_wire import Group, Log
from tests.unit.core.inputs import parsed
from tests.unit.core.log_groups import Whole

Over = dict[str, str]  # settings on top of a valid stanza

# What a stanza may say about events.
VARIANTS: tuple[Over, ...] = (
    {},
    {"event_format": "raw:message"},
    {"event_format": "raw:__tag__:x"},
    {"topics_include": "keep*;actiontrail_*", "topics_exclude": "*drop_*"},
    {"host": "siem", "index": "main", "index_routes": "actiontrail_*=audit", "source": "<&]]>"},
    {"event_id": "1"},
)


def _pipelines() -> list[tuple[Over, Pipeline]]:
    made = []
    for over in VARIANTS:
        try:
            made.append((over, Pipeline(parsed(**over))))
        except ConfigError:
            assert "event_id" in over  # not in this version
    return made


PIPELINES = _pipelines()


def is_kept(group: Group, over: Over) -> bool:
    """Whether the topic filter of `over` lets the group through."""
    topic = fuzz_reader.text_of(group.topic)
    if "topics_include" not in over:
        return True
    return topic.startswith(("keep", "actiontrail_")) and "drop_" not in topic


def _expected_meta(group: Group, over: Over) -> dict[str, str]:
    topic, source = fuzz_reader.text_of(group.topic), fuzz_reader.text_of(group.source)
    index = over.get("index", "")
    meta = {
        "source": over.get("source", "sls://audit-project/actiontrail_log"),
        "sourcetype": _sourcetype(topic),
        "index": "audit" if index and topic.startswith("actiontrail_") else index,
        "host": over.get("host") or fuzz_reader.spelled(source),
    }
    return {name: value for name, value in meta.items() if value}


def _sourcetype(topic: str) -> str:
    """By the table, in which a `*` stands at the end only."""
    for name, sourcetype in ((row.topic, row.sourcetype) for row in LOG_TYPES if row.topic):
        if topic == name or (name.endswith("*") and topic.startswith(name[:-1])):
            return sourcetype
    return "alibaba:sls"


def _raw_text(group: Group, log: Log, over: Over) -> str:
    """The text that a raw event should be; empty when it goes out as JSON."""
    field = over.get("event_format", "")[len("raw:") :]
    if not field:
        return ""
    own = [value for key, value in group.tags if field == f"__tag__:{fuzz_reader.text_of(key)}"]
    found = [*own, *(value for key, value in log.pairs if key == field.encode())]
    return fuzz_reader.text_of(found[0]) if found else ""


def check(done: Whole, groups: tuple[Group, ...], over: Over) -> None:
    """The outcome of a batch against the groups that it holds."""
    events = iter(fuzz_reader.StreamReader(done.payload).events)
    dropped = kept = as_json = 0
    for group in groups:
        if not is_kept(group, over):
            dropped += len(group.logs)
            continue
        meta = _expected_meta(group, over)
        for log in group.logs:
            kept += 1
            as_json += _check_event(next(events), meta, group, log, over)
    assert next(events, None) is None, "more events than logs"
    assert (done.events, done.filtered, sum(done.destinations.values())) == (kept, dropped, kept)
    assert done.without_raw_field == (as_json if "event_format" in over else 0)


def _check_event(event: dict[str, str], meta: dict[str, str], group: Group, log: Log, over: Over) -> bool:
    """One event; True when it is JSON."""
    data = event.pop("data")
    assert event.pop("time", None) == fuzz_reader.time_of(log)
    assert event == meta
    raw = _raw_text(group, log, over)
    if raw:
        assert data == fuzz_reader.spelled(raw)
        return False
    fuzz_reader.check_fields(data, group, log, over.get("event_id") == "1")
    return True
