"""Every way to sign in delivers, renews its credentials under way, and says in one sentence what is wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.addon import RefusedError
from tests.functional.harness import (
    ACCOUNT,
    KEY_ID,
    KEY_SECRET,
    METADATA,
    Forwarder,
    Traffic,
    create_account,
    create_input,
    wait_for,
)
from tests.functional.test_addon_errors import said, stanza, write_stanza
from tests.standins.sls import SlsServer

EXTERNAL_ID = "ours+and/theirs=1"
ARN = "acs:ram::1234567890123456:role/log-reader"
INSTANCE = {"auth_type": "ecs_ram_role", "access_key_id": "", "access_key_secret": ""}
NOWHERE = "127.0.0.1:1"


def with_roles(sls: SlsServer) -> None:
    """A key and an instance's role that may do nothing but assume the role that reads the logs."""
    sls.control.add_access_key(KEY_ID, KEY_SECRET, allow=["sts:AssumeRole"])
    sls.control.add_role("forwarder", ecs=True, allow=["sts:AssumeRole"])
    sls.control.add_role("log-reader", external_id=EXTERNAL_ID, allow=["log:*"])


def assumed(sls: SlsServer, **over: str) -> dict[str, str]:
    """The account's settings for assuming the role, by default with the AccessKey pair."""
    sts = f"sts.sls.test:{sls.https_port}"
    settings = {"auth_type": "assume_role", "role_arn": ARN, "external_id": EXTERNAL_ID, "sts_endpoint": sts}
    return {**settings, **over}


FROM_INSTANCE = {**INSTANCE, "auth_type": "assume_role", "source_credentials": "ecs_ram_role"}


def rows(sls: SlsServer, endpoint: str) -> list[dict[str, Any]]:
    """The calls of that kind, but for those that the checks on save make to be refused."""
    calls = [row for row in sls.control.requests() if row["endpoint"] == endpoint]
    return [row for row in calls if not str(row["consumer"]).startswith("splunk-preflight-")]


def keys_used(sls: SlsServer) -> list[str]:
    """The ids that signed pulls, in their order."""
    return list(dict.fromkeys(row["access_key_id"] for row in rows(sls, "PullLogs")))


def delivers(forwarder: Forwarder, traffic: Traffic) -> None:
    create_input(forwarder, "central")
    traffic.put(40)
    assert traffic.wait_until_all_arrived(forwarder).total.duplicate == 0


@pytest.mark.parametrize("mode", ["token required", "no token mode"])
def test_the_role_of_the_instance(forwarder: Forwarder, sls: SlsServer, traffic: Traffic, mode: str) -> None:
    sls.control.add_role("forwarder", ecs=True)
    if mode == "token required":
        sls.control.set_knob("ecs_token_required", True)
    else:  # the first of the three calls of each look
        sls.control.fault("EcsMetadata", kind="status", status=404, code="NotFound", every=3, skip=-2)
    create_account(forwarder, **INSTANCE)
    delivers(forwarder, traffic)
    assert all(key.startswith("STS.") for key in keys_used(sls))
    asked = {
        (row["method"], row["path"].rpartition("/")[2], row["status"]) for row in rows(sls, "EcsMetadata")
    }
    token_status = 200 if mode == "token required" else 404
    assert asked == {("PUT", "token", token_status), ("GET", "", 200), ("GET", "forwarder", 200)}


@pytest.mark.parametrize("source", ["access_key", "ecs_ram_role"])
def test_an_assumed_role(forwarder: Forwarder, sls: SlsServer, traffic: Traffic, source: str) -> None:
    with_roles(sls)
    create_account(forwarder, **assumed(sls, **(FROM_INSTANCE if source == "ecs_ram_role" else {})))
    delivers(forwarder, traffic)
    assert all(key.startswith("STS.") for key in keys_used(sls))
    assert bool(rows(sls, "EcsMetadata")) is (source == "ecs_ram_role")


def test_sts_is_asked_through_the_proxy_and_the_instance_never(
    forwarder: Forwarder, sls: SlsServer, traffic: Traffic
) -> None:
    with_roles(sls)
    sls.control.set_knob("proxy_basic", "me:p@ss word")
    forwarder._runner.resolve = {METADATA: f"127.0.0.1:{sls.http_port}"}  # names are the proxy's to resolve
    forwarder.addon.set_proxy(
        proxy_enabled="1",
        proxy_type="http",
        proxy_url="127.0.0.1",
        proxy_port=str(sls.http_port),
        proxy_username="me",
        proxy_password="p@ss word",
    )
    create_account(forwarder, **assumed(sls, **FROM_INSTANCE))
    delivers(forwarder, traffic)
    assert {row["via"] for row in rows(sls, "AssumeRole")} == {"connect"}
    assert {row["via"] for row in rows(sls, "EcsMetadata")} == {""}


