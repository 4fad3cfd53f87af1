"""The SDK's clients, bent where its defaults lose data, hang, or talk plain HTTP.

- one attempt for each call, with our time-outs: waiting is the caller's, and a stop interrupts it;
- TLS verified against our CA bundle, proxy from our settings only (no environment, no .netrc);
- a pulled batch stays bytes: parsing is ours, and a damaged one cannot wedge the SDK's fetch task;
- a cursor older than retention continues at the oldest log, never at the end;
- a checkpoint is never forced over another owner's;
- an existing consumer group is taken as it is.
"""

from __future__ import annotations

import logging
import threading
import time
import zlib
from dataclasses import dataclass
from typing import Any, Callable, Protocol
from urllib.parse import quote

import lz4.block
import requests
from aliyun.log import LogClient, LogException
from aliyun.log.consumer.consumer_client import ConsumerClient
from aliyun.log.consumer.exceptions import CheckPointException
from aliyun.log.version import API_VERSION, USER_AGENT
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies

from . import credentials
from .errors import RetriableError
from .explain import Target, explain
from .new_shards import is_newer_than_group
from .outage import Backoff, OutageLog
from .settings import AccountSettings, InputSettings, NetworkSettings, ProxySettings

_GROUP_EXISTS = "ConsumerGroupAlreadyExist"
_STALE_CONSUMER = "NotExistConsumerWithBody"
_MOST_RAW = 256 * 1024 * 1024  # bytes; SLS caps one answer at about 10 MB
_POOL_SIZE = 64  # connections; as many threads may pull at once


@dataclass(frozen=True)
class Access:
    """All that is needed to reach one logstore's SLS."""

    settings: InputSettings
    account: AccountSettings
    proxy: ProxySettings | None
    network: NetworkSettings

    @property
    def target(self) -> Target:
        s = self.settings
        return Target(
            self.account.name,
            self.account.access_key_id,
            s.endpoint.url,
            s.project,
            s.logstore,
            s.consumer_group,
        )

    def explain(self, error: LogException) -> str:
        """The failure as one sentence."""
        return explain(error.get_error_code(), str(error.get_error_message()), self.target)

    def retriable(self, error: LogException) -> RetriableError:
        """The failure as our own error, for callers that do not know the SDK."""
        return RetriableError(self.explain(error), error.get_error_code())


def _session(access: Access) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # REQUESTS_CA_BUNDLE would win over ours, .netrc over the signature
    session.verify = access.network.ca_bundle or True
    endpoint = access.settings.endpoint
    if access.proxy:
        session.proxies = dict.fromkeys(("http", "https"), proxy_url(access.proxy))
    else:
        session.proxies = get_environ_proxies(
            f"{endpoint.scheme}://{access.settings.project}.{endpoint.host}"
        )
    for prefix in ("http://", "https://"):
        session.mount(prefix, HTTPAdapter(pool_connections=2, pool_maxsize=_POOL_SIZE))
    return session


def proxy_url(proxy: ProxySettings) -> str:
    """The proxy as `requests` wants it: in memory, its password may be joined to its URL."""
    kind = "socks5h" if proxy.kind == "socks5" and proxy.remote_dns else proxy.kind
    sign_in = f"{quote(proxy.username, safe='')}:{quote(proxy.password, safe='')}@" if proxy.username else ""
    return f"{kind}://{sign_in}{proxy.host}:{proxy.port}"


class SlsLogClient(LogClient):  # type: ignore[misc]  # the SDK has no types
    """LogClient with one attempt per call and our transport. `read_timeout` is in seconds."""

    def __init__(self, access: Access, read_timeout: float) -> None:
        provider = credentials.provider(access.account)
        # A source spares the SDK its look for a local address, which opens a UDP socket.
        super().__init__(access.settings.endpoint.url, source="splunk", credentials_provider=provider)
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


class PulledBatch:
    """One PullLogs answer, with the questions that the SDK's fetch task asks. `raw` is None when empty."""

    def __init__(self, headers: dict[str, str], raw: bytes | None) -> None:
        self._headers = {name.lower(): value for name, value in headers.items()}
        self.raw = raw

    def get_next_cursor(self) -> str:
        return self._headers.get("x-log-cursor", "")

    def get_loggroup_count(self) -> int:
        return self._number("x-log-count")

    def get_raw_size(self) -> int:
        return self._number("x-log-bodyrawsize")

    def get_raw_log_group_count_before_query(self) -> int:
        return self._number("x-log-rawdatacount")

    def get_raw_size_before_query(self) -> int:
        return self._number("x-log-rawdatasize")

    @property
    def is_empty(self) -> bool:
        return self.get_loggroup_count() == 0

    def decompress(self, body: bytes) -> bytes:
        """`body` by the codec that the answer names; lz4 is a bare block, its size is in the header."""
        codec = self._headers.get("x-log-compresstype", "").lower()
        if codec == "lz4":
            return bytes(lz4.block.decompress(body, uncompressed_size=self.get_raw_size()))
        if codec in ("deflate", "gzip"):
            return zlib.decompress(body)
        if codec:
            raise ValueError(f"unknown x-log-compresstype {codec!r}")
        return body

    def _number(self, name: str) -> int:
        return int(self._headers.get(name) or 0)


