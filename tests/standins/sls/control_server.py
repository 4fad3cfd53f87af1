"""The port of the control API: HTTP around `Control`."""

from __future__ import annotations

import json
import struct
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from .control import Control
from .errors import SlsError
from .transport import Listener

if TYPE_CHECKING:
    from .service import Service


NUMBERS = ("shard", "count_logs", "receive_time", "repeat")


class ControlServer(ThreadingHTTPServer):
    """The control port."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], service: Service) -> None:
        self.control = Control(service)
        super().__init__(address, ControlHandler)

    server_bind = Listener.server_bind

    @property
    def port(self) -> int:
        """The bound port."""
        return int(self.server_address[1])


class ControlHandler(BaseHTTPRequestHandler):
    """One control connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 600
    server: ControlServer

    def do_GET(self) -> None:
        """Health check."""
        self._answer(200, {"result": "ok"})

    def do_POST(self) -> None:
        """One call."""
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        url = urlsplit(self.path)
        try:
            self._answer(200, {"result": self._call(url.path.strip("/"), url.query, body)})
        except (SlsError, KeyError, TypeError, ValueError, struct.error) as exc:
            self._answer(400, {"error": f"{type(exc).__name__}: {exc}"})

    def _call(self, name: str, query: str, body: bytes) -> Any:
        if name == "put_raw_groups":
            given: dict[str, Any] = {key: values[-1] for key, values in parse_qs(query).items()}
            given.update({key: int(given[key]) for key in NUMBERS if key in given})
            return self.server.control.put_raw(groups=_split(body), **given)
        method = getattr(self.server.control, name, None)
        if name.startswith("_") or method is None:
            raise ValueError(f"no such call: {name}")
        return method(**json.loads(body or b"{}"))

    def _answer(self, status: int, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """No access log."""


def _split(body: bytes) -> list[bytes]:
    """The groups of a put_raw_groups body."""
    groups, position = [], 0
    while position < len(body):
        (size,) = struct.unpack_from(">I", body, position)
        groups.append(body[position + 4 : position + 4 + size])
        position += 4 + size
    return groups
