"""The Inputs page: lists filled from SLS, every rule of the form, the table and what it does to a row."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.addon import ROOT as HANDLERS
from tests.app_package import ROOT
from tests.browser.pages import Pages
from tests.functional.harness import (
    LOGSTORE,
    PROJECT,
    Forwarder,
    Traffic,
    create_account,
    create_input,
    wait_for,
)
from tests.standins.sls import SlsServer
from tests.unit.test_page_validators import INPUT, SAMPLES, refusal

SERVICE: dict[str, Any] = json.loads((ROOT / "globalConfig.json").read_text(encoding="utf-8"))["pages"][
    "inputs"
]
FIRST_FIELDS = ["name", "account", "endpoint", "project", "logstore", "index"]
GROUPED = [name for group in SERVICE["services"][0]["groups"] for name in group["fields"]]


def stored(splunk: Forwarder, name: str) -> dict[str, Any]:
    reply = splunk.rest("GET", f"{HANDLERS}_alibaba_sls/{name}", expect=200)
    content: dict[str, Any] = reply.json["entry"][0]["content"]
    return content


def new_input(pages: Pages) -> None:
    pages.open("inputs")
    pages.click("button", "Create New Input")
    pages.one("[data-name=name]")


def fill(pages: Pages, sls: SlsServer, name: str, account: str = "main") -> None:
    """What every input needs; project and logstore are typed."""
    new_input(pages)
    pages.type("name", name)
    pages.choose("account", account)
    pages.enter("endpoint", sls.https_endpoint)
    pages.enter("project", PROJECT)
    pages.enter("logstore", LOGSTORE)


def _after(name: str, sls: SlsServer) -> list[tuple[str, str]]:
    """What makes the form right again: a field's own value, and those of the fields that it emptied."""
    chain = [("endpoint", sls.https_endpoint), ("project", PROJECT), ("logstore", LOGSTORE)]
    names = [field for field, _ in chain]
    return chain[names.index(name) :] if name in names else [(name, str(INPUT[name].get("defaultValue", "")))]


def _texts(pages: Pages, css: str) -> set[str]:
    return {row.text.strip() for row in pages.all(css)}


@pytest.fixture(autouse=True)
def account(main_account: str) -> str:
    return main_account


def test_an_input_is_chosen_from_lists_and_delivers(pages: Pages, splunk: Forwarder, sls: SlsServer) -> None:
    traffic = Traffic(sls.control)
    traffic.put(20)
    new_input(pages)
    assert pages.fields() == FIRST_FIELDS
    pages.type("name", "chosen")
    pages.choose("account", "main")
    assert "cn-hangzhou-intranet.log.aliyuncs.com" in pages.offered("endpoint")
    pages.shot("endpoints")
    pages.enter("endpoint", sls.https_endpoint)
    assert set(pages.offered("project")) == {PROJECT, "spare"}
    pages.shot("projects")
    pages.choose("project", PROJECT)
    assert set(pages.offered("logstore")) == {LOGSTORE, "flow"}
    pages.shot("logstores")
    pages.choose("logstore", LOGSTORE)
    pages.choose_again("index", "main")
    pages.shot("input")
    pages.saved()
    pages.wait("the row", lambda: "chosen" in pages.rows())
    cells = pages.cells("chosen")
    assert [cells[name] for name in ("account", "project", "logstore", "index")] == [
        "main",
        PROJECT,
        LOGSTORE,
        "main",
    ]
    assert cells["disabled"] == "Active"
    result = traffic.wait_until_all_arrived(splunk)
    assert result.complete
    pages.shot("inputs")
    splunk.addon.delete_input("chosen")


def test_another_endpoint_empties_what_was_chosen_with_the_one_before(pages: Pages, sls: SlsServer) -> None:
    fill(pages, sls, "moved")
    pages.enter("endpoint", "no-such.invalid")
    assert (pages.value("project"), pages.value("logstore")) == ("", "")
    (told,) = pages.offered("project").values()
    assert "the name 'no-such.invalid" in told
    assert told.endswith("; a name can be typed.")
    pages.shot("nothing-listed")


