"""The tab Accounts: every way to sign in, what is refused, edited, kept and not deleted."""

from __future__ import annotations

import pytest

from tests.addon import ROOT
from tests.browser.pages import Pages
from tests.functional.harness import KEY_ID, KEY_SECRET, Forwarder, create_input
from tests.standins.sls import SlsServer

ARN = "acs:ram::1234567890123456:role/log-reader"
KEY = ["access_key_id", "access_key_secret", "security_token"]
ROLE = ["role_arn", "external_id", "role_session_name", "role_duration", "sts_endpoint"]


@pytest.fixture(autouse=True, scope="module")
def roles(sls: SlsServer) -> None:
    """The instance has a role, which may assume the one that reads logs; so may a key."""
    sls.control.add_access_key("LTAI5tAssumes", "assuming", allow=["sts:AssumeRole"])
    sls.control.add_role("forwarder", ecs=True)
    sls.control.add_role("log-reader", external_id="ours", allow=["log:*"])


def stored(splunk: Forwarder, name: str) -> dict[str, str]:
    reply = splunk.rest("GET", f"{ROOT}_account/{name}", {"--cred--": "1"}, expect=200)
    content: dict[str, str] = reply.json["entry"][0]["content"]
    return content


def add(pages: Pages, name: str, auth_type: str = "access_key") -> None:
    pages.open("configuration", "account")
    pages.click("button", "Add")
    pages.type("name", name)
    if auth_type != "access_key":
        pages.choose("auth_type", auth_type)


def test_an_access_key(pages: Pages, splunk: Forwarder) -> None:
    add(pages, "by_key")
    pages.type("access_key_id", KEY_ID)
    pages.type("access_key_secret", KEY_SECRET)
    pages.shot("account")
    pages.saved()
    pages.wait("the row", lambda: "by_key" in pages.rows())
    cells = pages.cells("by_key")
    assert (cells["auth_type"], cells["access_key_id"]) == ("AccessKey", KEY_ID)
    assert stored(splunk, "by_key")["access_key_secret"] == KEY_SECRET
    assert KEY_SECRET not in pages.driver.page_source


def test_the_form_shows_what_the_way_to_sign_in_needs(pages: Pages) -> None:
    add(pages, "anything")
    always = ["name", "auth_type", "allow_http"]
    assert set(pages.fields()) == {*always, *KEY}
    pages.choose("auth_type", "ecs_ram_role")
    assert set(pages.fields()) == {*always, "role_name"}
    pages.shot("account-ecs-role")
    pages.choose("auth_type", "assume_role")
    pages.choose("source_credentials", "access_key")
    assert set(pages.fields()) == {*always, "source_credentials", *KEY, *ROLE}
    pages.choose("source_credentials", "ecs_ram_role")
    assert set(pages.fields()) == {*always, "source_credentials", "role_name", *ROLE}
    pages.shot("account-assumed-role")
    pages.cancel()


def test_the_role_of_the_instance(pages: Pages, splunk: Forwarder) -> None:
    add(pages, "by_instance", "ecs_ram_role")
    pages.saved()
    pages.wait("the row", lambda: "by_instance" in pages.rows())
    assert pages.cells("by_instance")["auth_type"] == "ECS instance's RAM role"
    assert stored(splunk, "by_instance")["auth_type"] == "ecs_ram_role"


@pytest.mark.parametrize("source", ["access_key", "ecs_ram_role"])
def test_an_assumed_role(pages: Pages, sls: SlsServer, source: str) -> None:
    name = f"assumed_by_{source}"
    add(pages, name, "assume_role")
    pages.choose("source_credentials", source)
    if source == "access_key":
        pages.type("access_key_id", "LTAI5tAssumes")
        pages.type("access_key_secret", "assuming")
    pages.type("role_arn", ARN)
    pages.type("external_id", "ours")
    pages.type("sts_endpoint", f"sts.sls.test:{sls.https_port}")
    pages.shot(name)
    pages.saved()
    pages.wait("the row", lambda: name in pages.rows())
    assert pages.cells(name)["auth_type"] == "Assumed RAM role"


def test_what_is_missing_or_wrong_is_refused(pages: Pages) -> None:
    add(pages, "wrong")
    assert pages.refused() == "Field AccessKey ID is required"
    pages.type("access_key_id", "LTAI5t")
    pages.type("access_key_secret", "never-used-4711")
    pages.type("name", "with blanks")
    assert pages.refused().startswith("The account's name starts with a letter or digit")
    pages.type("name", "wrong")
    pages.choose("auth_type", "assume_role")
    pages.type("role_arn", "log-reader")
    assert "acs:ram::<account id>:role/<name>" in pages.refused()
    pages.shot("account-refused")
    pages.cancel()
    assert "wrong" not in pages.rows()


def test_an_edit_keeps_the_secret_that_was_not_touched(pages: Pages, splunk: Forwarder) -> None:
    splunk.addon.create_account("edited", access_key_id="LTAI5tBefore", access_key_secret="kept")
    pages.open("configuration", "account")
    pages.wait("the row", lambda: "edited" in pages.rows())
    pages.act("edited", "edit")
    assert pages.value("access_key_secret") == "******"
    pages.type("access_key_id", "LTAI5tAfter")
    pages.shot("account-edited")
    pages.saved()
    pages.wait_for_cell("edited", "access_key_id", "LTAI5tAfter")
    assert stored(splunk, "edited")["access_key_secret"] == "kept"


def test_an_account_in_use_is_not_deleted(pages: Pages, splunk: Forwarder, main_account: str) -> None:
    create_input(splunk, "uses_it", account=main_account, disabled="1")
    pages.open("configuration", "account")
    pages.wait("the row", lambda: main_account in pages.rows())
    pages.act(main_account, "delete")
    pages.click("button", "Delete")
    assert "account 'main' is used by input 'uses_it'" in pages.error()
    pages.shot("account-in-use")
    pages.cancel()
    assert main_account in pages.rows()
    splunk.addon.delete_input("uses_it")


def test_an_unused_account_is_deleted(pages: Pages, splunk: Forwarder) -> None:
    splunk.addon.create_account("unused", access_key_id="LTAI5t", access_key_secret="s")
    pages.open("configuration", "account")
    pages.wait("the row", lambda: "unused" in pages.rows())
    pages.act("unused", "delete")
    pages.click("button", "Delete")
    pages.wait("the row to go", lambda: "unused" not in pages.rows())
