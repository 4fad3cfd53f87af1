"""One request and one response, apart from sockets."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

if TYPE_CHECKING:
    from .faults import Fault


@dataclass
class Request:
    """One request as received. Header names are lower-case, values trimmed text."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    tls: bool = False
    via: str = ""
    peer: str = "127.0.0.1"
    query: dict[str, str] = field(init=False)
    raw_path: str = field(init=False)
    path: str = field(init=False)

    def __post_init__(self) -> None:
        self.raw_path, _, text = self.target.partition("?")
        self.path = unquote(self.raw_path)
        self.query = dict(parse_qsl(text, keep_blank_values=True))

    def header(self, name: str) -> str:
        """A header's value, "" when absent."""
        return self.headers.get(name, "")


TITLES = {
    "date": "Date",
    "server": "Server",
    "connection": "Connection",
    "content-length": "Content-Length",
    "content-type": "Content-Type",
    "access-control-allow-origin": "Access-Control-Allow-Origin",
}
"""Names not written in lower case; the x-log-* ones must be (observed: one client looks them up so)."""


@dataclass
class Response:
    """One answer. `damage` is the fault the transport must commit while sending it."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    damage: Fault | None = None
    code: str = ""

    def head(self, *, close: bool) -> bytes:
        """Status line and headers, up to and including the blank line."""
        headers = {
            "date": formatdate(usegmt=True),
            "content-length": str(len(self.body)),
            "connection": "close" if close else "keep-alive",
            **self.headers,
        }
        lines = [f"HTTP/1.1 {self.status} {http.client.responses.get(self.status, 'Unknown')}"]
        lines += [f"{TITLES.get(name, name)}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(status, body, {"content-type": "application/json", **(headers or {})})
