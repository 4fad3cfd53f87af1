"""Accounts, proxy and network: strings in, frozen typed objects out, with their defaults and bounds. Pure.

A bad value raises ConfigError with one sentence; the pages and the run show the same one.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from .errors import ConfigError
from .values import Values

PROXY_TYPES: Final = ("http", "https", "socks5")
SOURCES: Final = ("access_key", "ecs_ram_role")
"""Where an account's first credentials come from; an assumed role is reached from either."""
AUTH_TYPES: Final = (*SOURCES, "assume_role")
ACCOUNT_DEFAULTS: Final[Mapping[str, str]] = {
    "auth_type": "access_key",
    "source_credentials": "access_key",
    "role_duration": "3600",
    "sts_endpoint": "sts.aliyuncs.com",
    "allow_http": "0",
}

_DIRECT = re.compile(r"\.?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*(?:/[0-9]{1,2})?")  # .example.com, 10.0.0.0/8
_ROLE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ROLE_ARN = re.compile(r"acs:ram::[0-9]{1,32}:role/[A-Za-z0-9._/-]{1,128}")
_SESSION_NAME = re.compile(r"[A-Za-z0-9_.@-]{2,32}")
_EXTERNAL_ID = re.compile(r"\S{2,1224}")
_HOST_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?\.?")
_IPV6 = re.compile(r"\[([0-9A-Fa-f:.]+)\]|([0-9A-Fa-f:.]+)")  # with its brackets, or without
_STS_ENDPOINT = re.compile(
    r"(?:(https?)://)?([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(:[0-9]{1,5})?/?", re.IGNORECASE
)


@dataclass(frozen=True)
class AssumedRole:
    """What STS is asked for: `duration` in seconds, `sts_url` is scheme://host[:port]."""

    arn: str
    session_name: str
    external_id: str = field(repr=False)
    duration: int
    sts_url: str


@dataclass(frozen=True)
class AccountSettings:
    """How to sign in to SLS. The secrets are kept out of repr, so that no log or traceback can show them.

    `source` is one of SOURCES. From an ECS RAM role, `access_key_id` and the secrets are empty; `role_name`
    is empty for the one role that the instance has. `role` is None unless one is assumed.
    """

    name: str
    auth_type: str
    source: str
    access_key_id: str
    role_name: str
    role: AssumedRole | None
    allow_http: bool
    _secret: tuple[str, str]

    def __repr__(self) -> str:
        return f"AccountSettings({self.name!r}, {self.auth_type!r}, {self.access_key_id!r}, {self.role!r})"

    @property
    def access_key_secret(self) -> str:
        return self._secret[0]

    @property
    def security_token(self) -> str:
        """The STS token, empty for a permanent AccessKey."""
        return self._secret[1]

    @property
    def is_renewed(self) -> bool:
        """Whether its credentials are a role's, which expire and are fetched anew."""
        return self.auth_type != "access_key"


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

    @property
    def url(self) -> str:
        """As `requests` wants it: in memory, the password may be joined to the URL."""
        kind = "socks5h" if self.kind == "socks5" and self.remote_dns else self.kind
        sign_in = f"{quote(self.username, safe='')}:{quote(self.password, safe='')}@" if self.username else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{kind}://{sign_in}{host}:{self.port}"


@dataclass(frozen=True)
class NetworkSettings:
    """`ca_bundle` is a PEM file (empty = the public CAs), time-outs are in seconds.

    `no_proxy` are the hosts, domains and address ranges that are reached without the proxy.
    """

    ca_bundle: str = ""
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    no_proxy: tuple[str, ...] = ()


def parse_account(params: Mapping[str, str], name: str = "") -> AccountSettings:
    """Read one account, secrets in clear. What its auth_type does not use is neither checked nor kept.

    Raises:
        ConfigError: a value is missing or not accepted.
    """
    values = Values({**ACCOUNT_DEFAULTS, **{k: v for k, v in params.items() if (v or "").strip()}})
    auth_type = values.one_of("auth_type", AUTH_TYPES)
    assumes = auth_type == "assume_role"
    source = values.one_of("source_credentials", SOURCES) if assumes else auth_type
    has_key = source == "access_key"
    return AccountSettings(
        name=name,
        auth_type=auth_type,
        source=source,
        access_key_id=values.required("access_key_id", "give the id of an AccessKey pair") if has_key else "",
        role_name="" if has_key else _role_name(values),
        role=_assumed_role(values, name) if assumes else None,
        allow_http=values.flag("allow_http"),
        _secret=_secret(values) if has_key else ("", ""),
    )


