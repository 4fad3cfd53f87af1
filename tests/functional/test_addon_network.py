"""Ways to SLS: direct, through a proxy, plain HTTP; what is trusted, and where SLS really is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.addon import RefusedError
from tests.functional.harness import Forwarder, Traffic, connect, create_account, create_input
from tests.standins.sls import SlsServer


def proxy(sls: SlsServer, **over: str) -> dict[str, str]:
    return {
        "proxy_enabled": "1",
        "proxy_type": "http",
        "proxy_url": "127.0.0.1",
        "proxy_port": str(sls.http_port),
        **over,
    }


@pytest.mark.parametrize("scheme", ["https", "http"])
def test_through_the_proxy_without_a_resolver(
    make_forwarder: Callable[..., Forwarder], traffic: Traffic, sls: SlsServer, scheme: str
) -> None:
    """The forwarder cannot resolve SLS's names: all goes through the proxy, https in a tunnel."""
    forwarder = make_forwarder()
    forwarder._runner.resolve = None
    sls.control.set_knob("proxy_basic", "me:p@ss word")
    forwarder.addon.set_proxy(**proxy(sls, proxy_username="me", proxy_password="p@ss word"))
    create_account(forwarder, allow_http="1")
    create_input(
        forwarder, "central", endpoint=sls.https_endpoint if scheme == "https" else sls.http_endpoint
    )
    traffic.put(30)
    traffic.wait_until_all_arrived(forwarder)
    pulls = [row for row in sls.control.requests() if row["endpoint"] == "PullLogs"]
    assert {row["tls"] for row in pulls} == {scheme == "https"}


def test_a_wrong_proxy_password_is_named_without_showing_it(forwarder: Forwarder, sls: SlsServer) -> None:
    sls.control.set_knob("proxy_basic", "me:right")
    forwarder.addon.set_proxy(**proxy(sls, proxy_username="me", proxy_password="wrong-4711"))
    create_account(forwarder)
    with pytest.raises(RefusedError, match="the proxy of the Configuration page") as refused:
        create_input(forwarder, "central")
    assert "wrong-4711" not in str(refused.value)


def test_what_is_named_there_goes_without_the_proxy(
    forwarder: Forwarder, traffic: Traffic, sls: SlsServer
) -> None:
    forwarder.addon.set_proxy(**proxy(sls, proxy_port="1"))  # nobody listens there
    create_account(forwarder)
    with pytest.raises(RefusedError, match="the proxy of the Configuration page"):
        create_input(forwarder, "central")
    forwarder.addon.set_network(ca_bundle=str(sls.ca_file), no_proxy=".sls.test")
    create_input(forwarder, "central")
    traffic.put(30)
    traffic.wait_until_all_arrived(forwarder)


def test_an_untrusted_certificate_is_refused(forwarder: Forwarder) -> None:
    forwarder.addon.set_network(ca_bundle="")
    create_account(forwarder)
    with pytest.raises(RefusedError, match=r"certificate of '.*' is not trusted.*ca_bundle"):
        create_input(forwarder, "central")


def test_plain_http_needs_the_accounts_leave(forwarder: Forwarder, traffic: Traffic, sls: SlsServer) -> None:
    create_account(forwarder)
    with pytest.raises(RefusedError, match="allow http in account 'account'"):
        create_input(forwarder, "central", endpoint=sls.http_endpoint)
    create_account(forwarder, name="plain", allow_http="1")
    create_input(forwarder, "central", account="plain", endpoint=sls.http_endpoint)
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)


def test_a_name_that_does_not_resolve_and_a_closed_port(forwarder: Forwarder, sls: SlsServer) -> None:
    create_account(forwarder)
    with pytest.raises(RefusedError, match="cannot be resolved"):
        create_input(forwarder, "central", endpoint="https://sls.invalid")
    with pytest.raises(RefusedError, match="refused the connection"):
        create_input(forwarder, "central", endpoint="https://sls.test:1")


@pytest.mark.parametrize("compression", ["deflate", "none"])
def test_other_codecs(forwarder: Forwarder, traffic: Traffic, compression: str) -> None:
    connect(forwarder, compression=compression)
    traffic.put(50)
    traffic.wait_until_all_arrived(forwarder)
