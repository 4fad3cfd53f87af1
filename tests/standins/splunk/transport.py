"""HTTP in threads, with or without TLS, in front of a function from request to reply."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable

from .request import Reply

#: (method, target, body, headers with lower-case names) -> reply
App = Callable[[str, str, bytes, Mapping[str, str]], Reply]

#: Sent with every answer of splunkd (recorded).
_HEADERS = (
    ("Expires", "Thu, 26 Oct 1978 00:00:00 GMT"),
    ("Cache-Control", "no-store, no-cache, must-revalidate, max-age=0"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "SAMEORIGIN"),
)
_IDLE_SECONDS = 60


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    server: HttpServer

    def _serve(self) -> None:
        body = self._body()
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.app(self.command, self.path, body, headers)
        self._answer(reply)

    do_GET = do_POST = do_DELETE = do_PUT = do_HEAD = _serve  # noqa: N815

    def _body(self) -> bytes:
        if "content-length" in self.headers:
            return self.rfile.read(int(self.headers["content-length"]))
        if self.headers.get("x-splunk-input-mode", "").lower() == "streaming":
            self.close_connection = True
            return self._to_the_end()
        return b""

    def _to_the_end(self) -> bytes:
        """What a client streams until it hangs up, with or without saying goodbye."""
        body = bytearray()
        with contextlib.suppress(OSError):
            while piece := self.rfile.read1(65536):
                body += piece
        return bytes(body)

    def _answer(self, reply: Reply) -> None:
        raw = reply.raw()
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        given = {name.lower() for name, _ in reply.headers}
        for name, value in [*(pair for pair in _HEADERS if pair[0].lower() not in given), *reply.headers]:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        # Clients of this server read no body when the header is missing.
        self.send_header("Connection", "Close" if self.close_connection else "Keep-Alive")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(raw)

    def version_string(self) -> str:
        return "Splunkd"

    def log_message(self, format: str, *args: Any) -> None:
        """The composition keeps its own access log."""


class HttpServer(ThreadingHTTPServer):
    """A server thread per connection; TLS handshakes happen in that thread, not in the accept loop."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], app: App, tls: ssl.SSLContext | None = None) -> None:
        self.app = app
        self._tls = tls
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        super().__init__(address, _Handler)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def start(self) -> None:
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop accepting and cut the connections that are still open."""
        if self._thread is not None:
            self.shutdown()
            self._thread.join()
        self.server_close()
        with self._guard:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def finish_request(self, request: Any, client_address: Any) -> None:
        with contextlib.suppress(OSError):
            if self._tls is not None:
                request.settimeout(_IDLE_SECONDS)
                request = self._tls.wrap_socket(request, server_side=True)
            with self._guard:
                self._open.add(request)
            try:
                super().finish_request(request, client_address)
            finally:
                with self._guard:
                    self._open.discard(request)
                _close(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error of ours; anything else must be seen."""
        super().handle_error(request, client_address)


def _close(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def timed(app: App, note: Callable[[str, str, Mapping[str, str], Reply, float], None]) -> App:
    """Wrap an app so that ``note`` gets method, target, headers, reply and seconds of every request."""

    def wrapped(method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        began = time.monotonic()
        reply = app(method, target, body, headers)
        note(method, target, headers, reply, time.monotonic() - began)
        return reply

    return wrapped