def _secret(values: Values) -> tuple[str, str]:
    secret = values.required("access_key_secret", "give the secret of the AccessKey pair")
    return secret, values.text("security_token")


def _role_name(values: Values) -> str:
    accepted = "give the name of the RAM role attached to the ECS instance, or nothing to have it looked up"
    return values.matching("role_name", _ROLE_NAME, accepted) if values.text("role_name") else ""


def _assumed_role(values: Values, account: str) -> AssumedRole:
    accepted = "give the ARN of a RAM role, acs:ram::<account id>:role/<name>"
    return AssumedRole(
        arn=values.matching("role_arn", _ROLE_ARN, accepted),
        session_name=_session_name(values, account),
        external_id=_external_id(values),
        duration=values.whole("role_duration", 900, 43200, "seconds"),
        sts_url=_sts_url(values),
    )


def _session_name(values: Values, account: str) -> str:
    if not values.text("role_session_name"):
        return "splunk-" + re.sub(r"[^A-Za-z0-9_.@-]", "-", account)[:25]
    accepted = "give 2 to 32 letters, digits, '.', '@', '-' or '_'"
    return values.matching("role_session_name", _SESSION_NAME, accepted)


def _external_id(values: Values) -> str:
    accepted = "give the external id of the role's trust policy, 2 to 1224 characters without blanks"
    return values.matching("external_id", _EXTERNAL_ID, accepted) if values.text("external_id") else ""


def _sts_url(values: Values) -> str:
    accepted = "give the host name of an STS endpoint, such as sts.cn-hangzhou.aliyuncs.com"
    match = values.match("sts_endpoint", _STS_ENDPOINT, accepted)
    scheme, host, port = (match.group(1) or "https").lower(), match.group(2).lower(), match.group(3) or ""
    if scheme == "http" and not values.flag("allow_http"):
        raise ConfigError("sts_endpoint", match.group(), "leave out http://, or allow http in this account")
    if port and not 0 < int(port[1:]) < 65536:
        raise ConfigError("sts_endpoint", match.group(), "the port is a number from 1 to 65535")
    return f"{scheme}://{host}{port}"


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
        host=_proxy_host(values),
        port=values.whole("proxy_port", 1, 65535, "as the proxy's port"),
        username=values.text("proxy_username"),
        _password=values.text("proxy_password"),
        remote_dns=values.flag("proxy_rdns"),
    )


def _no_proxy(values: Values) -> tuple[str, ...]:
    hosts = values.many("no_proxy")
    for host in hosts:
        if not _DIRECT.fullmatch(host):
            accepted = "give host names, domains (.example.com) and IPv4 ranges (10.0.0.0/8) separated by ';'"
            raise ConfigError("no_proxy", host, accepted)
    return hosts


def _proxy_host(values: Values) -> str:
    """A host name or an address; that of IPv6 without its brackets."""
    accepted = "give the proxy's host name or address, without http:// and port"
    value = values.required("proxy_url", accepted)
    if _HOST_NAME.fullmatch(value):
        return value
    address = _IPV6.fullmatch(value)
    try:
        return str(ipaddress.IPv6Address(address.group(address.lastindex or 0) if address else ""))
    except ValueError:  # without what stands before an @: it may be a password
        _, at, host = value.rpartition("@")
        raise ConfigError("proxy_url", f"...@{host}" if at else value, accepted) from None


def parse_network(params: Mapping[str, str]) -> NetworkSettings:
    """Read the [network] settings.

    Raises:
        ConfigError: a value is not accepted.
    """
    given = {k: v for k, v in params.items() if v}
    values = Values({"ca_bundle": "", "connect_timeout": "10", "read_timeout": "60", "no_proxy": "", **given})
    return NetworkSettings(
        ca_bundle=values.text("ca_bundle"),
        connect_timeout=values.number("connect_timeout", 1, 120, "seconds"),
        read_timeout=values.number("read_timeout", 5, 300, "seconds"),
        no_proxy=_no_proxy(values),
    )
