"""Temporary credentials of the SLS stand-in: STS AssumeRole and the ECS metadata server."""

from __future__ import annotations

import base64
import calendar
import hashlib
import hmac
import itertools
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import requests

from tests.functional.sls_caller import KEY_ID, SECRET, Caller, code
from tests.standins.sls import SlsControl, SlsServer

NONCES = itertools.count()
ROLE_PATH = "/latest/meta-data/ram/security-credentials/"


@pytest.fixture(scope="module")
def server() -> Iterator[SlsServer]:
    with SlsServer() as running:
        running.control.add_access_key(KEY_ID, SECRET)
        running.control.create_project("p1")
        running.control.add_role("reader", allow=["log:GetProject"], external_id="x1", max_seconds=7200)
        running.control.add_role("instance", ecs=True)
        yield running


@pytest.fixture
def control(server: SlsServer) -> Iterator[SlsControl]:
    yield server.control
    server.control.set_clock_offset(0)
    server.control.set_knob("ecs_token_required", False)


def assume(server: SlsServer, secret: str = SECRET, **changes: str) -> requests.Response:
    """AssumeRole as a client sends it, with some parameters changed."""
    given = {
        "Action": "AssumeRole",
        "Format": "JSON",
        "Version": "2015-04-01",
        "RoleArn": "acs:ram::1234567890123456:role/reader",
        "RoleSessionName": "splunk",
        "DurationSeconds": "900",
        "ExternalId": "x1",
        "AccessKeyId": KEY_ID,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": f"n{next(NONCES)}",
        "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        **changes,
    }
    text = "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in sorted(given.items()))
    signed = f"GET&%2F&{quote(text, safe='~')}"
    given["Signature"] = base64.b64encode(
        hmac.new(f"{secret}&".encode(), signed.encode(), hashlib.sha1).digest()
    ).decode()
    url = f"http://{server.host}:{server.http_port}/?{urlencode(given)}"
    return requests.get(url, headers={"Host": f"sts.{server.endpoint}"}, timeout=20)


def use(server: SlsServer, found: dict[str, Any]) -> requests.Response:
    """GetProject with temporary credentials."""
    token = found["SecurityToken"]
    caller = Caller(server, key_id=found["AccessKeyId"], secret=found["AccessKeySecret"], token=token)
    with caller.session:
        return caller("GET", "/")


def test_an_assumed_role_works_until_it_expires(server: SlsServer, control: SlsControl) -> None:
    answer = assume(server).json()
    assert answer["AssumedRoleUser"]["Arn"] == "acs:ram::1234567890123456:role/reader/splunk"
    found = answer["Credentials"]
    assert found["AccessKeyId"].startswith("STS.")
    expires = calendar.timegm(time.strptime(found["Expiration"], "%Y-%m-%dT%H:%M:%SZ"))
    assert abs(expires - time.time() - 900) < 60
    assert use(server, found).status_code == 200
    control.set_clock_offset(899)
    control.set_knob("clock_window_seconds", 5000)
    assert use(server, {**found, "SecurityToken": "x"}).json()["errorMessage"].endswith("is invalid.")
    control.set_clock_offset(960)
    assert use(server, found).json()["errorMessage"].endswith("has expired.")
    control.set_knob("clock_window_seconds", 900)


def test_a_role_has_its_own_permissions(server: SlsServer) -> None:
    found = assume(server).json()["Credentials"]
    caller = Caller(
        server, key_id=found["AccessKeyId"], secret=found["AccessKeySecret"], token=found["SecurityToken"]
    )
    with caller.session:
        assert code(caller("GET", "/logstores")) == (401, "Unauthorized")


