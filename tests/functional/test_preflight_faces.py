"""The faces of the preflight on the packaged add-on: the pages, what splunkd runs on save, and the doctor."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.addon import APP, RefusedError
from tests.app_package import place_app
from tests.functional.doctor import answer, at_terminal, rest, run
from tests.functional.harness import (
    ACCOUNT,
    KEY_ID,
    KEY_SECRET,
    LOGSTORE,
    PROJECT,
    Forwarder,
    create_account,
    create_input,
)
from tests.pythons import pythons_for_splunk
from tests.standins.sls import SlsServer
from tests.standins.splunk.server import ADMIN, PASSWORD

INPUTS = f"/servicesNS/nobody/{APP}/data/inputs/alibaba_sls"
ROLE = {"auth_type": "ecs_ram_role", "access_key_id": "", "access_key_secret": ""}


@pytest.fixture(scope="module")
def sls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlsServer]:
    """One SLS for all tests; `as_new` puts back what they spoil."""
    with SlsServer(workdir=tmp_path_factory.mktemp("sls")) as server:
        server.control.create_project(PROJECT)
        server.control.create_logstore(PROJECT, LOGSTORE, shards=2)
        yield server


@pytest.fixture(scope="module")
def forwarder(
    sls: SlsServer, app_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Forwarder]:
    """One forwarder for all tests, which start no input."""
    home = tmp_path_factory.mktemp("hf")
    place_app(app_folder, home)
    made = Forwarder(home, sls, pythons=pythons_for_splunk())
    with made:
        made.addon.set_network(ca_bundle=sls.ca_file, connect_timeout="2", read_timeout="5")
        sls.control.add_access_key(KEY_ID, KEY_SECRET)
        create_account(made)
        yield made
    assert made.problems() == []


@pytest.fixture(autouse=True)
def as_new(forwarder: Forwarder, sls: SlsServer) -> Iterator[None]:
    """A key that may do all, and no input."""
    sls.control.add_access_key(KEY_ID, KEY_SECRET)
    yield
    sls.control.clear_faults()
    sls.service.temporary.roles.clear()
    for row in forwarder.rest("GET", INPUTS, expect=200).json["entry"]:
        forwarder.rest("DELETE", f"{INPUTS}/{row['name']}", expect=200)


def groups(sls: SlsServer) -> dict[str, Any]:
    return sls.control.consumer_groups(PROJECT, LOGSTORE)


def said(forwarder: Forwarder, words: str) -> list[str]:
    lines = forwarder.splunkd_log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line for line in lines if words in line]


# -- the pages and splunkd


def test_a_refused_input_leaves_nothing_in_sls_and_a_warning_refuses_nothing(
    forwarder: Forwarder, sls: SlsServer
) -> None:
    sls.control.add_access_key(KEY_ID, KEY_SECRET, deny=["log:ConsumerGroupHeartBeat"])
    with pytest.raises(RefusedError) as refused:
        create_input(forwarder, "central")
    assert "a RAM permission is missing (denied by sts or ram, action: log:ConsumerGroupHeartBeat" in str(
        refused.value
    )
    assert "(alibaba_sls_doctor.py prints the whole policy)" in str(refused.value)
    assert groups(sls) == {}

    sls.control.add_access_key(KEY_ID, KEY_SECRET)
    create_input(forwarder, "central", index="nope", disabled="1")
    (line,) = said(forwarder, "has no index 'nope'")
    assert " WARN " in line
    assert "input 'central': index: this Splunk instance has no index 'nope'; create it, unless" in line
    assert groups(sls) == {}


def test_the_checks_on_the_network_run_once_for_each_save(forwarder: Forwarder, sls: SlsServer) -> None:
    """The page's handler leaves them to splunkd, which runs the input's own script."""
    for save in (
        lambda: create_input(forwarder, "central", disabled="1"),
        lambda: forwarder.addon.edit_input("central", heartbeat_interval="5"),
    ):
        before = len(sls.control.requests())
        save()
        calls = [row["endpoint"] for row in sls.control.requests()[before:]]
        assert calls.count("ListShards") == calls.count("CreateConsumerGroup") == 1


def test_a_host_that_does_not_answer_does_not_outlast_splunkds_patience(
    forwarder: Forwarder, sls: SlsServer
) -> None:
    sls.control.fault("*", kind="hang")
    started = time.monotonic()
    with pytest.raises(RefusedError, match="did not answer in time; check the network, the proxy"):
        create_input(forwarder, "central")
    assert time.monotonic() - started < 20


def test_an_account_page_tries_a_role_and_calls_no_sls(forwarder: Forwarder, sls: SlsServer) -> None:
    before = len(sls.control.requests())
    create_account(forwarder, name="another")
    assert len(sls.control.requests()) == before
    with pytest.raises(RefusedError, match="account 'role': no RAM role is attached to this ECS instance"):
        create_account(forwarder, name="role", **ROLE)
    sls.control.add_role("forwarder", ecs=True)
    create_account(forwarder, name="role", **ROLE)
    assert {row["endpoint"] for row in sls.control.requests()[before:]} == {"EcsMetadata"}


def test_an_edited_account_is_tried_with_the_secret_that_is_stored(
    forwarder: Forwarder, sls: SlsServer
) -> None:
    sls.control.add_role("reader")
    create_account(forwarder, name="edited")
    sts = {"auth_type": "assume_role", "sts_endpoint": f"sts.sls.test:{sls.https_port}"}
    arn = "acs:ram::1234567890123456:role/"
    edit = {**sts, "role_arn": f"{arn}reader", "access_key_secret": "******"}
    forwarder.addon.post("account/edited", edit)
    with pytest.raises(RefusedError, match=f"STS does not know role '{arn}writer'; check role_arn"):
        forwarder.addon.post("account/edited", {"role_arn": f"{arn}writer"})
    with pytest.raises(RefusedError, match="STS does not accept the AccessKey secret"):
        forwarder.addon.post("account/edited", {"access_key_secret": "mistyped"})
    create_input(forwarder, "central", account="edited", disabled="1")  # what is stored still works


# -- the doctor


Doctor = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def doctor(forwarder: Forwarder) -> Doctor:
    """Runs the packaged doctor as `splunk cmd python` would, with a session key on standard input."""
    key = forwarder.auth.login(ADMIN, PASSWORD)

    return lambda *words, key=key: run(forwarder, *words, key=key)


def test_the_doctor_on_an_input_that_is_well(forwarder: Forwarder, sls: SlsServer, doctor: Doctor) -> None:
    create_input(forwarder, "central", disabled="1")
    before = files_of(forwarder)
    done = doctor("--stanza", "central")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "Checks of input 'central' (audit/central, account 'account')"
    assert lines[2].startswith("ok       settings")
    assert lines[-1] == "0 failed, 0 warning, 0 skipped, 25 ok"
    assert files_of(forwarder) == before


def files_of(forwarder: Forwarder) -> set[Path]:
    app, logs = forwarder.home / "etc" / "apps" / APP, forwarder.splunkd_log.parent
    return {path for folder in (app / "bin", logs) for path in folder.rglob("*")}


def test_the_doctor_on_one_that_is_not_prints_the_policy(
    forwarder: Forwarder, sls: SlsServer, doctor: Doctor
) -> None:
    create_input(forwarder, "central", disabled="1")
    sls.control.add_access_key(KEY_ID, KEY_SECRET, deny=["log:ConsumerGroup*"])
    done = doctor("--stanza", "central")
    assert done.returncode == 1
    assert "FAILED   log:ConsumerGroupHeartBeat" in done.stdout
    document = json.loads(done.stdout[done.stdout.index("\n{") : done.stdout.rindex("}") + 1])
    assert document["Statement"][0]["Resource"] == "acs:log:*:*:project/audit/logstore/central"

    told = json.loads(doctor("--stanza", "central", "--json").stdout)
    assert told["exit_code"] == 1
    assert told["policies"] == [{"for": "RAM policy for the account's user or role", "policy": document}]
    failed = [row["check"] for row in told["checks"] if row["state"] == "failed"]
    assert failed == ["log:ConsumerGroupHeartBeat", "log:ConsumerGroupUpdateCheckPoint"]
    sls.control.add_access_key(KEY_ID, KEY_SECRET, allow=document["Statement"])
    assert doctor("--stanza", "central").returncode == 0


def test_the_doctor_on_an_account_and_on_an_input_that_is_yet_to_be(
    forwarder: Forwarder, sls: SlsServer, doctor: Doctor
) -> None:
    told = json.loads(doctor("--account", ACCOUNT, "--json").stdout)
    assert [row["check"] for row in told["checks"]] == ["settings", "CA file", "credentials"]
    words = ("--account", ACCOUNT, "--endpoint", sls.https_endpoint, "--project", PROJECT)
    done = doctor(*words, "--logstore", "nosuchstore", "--consumer-group", "g1")
    assert done.returncode == 1
    assert "FAILED   logstore" in done.stdout
    assert groups(sls) == {}
    without = doctor(*words, "--logstore", LOGSTORE)
    assert (without.returncode, without.stdout) == (2, "")
    assert "--logstore and --consumer-group together" in without.stderr
    assert doctor(*words).returncode == 2
    assert doctor("--stanza", "central", "--project", "p1").returncode == 2


def test_the_doctor_prints_what_lets_a_role_be_assumed(
    forwarder: Forwarder, sls: SlsServer, doctor: Doctor
) -> None:
    arn = sls.control.add_role("reader")
    sts = {"sts_endpoint": f"sts.sls.test:{sls.https_port}", "role_arn": arn}
    create_account(forwarder, name="assuming", auth_type="assume_role", **sts)
    sls.control.add_access_key(KEY_ID, KEY_SECRET, allow=["log:*"])
    told = json.loads(doctor("--account", "assuming", "--json").stdout)
    ((whom, document),) = [(row["for"], row["policy"]) for row in told["policies"]]
    assert whom == "RAM policy for whoever assumes the role"
    assert document["Statement"] == [{"Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": arn}]


@pytest.mark.parametrize(
    ("words", "key", "sentence"),
    [
        (["--stanza", "nobody"], None, "stanza: 'nobody' is not accepted; give the name of an input"),
        (["--stanza", "central"], "wrong", "splunkd does not give the add-on's settings"),
        (
            ["--stanza", "central", "--splunkd", "https://127.0.0.1:1"],
            None,
            "no answer from splunkd at https",
        ),
        (["--stanza", "central", "--splunkd", "http://splunk.example.com:8089"], None, "give an https://"),
        (["--stanza", "central", "--splunkd", "127.0.0.1"], None, "give an address such as"),
    ],
)
def test_what_the_doctor_cannot_check_is_exit_code_2(
    doctor: Doctor, words: list[str], key: str | None, sentence: str
) -> None:
    done = doctor(*words) if key is None else doctor(*words, key=key)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("password", [PASSWORD, "mistyped"])
def test_the_doctor_asks_a_person_for_user_and_password(
    forwarder: Forwarder, sls: SlsServer, password: str
) -> None:
    with at_terminal(forwarder, "--account", ACCOUNT) as (child, terminal):
        shown = answer(terminal, b"Splunk user", ADMIN)
        process = Path(f"/proc/{child.pid}")
        arguments = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        shown += answer(terminal, b"Password: ", password)
        out, _ = child.communicate(timeout=60)
        shown += rest(terminal)
    assert child.returncode == (0 if password == PASSWORD else 2)
    assert (b"Checks of account 'account'" in out) is (password == PASSWORD)
    assert (b"splunkd does not accept the password of 'admin'" in shown) is (password != PASSWORD)
    assert password.encode() not in shown + out + arguments


def test_no_secret_gets_out_of_the_doctor(
    forwarder: Forwarder, sls: SlsServer, doctor: Doctor, request: pytest.FixtureRequest
) -> None:
    """Not even one that a foreign answer repeats."""
    sls.control.set_knob("proxy_basic", "me:p@ss-4711")
    address = {"proxy_type": "http", "proxy_url": "127.0.0.1", "proxy_port": str(sls.http_port)}
    sign_in = {"proxy_username": "me", "proxy_password": "p@ss-4711"}
    forwarder.addon.set_proxy(proxy_enabled="1", **address, **sign_in)
    request.addfinalizer(lambda: forwarder.addon.set_proxy(proxy_enabled="0", **address, **sign_in))
    create_input(forwarder, "central", disabled="1")
    sls.control.fault(
        "*", kind="status", status=400, code="Odd", message=f"you sent {KEY_SECRET} {PROXY_URL}"
    )
    for words in (("--stanza", "central"), ("--stanza", "central", "--json"), ("--account", ACCOUNT)):
        done = doctor(*words)
        assert done.returncode == 0
        told = " ".join(done.stdout.split())
        assert "you sent ****** http://me:******@proxy:1" in told or "--account" in words
        assert_no_secret(done.stdout + done.stderr)


PROXY_URL = "http://me:p%40ss-4711@proxy:1"


def assert_no_secret(text: str) -> None:
    for secret in (KEY_SECRET, "p@ss-4711", "p%40ss-4711"):
        assert secret not in text


def test_no_secret_gets_out_of_a_page(
    forwarder: Forwarder, sls: SlsServer, request: pytest.FixtureRequest
) -> None:
    sls.control.set_knob("proxy_basic", "me:p@ss-4711")
    address = {"proxy_type": "http", "proxy_url": "127.0.0.1", "proxy_port": str(sls.http_port)}
    sign_in = {"proxy_username": "me", "proxy_password": "p@ss-4711"}
    forwarder.addon.set_proxy(proxy_enabled="1", **address, **sign_in)
    request.addfinalizer(lambda: forwarder.addon.set_proxy(proxy_enabled="0", **address, **sign_in))
    echo = f"odd security token {KEY_SECRET} {PROXY_URL}"
    sls.control.fault("*", kind="status", status=401, code="Unauthorized", message=echo)
    with pytest.raises(RefusedError) as refused:
        create_input(forwarder, "central", disabled="1")
    assert "odd security token ****** http://me:******@proxy:1" in str(refused.value)
    sls.control.clear_faults()
    sls.control.add_role("reader")
    arn = "acs:ram::1234567890123456:role/reader"
    sts = {"auth_type": "assume_role", "sts_endpoint": f"sts.sls.test:{sls.https_port}", "role_arn": arn}
    body = json.dumps({"Code": "NoPermission", "Message": f"odd {PROXY_URL}"})
    sls.control.fault("AssumeRole", kind="status", status=403, body=body, content_type="application/json")
    with pytest.raises(RefusedError) as refused:
        create_account(forwarder, name="echoed", **sts)
    assert "odd http://me:******@proxy:1" in str(refused.value)
    assert_no_secret(forwarder.splunkd_log.read_text(errors="replace") + forwarder.addon.log_text())
