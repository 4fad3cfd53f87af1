"""What can be wrong, one by one: the sentence and the remedy that a person reads; and SLS stays as it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import pytest

from sls_ingest import policy
from sls_ingest.verdict import FAILED, OK, SKIPPED, WARNING, Result, first_failure
from tests.functional.harness import KEY_ID, KEY_SECRET, LOGSTORE, PROJECT
from tests.functional.preflight_scene import (
    EXTERNAL_ID,
    GROUP,
    ROLE_ARN,
    UID,
    Scene,
    epoch_days_ago,
)
from tests.standins.sls import SlsServer, api_groups

HOST = "audit.sls.test:{https}"
STORE = f"acs:log:cn-hangzhou:{UID}:project/{PROJECT}/logstore/{LOGSTORE}"
GRANT = "grant it to the account's user or role (alibaba_sls_doctor.py prints the whole policy)"
ASSUME = (
    "grant it sts:AssumeRole, and let the role's trust policy name it, with the external_id set here if any"
)
PROXY = "the proxy of the Configuration page"
NAMES = "check the project's name and its region's endpoint"


class Situation(NamedTuple):
    """What is spoilt, and what is then said: by which check, in which state, in which words."""

    name: str
    spoil: Callable[[Scene], object]
    check: str
    sentence: str
    remedy: str = ""
    state: str = FAILED


def wrong_id(scene: Scene) -> None:
    scene.account["access_key_id"] = "LTAI5tOther"


def wrong_secret(scene: Scene) -> None:
    scene.account["access_key_secret"] = "another"


def expired_token(scene: Scene) -> None:
    scene.key(security_token="CAIStoken", expires=time.time() - 60)
    scene.account["security_token"] = "CAIStoken"


def on_an_instance(scene: Scene) -> None:
    scene.account.update(auth_type="ecs_ram_role")


def off_an_instance(scene: Scene) -> None:
    on_an_instance(scene)
    scene.metadata = ("127.0.0.1", 1)


def may_not_assume(scene: Scene) -> None:
    scene.assume()
    scene.key(allow=["log:*"])


def wrong_secret_for_sts(scene: Scene) -> None:
    scene.assume(access_key_secret="another")


def sts_is_away(scene: Scene) -> None:
    scene.assume(sts_endpoint="sts.sls.test:1")


def missing_ca(scene: Scene) -> None:
    scene.settings.network_tab = {"ca_bundle": "/nowhere/ca.pem"}


def ca_of_nothing(scene: Scene) -> None:
    scene.settings.network_tab = {"ca_bundle": __file__}


def no_ca(scene: Scene) -> None:
    scene.settings.network_tab = {}


def proxy_down(scene: Scene) -> None:
    scene.proxy(proxy_port="1")


def another_port_behind_the_proxy(scene: Scene) -> None:
    scene.proxy()
    scene.params["endpoint"] = "https://sls.test:444"


def a_proxy_for_plain_http(scene: Scene) -> None:
    scene.proxy(proxy_password="wrong-4711")
    scene.account["allow_http"] = "1"
    scene.params["endpoint"] = scene.sls.http_endpoint


def hanging(scene: Scene) -> None:
    scene.sls.control.fault("*", kind="hang")
    scene.limit = 0.5


def another_owner(scene: Scene) -> None:
    scene.key(account="6543210987654321")


def full(scene: Scene) -> None:
    for number in range(30):
        scene.group(f"g{number:02}")


def full_at_another_limit(scene: Scene) -> None:
    scene.group("other")
    scene.sls.control.set_knob("groups_per_logstore", 1)


def not_sls(scene: Scene) -> None:
    body = "<html>Sign in to the hotel's network</html>"
    scene.sls.control.fault("*", kind="status", status=200, body=body, content_type="text/html")


def setting(**over: str) -> Callable[[Scene], None]:
    return lambda scene: scene.params.update(over)


def denied(action: str) -> Callable[[Scene], None]:
    return lambda scene: scene.key(deny=[action])


def lacks(action: str, resource: str, without: str = "") -> Situation:
    """A missing permission: a failure, or with `without` a warning."""
    message = f"denied by sts or ram, action: {action}, resource: {resource}"
    sentence = f"account 'account': a RAM permission is missing ({message})"
    remedy = f"{GRANT}; {without}" if without else GRANT
    return Situation(f"no {action}", denied(action), action, sentence, remedy, WARNING if without else FAILED)


SITUATIONS = [
    Situation(
        "a setting",
        setting(heartbeat_interval="soon"),
        "settings",
        "heartbeat_interval: 'soon' is not accepted",
        "give a whole number from 1 to 300 seconds.",
    ),
    Situation(
        "no such account",
        setting(account="nobody"),
        "settings",
        "account: 'nobody' is not accepted",
        "give the name of an account of the Configuration page.",
    ),
    Situation(
        "plain http",
        lambda scene: scene.params.update(endpoint=scene.sls.http_endpoint),
        "settings",
        "endpoint: 'http://sls.test:{http}' is not accepted",
        "give an https endpoint, or allow http in account 'account'.",
    ),
    Situation(
        "CA file is missing",
        missing_ca,
        "CA file",
        "ca_bundle: '/nowhere/ca.pem' is not accepted",
        "give the path of a PEM file with certificates that Splunk can read.",
    ),
    Situation(
        "CA file without a certificate",
        ca_of_nothing,
        "CA file",
        f"ca_bundle: '{__file__}' is not accepted",
        "give the path of a PEM file with certificates that Splunk can read.",
    ),
    Situation(
        "DNS",
        setting(endpoint="sls.invalid"),
        "DNS",
        "the name 'audit.sls.invalid:443' cannot be resolved",
        "check the endpoint and this forwarder's DNS",
    ),
    Situation(
        "closed port",
        setting(endpoint="sls.test:1"),
        "TCP",
        "'audit.sls.test:1' refused the connection",
        "check the endpoint, its port and the firewall",
    ),
    Situation(
        "proxy's name",
        lambda scene: scene.proxy(proxy_url="proxy.invalid"),
        "DNS",
        f"{PROXY} did not let the call to '{HOST}' through ([Errno -2] Name or service not known)",
        "check its address and password",
    ),
    Situation(
        "proxy is down",
        proxy_down,
        "TCP",
        f"{PROXY} did not let the call to '{HOST}' through ([Errno 111] Connection refused)",
        "check its address and password",
    ),
    Situation(
        "proxy's password",
        lambda scene: scene.proxy(proxy_password="wrong-4711"),
        "proxy",
        f"{PROXY} does not accept its user and password for the call to '{HOST}' "
        "(Tunnel connection failed: 407 Proxy Authentication Required)",
        "enter them again",
    ),
    Situation(
        "proxy's password, plain http",
        a_proxy_for_plain_http,
        "proxy",
        f"{PROXY} does not accept its user and password for the call to 'audit.sls.test:{{http}}' "
        "(407 Proxy Authentication Required)",
        "enter them again",
    ),
    Situation(
        "proxy refuses CONNECT",
        another_port_behind_the_proxy,
        "proxy",
        f"{PROXY} refuses to let the call to 'audit.sls.test:444' through "
        "(Tunnel connection failed: 403 Forbidden)",
        "have it allow CONNECT to that host and port",
    ),
    Situation(
        "self-signed certificate",
        lambda scene: scene.sls.present("self-signed"),
        "TLS",
        f"the TLS certificate of '{HOST}' is not trusted, because it is signed by itself",
        "set ca_bundle to it if that is meant to be",
    ),
    Situation(
        "certificate for another name",
        lambda scene: scene.sls.present("other name"),
        "TLS",
        f"the TLS certificate of '{HOST}' is for another name "
        "(hostname 'audit.sls.test' doesn't match 'elsewhere.test')",
        "check the endpoint, and what its name leads to on this forwarder",
    ),
    Situation(
        "expired certificate",
        lambda scene: scene.sls.present("expired"),
        "TLS",
        f"the TLS certificate of '{HOST}' is not valid at this time (certificate has expired)",
        "check this forwarder's clock, and the proxy if one inspects TLS",
    ),
    Situation(
        "certificate of a private CA",
        no_ca,
        "TLS",
        f"the TLS certificate of '{HOST}' is not trusted",
        "set ca_bundle if a proxy or private CA signs it",
    ),
    Situation(
        "no answer",
        hanging,
        "proxy",
        "no answer within 0.5 s",
        "check DNS, the network, the proxy and the time-outs",
    ),
    Situation(
        "connection is cut",
        lambda scene: scene.sls.control.fault("*", kind="reset"),
        "answer",
        f"the call to '{HOST}' failed (Remote end closed connection without response)",
        "check the network, the firewall and the proxy",
    ),
    Situation(
        "not SLS",
        not_sls,
        "sign-in",
        "what answers for project 'audit' at endpoint 'https://sls.test:{https}' does not answer as SLS does "
        "(no JSON)",
        "check the endpoint, and whether a proxy answers in its place",
    ),
    Situation(
        "clock 20 minutes off",
        lambda scene: scene.sls.control.set_clock_offset(1200),
        "clock",
        "the clock of this forwarder differs from SLS's by more than 15 minutes "
        "(it is 20 minutes behind SLS's)",
        "set the clock, for example with NTP",
    ),
    Situation(
        "clock 5 minutes off",
        lambda scene: scene.sls.control.set_clock_offset(-300),
        "clock",
        "the clock of this forwarder is 5 minutes ahead of SLS's",
        "set the clock, for example with NTP: SLS refuses requests that are 15 minutes off",
        WARNING,
    ),
    Situation(
        "no role on the instance",
        on_an_instance,
        "credentials",
        "account 'account': no RAM role is attached to this ECS instance",
        "attach one in the ECS console",
    ),
    Situation(
        "not on an instance",
        off_an_instance,
        "credentials",
        "account 'account': the metadata service of an ECS instance is not there at "
        "http://100.100.100.200/latest (ConnectionError)",
        "run the forwarder on an ECS instance, or let the account sign in otherwise",
    ),
    Situation(
        "AssumeRole is denied",
        may_not_assume,
        "credentials",
        f"account 'account': STS does not let AccessKey '{KEY_ID}' assume role '{ROLE_ARN}' "
        "(You are not authorized to do this action.)",
        ASSUME,
    ),
    Situation(
        "wrong secret for STS",
        wrong_secret_for_sts,
        "credentials",
        f"account 'account': STS does not accept the AccessKey secret of '{KEY_ID}'",
        "enter the secret again",
    ),
    Situation(
        "STS is away",
        sts_is_away,
        "credentials",
        "account 'account': no answer from STS: 'sts.sls.test:1' refused the connection",
        "check the endpoint, its port and the firewall",
    ),
    Situation(
        "wrong key id",
        wrong_id,
        "sign-in",
        "account 'account': AccessKey id 'LTAI5tOther' does not exist",
        "check the id",
    ),
    Situation(
        "wrong secret",
        wrong_secret,
        "sign-in",
        f"account 'account': SLS does not accept the AccessKey secret of '{KEY_ID}'",
        "enter the secret again",
    ),
    Situation(
        "disabled key",
        lambda scene: scene.key(enabled=False),
        "sign-in",
        f"account 'account': AccessKey '{KEY_ID}' is disabled",
        "enable it or enter another",
    ),
    Situation(
        "expired token",
        expired_token,
        "sign-in",
        "account 'account': the STS token is not accepted (The security token you provided has expired.)",
        "enter a fresh one",
    ),
    Situation(
        "SLS is not opened",
        lambda scene: scene.key(service_opened=False),
        "sign-in",
        "account 'account': Log Service is not activated in its Alibaba Cloud account "
        "(Your SLS service has not opened.)",
        "activate it in the SLS console",
    ),
    Situation(
        "no such project",
        setting(project="nosuchproject"),
        "project",
        "project 'nosuchproject' does not exist at endpoint 'https://sls.test:{https}'",
        NAMES,
    ),
    Situation(
        "somebody else's project",
        another_owner,
        "project",
        "account 'account': project 'audit' belongs to another Alibaba Cloud account",
        "check the project's name, and whose AccessKey or role the account has",
    ),
    Situation(
        "suspended project",
        lambda scene: scene.sls.control.set_project_status(PROJECT, "Forbidden"),
        "project",
        "project 'audit' is forbidden or suspended (The project has been forbidden by admin.)",
        "look at it in the SLS console",
    ),
    Situation(
        "no such logstore",
        setting(logstore="nosuchstore"),
        "logstore",
        "logstore 'nosuchstore' does not exist in project 'audit'",
        "check the logstore's name",
    ),
    Situation(
        "fewer threads than shards",
        lambda scene: (scene.params.update(fetch_threads="2"), scene.sls.control.split(PROJECT, LOGSTORE, 0)),
        "shards",
        "logstore 'central' has 4 shards to read, 3 still written to, and the input fetches 2 at a time",
        "set fetch_threads to auto, unless other inputs of the group are to share the shards",
        WARNING,
    ),
    lacks(policy.LIST_SHARDS, STORE),
    lacks(policy.READ, STORE),
    lacks(policy.CREATE_GROUP, f"{STORE}/consumergroup/{GROUP}"),
    lacks(
        policy.UPDATE_GROUP,
        f"{STORE}/consumergroup/{GROUP}",
        "the input works without it, as it takes a consumer group as it is",
    ),
    lacks(
        policy.LIST_GROUPS,
        f"{STORE}/consumergroup/*",
        "the input works without it, but does not notice a consumer group with another time-out",
    ),
    lacks(policy.HEARTBEAT, f"{STORE}/consumergroup/{GROUP}"),
    lacks(policy.SAVE_CHECKPOINT, f"{STORE}/consumergroup/{GROUP}"),
    lacks(policy.GET_CHECKPOINT, f"{STORE}/consumergroup/{GROUP}"),
    Situation(
        "30 groups",
        full,
        "consumer groups",
        "logstore 'central' has no room for consumer group 'splunk-central' (ConsumerGroupQuotaExceed: "
        "SLS allows a limited number for each logstore)",
        "delete an unused group in the SLS console, or set consumer_group to an existing one",
    ),
    Situation(
        "no room at another limit",
        full_at_another_limit,
        "consumer groups",
        "logstore 'central' has no room for consumer group 'splunk-central' (ConsumerGroupQuotaExceed: "
        "SLS allows a limited number for each logstore)",
        "delete an unused group in the SLS console, or set consumer_group to an existing one",
    ),
    Situation(
        "group with other settings",
        lambda scene: scene.group(timeout=60, order=True),
        "consumer group",
        "consumer group 'splunk-central' exists with timeout=60 s and in_order=True; "
        "it is used as it is, not with 40 s and False",
        "give all inputs of a group the same heartbeat_interval and in_order, or use another group",
        WARNING,
    ),
    Situation(
        "start before retention",
        setting(cursor_start_time=epoch_days_ago(45)),
        "start",
        "cursor_start_time is 45 days ago, and the logstore keeps logs for 30 days",
        "expect logs from the oldest one on that is left",
        WARNING,
    ),
    Situation(
        "no such index",
        setting(index="nope", index_routes="waf_*=main;k8s=gone"),
        "index",
        "this Splunk instance has no index 'nope' and 'gone'",
        "create it, unless the indexers behind this forwarder have it",
        WARNING,
    ),
]


@pytest.fixture
def scene(sls: SlsServer) -> Scene:
    return Scene(sls)


def shown(results: list[Result]) -> str:
    return "\n".join(f"{row.state:8} {row.check}: {row.text}" for row in results)


def row_of(results: list[Result], check: str) -> Result:
    return next(result for result in results if result.check == check)


@pytest.mark.parametrize("situation", SITUATIONS, ids=[situation.name for situation in SITUATIONS])
def test_what_is_wrong_is_one_sentence_and_changes_nothing(scene: Scene, situation: Situation) -> None:
    situation.spoil(scene)
    before = scene.state()
    results = scene.check()
    assert scene.state() == before
    result = row_of(results, situation.check)
    assert (result.state, result.sentence, result.remedy) == (
        situation.state,
        scene.filled(situation.sentence),
        situation.remedy,
    )
    assert result.remedy
    failure = first_failure(results)
    assert (failure.check if failure else "") == (situation.check if situation.state == FAILED else "")
    for secret in (KEY_SECRET, "wrong-4711", "CAIStoken", EXTERNAL_ID, "right"):
        assert secret not in shown(results)


def test_the_table_is_long_enough_and_no_row_is_there_twice() -> None:
    assert len({situation.name for situation in SITUATIONS}) == len(SITUATIONS) >= 40


@pytest.mark.parametrize("exists", [False, True], ids=["new group", "group at work"])
@pytest.mark.parametrize("looks_first", [False, True])
def test_nothing_is_wrong_and_nothing_is_changed(scene: Scene, exists: bool, looks_first: bool) -> None:
    """Whatever SLS looks at first when a consumer group is made."""
    scene.sls.control.set_knob("create_group_looks_first", looks_first)
    scene.group("other")
    if exists:
        scene.group()
    before = scene.state()
    results = scene.check()
    assert {result.state for result in results} == {OK}, shown(results)
    assert scene.state() == before
    called = {row["endpoint"] for row in scene.sls.control.requests()}
    assert "DeleteConsumerGroup" not in called
    assert ("UpdateConsumerGroup" in called) is not exists


def test_a_group_that_may_exist_is_never_updated(scene: Scene) -> None:
    scene.group()
    scene.key(deny=[policy.LIST_GROUPS, policy.GET_CHECKPOINT])
    results = scene.check()
    assert row_of(results, policy.UPDATE_GROUP).sentence == (
        f"cannot be told: SLS does not say whether consumer group '{GROUP}' exists"
    )
    assert not any(row["endpoint"] == "UpdateConsumerGroup" for row in scene.sls.control.requests())


def test_an_sls_that_is_slow_refuses_nothing_once_the_logstore_is_there(scene: Scene) -> None:
    scene.limit = 3.0
    scene.sls.control.fault("ConsumerGroupHeartBeat", kind="hang")
    results = scene.check()
    late = row_of(results, policy.HEARTBEAT)
    assert (late.state, late.sentence) == (WARNING, "no answer within 3 s")
    assert row_of(results, "index").sentence == "not tried, because no time was left"
    assert first_failure(results) is None


def test_through_a_proxy_and_with_a_role(scene: Scene) -> None:
    scene.proxy()
    scene.assume(auth_type="assume_role", source_credentials="ecs_ram_role")
    scene.sls.control.add_role("forwarder", ecs=True)
    scene.names = {}  # the proxy resolves names
    results = scene.check()
    assert {result.state for result in results} == {OK}, shown(results)
    assert f"127.0.0.1:{scene.sls.http_port}" in row_of(results, "proxy").sentence
    assert {row["via"] for row in scene.sls.control.requests()} == {"connect", ""}


@pytest.mark.parametrize("exists", [False, True], ids=["new group", "group at work"])
def test_the_policy_that_the_doctor_prints_is_enough(scene: Scene, exists: bool) -> None:
    if exists:
        scene.group()
    document = policy.ram_policy(PROJECT, LOGSTORE, GROUP)
    scene.key(allow=document["Statement"])
    results = scene.check()
    assert {result.state for result in results} <= {OK, SKIPPED}, shown(results)
    assert [row.check for row in results if row.state == SKIPPED] == ([] if exists else ["start"])


def test_without_any_permission_it_is_said_what_cannot_be_told(scene: Scene) -> None:
    scene.key(allow=["log:GetLogStore"])
    results = scene.check()
    assert row_of(results, "sign-in").state == OK
    assert row_of(results, "project").sentence.startswith(
        "cannot be told: account 'account': a RAM permission"
    )
    failure = first_failure(results)
    assert failure and failure.check == policy.LIST_SHARDS
    assert sum(row.kind == "denied" for row in results) == len(policy.ACTIONS) - 1
    assert row_of(results, policy.UPDATE_GROUP).state == SKIPPED  # it is not known whether there is a group


def test_a_group_that_exists_needs_no_permission_to_be_made(scene: Scene) -> None:
    scene.group()
    denied(policy.CREATE_GROUP)(scene)
    results = scene.check()
    assert first_failure(results) is None
    assert row_of(results, policy.CREATE_GROUP).remedy == (
        f"{GRANT}; the input works without it as long as its consumer group exists"
    )


@pytest.mark.parametrize("fault", ["InternalServerError", "ServerBusy", "MetaOperationQpsLimitExceeded"])
def test_trouble_inside_sls_keeps_nobody_from_saving(scene: Scene, fault: str) -> None:
    scene.sls.control.fault("*", kind="status", code=fault)
    results = scene.check()
    assert first_failure(results) is None, shown(results)
    assert row_of(results, "sign-in").sentence.startswith("cannot be told: SLS ")


@pytest.mark.parametrize("may_delete", [True, False])
def test_a_group_that_sls_makes_all_the_same_is_deleted_again_or_put_right(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, may_delete: bool
) -> None:
    with monkeypatch.context() as careless:  # an SLS that takes what is no number for one
        careless.setattr(api_groups, "_seconds", lambda body: body["timeout"] if body["timeout"] == 40 else 1)
        careless.setattr(api_groups, "_order", lambda body: body["order"] is True)
        scene.key(deny=[] if may_delete else ["log:DeleteConsumerGroup"])
        scene.group("other")
        before = scene.state()
        result = row_of(scene.check(), policy.CREATE_GROUP)
    after = scene.state()
    assert after.pop("other") == before["other"]
    assert {name: (row["timeout"], row["order"]) for name, row in after.items()} == (
        {} if may_delete else {GROUP: (40, False)}
    )
    told = "was deleted again" if may_delete else "is left, as the input would make it"
    assert (result.state, result.sentence) == (
        WARNING,
        "SLS took a call for consumer group 'splunk-central' with a time-out that is no number, "
        f"and the group that it made {told}",
    )


def test_a_group_that_was_there_is_never_deleted(scene: Scene) -> None:
    scene.group()
    before = scene.state()
    scene.sls.control.fault("CreateConsumerGroup", kind="status", status=200, body="")
    result = row_of(scene.check(), policy.CREATE_GROUP)
    assert scene.state() == before
    assert (result.state, result.remedy) == (WARNING, "look at the group in the SLS console")
    assert not any(row["endpoint"] == "DeleteConsumerGroup" for row in scene.sls.control.requests())


@pytest.mark.parametrize("whose", ["ours", "the environment's", "nobody's"])
def test_whose_proxy_it_is(scene: Scene, monkeypatch: pytest.MonkeyPatch, whose: str) -> None:
    for name in ("no_proxy", "NO_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    address = f"127.0.0.1:{scene.sls.http_port}"
    told = f"calls go through proxy '{address}'"
    if whose == "ours":
        scene.proxy()
    elif whose == "nobody's":
        told = "no proxy is used"
    else:
        scene.sls.control.set_knob("proxy_basic", "me:right")
        monkeypatch.setenv("https_proxy", f"http://me:right@{address}")
        told += " from this shell's environment"
    result = row_of(scene.check(), "proxy")
    assert (result.state, result.sentence) == (OK, told)


def test_checks_that_need_a_failed_one_are_skipped_and_the_index_is_not(scene: Scene) -> None:
    scene.params["endpoint"] = "sls.test:1"
    scene.params["index"] = "nope"
    states = {result.check: result.state for result in scene.check()}
    assert states["TCP"] == FAILED
    assert states["credentials"] == OK
    assert states["index"] == WARNING
    assert {states[name] for name in ("proxy", "clock", "sign-in", "log:ListShards", "start")} == {SKIPPED}
