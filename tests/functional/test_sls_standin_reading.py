"""GetCursor, GetCursorTime and PullLogs of the SLS stand-in over sockets."""

from __future__ import annotations

import base64
import itertools
import time
from collections.abc import Iterator

import lz4.block
import pytest
import requests

from tests.functional.sls_caller import (
    KEY_ID,
    SECRET,
    Caller,
    code,
    cursor,
    group,
    pull,
    step,
    values,
)
from tests.standins.sls import ControlError, SlsControl, SlsServer

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


# -- reading


def test_cursors(call: Caller, control: SlsControl, ls: str) -> None:
    assert cursor(call, ls) == cursor(call, ls, start="end")
    past = int(time.time()) - 1000
    for number in range(3):
        control.put_logs("p1", ls, [{"k": str(number)}], shard=0, receive_time=past + 10 * number)
    begin, end = cursor(call, ls), cursor(call, ls, start="end")
    assert step(begin, 3) == end
    for start, expected in ((past - 5, 0), (past + 1, 1), (past + 20, 2), (past + 21, 3), (2**33, 3)):
        assert cursor(call, ls, start=start) == step(begin, expected)
    for bad in ("", "-5", "now", "1.5"):
        answer = call("GET", f"/logstores/{ls}/shards/0", {"type": "cursor", "from": bad})
        assert code(answer) == (400, "ParameterInvalid")

    def at(text: str) -> requests.Response:
        return call("GET", f"/logstores/{ls}/shards/0", {"type": "cursor_time", "cursor": text})

    assert at(step(begin, 1)).json() == {"cursor_time": past + 10}
    assert abs(at(end).json()["cursor_time"] - time.time()) < 60
    assert code(at(step(begin, -1))) == (400, "InvalidCursor")
    assert code(at("???")) == (400, "ParameterInvalid")


def test_a_pull_in_every_codec(call: Caller, control: SlsControl, ls: str) -> None:
    for number in range(3):
        control.put_logs("p1", ls, [{"k": str(number)}], shard=0)
    begin = cursor(call, ls)
    plain = pull(call, ls, begin)
    assert values(plain) == ["0", "1", "2"]
    assert "x-log-compresstype" not in plain.headers
    expected = {
        "x-log-count": "3",
        "x-log-cursor": step(begin, 3),
        "x-log-bodyrawsize": str(len(plain.content)),
        "x-log-end-of-cursor": "1",
        "x-log-read-last-cursor": base64.b64decode(step(begin, 2)).decode(),
    }
    packed = pull(call, ls, begin, encoding="lz4")
    for answer in (plain, packed):
        assert {name: answer.headers[name] for name in expected} == expected
    assert packed.headers["x-log-compresstype"] == "lz4"
    assert lz4.block.decompress(packed.content, uncompressed_size=len(plain.content)) == plain.content
    first = pull(call, ls, begin, count=1)
    assert (first.headers["x-log-end-of-cursor"], first.headers["x-log-cursor"]) == ("0", step(begin, 1))
    head = pull(call, ls, begin, method="HEAD")
    assert (head.content, head.headers["x-log-cursor"]) == (b"", step(begin, 3))
    unpadded = pull(call, ls, begin.rstrip("="))
    assert values(unpadded) == ["0", "1", "2"]


def test_an_empty_pull_returns_the_cursor_it_got(call: Caller, control: SlsControl, ls: str) -> None:
    control.put_logs("p1", ls, [{"k": "1"}], shard=0)
    end = cursor(call, ls, start="end")
    answer = pull(call, ls, end, encoding="lz4")
    assert (answer.status_code, answer.content) == (200, b"")
    names = ("x-log-cursor", "x-log-count", "x-log-bodyrawsize", "x-log-compresstype", "x-log-end-of-cursor")
    assert [answer.headers[name] for name in names] == [end, "0", "0", "lz4", "1"]


