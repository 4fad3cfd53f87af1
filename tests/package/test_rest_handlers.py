"""The generated REST handlers with our checks in them, under a Splunk stand-in: what the pages' Save gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.addon import ROOT as HANDLERS
from tests.addon import AddOn, RefusedError
from tests.app_package import place_app
from tests.pythons import pythons_for_splunk
from tests.standins.sls import SlsServer
from tests.standins.splunk import SplunkServer

INPUT = """[alibaba_sls://by_hand]
account = main
endpoint = cn-hangzhou.log.aliyuncs.com
project = audit
logstore = central
disabled = 1
"""


@pytest.fixture(scope="module")
def sls() -> Iterator[SlsServer]:
    """Gives the roles their credentials: whoever saves one has it tried."""
    with SlsServer() as server:
        server.control.add_role("instance", ecs=True)
        server.control.add_role("r", account="1")
        server.control.add_access_key("LTAI5tTurned", "kept-secret")
        yield server


@pytest.fixture(scope="module")
def addon(dev_app: Path, sls: SlsServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AddOn]:
    home = tmp_path_factory.mktemp("splunk")
    place_app(dev_app, home)
    local = home / "etc" / "apps" / dev_app.name / "local"
    local.mkdir()
    (local / "inputs.conf").write_text(INPUT)
    names = {"*.sls.test": "127.0.0.1", "100.100.100.200": f"127.0.0.1:{sls.http_port}"}
    with SplunkServer(home, pythons=pythons_for_splunk(), resolve=names) as splunk:
        found = AddOn(splunk)
        found.create_account("main", access_key_id="LTAI5tPages", access_key_secret="kept-secret")
        yield found


def refusal(addon: AddOn, handler: str, **fields: str) -> str:
    with pytest.raises(RefusedError) as refused:
        addon.post(handler, fields)
    return str(refused.value)


def content(addon: AddOn, name: str, **params: str) -> dict[str, object]:
    reply = addon.splunk.rest("GET", f"{HANDLERS}_{name}", params, expect=200)
    found: dict[str, object] = reply.json["entry"][0]["content"]
    return found


@pytest.mark.parametrize(
    ("handler", "fields", "sentence"),
    [
        (
            "account",
            {"name": "new", "access_key_id": "LTAI5t"},
            "access_key_secret: '' is not accepted; give the secret of the AccessKey pair.",
        ),
        (
            "account",
            {"name": "new", "auth_type": "assume_role", "source_credentials": "ecs_ram_role"},
            "role_arn: '' is not accepted; give the ARN of a RAM role, acs:ram::<account id>:role/<name>.",
        ),
        (
            "account",
            {
                "name": "new",
                "auth_type": "assume_role",
                "role_arn": "acs:ram::1:role/r",
                "source_credentials": "ecs_ram_role",
                "role_duration": "60",
            },
            "role_duration: '60' is not accepted; give a whole number from 900 to 43200 seconds.",
        ),
        (
            "settings/proxy",
            {"proxy_enabled": "1", "proxy_url": "proxy.example.com", "proxy_port": ""},
            "proxy_port: '' is not accepted; give a whole number from 1 to 65535",
        ),
        (
            "settings/proxy",
            {"proxy_enabled": "1", "proxy_url": "proxy:3128", "proxy_port": "8080"},
            "proxy_url: 'proxy:3128' is not accepted; give the proxy's host name or address, without http://",
        ),
        (
            "settings/network",
            {"read_timeout": "1"},
            "read_timeout: '1' is not accepted; give a number from 5 to 300 seconds.",
        ),
        (
            "settings/network",
            {"ca_bundle": "/no/such/file.pem"},
            "ca_bundle: '/no/such/file.pem' is not accepted; give the path of a PEM file with certificates",
        ),
        (
            "settings/network",
            {"ca_bundle": "/etc/hostname"},
            "ca_bundle: '/etc/hostname' is not accepted; give the path of a PEM file with certificates",
        ),
        (
            "alibaba_sls/by_hand",
            {"heartbeat_interval": "0"},
            "heartbeat_interval: '0' is not accepted; give a whole number from 1 to 300 seconds.",
        ),
    ],
)
def test_a_bad_value_is_refused_with_its_sentence(
    addon: AddOn, handler: str, fields: dict[str, str], sentence: str
) -> None:
    assert sentence in refusal(addon, handler, **fields)


def test_an_edit_without_the_secret_keeps_it(addon: AddOn) -> None:
    """The page sends the mask back; a script sends some settings only."""
    addon.post("account/main", {"access_key_secret": "******", "allow_http": "1"})
    addon.post("account/main", {"access_key_id": "LTAI5tOther"})
    stored = content(addon, "account/main", **{"--cred--": "1"})
    assert stored["access_key_secret"] == "kept-secret"
    assert stored["access_key_id"] == "LTAI5tOther"
    assert content(addon, "account/main")["access_key_secret"] == "******"


def test_an_account_keeps_its_secret_while_it_signs_in_otherwise(addon: AddOn, sls: SlsServer) -> None:
    """The page sends hidden fields, too: as they are, and the secret masked."""
    addon.create_account("turned", access_key_id="LTAI5tTurned", access_key_secret="kept-secret")
    addon.post("account/turned", {"auth_type": "ecs_ram_role", "access_key_secret": "******"})
    sts = {"sts_endpoint": f"http://sts.sls.test:{sls.http_port}", "allow_http": "1"}
    role = {"auth_type": "assume_role", "role_arn": "acs:ram::1:role/r"}
    addon.post("account/turned", {**role, **sts, "access_key_secret": "******"})
    stored = content(addon, "account/turned", **{"--cred--": "1"})
    assert (stored["access_key_secret"], stored["auth_type"]) == ("kept-secret", "assume_role")


def test_a_dotted_proxy_host_is_accepted(addon: AddOn) -> None:
    addon.post("settings/proxy", {"proxy_enabled": "1", "proxy_url": "10.0.0.1", "proxy_port": "3128"})
    addon.post("settings/proxy", {"proxy_enabled": "0", "proxy_url": "", "proxy_port": ""})


def test_an_account_in_use_is_not_deleted(addon: AddOn) -> None:
    """Whether the input is enabled or not, and whoever wrote it."""
    reply = addon.splunk.rest("DELETE", f"{HANDLERS}_account/main")
    sentence = "account 'main' is used by input 'by_hand'; give it another account, or delete it, first"
    assert sentence in reply.text.replace("\\u0027", "'")
    assert content(addon, "account/main")["access_key_secret"] == "******"
    addon.create_account("unused", access_key_id="LTAI5tUnused", access_key_secret="s")
    addon.splunk.rest("DELETE", f"{HANDLERS}_account/unused", expect=200)
    assert addon.splunk.rest("GET", f"{HANDLERS}_account/unused").status != 200


def test_an_unset_host_is_shown_as_unset(addon: AddOn) -> None:
    """splunkd answers with a placeholder, which the form would save as a host of that name."""
    raw = addon.splunk.rest("GET", "/servicesNS/nobody/TA_alibaba_sls/data/inputs/alibaba_sls/by_hand")
    assert raw.json["entry"][0]["content"]["host"] == "$decideOnStartup"
    assert content(addon, "alibaba_sls/by_hand")["host"] == ""
    assert content(addon, "alibaba_sls")["host"] == ""


def test_an_account_in_clear_text_is_moved_to_the_password_store(addon: AddOn) -> None:
    """As ta_alibaba_sls_account.conf.spec promises for accounts written by hand."""
    conf = "/servicesNS/nobody/TA_alibaba_sls/configs/conf-ta_alibaba_sls_account"
    fields = {"name": "by_hand", "access_key_id": "LTAI5tHand", "access_key_secret": "clear-text"}
    addon.splunk.rest("POST", conf, data=fields, expect=201)
    assert content(addon, "account/by_hand")["access_key_secret"] == "******"
    raw = addon.splunk.rest("GET", f"{conf}/by_hand", expect=200)
    assert "clear-text" not in raw.text
