from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sls_ingest import render
from tests.unit.core.log_groups import batch, one_log, rendered

HOSTILE = [
    '"quotes"',
    "<&>",
    "]]>",
    "\x00\x01\x1f",
    "\ufffe\uffff",
    "\u2028\x85",
    "a\r\nb",
    "]]&gt;",
    "\U0010ffff",
    "'",
]


def events_of(payload: bytes) -> list[ET.Element]:
    """What a strict XML 1.0 parser reads."""
    return list(ET.fromstring(b"<stream>" + payload + b"</stream>"))


def data_of(payload: bytes) -> list[str]:
    return [event.findtext("data") or "" for event in events_of(payload)]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_arrives_unchanged(value: str) -> None:
    payload = rendered(one_log((value, value))).payload
    (data,) = data_of(payload)
    assert json.loads(data)[value] == value
    assert "\n" not in data
    assert "\r" not in data


@given(
    st.lists(st.tuples(st.text(max_size=5), st.text(max_size=20)), max_size=5, unique_by=lambda pair: pair[0])
)
def test_every_text_survives_the_stream(pairs: list[tuple[str, str]]) -> None:
    clean = [
        (key.encode("utf-8", "replace").decode(), v.encode("utf-8", "replace").decode()) for key, v in pairs
    ]
    fields = dict(clean)
    (data,) = data_of(rendered(one_log(*fields.items())).payload)
    decoded = json.loads(data)
    assert {key: decoded[key] for key in fields} == fields


def test_damaged_utf8_is_replaced_visibly_and_counted() -> None:
    raw = (
        one_log(("key", "val"), ("kex", "other")).replace(b"val", b"\xed\xa0\x80").replace(b"kex", b"k\xffx")
    )
    done = rendered(raw)
    assert json.loads(data_of(done.payload)[0])["key"] == "\ufffd" * 3
    assert json.loads(data_of(done.payload)[0])["k\ufffdx"] == "other"
    assert done.repaired == 1


def test_names_that_only_look_alike_once_repaired_are_both_kept() -> None:
    raw = one_log(("abc", "1"), ("abd", "2")).replace(b"abc", b"a\xff\xff").replace(b"abd", b"a\xfe\xff")
    decoded = json.loads(data_of(rendered(raw).payload)[0])
    assert (decoded["a\ufffd\ufffd"], decoded["a\ufffd\ufffd__2"]) == ("1", "2")


@pytest.mark.parametrize("name", ["<host>&", "a\x00b", "\ufffe", "]]>"])
def test_metadata_from_outside_stays_inside_its_element(name: str) -> None:
    payload = rendered(one_log(source=name)).payload
    (event,) = events_of(payload)
    assert [child.tag for child in event] == ["time", "source", "sourcetype", "host", "data"]


def test_time_has_milliseconds_and_a_log_without_time_has_none() -> None:
    raw = batch({"logs": [(1_700_000_000, 987_654_321, []), (0, 987_654_321, []), (0, [])]})
    times = [event.findtext("time") for event in events_of(rendered(raw).payload)]
    assert times == ["1700000000.987", None, None]


def test_only_so_many_times_and_headers_are_remembered() -> None:
    part = render.Slice()
    for number in range(1, 2000):
        part.add([(number * 1000, {}), (1000, {})], b"<host>%d</host><data>" % number)
        part.add([(number * 1000, {})], b"<data>")
    assert len(part._prefixes) <= 256
    assert max(map(len, part._prefixes.values())) <= 256
    times = [(event.findtext("time"), event.findtext("host")) for event in events_of(part.xml())]
    expected = [[(f"{n}.000", str(n)), ("1.000", str(n)), (f"{n}.000", None)] for n in range(1, 2000)]
    assert times == [time for group in expected for time in group]


@pytest.mark.parametrize(
    ("value", "text"),
    [("plain", "plain"), ("a\nb\tc", "a\\nb\tc"), ("\x00\ufffe", "\\x00\\ufffe"), ("<&]]>", "<&]]>")],
)
def test_raw_events_spell_out_what_they_cannot_hold(value: str, text: str) -> None:
    payload = rendered(one_log(("message", value)), event_format="raw:message").payload
    assert data_of(payload) == [text]


def test_raw_format_falls_back_to_json_where_the_field_is_missing_or_empty() -> None:
    raw = batch({"logs": [(1, [("other", "x")]), (1, [("message", "")])]})
    done = rendered(raw, event_format="raw:message")
    assert [json.loads(data)["__topic__"] for data in data_of(done.payload)] == ["", ""]
    assert done.without_raw_field == 2


def test_a_huge_log_is_one_event() -> None:
    pairs = [(f"f{n}", "v") for n in range(10_000)] + [("big", "x<" * 500_000)]
    (data,) = data_of(rendered(one_log(*pairs)).payload)
    decoded = json.loads(data)
    assert len(decoded) == 10_003
    assert decoded["big"] == "x<" * 500_000


def test_in_a_long_event_short_values_come_first() -> None:
    pairs = [("url", "u" * 5000), ("status", "200"), ("agent", "a" * 300), ("method", "GET")]
    (text,) = data_of(rendered(one_log(*pairs, topic="waf")).payload)
    assert list(json.loads(text)) == ["status", "method", "__topic__", "__source__", "agent", "url"]
    assert json.loads(text).items() >= dict(pairs).items()


def test_an_event_that_is_not_long_keeps_the_order_of_its_log() -> None:
    pairs = [("url", "u" * 3000), ("status", "200")]
    (text,) = data_of(rendered(one_log(*pairs)).payload)
    assert list(json.loads(text)) == ["url", "status", "__topic__", "__source__"]


def test_what_is_unfolded_stands_last_in_a_long_event_and_so_does_repaired_text() -> None:
    raw = one_log(("event", '{"a":"' + "x" * 5000 + '"}'), ("b", "val"), ("owner_id", "1"), topic="t")
    (text,) = data_of(rendered(raw.replace(b"val", b"v\xffl"), unfold='{"t": ["event"]}').payload)
    assert list(json.loads(text)) == ["b", "owner_id", "__topic__", "__source__", "event"]
    assert json.loads(text)["b"] == "v\ufffdl"
