"""The way to SLS, step by step: CA file, name, connection, then one unsigned call that tells the rest.

Connections are made with the session that inputs use, so proxy and CA are those of the Configuration page,
and a failure is the sentence that an input would say.
"""

from __future__ import annotations

import socket
import ssl
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from requests.utils import select_proxy

from .answer import Answer
from .connection import NetworkSettings, ProxySettings
from .errors import ConfigError
from .explain import explain_network, without_names
from .session import NETWORK_TROUBLE, ask, open_session

CONNECT_SECONDS, READ_SECONDS = 6.0, 8.0
"""At most, whatever the Network tab says: somebody waits."""
_PROXY_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}


class UnreachableError(Exception):
    """A step failed; the text is the sentence, `step` is "proxy", "TLS" or "answer" for the unsigned call."""

    def __init__(self, sentence: str, step: str = "") -> None:
        super().__init__(sentence)
        self.step = step


def impatient(
    network: NetworkSettings, connect: float = CONNECT_SECONDS, read: float = READ_SECONDS
) -> NetworkSettings:
    """`network` with time-outs for somebody who waits: at most so many seconds."""
    return replace(
        network,
        connect_timeout=min(network.connect_timeout, connect),
        read_timeout=min(network.read_timeout, read),
    )


def check_ca_file(network: NetworkSettings) -> str:
    """What is trusted, for people.

    Raises:
        ConfigError: ca_bundle cannot be read, or holds no certificate.
    """
    path = network.ca_bundle
    if not path:
        return "the public certificate authorities are trusted"
    if Path(path).is_dir():
        raise ConfigError("ca_bundle", path, "give the path of a PEM file, not of a directory")
    try:
        # All of them: one that signs itself need not say that it is an authority.
        count = ssl.create_default_context(cafile=path).cert_store_stats()["x509"]
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        count = 0
    if not count:
        accepted = "give the path of a PEM file with certificates that Splunk can read"
        raise ConfigError("ca_bundle", path, accepted)
    plural = "" if count == 1 else "s"
    return f"ca_bundle '{path}' has {count} certificate{plural}"


class Hop(NamedTuple):
    """Where the first connection goes."""

    host: str
    port: int
    is_proxy: bool


@dataclass(frozen=True)
class Way:
    """The way to the host of `url` (scheme://host:port). Its methods raise UnreachableError."""

    url: str
    proxy: ProxySettings | None
    network: NetworkSettings

    @property
    def host(self) -> str:
        """The host and port, for people."""
        return urlsplit(self.url).netloc

    def hop(self) -> Hop:
        with open_session(self.url, self.proxy, self.network) as session:
            chosen = select_proxy(self.url, session.proxies)
        url = urlsplit(chosen if not chosen or "://" in chosen else f"http://{chosen}")
        if not url.hostname:
            target = urlsplit(self.url)
            return Hop(str(target.hostname), int(target.port or 443), False)
        try:
            port = int(url.port or _PROXY_PORTS.get(url.scheme, 80))
        except ValueError as error:  # the add-on's own was checked
            text = (
                "the proxy of this process's environment has no usable port; correct HTTPS_PROXY or unset it"
            )
            raise UnreachableError(text, "proxy") from error
        return Hop(url.hostname, port, True)

    def resolve(self) -> str:
        """The address that the first host's name leads to, for people."""
        hop = self.hop()
        try:
            found = socket.getaddrinfo(hop.host, hop.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise self._failed("NameResolutionError", error, hop) from error
        return f"'{hop.host}' is {found[0][4][0]}"

    def connect(self) -> str:
        """Open the first connection and close it again; how long that took, for people."""
        hop, started = self.hop(), time.monotonic()
        try:
            socket.create_connection((hop.host, hop.port), self.network.connect_timeout).close()
        except (OSError, UnicodeError) as error:
            raise self._failed("NewConnectionError", error, hop) from error
        took = (time.monotonic() - started) * 1000
        return f"a connection to '{hop.host}:{hop.port}' opens in {took:.0f} ms"

    def _failed(self, kind: str, error: Exception, hop: Hop) -> UnreachableError:
        """In urllib3's words, which explain_network reads."""
        text = f"{'ProxyError' if hop.is_proxy else kind}({str(error)!r})"
        return UnreachableError(explain_network(text, self.host))

    def knock(self) -> tuple[Answer, float]:
        """An unsigned call, and this machine's time in the middle of it, in epoch seconds.

        SLS refuses the call, and with that shows all that comes before a signature.
        """
        started = time.time()
        timeout = self.network.connect_timeout, self.network.read_timeout
        try:
            with open_session(self.url, self.proxy, self.network) as session:
                answer = ask(session, "GET", f"{self.url}/", timeout)
        except NETWORK_TROUBLE as error:
            text = str(error)
            raise UnreachableError(explain_network(text, self.host), self._step(text)) from error
        if answer.status == 407:  # plain http: the proxy answers in SLS's place
            raise UnreachableError(explain_network("407 Proxy Authentication Required", self.host), "proxy")
        return answer, (started + time.time()) / 2

    def _step(self, text: str) -> str:
        """Which step a failure of the unsigned call belongs to."""
        words = without_names(text).lower()
        if any(word in words for word in ("proxy", "tunnel connection", "socks", "failed to parse: ")):
            return "proxy"
        return "TLS" if "certificate" in words or "ssl" in words else "answer"
