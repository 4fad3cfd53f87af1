"""Deliberate faults of the SLS stand-in, over http and https."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.functional.sls_caller import KEY_ID, SECRET, Caller, code, connect, raw_request
from tests.standins.sls import ControlError, SlsControl, SlsServer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def server() -> Iterator[SlsServer]:
    with SlsServer() as running:
        running.control.add_access_key(KEY_ID, SECRET)
        running.control.create_project("p1")
        running.control.create_logstore("p1", "ls", shards=1)
        running.control.put_logs("p1", "ls", [{"k": "v" * 5000}])
        yield running


@pytest.fixture
def control(server: SlsServer) -> Iterator[SlsControl]:
    yield server.control
    server.control.clear_faults()


@pytest.fixture(params=[False, True], ids=["http", "https"])
def call(server: SlsServer, request: pytest.FixtureRequest) -> Iterator[Caller]:
    caller = Caller(server, tls=request.param)
    with caller.session:
        yield caller


def shards(call: Caller) -> requests.Response:
    """ListShards."""
    return call("GET", "/logstores/ls/shards")


def pull(call: Caller, encoding: str = "lz4") -> requests.Response:
    """Everything in the logstore."""
    begin = call("GET", "/logstores/ls/shards/0", {"type": "cursor", "from": "begin"}).json()["cursor"]
    query = {"type": "log", "cursor": begin, "count": 10}
    headers = {"Accept": "application/x-protobuf", "Accept-Encoding": encoding}
    return call("GET", "/logstores/ls/shards/0", query, headers=headers)


# -- faults


def test_status_faults(call: Caller, control: SlsControl) -> None:
    control.fault("ListShards", code="ServerBusy", times=1)
    assert code(shards(call)) == (503, "ServerBusy")
    assert shards(call).status_code == 200
    control.fault("*", status=502, body="<html>Bad Gateway</html>", content_type="text/html", times=1)
    answer = shards(call)
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")
    control.fault("PullLogs", code="ReadQuotaExceed")
    assert shards(call).status_code == 200
    assert code(pull(call)) == (403, "ReadQuotaExceed")


def test_a_call_can_be_executed_and_its_answer_lost(call: Caller, control: SlsControl) -> None:
    name = f"lost-{int(call.tls)}"
    control.fault("CreateLogStore", kind="reset", phase="after", times=1)
    with pytest.raises(requests.ConnectionError):
        call("POST", "/logstores", None, {"logstoreName": name, "ttl": 1, "shardCount": 1})
    assert len(control.shards("p1", name)) == 1
    control.fault("CreateLogStore", kind="reset", times=1)
    with pytest.raises(requests.ConnectionError):
        call("POST", "/logstores", None, {"logstoreName": name + "-2", "ttl": 1, "shardCount": 1})
    with pytest.raises(ControlError, match="LogStoreNotExist"):
        control.shards("p1", name + "-2")


@pytest.mark.parametrize(
    "settings", [{"kind": "truncate"}, {"kind": "reset", "phase": "body"}, {"kind": "half_close"}]
)
def test_answers_that_break_off(call: Caller, control: SlsControl, settings: dict[str, str]) -> None:
    control.fault("PullLogs", times=1, **settings)
    assert broken(call)
    assert pull(call).status_code == 200


def broken(call: Caller) -> bool:
    """True when the answer breaks off; old HTTP libraries return a short body without an error."""
    try:
        answer = pull(call)
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        return True
    return len(answer.content) < int(answer.headers["Content-Length"])


def test_a_reset_is_a_reset(server: SlsServer, control: SlsControl) -> None:
    control.fault("ListShards", kind="reset", times=1)
    with connect(server) as connection, pytest.raises(ConnectionResetError):
        connection.sendall(raw_request(server, "/logstores/ls/shards"))
        connection.recv(1)


def test_delays_and_hangs(call: Caller, control: SlsControl) -> None:
    control.fault("ListShards", kind="delay", delay=0.3, times=1)
    started = time.monotonic()
    assert shards(call).status_code == 200
    assert time.monotonic() - started >= 0.3
    control.fault("ListShards", kind="hang", times=1)
    releaser = threading.Timer(0.5, control.clear_faults)
    releaser.start()
    with pytest.raises(requests.ConnectionError):
        shards(call)
    releaser.join()


def test_header_and_size_faults(call: Caller, control: SlsControl) -> None:
    control.fault("PullLogs", kind="header", headers={"x-log-cursor": None, "x-log-count": "77"}, times=1)
    answer = pull(call)
    assert "x-log-cursor" not in answer.headers
    assert answer.headers["x-log-count"] == "77"
    control.fault("PullLogs", kind="oversize", size=30_000_000, times=1)
    answer = pull(call)
    assert int(answer.headers["x-log-bodyrawsize"]) > 30_000_000
    assert len(answer.content) < 1_000_000
    control.fault("PullLogs", kind="corrupt", mode="rawsize", times=1)
    assert int(pull(call).headers["x-log-bodyrawsize"]) - int(pull(call).headers["x-log-bodyrawsize"]) == 7


def test_faults_are_traced(call: Caller, control: SlsControl) -> None:
    last = control.requests()[-1]["n"]
    number = control.fault("ListShards", status=500, logstore="ls", access_key_id=KEY_ID, times=1)
    shards(call)
    entry = control.requests(since=last)[-1]
    assert (entry["endpoint"], entry["status"], entry["code"], entry["fault"]) == (
        "ListShards",
        500,
        "InternalServerError",
        number,
    )
    assert control.faults()[-1]["struck"] == 1
    assert control.stats()["answers"]["ListShards 500 InternalServerError"] >= 1
