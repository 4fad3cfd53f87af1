"""The arithmetic beside the measurements: sizing, percentiles, counting in a stream, documents' tables."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.bench.side.arrivals import UnparsedArrivals
from tests.bench.side.measurement import Goal, Table, percentile
from tests.bench.side.publish import between_markers
from tests.bench.side.sizing import Basis, Plan
from tests.standins.splunk.index import EventStore
from tests.standins.splunk.knobs import Knobs
from tests.standins.splunk.records import StanzaDefaults
from tests.standins.splunk.sink import EventSink

BASIS = Basis(mb_per_cpu_s=60.0, input_mb=200.0, rendered=1.2)


def test_a_hundred_terabytes_a_day_take_463_megabytes_a_second() -> None:
    plan = Plan(1e14, BASIS)
    assert plan.mean == pytest.approx(1157.4, abs=0.1)
    assert plan.network == pytest.approx(463.0, abs=0.1)
    assert (plan.shards, plan.writing_shards, plan.inputs, plan.forwarders) == (232, 463, 78, 11)
    assert (plan.memory_gb, plan.licence_gb) == (pytest.approx(15.6), pytest.approx(120_000))


def test_a_small_volume_still_takes_one_input_and_two_forwarders() -> None:
    plan = Plan(1e10, BASIS)
    assert (plan.shards, plan.inputs, plan.forwarders) == (1, 1, 2)


@pytest.mark.parametrize(
    ("values", "share", "found"),
    [([3.0], 0.5, 3.0), ([4.0, 1.0, 3.0, 2.0], 0.5, 2.0), (range(1, 101), 0.99, 99), ([1.0, 2.0], 1.0, 2.0)],
)
def test_percentile(values: Sequence[float], share: float, found: float) -> None:
    assert percentile(values, share) == found


def test_a_goal_knows_its_direction() -> None:
    assert Goal("MB/s", 9.0, 10.0, at_least=True).line() == "MB/s >= 10: 9.00, MISSED"
    assert Goal("s", 9.0, 10.0).met


@pytest.mark.parametrize("seed", range(20))
def test_events_and_stamps_are_counted_once_wherever_reads_are_cut(seed: int) -> None:
    rng = random.Random(seed)
    stamped = b'<event><data>{"bench_sent":"1763999999.123456","x":"<"}</data></event>'
    plain = b'<event stanza="alibaba_sls://a"><data>' + b"x" * 90 + b"</data></event>"
    stream = b"<stream>" + b"".join(rng.choice((stamped, plain, plain)) for _ in range(200))
    arrivals, position = UnparsedArrivals(), 0
    while position < len(stream):
        size = rng.choice((1, 7, 40, 63, 64, 65, 500))
        arrivals.take("alibaba_sls://a", stream[position : position + size])
        position += size
    assert arrivals.of("a") == 200
    assert len(arrivals.stamped) == stream.count(b"bench_sent")
    assert {one.made for one in arrivals.stamped} == {1763999999.123456}


def test_an_unparsed_pipe_goes_to_the_byte_tap(tmp_path: Path) -> None:
    knobs, seen = Knobs(store="bytes"), []
    store = EventStore(tmp_path / "events.sqlite", lambda: {"main"}, knobs)
    store.byte_tap = lambda stanza, data: seen.append((stanza, data))
    own = StanzaDefaults("alibaba_sls://a", "main", "h", "s", "st")
    sink = EventSink("xml", own, {own.stanza: own}, False, 1, store, knobs, dict, lambda: None)
    sink.feed(b"<stream><event><data>half")
    sink.close()
    store.close()
    assert seen == [("alibaba_sls://a", b"<stream><event><data>half")]
    assert (sink.bytes_read, sink.cut, store.problems.all()) == (25, False, [])


def test_a_table_goes_between_its_markers_and_nowhere_else() -> None:
    text = "a\n<!-- t: begin -->\nold\n<!-- t: end -->\nb\n"
    body = Table(("x", "y"), [["1", "2"]]).markdown()
    found = between_markers(text, "t", body)
    assert found == "a\n<!-- t: begin -->\n\n| x | y |\n| --- | ---: |\n| 1 | 2 |\n\n<!-- t: end -->\nb\n"
    assert between_markers(found, "t", body) == found
    with pytest.raises(ValueError, match="exactly once"):
        between_markers("a", "t", body)
