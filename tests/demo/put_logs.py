"""A small writer to SLS over real signed HTTPS: what any producer does when it sends logs.

Documented: the PutLogs call, its headers and signature version 1, and the LogGroup message (protobuf).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import socket
import ssl
import zlib
from collections.abc import Iterable
from email.utils import formatdate
from pathlib import Path

from tests.data_makers import LogGroup, Pairs

TIMEOUT_SECONDS = 30


class PutLogsError(Exception):
    """SLS refused the logs: status and its own words."""


def encode_group(group: LogGroup) -> bytes:
    """The LogGroup as protobuf bytes: logs (1), topic (3), source (4), tags (6)."""
    parts = [_message(1, _log(t, pairs)) for t, pairs in group.logs]
    parts += [_text(3, group.topic), _text(4, group.source)]
    parts += [_message(6, _pair(key, value)) for key, value in group.tags]
    return b"".join(parts)


def _log(t: int, pairs: Pairs) -> bytes:
    """Log: time (1), contents (2)."""
    return b"\x08" + _varint(t) + b"".join(_message(2, _pair(key, value)) for key, value in pairs)


def _pair(key: str, value: str) -> bytes:
    return _text(1, key) + _text(2, value)


def _text(number: int, value: str) -> bytes:
    return _message(number, value.encode())


def _message(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def signature(secret: str, method: str, path: str, headers: dict[str, str]) -> str:
    """Signature version 1 of a request without a query: base64 of an HMAC-SHA1."""
    signed = sorted((k.lower(), v) for k, v in headers.items() if k.lower().startswith(("x-log-", "x-acs-")))
    lines: Iterable[str] = (
        method,
        headers.get("Content-MD5", ""),
        headers.get("Content-Type", ""),
        headers["Date"],
        *(f"{key}:{value}" for key, value in signed),
        path,
    )
    digest = hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


class _LocalConnection(http.client.HTTPSConnection):
    """HTTPS to a name that no DNS knows: connects to the loopback, verifies the certificate of the name."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=TIMEOUT_SECONDS, context=context)
        self._tls = context

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", self.port), TIMEOUT_SECONDS)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


class LogWriter:
    """Writes log groups of one project over one kept-alive HTTPS connection; not for several threads."""

    def __init__(self, project_host: str, port: int, ca_file: Path, key_id: str, secret: str) -> None:
        self._connection = _LocalConnection(
            project_host, port, ssl.create_default_context(cafile=str(ca_file))
        )
        self._host, self._key_id, self._secret = f"{project_host}:{port}", key_id, secret

    def put(self, logstore: str, group: LogGroup) -> int:
        """Write one group to any writable shard; returns its raw size in bytes. Raises PutLogsError."""
        raw = encode_group(group)
        body = zlib.compress(raw, 1)
        path = f"/logstores/{logstore}/shards/lb"
        self._connection.request("POST", path, body, self._headers(path, body, len(raw)))
        answer = self._connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        if answer.status != 200:
            raise PutLogsError(f"PutLogs to {logstore} was refused with {answer.status}: {text}")
        return len(raw)

    def close(self) -> None:
        self._connection.close()

    def _headers(self, path: str, body: bytes, raw_size: int) -> dict[str, str]:
        headers = {
            "Host": self._host,
            "Date": formatdate(usegmt=True),
            "Content-Type": "application/x-protobuf",
            "Content-MD5": hashlib.md5(body).hexdigest().upper(),
            "x-log-apiversion": "0.6.0",
            "x-log-signaturemethod": "hmac-sha1",
            "x-log-compresstype": "deflate",
            "x-log-bodyrawsize": str(raw_size),
        }
        headers["Authorization"] = f"LOG {self._key_id}:{signature(self._secret, 'POST', path, headers)}"
        return headers
