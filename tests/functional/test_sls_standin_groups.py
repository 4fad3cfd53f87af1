"""Consumer groups of the SLS stand-in over sockets."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.functional.sls_caller import KEY_ID, SECRET, Caller, code
from tests.standins.sls import SlsControl, SlsServer

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


class Group:
    """Calls on the consumer group `cg` of one logstore."""

    def __init__(self, call: Caller, ls: str) -> None:
        self.call = call
        self.ls = ls
        self.base = f"/logstores/{ls}/consumergroups"

    def create(self, name: str = "cg", timeout: Any = 60, order: Any = False) -> requests.Response:
        return self.call("POST", self.base, None, {"consumerGroup": name, "timeout": timeout, "order": order})

    def beat(self, consumer: str, held: Any) -> requests.Response:
        return self.call("POST", f"{self.base}/cg", {"type": "heartbeat", "consumer": consumer}, held)

    def save(
        self, shard: int, checkpoint: str, consumer: str = "a", force: str = "False"
    ) -> requests.Response:
        query = {"type": "checkpoint", "consumer": consumer, "forceSuccess": force}
        return self.call("POST", f"{self.base}/cg", query, {"shard": shard, "checkpoint": checkpoint})

    def checkpoints(self, **query: Any) -> Any:
        return self.call("GET", f"{self.base}/cg", query).json()


@pytest.fixture
def group(server: SlsServer, control: SlsControl) -> Iterator[Group]:
    """A fresh logstore with two shards and the group `cg`."""
    name = f"ls-{next(NAMES)}"
    control.create_logstore("p1", name)
    caller = Caller(server)
    with caller.session:
        made = Group(caller, name)
        assert made.create().content == b""
        yield made


def test_group_life(group: Group) -> None:
    answer = group.create()
    assert code(answer) == (400, "ConsumerGroupAlreadyExist")
    assert answer.json()["errorMessage"] == "consumer group already exist"
    group.create("second", 20, True)
    listed = group.call("GET", group.base).json()
    assert listed == [
        {"name": "cg", "timeout": 60, "order": False},
        {"name": "second", "timeout": 20, "order": True},
    ]
    assert group.call("PUT", f"{group.base}/second", None, {"timeout": 5}).status_code == 200
    assert group.call("GET", group.base).json()[1] == {"name": "second", "timeout": 5, "order": True}
    assert code(group.call("PUT", f"{group.base}/second", None, {})) == (400, "JsonInfoInvalid")
    assert code(group.call("PUT", f"{group.base}/third", None, {"timeout": 5})) == (
        404,
        "ConsumerGroupNotExist",
    )
    assert group.call("DELETE", f"{group.base}/second").content == b""
    assert code(group.call("DELETE", f"{group.base}/second")) == (404, "ConsumerGroupNotExist")


@pytest.mark.parametrize(
    ("name", "timeout", "order", "expected"),
    [
        ("", 60, False, "JsonInfoInvalid"),
        (7, 60, False, "JsonInfoInvalid"),
        ("ok", "60", False, "JsonInfoInvalid"),
        ("ok", 0, False, "JsonInfoInvalid"),
        ("ok", 60, "no", "JsonInfoInvalid"),
        ("a/b c", 60, False, "ParameterInvalid"),
    ],
)
def test_bad_groups_are_refused(group: Group, name: Any, timeout: Any, order: Any, expected: str) -> None:
    assert code(group.create(name, timeout, order)) == (400, expected)


def test_thirty_groups_per_logstore(group: Group) -> None:
    for number in range(29):
        assert group.create(f"g{number}").status_code == 200
    assert code(group.create("one-more")) == (400, "ConsumerGroupQuotaExceed")


def test_what_is_there_is_looked_at_before_what_is_asked(group: Group, control: SlsControl) -> None:
    """Permission, logstore, group, parameters: inferred; where a new group comes in is a knob."""
    assert code(group.create("cg", None)) == (400, "ConsumerGroupAlreadyExist")
    control.set_knob("create_group_looks_first", False)
    assert code(group.create("cg", None)) == (400, "JsonInfoInvalid")
    control.set_knob("create_group_looks_first", True)
    nowhere = group.base.replace(group.ls, "nowhere")
    assert code(group.call("POST", nowhere, None, {})) == (404, "LogStoreNotExist")
    assert code(group.call("PUT", f"{group.base}/none", None, {})) == (404, "ConsumerGroupNotExist")


def test_two_consumers_share(group: Group, control: SlsControl) -> None:
    assert group.beat("a", []).json() == [0, 1]
    assert group.beat("b", []).json() == []
    assert group.beat("a", [0, 1]).json() == [0]
    state = control.consumer_groups("p1", group.ls)["cg"]
    assert set(state["consumers"]) == {"a", "b"}
    assert abs(state["consumers"]["a"] - time.time()) < 30
    assert (state["shards"][1]["state"], state["shards"][1]["owner"], state["shards"][1]["next"]) == (
        "transfer",
        "a",
        "b",
    )
    assert group.beat("a", [0]).json() == [0]
    assert group.beat("b", []).json() == [1]


def test_heartbeat_errors(group: Group) -> None:
    answer = group.beat("a", [0])
    assert code(answer) == (400, "NotExistConsumerWithBody")
    assert answer.json()["errorMessage"] == "non-exist consumer with non-empty body of heartbeat message"
    assert code(group.beat("a", {"shards": []})) == (400, "JsonInfoInvalid")
    assert code(group.beat("a", ["0"])) == (400, "JsonInfoInvalid")
    assert code(group.beat("", [])) == (400, "ParameterInvalid")
    missing = group.call("POST", f"{group.base}/none", {"type": "heartbeat", "consumer": "a"}, [])
    assert code(missing) == (404, "ConsumerGroupNotExist")


def test_a_silent_consumer_is_dropped(group: Group) -> None:
    group.call("PUT", f"{group.base}/cg", None, {"timeout": 1})
    assert group.beat("a", []).json() == [0, 1]
    deadline = time.monotonic() + 20
    while group.beat("b", []).json() != [0, 1]:
        assert time.monotonic() < deadline, "shards of the silent consumer never came free"
        time.sleep(0.1)
    assert code(group.beat("a", [0, 1])) == (400, "NotExistConsumerWithBody")
    assert code(group.save(0, "MQ==", "a")) == (404, "ConsumerNotExist")


def test_checkpoints(group: Group) -> None:
    assert group.checkpoints() == []
    group.beat("a", [])
    assert group.checkpoints(shard=1) == [{"shard": 1, "checkpoint": "", "updateTime": 0, "consumer": ""}]
    assert group.checkpoints(shard=9) == []
    assert group.save(1, "MTIz", "a").content == b""
    row = group.checkpoints(shard=1)[0]
    assert (row["checkpoint"], row["consumer"]) == ("MTIz", "a")
    assert abs(row["updateTime"] / 1_000_000 - time.time()) < 60
    assert group.save(1, "MQ==", "ghost", "true").status_code == 200
    assert group.save(1, "Mg==", "", "True").status_code == 200
    assert group.checkpoints(shard=1)[0]["checkpoint"] == "Mg=="


def test_checkpoint_errors(group: Group) -> None:
    group.beat("a", [])
    group.beat("b", [])
    assert code(group.save(0, "not base64!", "a")) == (400, "InvalidShardCheckPoint")
    assert code(group.save(9, "MQ==", "a", "true")) == (404, "ShardNotExist")
    assert code(group.save(0, "MQ==", "b")) == (400, "ConsumerNotMatch")
    assert code(group.save(0, "MQ==", "c")) == (404, "ConsumerNotExist")
    assert code(group.save(0, "MQ==", "")) == (400, "ParameterInvalid")
    query = {"type": "checkpoint", "consumer": "a", "forceSuccess": "true"}
    bodies: list[Any] = [[], {"shard": "0", "checkpoint": "MQ=="}, {"shard": 0}, b"x"]
    for body in bodies:
        assert code(group.call("POST", f"{group.base}/cg", query, body)) == (400, "JsonInfoInvalid")


def test_children_wait_for_the_end_of_their_parent(group: Group, control: SlsControl) -> None:
    group.call("PUT", f"{group.base}/cg", None, {"order": True})
    control.put_logs("p1", group.ls, [{"k": "v"}], shard=0)
    control.split("p1", group.ls, 0)
    assert group.beat("a", []).json() == [0, 1]
    shards = control.shards("p1", group.ls)
    group.save(0, shards[0]["begin"], "a")
    assert group.beat("a", [0, 1]).json() == [0, 1]
    group.save(0, shards[0]["end"], "a")
    assert group.beat("a", [0, 1]).json() == [1, 2, 3]
    assert control.consumer_groups("p1", group.ls)["cg"]["shards"][0]["state"] == "over"
