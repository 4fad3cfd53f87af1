"""The management port: every endpoint behind one router, TLS in front, a trace and an access log beside."""

from __future__ import annotations

import itertools
import re
import ssl
import threading
import time
import traceback
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from . import request as requests
from .errors import RestError
from .handlers import HandlerHost
from .instance import Instance
from .request import Reply
from .rest_apps import Apps
from .rest_auth import Authentication, session_cookie
from .rest_configs import Configs
from .rest_indexes import Indexes
from .rest_kinds import InputKinds
from .rest_kvstore import KvEndpoints
from .rest_messages import Messages
from .rest_passwords import Passwords
from .rest_properties import Properties
from .rest_search import SearchJobs
from .rest_server import ServerInfo
from .router import Router, error_reply
from .transport import HttpServer

_KEPT_REQUESTS = 100_000
#: Query arguments that may be shown; the values of all others are masked.
_PLAIN = re.compile(r"output_mode|count|offset|search|sort_\w+|--cred--|name|f|id")


class ManagementPort:
    """splunkd's HTTPS port. ``call`` answers a request without a socket."""

    def __init__(self, instance: Instance, messages: Messages, handlers: HandlerHost) -> None:
        self._instance = instance
        self._router = Router(instance.auth, instance.mgmt_url)
        self._router.fallback = handlers.endpoint
        authentication = Authentication(instance)
        self._router.add(authentication.public_routes(), public=True)
        for part in (
            authentication,
            messages,
            Apps(instance, messages),
            Configs(instance),
            Indexes(instance),
            InputKinds(instance),
            KvEndpoints(instance),
            Passwords(instance),
            Properties(instance),
            SearchJobs(instance),
            ServerInfo(instance),
        ):
            self._router.add(part.routes())
        self._server: HttpServer | None = None
        self._numbers = itertools.count(1)
        self._guard = threading.Lock()
        self._trace: list[dict[str, Any]] = []
        self._access = instance.home / "var" / "log" / "splunk" / "splunkd_access.log"

    def start(self, address: tuple[str, int], tls: ssl.SSLContext) -> int:
        """Listen; returns the port."""
        self._server = HttpServer(address, self.call, tls)
        self._server.start()
        return self._server.port

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None

    def call(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Answer one request; header names are lower case."""
        began = time.monotonic()
        request = None
        try:
            request = requests.build(method, target, body, headers)
            reply = self._router.handle(request)
        except RestError as error:
            reply = error_reply(error, "output_mode=json" in target)
        except Exception:  # noqa: BLE001 - a thread's edge: a defect must answer 500 and be seen in the log
            self._instance.log.write("ERROR", "Rest", traceback.format_exc())
            reply = error_reply(RestError(500, "Internal Server Error"), "output_mode=json" in target)
        if request is not None and "splunkd_" in headers.get("cookie", "") and request.session.key:
            reply.headers.append(("Set-Cookie", session_cookie(request, request.session.key)))
        user = request.session.user if request is not None else ""
        self._note(method, target, user, reply, headers, time.monotonic() - began)
        return reply

    def trace(self) -> list[dict[str, Any]]:
        with self._guard:
            return list(self._trace)

    def _note(
        self, method: str, target: str, user: str, reply: Reply, headers: Mapping[str, str], took: float
    ) -> None:
        path, _, query = target.partition("?")
        shown = {key: value if _PLAIN.fullmatch(key) else "***" for key, value in parse_qsl(query)}
        entry = {"n": next(self._numbers), "t": time.time(), "method": method, "path": path, "query": shown}
        entry.update({"user": user, "status": reply.status, "ms": round(took * 1000, 1)})
        now = datetime.now().astimezone()
        line = (
            f"127.0.0.1 - {user or '-'} [{now:%d/%b/%Y:%H:%M:%S}.{now.microsecond // 1000:03d} {now:%z}]"
            f' "{method} {path}{"?" + urlencode(shown) if shown else ""} HTTP/1.1" {reply.status}'
            f' {len(reply.raw())} "-" "{headers.get("user-agent", "-")}" - {took * 1000:.0f}ms\n'
        )
        with self._guard:
            self._trace.append(entry)
            del self._trace[:-_KEPT_REQUESTS]
            with self._access.open("a", encoding="utf-8") as log:
                log.write(line)
