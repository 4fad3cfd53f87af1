"""After a run that used them all: no secret in any conf file, log, argv, environment, answer or stream."""

from __future__ import annotations

from pathlib import Path

from tests.functional.harness import ACCOUNT, KEY_ID, Forwarder, Traffic, create_account, create_input
from tests.standins.sls import SlsServer

SECRET = "AkSecret-9b1f-Unmistakable"
TOKEN = "StsToken-77aa-" + "x" * 600  # longer than one entry of the password store
PROXY_PASSWORD = "Proxy:Pass/word-41d2"
SECRETS = (SECRET, TOKEN, PROXY_PASSWORD, "Proxy%3APass%2Fword-41d2")


def test_secrets_are_nowhere_but_in_the_password_store(
    forwarder: Forwarder, traffic: Traffic, sls: SlsServer
) -> None:
    sls.control.add_access_key(KEY_ID, SECRET, security_token=TOKEN)
    sls.control.set_knob("proxy_basic", f"user:{PROXY_PASSWORD}")
    forwarder.addon.set_log_level("DEBUG")
    forwarder.addon.set_proxy(
        proxy_enabled="1",
        proxy_type="http",
        proxy_url="127.0.0.1",
        proxy_port=str(sls.http_port),
        proxy_username="user",
        proxy_password=PROXY_PASSWORD,
    )
    create_account(forwarder, access_key_secret=SECRET, security_token=TOKEN)
    create_input(forwarder, "central")
    traffic.put(50)
    traffic.wait_until_all_arrived(forwarder)
    pid = next(row.pid for row in forwarder.inputs())
    for name in ("cmdline", "environ"):
        assert_none(Path(f"/proc/{pid}/{name}").read_bytes().decode("utf-8", "replace"), name)
    sls.control.fault("*", kind="status", status=401, code="Unauthorized", message="x", times=20)
    reply = forwarder.rest("GET", f"/servicesNS/nobody/TA_alibaba_sls/TA_alibaba_sls_account/{ACCOUNT}")
    assert_none(reply.text, "the account's own page")
    assert KEY_ID in reply.text
    forwarder.stop()

    searched = 0
    for path in forwarder.home.rglob("*"):
        if (
            path.is_file()
            and not path.is_symlink()
            and "/lib/" not in str(path)
            and not is_password_store(path)
        ):
            assert_none(path.read_bytes().decode("utf-8", "replace"), str(path))
            searched += path.suffix in (".conf", ".log")
    assert searched > 10
    for event in forwarder.events():
        assert_none(event.raw, "an event")
    assert_none(str(sls.control.requests()), "the addresses that were called")


def is_password_store(path: Path) -> bool:
    """Where the stand-in keeps what splunkd would encrypt."""
    return path.name == "passwords.json"


def assert_none(text: str, where: str) -> None:
    for secret in SECRETS:
        assert secret not in text, f"a secret in {where}"
