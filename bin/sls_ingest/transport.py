"""The SDK's LogClient over our transport.

- one attempt for each call, with our time-outs: waiting is the caller's, and a stop interrupts it;
- TLS verified against our CA bundle, proxy from our settings; no CA variable, no .netrc.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import requests
from aliyun.log import LogClient, LogException
from aliyun.log.version import API_VERSION
from requests.adapters import HTTPAdapter

from .connection import NetworkSettings, ProxySettings
from .credentials import CurrentAccount
from .errors import RetriableError
from .explain import Target, explain, kind
from .memory import Memory, Room
from .session import NETWORK_TROUBLE, open_session
from .settings import InputSettings

ODD_ANSWERS = (AttributeError, LookupError, TypeError, ValueError)
"""What the SDK raises on an answer that is JSON, but not of the form it expects."""
_POOL_SIZE = 64  # connections; as many threads may pull at once


@dataclass(frozen=True)
class Access:
    """All that is needed to reach one logstore's SLS."""

    settings: InputSettings
    account: CurrentAccount
    proxy: ProxySettings | None
    network: NetworkSettings

    @property
    def target(self) -> Target:
        s, account = self.settings, self.account.settings
        return Target(
            account.name,
            self.account.access_key.id,
            s.endpoint.url,
            s.project,
            s.logstore,
            s.consumer_group,
            account.is_renewed,
        )

    def explain(self, error: LogException) -> str:
        """The failure as one sentence."""
        return explain(error.get_error_code(), str(error.get_error_message()), self.target)

    def kind(self, error: LogException) -> str:
        """Which trouble it is, for saying each only once."""
        return kind(error.get_error_code(), str(error.get_error_message()))

    def retriable(self, error: LogException) -> RetriableError:
        """The failure as our own error, for callers that do not know the SDK."""
        return RetriableError(self.explain(error), self.kind(error))


def date_of(answer: Any) -> str:
    """The Date header of an answer that the SDK has read, "" where it has none."""
    headers = {str(name).lower(): str(value) for name, value in answer.get_all_headers().items()}
    return headers.get("date", "")


def _session(access: Access) -> requests.Session:
    endpoint = access.settings.endpoint
    url = f"{endpoint.scheme}://{access.settings.project}.{endpoint.host}"
    session = open_session(url, access.proxy, access.network)
    for prefix in ("http://", "https://"):
        session.mount(prefix, HTTPAdapter(pool_connections=2, pool_maxsize=_POOL_SIZE))
    return session


class SlsLogClient(LogClient):  # type: ignore[misc]  # the SDK has no types
    """LogClient with one attempt per call and our transport. `read_timeout` is in seconds."""

    def __init__(self, access: Access, read_timeout: float) -> None:
        # A source spares the SDK its look for a local address, which opens a UDP socket.
        super().__init__(access.settings.endpoint.url, source="splunk", credentials_provider=access.account)
        self._session = _session(access)
        self.timeout = (access.network.connect_timeout, read_timeout)

    def _send(
        self,
        method: str,
        project: str,
        body: Any,
        resource: str,
        params: dict[str, Any],
        headers: dict[str, str],
        respons_body_type: str = "json",
        compute_content_hash: bool = True,
    ) -> Any:
        """Sign and send once; the SDK's own loop would sleep up to minutes inside, deaf to a stop."""
        host = f"{project}.{self._logHost}" if project else self._logHost
        headers.update(
            {"Host": host, "Content-Length": str(len(body or b"")), "x-log-apiversion": API_VERSION}
        )
        if not body:
            headers["x-log-bodyrawsize"] = "0"
        prefix = "" if self._isRowIp or not project else f"{project}."
        url = f"{self.http_type}{prefix}{self._endpoint}{resource}"
        self._auth.sign_request(
            method, resource, params, headers, body, compute_content_hash=compute_content_hash
        )
        return self._sendRequest(method, url, params, body, headers, respons_body_type)


class PulledBody(NamedTuple):
    """The body of an answer, and the room it was given in memory."""

    data: bytes
    room: Room


class PullClient(SlsLogClient):
    """The client for PullLogs: it reads a body only when there is room for it."""

    def __init__(self, access: Access, memory: Memory) -> None:
        super().__init__(access, access.network.read_timeout)
        self._memory = memory

    def _getHttpResponse(  # noqa: N802  # the SDK's name
        self, method: str, url: str, params: Any, body: Any, headers: dict[str, str]
    ) -> tuple[int, Any, Any]:
        headers["User-Agent"] = self._user_agent
        try:
            with self._session.request(
                method, url, params=params, headers=headers, timeout=self.timeout, stream=True
            ) as answer:
                if answer.status_code != 200:
                    return answer.status_code, answer.content, answer.headers
                return 200, self._body(answer), answer.headers
        except NETWORK_TROUBLE as error:
            raise LogException("LogRequestError", str(error)) from error

    def _body(self, answer: requests.Response) -> PulledBody:
        room = self._memory.room(_announced(answer.headers))
        try:
            # At one go: `content` would come in pieces of 10 kB.
            return PulledBody(answer.raw.read(decode_content=True), room)
        except BaseException:
            room.leave()  # at once: an error may live on for a while, and its traceback with it
            raise


def _announced(headers: Mapping[str, str]) -> int:
    """Bytes of the body, or of what it unpacks to where only that is told."""
    sizes = (headers.get(name, "") for name in ("content-length", "x-log-bodyrawsize"))
    return next((int(size) for size in sizes if size.isascii() and size.isdigit()), 0)
