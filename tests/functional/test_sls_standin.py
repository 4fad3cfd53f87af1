"""The SLS stand-in over sockets: signatures, order of checks, RAM, projects, logstores, indexes."""

from __future__ import annotations

import datetime
import itertools
import time
from collections.abc import Iterator

import pytest

from tests.functional.sls_caller import (
    KEY_ID,
    SECRET,
    Caller,
    code,
    cursor,
    group,
    pull,
    put,
)
from tests.standins.sls import SlsControl, SlsServer
from tests.standins.sls.wire import decode_list

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


# -- transport and checks


@pytest.mark.parametrize("version", ["v1", "v4"])
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_both_signatures_over_both_schemes(server: SlsServer, tls: bool, version: str) -> None:
    caller = Caller(server, tls=tls, version=version)
    with caller.session:
        answer = caller("GET", "/")
        assert answer.json()["projectName"] == "p1"
        assert (
            caller("GET", "/", {"offset": 0, "size": 10, "resourceGroupId": ""}, project="").status_code
            == 200
        )
        caller.secret = "wrong"
        assert code(caller("GET", "/")) == (401, "SignatureNotMatch")
    last = server.control.requests()[-1]
    assert (last["tls"], last["sigver"], last["access_key_id"]) == (tls, version, KEY_ID)
    assert SECRET not in str(last)


def test_answers_carry_the_service_headers(call: Caller) -> None:
    headers = call("GET", "/").headers
    assert len(headers["x-log-requestid"]) == 24
    assert headers["x-log-requestid"].isalnum() and headers["x-log-requestid"].isupper()
    assert abs(int(headers["x-log-time"]) - time.time()) < 60
    assert headers["Server"] == "AliyunSLS"
    assert "Content-Encoding" not in headers
    assert {name for name in headers if name.lower().startswith("x-log")} == {"x-log-requestid", "x-log-time"}


def test_checks_come_in_order(server: SlsServer, control: SlsControl, ls: str) -> None:
    control.add_access_key("limited", "x", allow=["log:GetProject"])
    caller = Caller(server, key_id="limited", secret="wrong")
    with caller.session:
        path = f"/logstores/{ls}-none/shards/9"
        answer = caller("GET", path, project="absent", headers={"x-log-apiversion": "1"})
        assert code(answer) == (400, "InvalidAPIVersion")
        assert code(caller("GET", path, {"type": "cursor"}, project="absent")) == (401, "SignatureNotMatch")
        caller.secret = "x"
        assert code(caller("GET", path, {"type": "cursor"}, project="absent")) == (404, "ProjectNotExist")
        assert code(caller("GET", path, {"type": "cursor"})) == (401, "Unauthorized")
        control.add_access_key("limited", "x")
        assert code(caller("GET", path, {"type": "cursor"})) == (404, "LogStoreNotExist")
        path = f"/logstores/{ls}/shards/9"
        assert code(caller("GET", path, {"type": "cursor"})) == (400, "ShardNotExist")
        path = f"/logstores/{ls}/shards/0"
        assert code(caller("GET", path, {"type": "cursor"})) == (400, "ParameterInvalid")


def test_foreign_hosts_and_unknown_paths(call: Caller, ls: str) -> None:
    assert code(call("GET", "/", headers={"Host": "p1.example.com"})) == (400, "InvalidHost")
    answer = call("POST", f"/logstores/{ls}/consumergroups/", {"type": "heartbeat"}, [])
    assert code(answer) == (405, "InvalidMethod")
    assert answer.json()["errorMessage"] == f"invalid request method : /logstores/{ls}/consumergroups/"


def test_the_clock_window_follows_the_offset(call: Caller, control: SlsControl) -> None:
    call.when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    assert code(call("GET", "/")) == (400, "RequestTimeExpired")
    control.set_clock_offset(3600)
    try:
        assert call("GET", "/").status_code == 200
    finally:
        control.set_clock_offset(0)


def test_sts_tokens(server: SlsServer, control: SlsControl) -> None:
    control.add_access_key("STS.x", "y", security_token="tok", expires=time.time() + 600)
    caller = Caller(server, key_id="STS.x", secret="y", token="tok")
    with caller.session:
        assert caller("GET", "/").status_code == 200
        caller.token = "other"
        assert "is invalid" in caller("GET", "/").json()["errorMessage"]
        caller.token = "tok"
        control.add_access_key("STS.x", "y", security_token="tok", expires=time.time() - 1)
        assert "has expired" in caller("GET", "/").json()["errorMessage"]


def test_ram_denial_names_action_and_resource(server: SlsServer, control: SlsControl, ls: str) -> None:
    resource = f"acs:log:cn-hangzhou:1234567890123456:project/p1/logstore/{ls}/consumergroup/cg"
    allowed = {"Action": "log:*", "Resource": resource.replace("/cg", "/other")}
    control.add_access_key("ram", "x", allow=["log:CreateConsumerGroup", allowed])
    caller = Caller(server, key_id="ram", secret="x")
    with caller.session:
        made = caller(
            "POST",
            f"/logstores/{ls}/consumergroups",
            None,
            {"consumerGroup": "cg", "timeout": 9, "order": False},
        )
        assert made.status_code == 200
        query = {"type": "heartbeat", "consumer": "c"}
        answer = caller("POST", f"/logstores/{ls}/consumergroups/cg", query, [])
        assert code(answer) == (401, "Unauthorized")
        expected = f"denied by sts or ram, action: log:ConsumerGroupHeartBeat, resource: {resource}"
        assert answer.json()["errorMessage"] == expected
        assert answer.json()["accessDeniedDetail"]["AuthAction"] == "log:ConsumerGroupHeartBeat"
        assert code(caller("POST", f"/logstores/{ls}/consumergroups/other", query, [])) == (
            404,
            "ConsumerGroupNotExist",
        )


