from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from xml.etree import ElementTree

from sls_ingest.notices import Damaged, quarantine_events
from tests.unit.core.inputs import parsed

CONTENT = bytes(range(256)) * 1000


def events(data: bytes, **over: str) -> list[Any]:
    damaged = Damaged(7, "c1", "c2", "why <&> not", "lz4", data)
    payload = quarantine_events(damaged, parsed(**over), 1_700_000_000.5)
    return list(ElementTree.fromstring(b"<stream>%b</stream>" % payload))


def test_a_damaged_log_group_can_be_put_together_again_from_its_events() -> None:
    found = events(CONTENT, index="sec", host="h")
    fields = [json.loads(event.findtext("data")) for event in found]
    assert b"".join(base64.b64decode(part["data_base64"]) for part in fields) == CONTENT
    assert {part["sha256"] for part in fields} == {hashlib.sha256(CONTENT).hexdigest()}
    assert [part["part"] for part in fields] == list(range(1, len(fields) + 1))
    assert {part["parts"] for part in fields} == {len(fields)}
    assert {(part["shard"], part["cursor"], part["next_cursor"]) for part in fields} == {(7, "c1", "c2")}
    assert fields[0]["error"] == "why <&> not"


def test_no_event_is_large_and_all_lie_where_the_logs_lie() -> None:
    found = events(CONTENT, index="sec", host="h")
    assert max(len(event.findtext("data")) for event in found) < 70_000
    assert {event.findtext("index") for event in found} == {"sec"}
    assert {event.findtext("host") for event in found} == {"h"}
    assert {event.findtext("sourcetype") for event in found} == {"alibaba:sls:quarantine"}
    assert {event.findtext("time") for event in found} == {"1700000000.500"}


def test_an_empty_or_a_huge_body_is_told_as_such() -> None:
    (event,) = events(b"")
    assert json.loads(event.findtext("data"))["bytes"] == 0
    last = json.loads(events(bytes(17 * 1024 * 1024))[-1].findtext("data"))
    assert (last["bytes"], last["bytes_kept"]) == (17 * 1024 * 1024, 16 * 1024 * 1024)
