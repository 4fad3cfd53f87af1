"""An event's id names the log, not the fetch: it is the same however the log is delivered again."""

from __future__ import annotations

import json

from tests.unit.core.log_groups import batch, rendered
from tests.unit.core.test_render import data_of

GROUPS = [{"topic": str(n % 2), "logs": [(1, [("n", f"{n}.{m}")]) for m in range(3)]} for n in range(4)]


def ids(first: int | None, groups: list[dict[str, object]], **over: str) -> dict[str, str]:
    """Each log's name -> its event id, for `groups` fetched from position `first` on."""
    events = map(json.loads, data_of(rendered(batch(*groups), first, event_id="1", **over).payload))
    return {event["n"]: event["__event_id__"] for event in events}


def test_every_log_has_an_id_of_its_own() -> None:
    found = ids(1000, GROUPS)
    assert len(set(found.values())) == 12
    assert found["0.0"].endswith("-3-3e8-0")


def test_the_id_is_the_same_when_the_log_is_fetched_in_another_batch_or_beside_filtered_ones() -> None:
    whole = ids(1000, GROUPS)
    assert ids(1002, GROUPS[2:]) == {name: whole[name] for name in whole if name[0] in "23"}
    assert ids(1000, GROUPS, topics_exclude="0") == {name: whole[name] for name in whole if name[0] in "13"}


def test_another_logstore_has_other_ids() -> None:
    assert not set(ids(1000, GROUPS).values()) & set(ids(1000, GROUPS, logstore="another").values())


def test_behind_a_query_the_cursor_of_the_batch_stands_for_the_position() -> None:
    assert ids(None, GROUPS)["1.2"].endswith("-3-c.1-2")


def test_a_log_cannot_claim_the_ids_name() -> None:
    raw = batch({"logs": [(1, [("__event_id__", "forged"), ("n", "x")])]})
    (data,) = data_of(rendered(raw, event_id="1").payload)
    fields = json.loads(data)
    assert fields["__event_id__"].endswith("-3-3e8-0")
    assert fields["__event_id____2"] == "forged"


def test_without_the_setting_there_is_no_id() -> None:
    (data, *_) = data_of(rendered(batch(*GROUPS)).payload)
    assert "__event_id__" not in json.loads(data)