@pytest.mark.parametrize(
    ("changes", "status", "expected"),
    [
        ({"secret": "wrong"}, 400, "SignatureDoesNotMatch"),
        ({"AccessKeyId": "nobody"}, 404, "InvalidAccessKeyId.NotFound"),
        ({"Action": "GetCallerIdentity"}, 404, "InvalidAction.NotFound"),
        ({"RoleArn": "acs:ram::1:role/none"}, 404, "EntityNotExist.Role"),
        ({"ExternalId": "x2"}, 403, "NoPermission"),
        ({"RoleSessionName": "a"}, 400, "InvalidParameter.RoleSessionName"),
        ({"RoleSessionName": "a" * 33}, 400, "InvalidParameter.RoleSessionName"),
        ({"DurationSeconds": "899"}, 400, "InvalidParameter.DurationSeconds"),
        ({"DurationSeconds": "7201"}, 400, "InvalidParameter.DurationSeconds"),
        ({"Timestamp": "2020-01-01T00:00:00Z"}, 400, "InvalidTimeStamp.Expired"),
        ({"Timestamp": "now"}, 400, "InvalidTimeStamp.Format"),
    ],
)
def test_assume_role_errors(server: SlsServer, changes: dict[str, str], status: int, expected: str) -> None:
    answer = assume(server, **changes)
    assert (answer.status_code, answer.json()["Code"]) == (status, expected)
    assert {"RequestId", "HostId", "Message"} <= set(answer.json())


def test_a_nonce_is_good_once_and_a_key_may_be_denied(server: SlsServer, control: SlsControl) -> None:
    assert assume(server, SignatureNonce="same").status_code == 200
    assert assume(server, SignatureNonce="same").json()["Code"] == "SignatureNonceUsed"
    control.add_access_key("no-sts", "x", allow=["log:*"])
    assert assume(server, "x", AccessKeyId="no-sts").json()["Code"] == "NoPermission"


def test_the_trace_keeps_no_secrets(server: SlsServer, control: SlsControl) -> None:
    found = assume(server).json()["Credentials"]
    entry = control.requests()[-1]
    assert (entry["endpoint"], entry["query"]["RoleSessionName"]) == ("AssumeRole", "splunk")
    assert "Signature" not in entry["query"]
    use(server, found)
    trace = str(control.requests())
    assert found["SecurityToken"] not in trace
    assert found["AccessKeySecret"] not in trace


def test_instance_credentials(server: SlsServer, control: SlsControl) -> None:
    base = f"http://{server.host}:{server.http_port}"
    assert requests.get(base + ROLE_PATH, timeout=20).text == "instance"
    found = requests.get(base + ROLE_PATH + "instance", timeout=20).json()
    assert found["Code"] == "Success"
    assert use(server, found).status_code == 200
    assert (
        requests.get(base + ROLE_PATH + "instance", timeout=20).json()["AccessKeyId"] == found["AccessKeyId"]
    )
    control.set_clock_offset(4 * 3600)
    assert (
        requests.get(base + ROLE_PATH + "instance", timeout=20).json()["AccessKeyId"] != found["AccessKeyId"]
    )
    assert requests.get(base + ROLE_PATH + "other", timeout=20).status_code == 404


def test_the_hardened_metadata_server_wants_a_token(server: SlsServer, control: SlsControl) -> None:
    control.set_knob("ecs_token_required", True)
    base = f"http://{server.host}:{server.http_port}"
    assert requests.get(base + ROLE_PATH, timeout=20).status_code == 403
    ttl = "X-aliyun-ecs-metadata-token-ttl-seconds"
    assert requests.put(base + "/latest/api/token", headers={ttl: "0"}, timeout=20).status_code == 400
    token = requests.put(base + "/latest/api/token", headers={ttl: "60"}, timeout=20).text
    sent = {"X-aliyun-ecs-metadata-token": token}
    assert requests.get(base + ROLE_PATH, headers=sent, timeout=20).text == "instance"
    wrong = {"X-aliyun-ecs-metadata-token": token + "x"}
    assert requests.get(base + ROLE_PATH, headers=wrong, timeout=20).status_code == 403
