"""The tabs Proxy, Network and Logging."""

from __future__ import annotations

from pathlib import Path

from tests.addon import ROOT
from tests.browser.pages import Pages
from tests.functional.harness import Forwarder
from tests.standins.sls import SlsServer


def stored(splunk: Forwarder, tab: str) -> dict[str, str]:
    reply = splunk.rest("GET", f"{ROOT}_settings/{tab}", {"--cred--": "1"}, expect=200)
    content: dict[str, str] = reply.json["entry"][0]["content"]
    return content


def kept(pages: Pages, tab: str) -> None:
    """Save, and wait for the page to say so."""
    pages.press_save()
    said = f'Updated "{tab}"'.lower()
    pages.wait(said, lambda: said in pages.driver.find_element("tag name", "body").text.lower())


def test_the_proxy(pages: Pages, splunk: Forwarder) -> None:
    pages.open("configuration", "proxy")
    pages.switch("proxy_enabled", True)
    pages.type("proxy_port", "70000")
    assert pages.refused() == "Port: give a whole number from 1 to 65535 as the proxy's port."
    pages.type("proxy_port", "1080")
    assert "give the proxy's host name or address, without http:// and port" in pages.refused()
    pages.choose("proxy_type", "socks5")
    pages.type("proxy_url", "proxy.example.com")
    pages.type("proxy_username", "someone")
    pages.type("proxy_password", "proxy-secret")
    pages.switch("proxy_rdns", True)
    pages.shot("proxy")
    kept(pages, "proxy")
    assert stored(splunk, "proxy")["proxy_password"] == "proxy-secret"
    pages.open("configuration", "proxy")
    pages.wait("the stored host", lambda: pages.value("proxy_url") == "proxy.example.com")
    assert pages.value("proxy_password") == "******"
    pages.switch("proxy_enabled", False)
    kept(pages, "proxy")
    now = stored(splunk, "proxy")
    assert (now["proxy_enabled"], now["proxy_type"], now["proxy_password"]) == ("0", "socks5", "proxy-secret")


def test_the_network(pages: Pages, splunk: Forwarder, sls: SlsServer) -> None:
    pages.open("configuration", "network")
    pages.type("connect_timeout", "0")
    assert pages.refused() == "Connect time-out: give a number from 1 to 120 seconds."
    pages.type("connect_timeout", "9")
    pages.type("read_timeout", "x")
    assert pages.refused() == "Read time-out: give a number from 5 to 300 seconds."
    pages.type("read_timeout", "59")
    pages.type("ca_bundle", "/no/such/file.pem")
    assert pages.refused().startswith("ca_bundle: '/no/such/file.pem' is not accepted; give the path")
    pages.shot("network-refused")
    pages.type("ca_bundle", str(sls.ca_file))
    kept(pages, "network")
    now = stored(splunk, "network")
    assert (now["connect_timeout"], now["read_timeout"]) == ("9", "59")
    assert Path(now["ca_bundle"]) == Path(sls.ca_file)


def test_the_log_level(pages: Pages, splunk: Forwarder) -> None:
    pages.open("configuration", "logging")
    pages.choose("loglevel", "DEBUG")
    pages.shot("logging")
    kept(pages, "logging")
    assert stored(splunk, "logging")["loglevel"] == "DEBUG"
    splunk.addon.set_log_level("INFO")
