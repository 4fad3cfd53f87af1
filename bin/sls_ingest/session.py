"""HTTP sessions: TLS against our CA bundle, the add-on's proxy, no CA variable and no .netrc."""

from __future__ import annotations

from collections.abc import Mapping

import requests
import urllib3
from requests.utils import get_environ_proxies, should_bypass_proxies

from .answer import Answer
from .connection import NetworkSettings, ProxySettings

# A read that fails halfway does not always become one of requests' own errors.
NETWORK_TROUBLE = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)
_MOST_BYTES = 65536  # of an answer to `ask`


def open_session(url: str, proxy: ProxySettings | None, network: NetworkSettings) -> requests.Session:
    """A session for calls to the host of `url`; the environment's proxy counts where `proxy` is None."""
    session = bare_session()
    session.verify = network.ca_bundle or True
    if not (network.no_proxy and should_bypass_proxies(url, ",".join(network.no_proxy))):
        session.proxies = dict.fromkeys(("http", "https"), proxy.url) if proxy else get_environ_proxies(url)
    return session


def bare_session() -> requests.Session:
    """A session without any proxy."""
    session = requests.Session()
    session.trust_env = False  # REQUESTS_CA_BUNDLE would win over ours, .netrc over the signature
    return session


def ask(
    session: requests.Session,
    method: str,
    url: str,
    timeout: tuple[float, float],
    headers: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
) -> Answer:
    """One small call: no redirect is followed, and an answer is read up to 64 KB. `timeout` is in seconds.

    Raises:
        One of NETWORK_TROUBLE.
    """
    plain = {"Accept-Encoding": "identity", **(headers or {})}  # what is unpacked could be of any size
    with session.request(
        method, url, data=form, headers=plain, timeout=timeout, allow_redirects=False, stream=True
    ) as answer:
        body = answer.raw.read(_MOST_BYTES + 1)
        if len(body) > _MOST_BYTES:
            raise ValueError("the answer is too large")
        return Answer(answer.status_code, body, answer.headers.get("Date", ""))
