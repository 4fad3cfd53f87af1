"""JSON text in known fields becomes JSON in the event, unchanged; what is none stays text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sls_ingest.unfold import LENGTH
from tests.unit.core.log_groups import Whole, batch, one_log, rendered
from tests.unit.core.test_render import data_of

MAP = '{"my_*": ["event", "more"], "other": ["x"]}'


def event_of(*pairs: tuple[str, str], topic: str = "my_app", unfold: str = MAP) -> dict[str, Any]:
    """The event of one log."""
    found: dict[str, Any] = json.loads(text_of(*pairs, topic=topic, unfold=unfold))
    return found


def text_of(*pairs: tuple[str, str], topic: str = "my_app", unfold: str = MAP) -> str:
    return data_of(done(*pairs, topic=topic, unfold=unfold).payload)[0]


def done(*pairs: tuple[str, str], topic: str = "my_app", unfold: str = MAP) -> Whole:
    return rendered(one_log(*pairs, topic=topic), unfold=unfold)


def test_an_actiontrail_event_is_unfolded_by_itself() -> None:
    text = '{"eventName": "ConsoleSignin", "userIdentity": {"accountId": 1234567890123456789}}'
    event = event_of(("event", text), topic="actiontrail_event", unfold="auto")
    assert event["event"]["userIdentity"] == {"accountId": 1234567890123456789}
    assert event["__topic__"] == "actiontrail_event"


@pytest.mark.parametrize(
    ("topic", "unfold"), [("actiontrail_event", "none"), ("unknown", "auto"), ("x", MAP)]
)
def test_other_text_stays_text(topic: str, unfold: str) -> None:
    assert event_of(("event", '{"a":1}'), topic=topic, unfold=unfold)["event"] == '{"a":1}'


def test_every_field_of_the_map_is_unfolded_and_others_are_not() -> None:
    event = event_of(("event", '{"a":1}'), ("more", "[1,2]"), ("x", '{"b":2}'))
    assert (event["event"], event["more"], event["x"]) == ({"a": 1}, [1, 2], '{"b":2}')


@pytest.mark.parametrize(
    "text",
    [
        '{"id":12345678901234567890123456789,"price":1.10,"e":1e300}',
        '{"a":1,"a":2}',
        '{"Tag.1.Key":"x","":"empty"}',
        '{"lone":"\\ud83d\\ude00","nul":"\\u0000"}',
        '{"<b>":"]]>&"}',
        " [ ] ",
    ],
)
def test_the_text_goes_into_the_event_as_it_is(text: str) -> None:
    assert f'"event":{text}' in text_of(("event", text))


def test_line_ends_between_tokens_do_not_break_the_event() -> None:
    text = text_of(("event", '{\r\n  "a": "b\\nc"\n}'))
    assert "\n" not in text
    assert json.loads(text)["event"] == {"a": "b\nc"}


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"a":1}x',
        "{'a':1}",
        '{"e":1e400}',
        '{"a":NaN}',
        '{"a":"\x01"}',
        "plain",
        "12",
        "null",
        '"text"',
        "[" * 65 + "]" * 65,
    ],
)
def test_what_is_no_json_object_or_array_stays_text_and_is_counted(text: str) -> None:
    found = done(("event", text))
    assert json.loads(data_of(found.payload)[0])["event"] == text
    assert found.not_unfolded == 1


def test_deep_and_wide_are_told_apart() -> None:
    wide, deep = "[" + "{}," * 500 + "{}]", "[" * 64 + "]" * 64
    event = event_of(("event", wide), ("more", deep))
    assert len(event["event"]) == 501
    assert isinstance(event["more"], list)


def test_a_field_that_is_missing_or_empty_is_not_counted() -> None:
    assert done(("other", "1")).not_unfolded == done(("event", "")).not_unfolded == 0


def test_damaged_text_is_repaired_beside_an_unfolded_field() -> None:
    raw = one_log(("event", '{"a":1}'), ("bad", "val"), ("more", "xyz{}"), topic="my_app")
    found = rendered(raw.replace(b"val", b"v\xffl").replace(b"xyz", b"\xff\xff\xff"), unfold=MAP)
    event = json.loads(data_of(found.payload)[0])
    assert (event["event"], event["bad"], event["more"]) == ({"a": 1}, "v\ufffdl", "\ufffd\ufffd\ufffd{}")
    assert (found.repaired, found.not_unfolded) == (1, 1)


def test_raw_events_are_left_alone() -> None:
    raw = one_log(("event", '{"a": 1}'), topic="my_app")
    assert data_of(rendered(raw, unfold=MAP, event_format="raw:event").payload) == ['{"a": 1}']


def test_text_longer_than_the_limit_stays_text() -> None:
    most = '{"a":"' + "x" * (LENGTH - 8) + '"}'
    assert event_of(("event", most))["event"] == json.loads(most)
    longer = most[:-2] + 'x"}'
    found = done(("event", longer))
    assert found.not_unfolded == 1
    assert json.loads(data_of(found.payload)[0])["event"] == longer


TIMES = [
    ("2026-01-01T00:00:00Z", "1767225600.000"),
    ("2026-01-01T00:00:00.25Z", "1767225600.250"),
    ("yesterday", "1767225660.000"),
    ("", "1767225660.000"),
]


@pytest.mark.parametrize(("stated", "time"), TIMES)
@pytest.mark.parametrize("shape", ["inside", "beside", "raw"])
def test_the_events_time_is_the_one_that_the_log_states(stated: str, time: str, shape: str) -> None:
    pairs = {
        "inside": [("event", json.dumps({"eventTime": stated}))],
        "beside": [("when", stated)],
        "raw": [("when", stated), ("event", "text")],
    }[shape]
    over = {
        "inside": {"unfold": "auto"},
        "beside": {"time_field": "when"},
        "raw": {"time_field": "when", "event_format": "raw:event"},
    }[shape]
    raw = batch({"topic": "actiontrail_event", "logs": [(1_767_225_660, pairs)]})
    assert f"<time>{time}</time>".encode() in rendered(raw, **over).payload


@pytest.mark.parametrize("event", ["[1]", "{}", '{"eventTime":null}', '{"eventTime":{"a":1}}', "{broken", ""])
def test_an_event_that_states_no_time_keeps_that_of_sls(event: str) -> None:
    raw = batch({"topic": "actiontrail_event", "logs": [(1_767_225_660, [("event", event)])]})
    assert b"<time>1767225660.000</time>" in rendered(raw).payload
