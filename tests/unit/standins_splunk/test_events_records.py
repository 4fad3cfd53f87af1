"""From events to rows: defaults, time, unbroken pieces, limits, props; and the store itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.standins.splunk.index import EventStore
from tests.standins.splunk.knobs import Knobs
from tests.standins.splunk.props import Props, props_for
from tests.standins.splunk.records import RecordBuilder, Row, StanzaDefaults
from tests.standins.splunk.sink import LineParser
from tests.standins.splunk.xml_handlers import XmlEvent

OWN = StanzaDefaults.of("s", "s://a", {"index": "default", "host": "$decideOnStartup"}, "hf1")
OTHER = StanzaDefaults.of(
    "s", "s://b", {"index": "web", "host": "h", "source": "src", "sourcetype": "st"}, "hf1"
)


class Bench:
    def __init__(
        self, knobs: Knobs | None = None, props: Props | None = None, needs_stanza: bool = False
    ) -> None:
        self.kinds: list[str] = []
        stanzas = {OWN.stanza: OWN, OTHER.stanza: OTHER}
        self.builder = RecordBuilder(
            stanzas, OWN, needs_stanza, 7, knobs or Knobs(), lambda kind, _: self.kinds.append(kind),
            lambda *_: props or Props(),
        )  # fmt: skip

    def build(self, *events: XmlEvent) -> list[Row]:
        return self.builder.build(events)


def event(data: str | None = "x", time: str | None = "1.5", *, unbroken: bool = False, done: bool = False,
          stanza: str | None = None, index: str | None = None) -> XmlEvent:  # fmt: skip
    return XmlEvent(stanza, unbroken, time, None, None, index, None, data, done)


def test_missing_elements_come_from_the_stanza() -> None:
    (row,) = Bench().build(event())
    assert row[:8] == (1.5, "main", "hf1", "s://a", "s", "x", "s://a", 7)


def test_the_stanza_attribute_chooses_whose_defaults() -> None:
    (row,) = Bench().build(event(stanza="s://b"))
    assert row[1:7] == ("web", "h", "src", "st", "x", "s://b")


def test_elements_win_over_the_stanza_and_default_is_main() -> None:
    full = XmlEvent(None, False, "1", "so", "st", "default", "ho", "x", False)
    (row,) = Bench().build(full)
    assert row[1:5] == ("main", "ho", "so", "st")


@pytest.mark.parametrize(("policy", "kept"), [("keep", 1), ("drop", 0)])
def test_an_unknown_stanza(policy: str, kept: int) -> None:
    bench = Bench(Knobs(unknown_stanza=policy))
    assert len(bench.build(event(stanza="s://zzz"))) == kept
    assert bench.kinds == ["unknown_stanza"]


def test_single_instance_mode_needs_the_stanza_attribute() -> None:
    bench = Bench(needs_stanza=True)
    bench.build(event(), event(stanza="s://a"))
    assert bench.kinds == ["missing_stanza"]


@pytest.mark.parametrize(
    "time", ["", "now", "1.2345", "-1", "1e3", " 1", "1,5", "nan", "1.", "0x1", "123456789012"]
)
def test_a_time_that_is_not_one_is_a_problem_and_becomes_now(time: str) -> None:
    bench = Bench()
    (row,) = bench.build(event(time=time))
    assert (bench.kinds, row[0]) == (["bad_time"], row[8])


def test_no_time_is_now_without_a_problem() -> None:
    bench = Bench()
    (row,) = bench.build(event(time=None))
    assert (bench.kinds, row[0]) == ([], row[8])


def test_any_number_of_decimals_if_the_knob_says_so() -> None:
    (row,) = Bench(Knobs(time_decimals=None)).build(event(time="1.123456789"))
    assert row[0] == 1.123456789


@pytest.mark.parametrize(("data", "kind"), [(None, "missing_data"), ("", "empty_data")])
def test_nothing_to_index(data: str | None, kind: str) -> None:
    bench = Bench()
    assert (bench.build(event(data)), bench.kinds) == ([], [kind])


def test_unbroken_with_done_is_one_event() -> None:
    assert [row[5] for row in Bench().build(event("a", unbroken=True, done=True))] == ["a"]


def test_pieces_wait_for_their_done_across_reads() -> None:
    bench = Bench()
    assert bench.build(event("a", "1", unbroken=True)) == []
    assert bench.build(event("B", stanza="s://b")) != []
    (row,) = bench.build(event("b", "2", unbroken=True, done=True))
    assert (row[5], row[0], bench.kinds) == ("ab", 1.0, [])


def test_a_lone_done_finishes_the_pieces() -> None:
    bench = Bench()
    bench.build(event("a", unbroken=True))
    (row,) = bench.build(event(None, unbroken=True, done=True))
    assert (row[5], bench.kinds) == ("a", [])


def test_pieces_without_done_come_at_the_end() -> None:
    bench = Bench()
    bench.build(event("a", unbroken=True), event("b", unbroken=True))
    assert [row[5] for row in bench.builder.flush()] == ["ab"]
    assert bench.builder.flush() == []


@pytest.mark.parametrize(
    ("check", "unbroken", "problems"),
    [("all", False, 1), ("unbroken", False, 0), ("unbroken", True, 1), ("none", True, 0)],
)
def test_line_ends_inside_a_record(check: str, unbroken: bool, problems: int) -> None:
    bench = Bench(Knobs(newline_check=check))
    bench.build(event("a\nb", unbroken=unbroken, done=True))
    assert bench.kinds == ["newline_in_record"] * problems


def test_an_event_over_the_limit_is_cut_between_characters() -> None:
    bench = Bench(Knobs(max_event_bytes=5))
    (row,) = bench.build(event("éééé"))
    assert (row[5], bench.kinds) == ("éé", ["oversize"])


def test_props_break_and_cut_unbroken_data() -> None:
    bench = Bench(Knobs(line_breaking="unbroken"), Props(truncate=4))
    rows = bench.build(event("one\r\n\ntwo\nthree", unbroken=True, done=True), event("longer than 4"))
    assert [row[5] for row in rows] == ["one", "two", "thre", "longer than 4"]
    assert bench.kinds == ["oversize"]


@pytest.mark.parametrize(
    ("config", "raw", "expected"),
    [("", "2023-11-14T22:13:20 x", 1700000000.0), ("", "at 1700000001 x", 1700000001.0), ("", "nothing", 1.5),
     ("NONE", "2023-11-14T22:13:20 x", 1.5)],
)  # fmt: skip
def test_extraction_may_beat_the_time_element(config: str, raw: str, expected: float) -> None:
    (row,) = Bench(Knobs(time_from="extraction"), Props(datetime_config=config)).build(event(raw))
    assert row[0] == expected


def test_props_of_a_sourcetype() -> None:
    stanzas = {"default": {"TRUNCATE": "1"}, "st": {"TRUNCATE": "0"}, "source::x": {"LINE_BREAKER": "(;)"}}
    assert props_for(stanzas, "st", "x", "h") == Props(line_breaker="(;)", truncate=0)
    assert Props(line_breaker="(;)").break_lines("a;b") == ["a", "b"]


def test_lines_of_simple_mode_may_be_cut_anywhere() -> None:
    parser = LineParser(lambda *_: None)
    events = [*parser.feed(b"on"), *parser.feed(b"e\r\ntw"), *parser.feed(b"o"), *parser.close()[0]]
    assert [event.data for event in events] == ["one", "two"]


# -- the store


def row(raw: str, index: str = "main") -> Row:
    return (1.0, index, "h", "so", "st", raw, "s://a", 7, 2.0)


def test_the_store_shows_what_it_took(tmp_path: Path) -> None:
    store = EventStore(tmp_path / "e.db", lambda: {"main"}, Knobs())
    store.add_many([row(str(number)) for number in range(2500)])
    assert [event.raw for event in store.events()] == [str(number) for number in range(2500)]
    assert store.count("raw = ?", ("7",)) == 1
    (event,) = store.events("raw = '9'")
    assert (event.index, event.stanza, event.pid, event.arrived) == ("main", "s://a", 7, 2.0)
    store.close()


def test_an_index_may_be_created_later(tmp_path: Path) -> None:
    known = {"main"}
    store = EventStore(tmp_path / "e.db", lambda: known, Knobs())
    store.add_many([row("a", "web"), row("b")])
    known.add("web")
    store.add_many([row("c", "web")])
    assert [event.raw for event in store.events()] == ["b", "c"]
    assert store.problems.counts == {"unknown_index": 1}
    store.close()


def test_an_unknown_index_may_be_forwarded(tmp_path: Path) -> None:
    store = EventStore(tmp_path / "e.db", lambda: {"main"}, Knobs(unknown_index="keep"))
    store.add_many([row("a", "web")])
    assert (store.count(), store.problems.counts["unknown_index"]) == (1, 1)
    store.close()


def test_counting_only(tmp_path: Path) -> None:
    store = EventStore(tmp_path / "e.db", lambda: {"main"}, Knobs(store="count"))
    store.add_many([row("a"), row("b")])
    assert (store.count(), store.events()) == (2, [])
    store.close()


def test_problems_are_counted_without_end_but_kept_within_bounds(tmp_path: Path) -> None:
    store = EventStore(tmp_path / "e.db", lambda: set(), Knobs())
    for _ in range(100):
        store.problems.add("kind", "text")
    lines = store.problems.all()
    assert (len(lines), lines[-1], store.problems.counts["kind"]) == (21, "kind: and 80 more", 100)
    store.close()
