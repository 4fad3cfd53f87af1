"""Shards, PutLogs, histograms and queries of the SLS stand-in over sockets."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import pytest

from tests.functional.sls_caller import (
    KEY_ID,
    PROTO,
    SECRET,
    Caller,
    code,
    cursor,
    group,
    pull,
    put,
)
from tests.standins.sls import SlsControl, SlsServer
from tests.standins.sls.wire import Log, LogGroup, compress, encode_group

NAMES = itertools.count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[SlsServer]:
    with SlsServer() as running:
        running.control.add_access_key(KEY_ID, SECRET)
        running.control.create_project("p1")
        yield running


@pytest.fixture
def control(server: SlsServer) -> SlsControl:
    return server.control


@pytest.fixture
def call(server: SlsServer) -> Iterator[Caller]:
    caller = Caller(server)
    with caller.session:
        yield caller


@pytest.fixture
def ls(control: SlsControl) -> str:
    """A fresh logstore with two shards in project p1."""
    name = f"ls-{next(NAMES)}"
    control.create_logstore("p1", name)
    return name


# -- shards


def test_split_and_merge(call: Caller, ls: str) -> None:
    path = f"/logstores/{ls}/shards"
    both = call("GET", path).json()
    assert [(s["shardID"], s["status"], s["inclusiveBeginKey"]) for s in both] == [
        (0, "readwrite", "0" * 32),
        (1, "readwrite", "8" + "0" * 31),
    ]
    assert both[1]["exclusiveEndKey"] == "f" * 32
    middle = "4" + "0" * 31
    made = call("POST", f"{path}/0", {"action": "split", "key": middle}).json()
    assert [(s["shardID"], s["status"]) for s in made] == [
        (0, "readonly"),
        (2, "readwrite"),
        (3, "readwrite"),
    ]
    assert made[1]["exclusiveEndKey"] == made[2]["inclusiveBeginKey"] == middle
    assert code(call("POST", f"{path}/0", {"action": "split", "key": middle})) == (400, "ParameterInvalid")
    answer = call("POST", f"{path}/1", {"action": "split", "key": middle})
    assert answer.json()["errorMessage"] == "invalid mid hash."
    answer = call("POST", f"{path}/1", {"action": "merge"})
    assert answer.json()["errorMessage"] == "can not merge the last shard."
    made = call("POST", f"{path}/2", {"action": "merge"}).json()
    assert [(s["shardID"], s["status"]) for s in made] == [(4, "readwrite"), (2, "readonly"), (3, "readonly")]
    many = call("POST", f"{path}/1", {"action": "split", "shardCount": 3}).json()
    assert [s["shardID"] for s in many] == [1, 5, 6, 7]
    assert code(call("DELETE", f"{path}/5")) == (400, "ParameterInvalid")
    assert call("DELETE", f"{path}/2").status_code == 200
    assert [s["shardID"] for s in call("GET", path).json()] == [0, 1, 3, 4, 5, 6, 7]


def test_hash_keys_choose_the_shard(call: Caller, control: SlsControl, ls: str) -> None:
    for key in ("5F", "7f" + "f" * 30, "80", "ff" * 16):
        assert put(call, ls, group(key), "/shards/route", key=key).status_code == 200
    assert code(put(call, ls, group("x"), "/shards/route", key="zz")) == (400, "ParameterInvalid")
    assert [s["log_groups"] for s in control.shards("p1", ls)] == [2, 2]


# -- writing


def test_one_put_is_one_cursor_step(call: Caller, control: SlsControl, ls: str) -> None:
    for _ in range(4):
        assert put(call, ls, group("a", "b")).content == b""
    assert put(call, ls, group("a"), "").status_code == 200
    assert sum(s["log_groups"] for s in control.shards("p1", ls)) == 5


@pytest.mark.parametrize("codec", ["lz4", "deflate"])
def test_compressed_puts(call: Caller, control: SlsControl, ls: str, codec: str) -> None:
    body = group("x" * 500)
    headers = {"Content-Type": PROTO, "x-log-compresstype": codec, "x-log-bodyrawsize": str(len(body))}
    path = f"/logstores/{ls}/shards/lb"
    assert call("POST", path, None, compress(codec, body), headers=headers).status_code == 200
    assert code(call("POST", path, None, b"\x0f\xff\xff123", headers=headers)) == (
        400,
        "PostBodyUncompressError",
    )
    short = {**headers, "x-log-bodyrawsize": "3"}
    assert code(call("POST", path, None, compress(codec, body), headers=short)) == (
        400,
        "PostBodyUncompressError",
    )
    assert sum(s["log_groups"] for s in control.shards("p1", ls)) == 1


def test_puts_are_validated(call: Caller, control: SlsControl, ls: str) -> None:
    now = int(time.time())
    assert code(put(call, ls, b"\xff\xff")) == (400, "PostBodyInvalid")
    for when in (now - 169 * 3600, now + 1000):
        answer = put(call, ls, group("a", when=when))
        assert code(answer) == (400, "PostBodyInvalid")
        assert "out of range" in answer.json()["errorMessage"]
    assert code(put(call, ls, encode_group(LogGroup([Log(now, [(b"k", b"\xff")])])))) == (
        400,
        "InvalidEncoding",
    )
    assert code(put(call, ls, encode_group(LogGroup([Log(now, [(b"", b"v")])])))) == (400, "InvalidKey")
    late = encode_group(LogGroup([Log(now, [(b"k", b"v")], 1_000_000_000)]))
    assert code(put(call, ls, late)) == (400, "InvalidTimestamp")
    control.set_knob("post_body_max_bytes", 100)
    try:
        assert code(put(call, ls, group("x" * 200))) == (413, "PostBodyTooLarge")
    finally:
        control.set_knob("post_body_max_bytes", 10_485_760)
    assert sum(s["log_groups"] for s in control.shards("p1", ls)) == 0


def test_the_back_door_stores_damaged_groups(call: Caller, control: SlsControl, ls: str) -> None:
    control.put_raw_group("p1", ls, b"\xff\xfe damaged", shard=0)
    control.put_logs("p1", ls, [{"k": b"\xff"}], shard=0)
    answer = pull(call, ls, cursor(call, ls))
    assert answer.headers["x-log-count"] == "2"
    assert answer.content.startswith(b"\x0a\x0a\xff\xfe damaged")
    assert b"\x12\x01\xff" in answer.content


# -- counting


def test_histograms_and_logs_agree(call: Caller, control: SlsControl, ls: str) -> None:
    logs = [{"__time__": 1000 + number, "k": "even" if number % 2 == 0 else "odd"} for number in range(150)]
    control.put_logs("p1", ls, logs, topic="t")
    span = {"from": 1000, "to": 1150}
    for path in (f"/logstores/{ls}", f"/logstores/{ls}/index"):
        answer = call("GET", path, {"type": "histogram", **span})
        assert (answer.headers["x-log-progress"], answer.headers["x-log-count"]) == ("Complete", "150")
        parts = answer.json()
        assert sum(part["count"] for part in parts) == 150
        assert (parts[0]["from"], parts[-1]["to"]) == (1000, 1150)
        assert all(a["to"] == b["from"] for a, b in zip(parts, parts[1:]))
    evens = call("GET", f"/logstores/{ls}", {"type": "histogram", **span, "query": "k: even"})
    assert evens.headers["x-log-count"] == "75"
    assert code(call("GET", f"/logstores/{ls}", {"type": "histogram", "from": 5, "to": 5})) == (
        400,
        "ParameterInvalid",
    )
    query = {**span, "line": 3, "offset": 1, "query": "k: odd", "reverse": True}
    answer = call("POST", f"/logstores/{ls}/logs", None, query).json()
    assert [row["__time__"] for row in answer["data"]] == ["1147", "1145", "1143"]
    assert (answer["meta"]["progress"], answer["meta"]["count"]) == ("Complete", 3)
    counted = call(
        "POST", f"/logstores/{ls}/logs", None, {**span, "query": "k: odd | select count(*) as n"}
    ).json()
    assert counted["data"] == [{"n": "75"}]
    old = call("GET", f"/logstores/{ls}", {"type": "log", **span, "query": "*", "line": 2})
    assert (len(old.json()), old.headers["x-log-progress"]) == (2, "Complete")
    bad = call("GET", f"/logstores/{ls}", {"type": "log", "from": "x", "to": 5})
    assert bad.json()["errorMessage"] == "The parameter from must be a positive integer"