def test_repeated_log_groups_read_like_any_others(call: Caller, control: SlsControl, ls: str) -> None:
    groups = [group("a"), group("b"), group("c")]
    rows = control.put_raw_groups("p1", ls, groups, shard=1, count_logs=1, repeat=4)
    assert [row["cursor"] for row in rows] == [step(rows[0]["cursor"], by) for by in range(3)]
    begin, end = cursor(call, ls, 1), cursor(call, ls, 1, start="end")
    assert (begin, end) == (rows[0]["cursor"], step(begin, 12))
    assert values(pull(call, ls, begin, 1)) == list("abcabcabcabc")
    assert values(pull(call, ls, step(begin, 5), 1, count=2)) == ["c", "a"]
    packed = [pull(call, ls, step(begin, by), 1, encoding="lz4", count=3) for by in (0, 3, 9)]
    assert {answer.content for answer in packed} == {packed[0].content}
    assert [answer.headers["x-log-end-of-cursor"] for answer in packed] == ["0", "0", "1"]
    written = control.stats()["logstores"][f"p1/{ls}"]
    assert (written["log_groups"], written["logs_written"]) == (12, 12)
    assert written["bytes_written"] == 4 * sum(map(len, groups))
    for settings in ({"repeat": 0, "shard": 0}, {"repeat": 2}):
        with pytest.raises(ControlError, match="repeat"):
            control.put_raw_groups("p1", ls, groups, **settings)


def test_pull_limits(call: Caller, control: SlsControl, ls: str) -> None:
    for number in range(5):
        control.put_logs("p1", ls, [{"k": str(number) * 1000}], shard=0)
    begin = cursor(call, ls)
    control.set_knob("pull_max_bytes", 2500)
    try:
        answer = pull(call, ls, begin)
    finally:
        control.set_knob("pull_max_bytes", 10 * 1024 * 1024)
    assert (answer.headers["x-log-count"], answer.headers["x-log-end-of-cursor"]) == ("2", "0")
    stopped = pull(call, ls, begin, end_cursor=step(begin, 2))
    assert len(values(stopped)) == 2
    at_stop = pull(call, ls, step(begin, 2), end_cursor=step(begin, 2))
    assert (at_stop.headers["x-log-count"], at_stop.headers["x-log-cursor"]) == ("0", step(begin, 2))
    for count in ("0", "1001", "x", ""):
        assert code(pull(call, ls, begin, count=count)) == (400, "ParameterInvalid")
    for bad in ("", "MTcy?", "YWJj"):
        answer = pull(call, ls, bad)
        assert code(answer) == (400, "ParameterInvalid")
        assert answer.json()["errorMessage"] == f"Invalid cursor {bad}"


def test_stale_cursors(call: Caller, control: SlsControl, ls: str) -> None:
    for number in range(4):
        control.put_logs("p1", ls, [{"k": str(number)}], shard=0)
    old = cursor(call, ls)
    assert control.expire("p1", ls, 0, keep_last=1) == 3
    assert code(pull(call, ls, old)) == (400, "InvalidCursor")
    assert code(pull(call, ls, step(old, 5))) == (400, "InvalidCursor")
    assert values(pull(call, ls, cursor(call, ls))) == ["3"]
    control.set_knob("stale_cursor", "move")
    try:
        assert values(pull(call, ls, old)) == ["3"]
        assert pull(call, ls, step(old, 5)).headers["x-log-cursor"] == step(old, 4)
    finally:
        control.set_knob("stale_cursor", "error")


def test_retention_by_age(call: Caller, control: SlsControl) -> None:
    control.create_logstore("p1", "short-ttl", shards=1, ttl=5)
    day, now = 86_400, int(time.time())
    for age in (6 * day + 60, 6 * day - 60):
        control.put_logs("p1", "short-ttl", [{"k": str(age)}], shard=0, receive_time=now - age)
    assert values(pull(call, "short-ttl", cursor(call, "short-ttl"))) == [str(6 * day - 60)]