def test_a_refused_key_is_told_before_anything_is_saved(
    pages: Pages, splunk: Forwarder, sls: SlsServer
) -> None:
    create_account(splunk, name="refused", access_key_secret="not-the-secret")
    fill(pages, sls, "refused", "refused")
    assert "account 'refused': SLS does not accept the AccessKey secret" in pages.refused()
    pages.shot("refused-key")
    assert splunk.rest("GET", f"{HANDLERS}_alibaba_sls/refused").status != 200


def test_every_rule_of_the_form(pages: Pages, sls: SlsServer) -> None:
    fill(pages, sls, "ruled")
    pages.unfold_groups()
    assert pages.fields() == [*FIRST_FIELDS, *GROUPED]
    for fields, _, name, values in SAMPLES:
        if fields is not INPUT:
            continue
        bad = next(value for value in values if refusal(INPUT[name], value))
        pages.enter(name, bad)
        assert pages.refused() == refusal(INPUT[name], bad)
        for field, value in _after(name, sls):
            (pages.choose_again if field == "unfold" else pages.enter)(field, value)
    pages.shot("input-rules")
    pages.enter("event_format", "raw:message")
    pages.switch("event_id", True)
    assert "give 0 with event_format raw:<field>" in pages.refused()
    pages.enter("event_format", "json")
    pages.type("name", "_no")
    assert pages.refused()


def test_the_row_can_be_unfolded_edited_and_cloned(pages: Pages, splunk: Forwarder, sls: SlsServer) -> None:
    create_input(splunk, "kept", account="main", disabled="1", topics_include="waf_*")
    pages.open("inputs")
    pages.wait("the row", lambda: "kept" in pages.rows())
    pages.click("[aria-label=row-kept] [data-test=expand]")
    shown = pages.wait("the rest", lambda: _texts(pages, "[data-test=description], dd"))
    assert {"waf_*", sls.https_endpoint, "begin", "lz4"} <= shown
    pages.shot("row-unfolded")
    pages.act("kept", "edit")
    pages.one("[data-name=project]")
    pages.wait("the stored project", lambda: pages.value("project") == PROJECT)
    pages.unfold_groups()
    pages.type("cursor_start_time", "-4h")
    pages.shot("input-edited")
    pages.saved()
    assert stored(splunk, "kept")["cursor_start_time"] == "-4h"
    pages.wait("the row", lambda: "kept" in pages.rows())
    pages.act("kept", "clone")
    pages.type("name", "copied")
    pages.saved()
    pages.wait("the copy", lambda: "copied" in pages.rows())
    same = ("account", "endpoint", "project", "logstore", "index", "cursor_start_time", "topics_include")
    before, after = stored(splunk, "kept"), stored(splunk, "copied")
    assert [after[name] for name in same] == [before[name] for name in same]


def test_an_input_is_stopped_started_and_deleted(pages: Pages, splunk: Forwarder, sls: SlsServer) -> None:
    create_input(splunk, "switched", account="main")
    pages.open("inputs")
    pages.wait("the row", lambda: "switched" in pages.rows())
    assert pages.cells("switched")["disabled"] == "Active"
    for state in ("Inactive", "Active"):
        pages.click("[aria-label=row-switched] [role=switch]")
        pages.shot(f"really-{state.lower()}")
        pages.click("button", "Yes")
        pages.wait_for_cell("switched", "disabled", state)
        assert bool(stored(splunk, "switched")["disabled"]) == (state == "Inactive")
    pages.act("switched", "delete")
    pages.click("button", "Delete")
    pages.wait("the row to go", lambda: "switched" not in pages.rows())
    wait_for(lambda: splunk.rest("GET", f"{HANDLERS}_alibaba_sls/switched").status != 200, 10, "its end")
