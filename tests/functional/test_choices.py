"""The drop-downs of the Inputs page: what the handler behind them lists, and what it says where it cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.addon import ROOT
from tests.functional.harness import (
    ACCOUNT,
    KEY_ID,
    KEY_SECRET,
    LOGSTORE,
    PROJECT,
    Forwarder,
    create_account,
    create_input,
    wait_for,
)
from tests.standins.sls import SlsServer

NOTHING = "-"


@pytest.fixture
def page(forwarder: Forwarder) -> Forwarder:
    create_account(forwarder)
    return forwarder


def ask(fw: Forwarder, **given: str) -> list[dict[str, Any]]:
    """The entries' content, asked for as the page does."""
    params = {"account": ACCOUNT, "endpoint": fw.sls.https_endpoint, "count": "-1", **given}
    reply = fw.rest("GET", f"{ROOT}_choices", params, expect=200)
    assert all(entry["name"] == entry["content"]["value"] for entry in reply.json["entry"])
    return [entry["content"] for entry in reply.json["entry"]]


def listed(fw: Forwarder, **given: str) -> list[str]:
    found = ask(fw, **given)
    assert all(row["label"] == row["value"] for row in found)
    return [row["value"] for row in found]


def reason(fw: Forwarder, **given: str) -> str:
    (row,) = ask(fw, **given)
    assert row["value"] == NOTHING
    assert row["label"].startswith("Not listed: ")
    assert row["label"].endswith("; a name can be typed.")
    return str(row["label"])


def test_each_choice_leads_to_the_next_list(page: Forwarder, sls: SlsServer) -> None:
    sls.control.create_project("second")
    sls.control.create_logstore(PROJECT, "another", shards=1)
    assert listed(page) == [PROJECT, "second"]
    assert listed(page, project=PROJECT) == ["another", LOGSTORE]
    assert listed(page, project="second") == []
    assert listed(page, project=PROJECT, logstore=LOGSTORE) == []
    create_input(page, "in")
    wait_for(lambda: listed(page, project=PROJECT, logstore=LOGSTORE) == ["splunk-in"], 30, "the new group")


def test_more_names_than_one_page_of_sls_has(page: Forwarder, sls: SlsServer) -> None:
    sls.control.set_knob("logstores_per_project", 1000)
    for number in range(501):
        sls.control.create_logstore(PROJECT, f"store-{number:03}", shards=1)
    assert len(listed(page, project=PROJECT)) == 502


REASONS: list[tuple[dict[str, str], str]] = [
    ({"account": "nobody"}, "account: 'nobody' is not accepted"),
    ({"account": ""}, "account: '' is not accepted"),
    ({"endpoint": "cn-hangz"}, "endpoint: 'cn-hangz' is not accepted; give the whole host name"),
    ({"endpoint": "http://sls.test"}, "or allow http in account 'account'"),
    ({"endpoint": "https://sls.test:1"}, "'sls.test' refused the connection"),
    ({"endpoint": "no-such.invalid"}, "the name 'no-such.invalid' cannot be resolved"),
    ({"endpoint": "no-such.invalid", "project": PROJECT}, "the name 'audit.no-such.invalid"),
    ({"project": "UPPER"}, "project: 'UPPER' is not accepted"),
    ({"project": "nope"}, "project 'nope' does not exist"),
    ({"project": PROJECT, "logstore": "nope"}, "logstore 'nope' does not exist in project 'audit'"),
]


@pytest.mark.parametrize(("given", "sentence"), REASONS)
def test_the_drop_down_says_why_it_has_nothing(page: Forwarder, given: dict[str, str], sentence: str) -> None:
    assert sentence in reason(page, **given)


def test_a_refused_key_and_a_missing_permission_are_told(page: Forwarder, sls: SlsServer) -> None:
    create_account(page, name="wrong", access_key_secret="not-the-secret")
    assert f"does not accept the AccessKey secret of '{KEY_ID}'" in reason(page, account="wrong")
    sls.control.add_access_key("LTAI5tNarrow", "narrow", allow=["log:PullLogs"])
    create_account(page, name="narrow", access_key_id="LTAI5tNarrow", access_key_secret="narrow")
    told = reason(page, account="narrow")
    assert "a RAM permission is missing" in told
    assert "log:ListProject" in told


def test_an_sls_that_hangs_is_not_waited_for_long(page: Forwarder, sls: SlsServer) -> None:
    sls.control.fault("ListProject", kind="hang", delay=30)
    assert "did not answer in time" in reason(page)


def test_no_secret_is_in_the_answer_or_in_a_log(page: Forwarder, sls: SlsServer) -> None:
    sls.control.fault("ListProject", status=403, code="Unauthorized", message=f"see {KEY_SECRET}")
    shown = page.rest("GET", f"{ROOT}_choices", {"account": ACCOUNT, "endpoint": sls.https_endpoint}).text
    assert "see ******" in shown
    assert KEY_SECRET not in shown + page.splunkd_log.read_text() + page.addon.log_text()


def test_accounts_of_a_role_list_too(make_forwarder: Callable[..., Forwarder], sls: SlsServer) -> None:
    sls.control.add_role("forwarder", ecs=True, allow=["log:*"])
    page = make_forwarder("hf1")
    create_account(page, auth_type="ecs_ram_role", access_key_id="", access_key_secret="")
    assert listed(page) == [PROJECT]


@pytest.fixture
def role(page: Forwarder, sls: SlsServer) -> str:
    """An account without a secret, which everybody may read."""
    sls.control.add_role("forwarder", ecs=True, allow=["log:*"])
    create_account(page, name="role", auth_type="ecs_ram_role", access_key_id="", access_key_secret="")
    return "role"


def test_nobody_has_an_account_sign_who_may_not_set_up_inputs(
    page: Forwarder, sls: SlsServer, role: str
) -> None:
    page.auth.add_user("reader", "pass", ["power"])
    params = {"account": role, "endpoint": sls.https_endpoint}
    before = len(sls.control.requests())
    reply = page.rest("GET", f"{ROOT}_choices", params, expect=200, user="reader")
    (row,) = reply.json["entry"]
    assert row["content"]["label"] == (
        "Not listed: your Splunk role may neither set up inputs nor read the secrets of accounts; "
        "a name can be typed."
    )
    assert len(sls.control.requests()) == before


@pytest.mark.parametrize(
    ("endpoint", "ca_bundle"),
    [("https://sls.test:{https}", False), ("http://sls.test:{http}", True), ("cn-hangzhou.log.aliyu", False)],
)
def test_nothing_is_signed_for_a_host_that_nobody_trusts(
    page: Forwarder, sls: SlsServer, role: str, endpoint: str, ca_bundle: bool
) -> None:
    page.addon.post(f"account/{role}", {"allow_http": "1"})
    page.addon.set_network(ca_bundle=str(sls.ca_file) if ca_bundle else "")
    before = len(sls.control.requests())
    given = endpoint.format(https=sls.https_port, http=sls.http_port)
    assert "is not a host under log.aliyuncs.com, and others are asked only over https" in reason(
        page, account=role, endpoint=given
    )
    assert len(sls.control.requests()) == before