MakeForwarder = Callable[..., Forwarder]
Spoil = Callable[[SlsServer], object]
REFUSED: list[tuple[dict[str, str], Spoil, str]] = [
    (INSTANCE, lambda sls: None, "no RAM role is attached to this ECS instance"),
    ({"external_id": "theirs"}, with_roles, "STS does not let AccessKey"),
    ({"access_key_secret": "wrong"}, lambda sls: None, "STS does not accept the AccessKey secret"),
    ({"role_arn": ARN + "s"}, lambda sls: None, f"STS does not know role '{ARN}s'"),
    ({}, lambda sls: sls.control.set_clock_offset(3600), "the clock of this forwarder differs"),
]


def test_what_gives_no_credentials_is_one_sentence_on_save(forwarder: Forwarder, sls: SlsServer) -> None:
    for number, (over, spoil, sentence) in enumerate(REFUSED):
        spoil(sls)
        name = f"account{number}"
        with pytest.raises(RefusedError) as refused:
            create_account(forwarder, name=name, **(over if "auth_type" in over else assumed(sls, **over)))
        assert f"account '{name}': " in str(refused.value)
        assert sentence in str(refused.value)
        for secret in (KEY_SECRET, EXTERNAL_ID):
            assert secret not in str(refused.value)


def test_what_is_away_for_now_refuses_no_account(make_forwarder: MakeForwarder, sls: SlsServer) -> None:
    """It may be meant for another machine; its inputs say so, and wait."""
    with_roles(sls)
    forwarder = make_forwarder("hf1")
    forwarder.addon.set_network(connect_timeout="2", read_timeout="5")
    forwarder._runner.resolve[METADATA] = NOWHERE
    create_account(forwarder, name="not_here", **INSTANCE)
    create_account(forwarder, name="no_sts", **assumed(sls, sts_endpoint="sts.sls.test:1"))
    create_account(forwarder, name="no_sls", **assumed(sls, sts_endpoint=f"sls.test:{sls.https_port}"))
    answers = [(400, "Throttling.User"), (503, "ServiceUnavailable"), (500, "SomethingNew")]
    for number, (status, code) in enumerate(answers):
        body = json.dumps({"RequestId": "r", "HostId": "sts", "Code": code, "Message": "words"})
        sls.control.fault("AssumeRole", kind="status", status=status, body=body, times=1)
        create_account(forwarder, name=f"later{number}", **assumed(sls))
    assert [row["status"] for row in rows(sls, "AssumeRole")][-3:] == [400, 503, 500]
    with pytest.raises(RefusedError, match=r"no answer from STS: 'sts\.sls\.test:1' refused the connection"):
        create_input(forwarder, "central", account="no_sts")


def test_off_an_instance_that_is_said_and_heals_without_a_restart(
    forwarder: Forwarder, sls: SlsServer, traffic: Traffic
) -> None:
    with_roles(sls)
    create_account(forwarder, **INSTANCE)
    forwarder._runner.resolve[METADATA] = NOWHERE
    write_stanza(forwarder, "byhand", stanza(sls))
    sentence = "the metadata service of an ECS instance is not there"
    wait_for(lambda: said(forwarder, sentence), 20, "the sentence")
    traffic.put(20)
    (row,) = forwarder.inputs()
    forwarder.addon.post(
        f"account/{ACCOUNT}", assumed(sls, access_key_id=KEY_ID, access_key_secret=KEY_SECRET)
    )
    traffic.wait_until_all_arrived(forwarder)
    assert [again.pid for again in forwarder.inputs()] == [row.pid]
    assert len(said(forwarder, sentence)) == 1


@pytest.mark.parametrize(
    ("source", "skew"),
    [("access_key", 600), ("ecs_ram_role", -600)],
    ids=["slow clock", "fast clock"],
)
def test_credentials_are_renewed_under_way_whatever_the_clock_says(
    forwarder: Forwarder, sls: SlsServer, traffic: Traffic, source: str, skew: int
) -> None:
    with_roles(sls)
    sls.control.set_clock_offset(skew)
    sls.control.set_knob("sts_credential_seconds", 6)
    sls.control.set_knob("ecs_credential_seconds", 6)
    # Slower than a heartbeat, which would be lost if renewals held it up; check and start are not delayed.
    sls.control.fault("AssumeRole", kind="delay", delay=1.5, skip=2)
    create_account(forwarder, **assumed(sls, **(FROM_INSTANCE if source == "ecs_ram_role" else {})))
    create_input(forwarder, "central")
    started = time.monotonic()
    while time.monotonic() < started + 10 or (len(keys_used(sls)) < 3 and time.monotonic() < started + 30):
        traffic.put(10)
        time.sleep(0.2)
    assert traffic.wait_until_all_arrived(forwarder).total.duplicate == 0
    for endpoint in ("ConsumerGroupHeartBeat", "PullLogs", "AssumeRole"):
        assert {row["status"] for row in rows(sls, endpoint)} == {200}
    assert len(keys_used(sls)) >= 3
    assert len(rows(sls, "AssumeRole")) <= 4 + (time.monotonic() - started) / 2.4  # of 6 seconds, two fifths
    assert {row.runs for row in forwarder.inputs()} == {1}