def test_another_accounts_project(server: SlsServer, control: SlsControl) -> None:
    control.add_access_key("foreign", "x", account="999")
    caller = Caller(server, key_id="foreign", secret="x")
    with caller.session:
        assert caller("GET", "/").json()["errorMessage"] == "The project does not belong to you."
        assert caller("GET", "/", project="").json()["total"] == 0


# -- projects, logstores, index


def test_project_life(call: Caller) -> None:
    body = {"projectName": "made-here", "description": "ü"}
    answer = call("POST", "/", None, body, project="")
    assert (answer.status_code, answer.content) == (200, b"")
    assert code(call("POST", "/", None, body, project="made-here")) == (400, "ProjectAlreadyExist")
    found = call("GET", "/", project="made-here").json()
    assert (found["description"], found["status"], found["region"]) == ("ü", "Normal", "cn-hangzhou")
    assert found["createTime"].isdigit()
    listed = call("GET", "/", {"projectName": "made"}, project="").json()
    assert (listed["count"], listed["projects"][0]["projectName"]) == (1, "made-here")
    answer = call("DELETE", "/", project="made-here")
    assert (answer.status_code, answer.content) == (200, b"")
    assert code(call("GET", "/", project="made-here")) == (404, "ProjectNotExist")


def test_logstore_life(call: Caller, control: SlsControl) -> None:
    body = {"logstoreName": "own-store", "ttl": 3, "shardCount": 2, "appendMeta": True}
    answer = call("POST", "/logstores", None, body)
    assert (answer.status_code, answer.content) == (200, b"")
    assert code(call("POST", "/logstores", None, body)) == (400, "LogStoreAlreadyExist")
    assert code(call("POST", "/logstores", None, {**body, "ttl": 0})) == (400, "LogStoreInfoInvalid")
    assert code(call("POST", "/logstores", None, b"{")) == (400, "PostBodyInvalid")
    found = call("GET", "/logstores/own-store").json()
    assert (found["ttl"], found["shardCount"], found["appendMeta"], found["autoSplit"]) == (3, 2, True, False)
    assert (
        call("PUT", "/logstores/own-store", None, {"ttl": 9, "logstoreName": "own-store"}).status_code == 200
    )
    assert call("GET", "/logstores/own-store").json()["ttl"] == 9
    assert (
        "own-store"
        in call("GET", "/logstores", {"offset": 0, "size": 500, "logstoreName": ""}).json()["logstores"]
    )
    assert put(call, "own-store", group("a")).status_code == 200
    shard = next(s["shardID"] for s in control.shards("p1", "own-store") if s["log_groups"])
    tags = dict(decode_list(pull(call, "own-store", cursor(call, "own-store", shard), shard).content)[0].tags)
    assert tags[b"__client_ip__"] == b"127.0.0.1"
    assert tags[b"__receive_time__"].isdigit()
    assert call("DELETE", "/logstores/own-store").status_code == 200
    answer = call("GET", "/logstores/own-store")
    assert code(answer) == (404, "LogStoreNotExist")
    assert answer.json()["errorMessage"] == "logstore own-store does not exist"


def test_a_new_logstore_can_take_its_time(call: Caller, control: SlsControl) -> None:
    control.set_knob("logstore_ready_seconds", 3600)
    try:
        call("POST", "/logstores", None, {"logstoreName": "late-store", "ttl": 1, "shardCount": 1})
    finally:
        control.set_knob("logstore_ready_seconds", 0)
    assert call("GET", "/logstores/late-store").status_code == 200
    assert code(call("GET", "/logstores/late-store/shards")) == (404, "LogStoreNotExist")
    assert code(put(call, "late-store", group("a"))) == (404, "LogStoreNotExist")


def test_index_life_and_queries_without_one(call: Caller, control: SlsControl) -> None:
    control.create_logstore("p1", "bare-store", index=False)
    query = {"type": "log", "from": 1, "to": 2, "query": ""}
    assert code(call("GET", "/logstores/bare-store", query)) == (400, "IndexConfigNotExist")
    assert code(call("GET", "/logstores/bare-store/index")) == (404, "IndexConfigNotExist")
    line = {"line": {"token": [" "], "caseSensitive": False}}
    assert call("POST", "/logstores/bare-store/index", None, line).status_code == 200
    assert code(call("POST", "/logstores/bare-store/index", None, line)) == (400, "IndexAlreadyExist")
    assert call("GET", "/logstores/bare-store/index").json()["line"]["token"] == [" "]
    assert call("PUT", "/logstores/bare-store/index", None, line).status_code == 200
    assert call("GET", "/logstores/bare-store", query).json() == []
    assert call("DELETE", "/logstores/bare-store/index").status_code == 200
