"""RAM rules, fault rules, knobs and quotas."""

from __future__ import annotations

import pytest

from tests.standins.sls.clock import Clock
from tests.standins.sls.damage import corrupt, oversize
from tests.standins.sls.errors import SlsError
from tests.standins.sls.faults import Faults
from tests.standins.sls.knobs import Knobs
from tests.standins.sls.message import Request, Response
from tests.standins.sls.quota import Quotas
from tests.standins.sls.ram import AccessKey, statements
from tests.standins.sls.wire import WireError, compress, decode_list, decompress, frame

CG = "acs:log:cn-hangzhou:1:project/p/logstore/ls/consumergroup/cg"


def key(allow: list[object] | None, deny: list[object] | None = None) -> AccessKey:
    """A key with those rules."""
    return AccessKey("id", "s", "1", allow=statements(allow), deny=statements(deny) or ())  # type: ignore[arg-type]


def test_no_rules_allow_everything() -> None:
    assert key(None).may("log:Anything", CG)
    assert not key([]).may("log:Anything", CG)


def test_actions_and_resources_are_globs() -> None:
    policy = {
        "Effect": "Allow",
        "Action": ["log:ConsumerGroup*"],
        "Resource": "acs:log:*:*:project/p/*/consumergroup/c?",
    }
    assert key([policy]).may("log:ConsumerGroupHeartBeat", CG)
    assert key([policy]).may("LOG:consumergroupheartbeat", CG)
    assert not key([policy]).may("log:GetCursorOrData", CG)
    assert not key([policy]).may("log:ConsumerGroupHeartBeat", CG + "2")
    assert key(["log:*"]).may("log:GetCursorOrData", CG)
    assert not key(["log:*"], ["log:GetCursor*"]).may("log:GetCursorOrData", CG)


def strikes(faults: Faults, count: int, **facts: object) -> list[bool]:
    """Which of `count` equal requests are hit."""
    return [faults.pick({"endpoint": "PullLogs", **facts}) is not None for _ in range(count)]


def test_faults_count_skip_and_repeat() -> None:
    faults = Faults()
    faults.add(endpoint="PullLogs", times=2, every=2, skip=1)
    assert strikes(faults, 7) == [False, False, True, False, True, False, False]


@pytest.mark.parametrize(
    "name", ["project", "logstore", "shard", "consumer_group", "consumer", "access_key_id"]
)
def test_faults_match_by_name(name: str) -> None:
    faults = Faults()
    faults.add(endpoint="*", **{name: "1"})
    assert strikes(faults, 1) == [False]
    assert strikes(faults, 1, **{name: "2"}) == [False]
    assert strikes(faults, 1, **{name: "1"}) == [True]


def test_clearing_faults_ends_hangs() -> None:
    faults = Faults()
    number = faults.add(endpoint="PullLogs", kind="hang")
    rule = faults.pick({"endpoint": "PullLogs"})
    assert rule is not None
    faults.clear(number)
    assert rule.released.is_set()
    assert strikes(faults, 1) == [False]


def test_unknown_faults_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown fault kind"):
        Faults().add(kind="explode")
    with pytest.raises(TypeError):
        Faults().add(colour="red")


def answer(raw: bytes = frame(b"\x1a\x01t") * 50) -> Response:
    """A PullLogs answer in lz4."""
    headers = {
        "x-log-compresstype": "lz4",
        "x-log-bodyrawsize": str(len(raw)),
        "content-type": "application/x-protobuf",
    }
    return Response(200, compress("lz4", raw), headers)


def unpack(response: Response) -> bytes:
    """What a client makes of it."""
    size = int(response.headers["x-log-bodyrawsize"])
    return decompress(response.headers["x-log-compresstype"], response.body, size)


@pytest.mark.parametrize("mode", ["lz4", "rawsize", "codec"])
def test_damage_below_protobuf_is_seen_by_the_codec(mode: str) -> None:
    with pytest.raises(WireError):
        unpack(corrupt(mode, answer()))


def test_damaged_protobuf_decompresses_but_does_not_parse() -> None:
    raw = unpack(corrupt("protobuf", answer()))
    with pytest.raises(WireError):
        decode_list(raw)


def test_an_oversized_answer_is_valid_but_huge() -> None:
    request = Request("GET", "/", {"accept-encoding": "lz4"})
    response = oversize(5_000_000, request, answer())
    assert len(response.body) < 100_000
    raw = unpack(response)
    assert len(raw) > 5_000_000
    assert len(decode_list(raw)) == 50


def test_knobs_convert_text() -> None:
    knobs = Knobs()
    for name, text, value in (
        ("pull_max_bytes", "100", 100),
        ("put_time_window", "false", False),
        ("put_time_window", "True", True),
        ("idle_seconds", "1.5", 1.5),
        ("stale_cursor", "move", "move"),
    ):
        knobs.set(name, text)
        assert getattr(knobs, name) == value
    with pytest.raises(KeyError):
        knobs.set("no_such_knob", 1)
    with pytest.raises(ValueError, match="Expecting value"):
        knobs.set("pull_max_bytes", "many")


class StoppedClock(Clock):
    """Seconds stand still until moved."""

    second = 100.0

    def monotonic(self) -> float:
        """The set second."""
        return self.second


def test_quotas_refill_every_second() -> None:
    clock = StoppedClock()
    quotas = Quotas(Knobs(shard_read_per_second=2, shard_read_bytes_per_second=100), clock)
    for _ in range(2):
        quotas.read("p", "ls", 0)
    with pytest.raises(SlsError, match="403 ShardReadQuotaExceed: shard read qps"):
        quotas.read("p", "ls", 0)
    quotas.read("p", "ls", 1)
    clock.second += 1
    quotas.read("p", "ls", 0)
    quotas.read_bytes("p", "ls", 0, 150)
    with pytest.raises(SlsError, match="shard read bytes exceed"):
        quotas.read("p", "ls", 0)
