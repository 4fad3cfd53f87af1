"""A small signing caller over `requests` for tests of the SLS stand-in; shares no code with it."""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import json
import socket
import time
from typing import Any
from urllib.parse import quote, urlencode

import requests

from tests.standins.sls import SlsServer
from tests.standins.sls.wire import Log, LogGroup, decode_list, encode_group

PROTO = "application/x-protobuf"
KEY_ID, SECRET = "LTAI-test", "s3cret"


class Caller:
    """Calls one server over http or https, signed with version 1 or 4."""

    def __init__(self, server: SlsServer, *, tls: bool = False, version: str = "v1", **settings: Any) -> None:
        self.server = server
        self.tls = tls
        self.version = version
        self.key_id: str = settings.get("key_id", KEY_ID)
        self.secret: str = settings.get("secret", SECRET)
        self.token: str = settings.get("token", "")
        self.region: str = settings.get("region", "cn-hangzhou")
        self.when: datetime.datetime | None = None
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = str(server.ca_file)
        if tls:
            self.session.mount("https://", OnLoopback(server.endpoint))

    def __call__(
        self,
        method: str,
        path: str,
        params: dict[str, Any] | None = None,
        body: bytes | Any = b"",
        *,
        project: str = "p1",
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        """One call; a body that is not bytes goes as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        host = f"{project}.{self.server.endpoint}" if project else self.server.endpoint
        sent = {
            "Host": host,
            "x-log-apiversion": "0.6.0",
            "x-log-bodyrawsize": str(len(data)),
            "Accept-Encoding": "",
        }
        if data:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        query = {name: str(value) for name, value in (params or {}).items()}
        self.sign(method, path, query, sent, data)
        port = self.server.https_port if self.tls else self.server.http_port
        base = f"https://{host}:{port}" if self.tls else f"http://{self.server.host}:{port}"
        url = base + quote(path) + ("?" + urlencode(query) if query else "")
        return self.session.request(method, url, data=data, headers=sent, timeout=20)

    def sign(
        self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes
    ) -> None:
        """Add date, hashes, token and Authorization to `headers`."""
        now = self.when or datetime.datetime.now(datetime.timezone.utc)
        if self.token:
            headers["x-acs-security-token"] = self.token
        if self.version == "v1":
            headers["Date"] = now.strftime("%a, %d %b %Y %H:%M:%S GMT")
            headers["x-log-signaturemethod"] = "hmac-sha1"
            headers["Authorization"] = self._v1(method, path, query, headers, body)
        else:
            headers["x-log-date"] = now.strftime("%Y%m%dT%H%M%SZ")
            headers["x-log-content-sha256"] = hashlib.sha256(body).hexdigest()
            headers["Authorization"] = self._v4(method, path, query, headers)

    def _v1(self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes) -> str:
        if body:
            headers["Content-MD5"] = hashlib.md5(body).hexdigest().upper()
        parts = [method, headers.get("Content-MD5", ""), headers.get("Content-Type", ""), headers["Date"], ""]
        text = "\n".join(parts)
        text += "".join(
            f"{name}:{headers[name]}\n" for name in sorted(headers) if name.startswith(("x-log", "x-acs"))
        )
        text += path + ("?" + "&".join(f"{k}={query[k]}" for k in sorted(query)) if query else "")
        mac = hmac.new(self.secret.encode(), text.encode(), hashlib.sha1).digest()
        return f"LOG {self.key_id}:{base64.b64encode(mac).decode()}"

    def _v4(self, method: str, path: str, query: dict[str, str], headers: dict[str, str]) -> str:
        lower = {name.lower(): value for name, value in headers.items()}
        names = sorted(n for n in lower if n.startswith(("x-log", "x-acs")) or n in ("host", "content-type"))
        parts = [k + (f"={quote(query[k], safe='~')}" if query[k] else "") for k in sorted(query)]
        lines = [method, path, "&".join(parts), *(f"{n}:{lower[n]}" for n in names), "", ";".join(names)]
        canonical = "\n".join([*lines, lower["x-log-content-sha256"]])
        stamp = lower["x-log-date"]
        scope = [stamp[:8], self.region, "sls", "aliyun_v4_request"]
        hashed = hashlib.sha256(canonical.encode()).hexdigest()
        text = "\n".join(["SLS4-HMAC-SHA256", stamp, "/".join(scope), hashed])
        mac = ("aliyun_v4" + self.secret).encode()
        for part in [*scope, text]:
            mac = hmac.new(mac, part.encode(), hashlib.sha256).digest()
        return f"SLS4-HMAC-SHA256 Credential={self.key_id}/{'/'.join(scope)},Signature={mac.hex()}"


class OnLoopback(requests.adapters.HTTPAdapter):
    """Connects names under the endpoint to 127.0.0.1, TLS still checks the name."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        super().__init__()

    def get_connection_with_tls_context(
        self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """A pool to loopback for the URL's host."""
        build = self.build_connection_pool_key_attributes  # type: ignore[attr-defined]
        parts, settings = build(request, verify, cert)
        settings.update(server_hostname=parts["host"], assert_hostname=parts["host"])
        return self.poolmanager.connection_from_host("127.0.0.1", parts["port"], "https", settings)


def code(response: requests.Response) -> tuple[int, str]:
    """Status and errorCode of an answer."""
    return response.status_code, response.json()["errorCode"]


def group(*values: str, when: int = 0) -> bytes:
    """A log group with one log per value."""
    now = when or int(time.time())
    return encode_group(LogGroup([Log(now, [(b"k", value.encode())]) for value in values], b"top", b"src"))


def put(call: Caller, ls: str, body: bytes, path: str = "/shards/lb", **params: Any) -> requests.Response:
    """PutLogs, plain."""
    return call("POST", f"/logstores/{ls}{path}", params, body, headers={"Content-Type": PROTO})


def cursor(call: Caller, ls: str, shard: int = 0, start: object = "begin") -> str:
    """GetCursor."""
    answer = call("GET", f"/logstores/{ls}/shards/{shard}", {"type": "cursor", "from": start})
    return str(answer.json()["cursor"])


def pull(
    call: Caller, ls: str, at: str, shard: int = 0, method: str = "GET", encoding: str = "", **params: Any
) -> requests.Response:
    """PullLogs in protobuf."""
    query = {"type": "logs", "cursor": at, "count": 1000, **params}
    headers = {"Accept": PROTO, "Accept-Encoding": encoding}
    return call(method, f"/logstores/{ls}/shards/{shard}", query, headers=headers)


def values(answer: requests.Response) -> list[str]:
    """The values of field k in a plain PullLogs answer."""
    return [log.contents[0][1].decode() for found in decode_list(answer.content) for log in found.logs]


def step(text: str, by: int) -> str:
    """A cursor `by` positions on."""
    return base64.b64encode(str(int(base64.b64decode(text)) + by).encode()).decode()


def raw_request(server: SlsServer, path: str, *, target: str = "", extra: str = "") -> bytes:
    """A signed GET as bytes; `target` replaces the path in the request line."""
    headers = {"Host": f"p1.{server.endpoint}", "x-log-apiversion": "0.6.0", "x-log-bodyrawsize": "0"}
    Caller(server).sign("GET", path, {}, headers, b"")
    lines = [f"GET {target or path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n" + extra + "\r\n").encode()


def read_answer(connection: socket.socket) -> tuple[bytes, bytes]:
    """Head and body of one answer."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return data, b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(x[15:]) for x in head.lower().split(b"\r\n") if x.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head, body


def connect(server: SlsServer, port: int = 0) -> socket.socket:
    """A TCP connection to the http port, or another."""
    return socket.create_connection((server.host, port or server.http_port), timeout=20)
