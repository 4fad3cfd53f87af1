"""What can be wrong is one clear sentence, on save and in splunkd.log, and heals without a restart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.addon import RefusedError
from tests.functional.harness import (
    ACCOUNT,
    HEARTBEAT_SECONDS,
    KEY_ID,
    KEY_SECRET,
    PROJECT,
    Forwarder,
    Traffic,
    create_account,
    create_input,
    wait_for,
)
from tests.standins.sls import SlsServer

Spoil = Callable[[SlsServer], None]


def _wrong_secret(sls: SlsServer) -> None:
    sls.control.add_access_key(KEY_ID, "another-secret")


def _disabled_key(sls: SlsServer) -> None:
    sls.control.add_access_key(KEY_ID, KEY_SECRET, enabled=False)


def _no_permission(sls: SlsServer) -> None:
    sls.control.add_access_key(KEY_ID, KEY_SECRET, deny=["log:CreateConsumerGroup"])


def _clock_off(sls: SlsServer) -> None:
    sls.control.set_clock_offset(3600)


def _no_room_for_groups(sls: SlsServer) -> None:
    sls.control.set_knob("groups_per_logstore", 0)


def _nothing(sls: SlsServer) -> None:
    """The stanza itself is wrong."""


CASES: list[Any] = [
    pytest.param(_wrong_secret, {}, "SLS does not accept the AccessKey secret", id="wrong secret"),
    pytest.param(_disabled_key, {}, "is disabled", id="disabled key"),
    pytest.param(_no_permission, {}, "a RAM permission is missing", id="no permission"),
    pytest.param(_clock_off, {}, "clock of this forwarder differs", id="clock off"),
    pytest.param(_no_room_for_groups, {}, "ConsumerGroupQuotaExceed", id="group quota"),
    pytest.param(
        _nothing, {"project": "nosuchproject"}, "project 'nosuchproject' does not exist", id="no project"
    ),
    pytest.param(
        _nothing, {"logstore": "nosuchstore"}, "logstore 'nosuchstore' does not exist", id="no logstore"
    ),
]


@pytest.mark.parametrize(("spoil", "over", "sentence"), CASES)
def test_what_sls_refuses_is_said_on_save_and_in_splunkds_log(
    forwarder: Forwarder, sls: SlsServer, spoil: Spoil, over: dict[str, str], sentence: str
) -> None:
    spoil(sls)
    create_account(forwarder)
    with pytest.raises(RefusedError) as refused:
        create_input(forwarder, "refused", **over)
    assert sentence in str(refused.value)
    assert KEY_SECRET not in str(refused.value)

    write_stanza(forwarder, "byhand", {**stanza(sls), **over})
    wait_for(lambda: said(forwarder, sentence), 20, f"'{sentence}' in splunkd.log")
    lines = said(forwarder, sentence)
    assert lines[0].count(sentence) == 1
    assert " ERROR " in lines[0]


def test_a_healed_trouble_needs_no_restart(forwarder: Forwarder, sls: SlsServer, traffic: Traffic) -> None:
    _wrong_secret(sls)
    traffic.put(20)
    create_account(forwarder)
    write_stanza(forwarder, "byhand", stanza(sls))
    wait_for(lambda: said(forwarder, "SLS does not accept"), 20, "the refusal")
    (row,) = forwarder.inputs()
    sls.control.add_access_key(KEY_ID, KEY_SECRET)
    traffic.wait_until_all_arrived(forwarder)
    assert [again.pid for again in forwarder.inputs()] == [row.pid]
    assert len(said(forwarder, "SLS does not accept")) == 1


def test_trouble_while_running_is_said_once_and_waited_out(
    forwarder: Forwarder, sls: SlsServer, traffic: Traffic
) -> None:
    create_account(forwarder)
    create_input(forwarder, "central")
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)
    sls.control.fault("PullLogs", kind="status", status=500, code="InternalServerError", times=6)
    traffic.put(20)
    result = traffic.wait_until_all_arrived(forwarder)
    assert result.total.duplicate == 0
    assert len(said(forwarder, "InternalServerError")) == 1


BAD_VALUES = [
    (
        "heartbeat_interval",
        "soon",
        "heartbeat_interval: 'soon' is not accepted; give a whole number from 1 to 300",
    ),
    ("cursor_start_time", "yesterday", "cursor_start_time: 'yesterday' is not accepted; give begin, end"),
    ("endpoint", "https://x/y", "endpoint: 'https://x/y' is not accepted"),
    ("unfold", '{"a":"b"}', 'unfold: \'{"a":"b"}\' is not accepted; give auto, none, or a JSON map'),
    ("event_id", "maybe", "event_id: 'maybe' is not accepted; give 1 or 0"),
    ("account", "nobody", "account: 'nobody' is not accepted; give the name of an account"),
]


@pytest.mark.parametrize(("setting", "value", "sentence"), BAD_VALUES)
def test_a_bad_value_is_the_same_sentence_on_the_page_in_validation_and_at_run_time(
    forwarder: Forwarder, sls: SlsServer, setting: str, value: str, sentence: str
) -> None:
    create_account(forwarder)
    with pytest.raises(RefusedError) as page:
        create_input(forwarder, "page", **{setting: value})
    assert sentence in str(page.value)
    direct = forwarder.rest(
        "POST",
        "/servicesNS/nobody/TA_alibaba_sls/data/inputs/alibaba_sls",
        data={"name": "direct", **stanza(sls), setting: value},
    )
    assert direct.status == 400
    assert sentence in direct.json["messages"][0]["text"]
    write_stanza(forwarder, "byhand", {**stanza(sls), setting: value})
    wait_for(lambda: said(forwarder, sentence), 20, "the sentence in splunkd.log")


def stanza(sls: SlsServer) -> dict[str, str]:
    """A stanza as a person would write it into inputs.conf."""
    return {
        "account": ACCOUNT,
        "endpoint": sls.https_endpoint,
        "project": PROJECT,
        "logstore": "central",
        "heartbeat_interval": str(HEARTBEAT_SECONDS),
        "cursor_start_time": "begin",
        "interval": "2",
    }


def write_stanza(forwarder: Forwarder, name: str, params: Mapping[str, str]) -> None:
    """Write a stanza past the checks on save, as an editor does, and have splunkd read it."""
    conf = forwarder.home / "etc" / "apps" / "TA_alibaba_sls" / "local" / "inputs.conf"
    conf.parent.mkdir(exist_ok=True)
    lines = [f"[alibaba_sls://{name}]", *(f"{key} = {value}" for key, value in params.items()), ""]
    with conf.open("a", encoding="utf-8") as out:
        out.write("\n".join(lines))
    reply = forwarder.rest("POST", "/servicesNS/nobody/TA_alibaba_sls/data/inputs/alibaba_sls/_reload")
    assert reply.status == 200


def said(forwarder: Forwarder, sentence: str) -> list[str]:
    """The lines of splunkd.log that inputs wrote and that hold `sentence`."""
    text = forwarder.splunkd_log.read_text(encoding="utf-8", errors="replace")
    return [line for line in text.splitlines() if "ExecProcessor" in line and sentence in line]
