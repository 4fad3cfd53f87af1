"""Log content is hostile: whatever it holds, the stream stays well-formed and the values arrive."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.functional.harness import LOGSTORE, PROJECT, Forwarder, Traffic, connect, wait_for
from tests.standins.sls import SlsServer

HOSTILE = (
    "\"q\" 'a' <&> ]]> </data></event></stream> "
    "\x00\x01\x1b\x7f\x85\u2028 \ufffe\uffff \r\n\t \U0001f600 \\u0000"
)


def put(sls: SlsServer, pairs: list[tuple[str | bytes, str | bytes]]) -> None:
    sls.control.put_logs(PROJECT, LOGSTORE, [(1_700_000_000, pairs)], topic=HOSTILE, source=HOSTILE, shard=0)


def test_every_representable_value_arrives_unchanged(
    make_forwarder: Callable[..., Forwarder], python: tuple[str, str], sls: SlsServer
) -> None:
    many = [(f"field {n} {HOSTILE}", HOSTILE) for n in range(10_000)]
    put(sls, [("", HOSTILE), ("big", "x<&>" * 262_144), *many])
    forwarder = make_forwarder(python=python)
    connect(forwarder)
    wait_for(lambda: forwarder.event_count() == 1, 30, "the event")
    (event,) = forwarder.events()
    fields = json.loads(event.raw)
    assert fields[""] == HOSTILE
    assert fields["big"] == "x<&>" * 262_144
    assert all(fields[name] == value for name, value in many)
    assert fields["__topic__"] == fields["__source__"] == HOSTILE
    assert "\n" not in event.raw
    assert event.time == 1_700_000_000


def test_what_cannot_be_represented_is_replaced_visibly(forwarder: Forwarder, sls: SlsServer) -> None:
    put(sls, [(b"lone \xed\xa0\x80", b"surrogate \xed\xbf\xbf \xff\xfe end"), ("sound", "value")])
    put(sls, [("next", "log")])
    connect(forwarder)
    wait_for(lambda: forwarder.event_count() == 2, 30, "both events")
    damaged, sound = sorted(
        (json.loads(event.raw) for event in forwarder.events()), key=lambda f: "next" in f
    )
    assert damaged["lone \ufffd\ufffd\ufffd"] == "surrogate \ufffd\ufffd\ufffd \ufffd\ufffd end"
    assert damaged["sound"] == "value"
    assert sound["next"] == "log"
    assert "damaged UTF-8" in forwarder.addon.log_text()


def test_no_event_body_in_any_log(forwarder: Forwarder, sls: SlsServer, traffic: Traffic) -> None:
    marker = "BODY-MARKER-5d1c"
    forwarder.addon.set_log_level("DEBUG")
    put(sls, [("secret", marker), (b"bad", b"\xff" + marker.encode())])
    traffic.put(20, shard=0)
    sls.control.fault("PullLogs", kind="corrupt", mode="protobuf", times=1)
    sls.control.fault("PullLogs", kind="corrupt", mode="lz4", times=1)
    sls.control.fault("PullLogs", kind="truncate", times=1)
    connect(forwarder)
    traffic.wait_until_all_arrived(forwarder)
    assert forwarder.event_count(f"raw LIKE '%{marker}%'") == 1
    for path in forwarder.splunkd_log.parent.iterdir():
        assert marker not in path.read_text(encoding="utf-8", errors="replace"), path.name
