"""Accounts, proxy and network: strings in, frozen typed objects out, with their defaults and bounds. Pure.

A bad value raises ConfigError with one sentence; the pages and the run show the same one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .errors import NotAvailableYetError
from .values import Values

PROXY_TYPES: Final = ("http", "https", "socks5")
AUTH_TYPES: Final = ("access_key", "ecs_ram_role", "assume_role")


@dataclass(frozen=True)
class AccountSettings:
    """How to sign in to SLS. The secrets are kept out of repr, so that no log or traceback can show them."""

    name: str
    auth_type: str
    access_key_id: str
    allow_http: bool
    _secret: tuple[str, str]

    def __repr__(self) -> str:
        return f"AccountSettings({self.name!r}, {self.auth_type!r}, {self.access_key_id!r})"

    @property
    def access_key_secret(self) -> str:
        return self._secret[0]

    @property
    def security_token(self) -> str:
        """The STS token, empty for a permanent AccessKey."""
        return self._secret[1]


@dataclass(frozen=True)
class ProxySettings:
    """The way out. `url` holds the password, so repr leaves it out."""

    kind: str
    host: str
    port: int
    username: str
    _password: str
    remote_dns: bool = False

    def __repr__(self) -> str:
        return f"ProxySettings({self.kind}://{self.host}:{self.port})"

    @property
    def password(self) -> str:
        return self._password


@dataclass(frozen=True)
class NetworkSettings:
    """`ca_bundle` is a PEM file (empty = the public CAs), time-outs are in seconds."""

    ca_bundle: str = ""
    connect_timeout: float = 10.0
    read_timeout: float = 60.0


def parse_account(params: Mapping[str, str], name: str = "") -> AccountSettings:
    """Read one account, secrets in clear.

    Raises:
        ConfigError: a value is missing or not accepted, or the way to sign in is not available yet.
    """
    values = Values({"auth_type": "access_key", "allow_http": "0", **{k: v for k, v in params.items() if v}})
    auth_type = values.one_of("auth_type", AUTH_TYPES)
    if auth_type != "access_key":
        raise NotAvailableYetError("auth_type", auth_type, "give access_key")
    return AccountSettings(
        name=name,
        auth_type=auth_type,
        access_key_id=values.required("access_key_id", "give the id of an AccessKey pair"),
        allow_http=values.flag("allow_http"),
        _secret=(
            values.required("access_key_secret", "give the secret of the AccessKey pair"),
            values.text("security_token"),
        ),
    )


def parse_proxy(params: Mapping[str, str]) -> ProxySettings | None:
    """Read the proxy; None when it is switched off.

    Raises:
        ConfigError: it is on and a value is missing or not accepted.
    """
    values = Values({"proxy_enabled": "0", "proxy_type": "http", **{k: v for k, v in params.items() if v}})
    if not values.flag("proxy_enabled"):
        return None
    return ProxySettings(
        kind=values.one_of("proxy_type", PROXY_TYPES),
        host=values.required("proxy_url", "give the proxy's host name or address, without http:// and port"),
        port=values.whole("proxy_port", 1, 65535, "as the proxy's port"),
        username=values.text("proxy_username"),
        _password=values.text("proxy_password"),
        remote_dns=values.flag("proxy_rdns"),
    )


def parse_network(params: Mapping[str, str]) -> NetworkSettings:
    """Read the [network] settings.

    Raises:
        ConfigError: a value is not accepted.
    """
    given = {k: v for k, v in params.items() if v}
    values = Values({"ca_bundle": "", "connect_timeout": "10", "read_timeout": "60", **given})
    return NetworkSettings(
        ca_bundle=values.text("ca_bundle"),
        connect_timeout=values.number("connect_timeout", 1, 120, "seconds"),
        read_timeout=values.number("read_timeout", 5, 300, "seconds"),
    )