class PullObserver(Protocol):
    """Told of every answer that held no logs: the place to settle checkpoints of quiet shards."""

    def pulled_nothing(self, shard_id: int, cursor: str, next_cursor: str) -> None: ...


class SlsConsumerClient(ConsumerClient):  # type: ignore[misc]  # the SDK has no types
    """The consumer library's view of SLS. Heartbeats have a connection and a time-out of their own."""

    def __init__(self, access: Access, consumer: str, logger: logging.Logger, stop: threading.Event) -> None:
        settings = access.settings
        self.mproject, self.mlogstore = settings.project, settings.logstore
        self.mconsumer_group, self.mconsumer = settings.consumer_group, consumer
        self.mclient = SlsLogClient(access, access.network.read_timeout)
        self.mclient.set_user_agent(f"{USER_AGENT}-consumergroup-{settings.consumer_group}-{consumer}")
        self._beat_client = SlsLogClient(
            access, min(access.network.read_timeout, settings.heartbeat_interval)
        )
        self._access, self._stop, self.logger = access, stop, logger
        self._outages = OutageLog(logger)
        self._backoffs: dict[str, Backoff] = {}
        self._started = time.time()
        self.observer: PullObserver | None = None

    # -- the consumer group ------------------------------------------------------------------------------

    def ensure_consumer_group_created(self, timeout: int, in_order: bool) -> int:
        """Create the group unless it exists; an existing one keeps its own time-out and order.

        Returns:
            The time-out in force, in seconds.

        Raises:
            LogException: SLS refused.
        """
        group = self._existing_group()
        if group is None:
            try:
                self.mclient.create_consumer_group(
                    self.mproject, self.mlogstore, self.mconsumer_group, timeout, in_order
                )
            except LogException as error:
                if error.get_error_code() != _GROUP_EXISTS:
                    raise
            return timeout
        if (group.get_timeout(), group.is_in_order()) != (timeout, in_order):
            self.logger.warning(
                "consumer group '%s' exists with timeout=%s s and in_order=%s; "
                "it is used as it is, not with %s s and %s",
                self.mconsumer_group,
                group.get_timeout(),
                group.is_in_order(),
                timeout,
                in_order,
            )
        return int(group.get_timeout())

    def _existing_group(self) -> Any:
        try:
            return self.get_consumer_group()
        except LogException as error:
            if "listconsumergroup" not in str(error.get_error_message()).lower():
                raise
            return None  # no permission to list: creating it will tell whether it exists

    def heartbeat(self, shards: list[int], responce: list[int] | None = None) -> bool:
        """Report the shards held and learn those assigned; never raises, as the SDK's loop would spin.

        A consumer that SLS has timed out gets an empty answer, so that all its shards are given up at once:
        others own them by now.
        """
        answer = responce if responce is not None else []
        try:
            answer.extend(self._beat(shards))
        except LogException as error:
            if error.get_error_code() == _STALE_CONSUMER:
                self.logger.warning("SLS had timed out this consumer; its shards %s are given up", shards)
                return True
            self._outages.failed("heartbeat", error.get_error_code(), self._access.explain(error))
            return False
        self._outages.recovered("heartbeat")
        return True

    def _beat(self, shards: list[int]) -> list[int]:
        response = self._beat_client.heart_beat(
            self.mproject, self.mlogstore, self.mconsumer_group, self.mconsumer, shards
        )
        return list(response.get_shards())

    def update_check_point(self, shard: int, consumer: str, check_point: str) -> None:
        """Save a checkpoint, if this consumer still owns the shard.

        Raises:
            LogException: it was not saved; code ConsumerNotMatch means the shard has another owner.
        """
        self.mclient.update_check_point(
            self.mproject,
            self.mlogstore,
            self.mconsumer_group,
            shard,
            check_point,
            consumer,
            force_success=False,
        )

    # -- cursors and logs: failures wait here, as the SDK tries again at its next tick ---------------------

    def get_check_point(self, shard: int) -> Any:
        """The saved checkpoint of `shard`, as the library's dict.

        Raises:
            LogException, CheckPointException: it could not be had, after a wait.
        """
        return self._patiently(
            f"shard {shard}: checkpoint", lambda: ConsumerClient.get_check_point(self, shard)
        )

    def get_begin_cursor(self, shard_id: int) -> str:
        """Where a shard without a checkpoint starts; the library is told to ask for "begin" and gets this.

        Raises:
            LogException: it could not be had, after a wait.
        """
        return str(self._patiently(f"shard {shard_id}: start", lambda: self._start_cursor(shard_id)))

    def _start_cursor(self, shard_id: int) -> str:
        start = self._access.settings.start
        moment = start.resolve(self._started)
        if start.moves and self._is_newer_than_group(shard_id):
            self.logger.info(
                "shard %s is newer than the consumer group: it is read from its beginning", shard_id
            )
            moment = "begin"
        return str(self.mclient.get_cursor(self.mproject, self.mlogstore, shard_id, moment).get_cursor())

    def _is_newer_than_group(self, shard_id: int) -> bool:
        try:
            shards = self.mclient.list_shards(self.mproject, self.mlogstore).get_shards_info()
            saved = self.mclient.get_check_point(self.mproject, self.mlogstore, self.mconsumer_group)
        except LogException as error:
            self.logger.warning(
                "shard %s starts at cursor_start_time, as its age cannot be told: %s",
                shard_id,
                self._access.explain(error),
            )
            return False
        return is_newer_than_group(shard_id, shards, saved.get_consumer_group_check_points(), self._started)

    def get_cursor(self, shard_id: int, start_time: Any) -> str:
        """The cursor at a time (epoch seconds, begin, end), for the library's cursor_end_time.

        Raises:
            LogException: it could not be had, after a wait.
        """
        what = f"shard {shard_id}: end"
        return str(self._patiently(what, lambda: ConsumerClient.get_cursor(self, shard_id, start_time)))

    def pull_logs(
        self,
        shard_id: int,
        cursor: str,
        end_cursor: str | None = None,
        count: int = 1000,
        query: str | None = None,
        processor: str | None = None,
    ) -> PulledBatch:
        """Fetch one batch from `cursor` on; a cursor older than retention continues at the oldest log.

        Raises:
            LogException: the fetch failed, after the wait that its repetition calls for.
        """
        params = {"type": "log", "cursor": cursor, "count": str(count)}
        if query:
            params.update(pullMode="scan_on_stream", query=query)
        if end_cursor:
            params["end_cursor"] = end_cursor
        if processor:
            params["processor"] = processor
        batch: PulledBatch = self._patiently(f"shard {shard_id}: fetch", lambda: self._pull(shard_id, params))
        if batch.is_empty and self.observer:
            self.observer.pulled_nothing(shard_id, cursor, batch.get_next_cursor())
        return batch

    def _pull(self, shard_id: int, params: dict[str, str]) -> PulledBatch:
        try:
            return self._pull_once(shard_id, params)
        except LogException as error:
            if "invalidcursor" not in error.get_error_code().lower():
                raise
        oldest = self.mclient.get_begin_cursor(self.mproject, self.mlogstore, shard_id).get_cursor()
        self.logger.error(
            "shard %s: checkpoint %s is outside what SLS retains; logs were lost before they could be read. "
            "Reading goes on at the oldest log, cursor %s",
            shard_id,
            params["cursor"],
            oldest,
        )
        return self._pull_once(shard_id, {**params, "cursor": oldest})

    def _pull_once(self, shard_id: int, params: dict[str, str]) -> PulledBatch:
        compression = self._access.settings.compression
        headers = {
            "Accept": "application/x-protobuf",
            "Accept-Encoding": "" if compression == "none" else compression,
        }
        resource = f"/logstores/{self.mlogstore}/shards/{shard_id}"
        body, answer = self.mclient._send(
            "GET", self.mproject, None, resource, dict(params), headers, "binary"
        )
        batch = PulledBatch(answer, None)
        if batch.get_raw_size() > 0:
            batch.raw = _decompressed(batch, body, shard_id, params["cursor"])
        return batch

    def _patiently(self, what: str, call: Callable[[], Any]) -> Any:
        """Run `call`; when it fails, say so once and wait a growing time before the error goes up."""
        try:
            result = call()
        except (LogException, CheckPointException) as error:
            if isinstance(error, LogException):
                self._outages.failed(what, error.get_error_code(), self._access.explain(error))
            self._stop.wait(self._backoffs.setdefault(what, Backoff()).delay())
            raise
        self._outages.recovered(what)
        self._backoffs.pop(what, None)
        return result


def _decompressed(batch: PulledBatch, body: bytes, shard_id: int, cursor: str) -> bytes:
    """The body as LogGroupList bytes.

    Raises:
        LogException: it does not decompress to the size that its header names; the text holds none of it.
    """
    size = batch.get_raw_size()
    if size > _MOST_RAW:
        raise _bad_body(shard_id, cursor, f"the header names {size} bytes, more than any batch holds")
    try:
        raw = batch.decompress(body)
    except (lz4.block.LZ4BlockError, zlib.error, ValueError) as error:
        raise _bad_body(shard_id, cursor, f"{len(body)} bytes do not decompress") from error
    if len(raw) != size:
        raise _bad_body(shard_id, cursor, f"{len(raw)} bytes where the header says {size}")
    return raw


def _bad_body(shard_id: int, cursor: str, what: str) -> LogException:
    return LogException("BadResponse", f"damaged answer from shard {shard_id} at cursor {cursor}: {what}")