def test_a_readonly_shard_vanishes_with_its_data(call: Caller, control: SlsControl, ls: str) -> None:
    control.put_logs("p1", ls, [{"k": "old"}], shard=0)
    begin = cursor(call, ls)
    control.split("p1", ls, 0)
    assert values(pull(call, ls, begin)) == ["old"]
    control.expire("p1", ls, 0)
    assert code(pull(call, ls, begin)) == (400, "ShardNotExist")


def test_filters_move_the_cursor_past_what_they_drop(call: Caller, control: SlsControl, ls: str) -> None:
    for number in range(4):
        control.put_logs("p1", ls, [{"k": str(number)}, {"k": "x"}], shard=0)
    begin = cursor(call, ls)
    answer = pull(call, ls, begin, query="* | where k = '2'", pullMode="scan_on_stream")
    assert values(answer) == ["2"]
    names = ("x-log-count", "x-log-cursor", "x-log-rawdatacount", "x-log-rawdatalines", "x-log-resultlines")
    assert [answer.headers[name] for name in names] == ["1", step(begin, 4), "4", "8", "1"]
    assert answer.headers["x-log-rawdatasize"] == str(len(pull(call, ls, begin).content))
    none = pull(call, ls, begin, query="* | where k = 'none'")
    assert (none.content, none.headers["x-log-count"], none.headers["x-log-cursor"]) == (
        b"",
        "0",
        step(begin, 4),
    )
    assert code(pull(call, ls, begin, query="* | stats count(*)")) == (400, "ParameterInvalid")
    assert code(pull(call, ls, begin, processor="nope")) == (404, "ConsumeProcessorNotExist")


def test_consume_processors(call: Caller, control: SlsControl, ls: str) -> None:
    control.put_logs("p1", ls, [{"k": "a"}, {"k": "b"}], shard=0)
    body = {"displayName": "only b", "configuration": {"spl": "* | where k = 'b'"}}
    assert call("PUT", "/consumeprocessors/only-b", None, body).status_code == 200
    assert values(pull(call, ls, cursor(call, ls), processor="only-b")) == ["b"]
    found = call("GET", "/consumeprocessors/only-b").json()
    assert (found["processorName"], found["configuration"]) == ("only-b", body["configuration"])
    assert call("GET", "/consumeprocessors", {"processorName": "only"}).json()["total"] == 1
    assert (
        code(call("PUT", "/consumeprocessors/bad", None, {**body, "configuration": {"spl": "* | x"}}))[0]
        == 400
    )
    assert call("DELETE", "/consumeprocessors/only-b").status_code == 200
    assert code(call("GET", "/consumeprocessors/only-b")) == (404, "ConsumeProcessorNotExist")


def test_json_pulls(call: Caller, control: SlsControl, ls: str) -> None:
    control.put_logs("p1", ls, [(5, [("k", "ü")])], topic="t", tags={"h": "1"}, shard=0, time_ns=7)
    query = {"type": "log", "cursor": cursor(call, ls), "count": 10}
    answer = call("GET", f"/logstores/{ls}/shards/0", query, headers={"Accept": "application/json"})
    log = {"Time": 5, "TimeNs": 7, "Contents": [{"Key": "k", "Value": "ü"}]}
    expected = {"Topic": "t", "Source": "", "LogTags": [{"Key": "h", "Value": "1"}], "LogItems": [log]}
    assert answer.json() == {"logGroupList": [expected]}


def test_read_quotas(call: Caller, control: SlsControl, ls: str) -> None:
    begin = cursor(call, ls)
    control.set_knob("shard_read_per_second", 1)
    try:
        answers = [pull(call, ls, begin) for _ in range(20)]
    finally:
        control.set_knob("shard_read_per_second", 0)
    refused = [answer for answer in answers if answer.status_code != 200]
    assert refused
    assert code(refused[0]) == (403, "ShardReadQuotaExceed")