def test_while_sts_is_away_the_old_credentials_are_used_and_what_expired_heals(
    forwarder: Forwarder, sls: SlsServer, traffic: Traffic
) -> None:
    with_roles(sls)
    sls.control.set_knob("sts_credential_seconds", 10)
    create_account(forwarder, **assumed(sls))
    create_input(forwarder, "central")
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)
    sls.control.fault("AssumeRole", kind="reset")
    lines = wait_for(lambda: said(forwarder, "no answer from STS"), 10, "the failed renewal")
    assert "(those in use last 0 more minutes)" in lines[0]
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)
    assert {row["status"] for row in rows(sls, "ConsumerGroupHeartBeat")} == {200}

    wait_for(lambda: said(forwarder, "they are fetched anew by themselves"), 15, "the refusal by SLS")
    traffic.put(20)
    sls.control.clear_faults()
    traffic.wait_until_all_arrived(forwarder)
    assert len(said(forwarder, "no answer from STS")) == 1
    assert "renewing the credentials of account 'account' works again" in forwarder.addon.log_text()
    assert {row.runs for row in forwarder.inputs()} == {1}


def test_an_account_that_is_edited_under_way(forwarder: Forwarder, sls: SlsServer, traffic: Traffic) -> None:
    """From an AccessKey to a role, when SLS refuses the key; then to another role, at its next renewal."""
    create_account(forwarder)
    create_input(forwarder, "central")
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)
    assert keys_used(sls) == [KEY_ID]
    with_roles(sls)  # the key may no longer read
    sls.control.set_knob("sts_credential_seconds", 6)
    forwarder.addon.post(f"account/{ACCOUNT}", assumed(sls))
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)
    assert all(key.startswith("STS.") for key in keys_used(sls)[1:])

    sls.control.add_role("log-readers", external_id=EXTERNAL_ID)
    forwarder.addon.post(f"account/{ACCOUNT}", {"role_arn": ARN + "s"})
    del sls.service.temporary.roles["log-readers"]
    wait_for(lambda: said(forwarder, f"STS does not know role '{ARN}s'"), 10, "the edited role at work")
    forwarder.addon.post(f"account/{ACCOUNT}", {"role_arn": ARN})
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)
    assert {row.runs for row in forwarder.inputs()} == {1}


def test_no_secret_of_a_role_gets_anywhere(forwarder: Forwarder, sls: SlsServer, traffic: Traffic) -> None:
    with_roles(sls)
    sls.control.set_knob("sts_credential_seconds", 6)
    forwarder.addon.set_log_level("DEBUG")
    create_account(forwarder, **assumed(sls, **FROM_INSTANCE))
    delivers(forwarder, traffic)
    wait_for(lambda: len(keys_used(sls)) >= 2, 10, "a renewal")
    pid = next(row.pid for row in forwarder.inputs())
    seen = [
        Path(f"/proc/{pid}/{name}").read_bytes().decode("utf-8", "replace") for name in ("cmdline", "environ")
    ]
    sls.control.fault("*", kind="status", status=401, code="SignatureNotMatch", message="x", times=20)
    wait_for(lambda: said(forwarder, "SignatureNotMatch"), 10, "a refusal in the log")
    forwarder.stop()

    secrets = [
        text for key in sls.service.store.keys.values() for text in (key.secret, key.security_token) if text
    ]
    assert len(secrets) >= 7
    files = [path for path in forwarder.home.rglob("*") if path.is_file() and "/lib/python" not in str(path)]
    logs = [
        path.read_text("utf-8", "replace") for path in files if path.suffix in (".conf", ".log", ".sqlite")
    ]
    assert len(logs) > 10
    for text in (*seen, *logs, str(sls.control.requests())):
        assert not [secret for secret in secrets if secret in text]
    for row in (*rows(sls, "AssumeRole"), *rows(sls, "EcsMetadata")):
        assert row["query"] == {}
