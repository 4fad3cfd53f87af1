"""Sockets: HTTP/1.1 with keep-alive, chunked bodies, TLS, forward proxying of the own hosts, and broken
connections."""

from __future__ import annotations

import base64
import contextlib
import hmac
import socket
import socketserver
import ssl
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .message import Request, Response

if TYPE_CHECKING:
    from .service import Service

MAX_BODY = 256 * 1024 * 1024
LINGER_RESET = struct.pack("ii", 1, 0)
BROKEN = (ConnectionError, TimeoutError, socket.timeout, ssl.SSLError, BrokenPipeError)


class Listener(ThreadingHTTPServer):
    """One port. `tls` is the context of an https port; `tunnel` the one CONNECT tunnels end in."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(
        self,
        address: tuple[str, int],
        service: Service,
        *,
        tls: ssl.SSLContext | None,
        tunnel: ssl.SSLContext | None,
    ) -> None:
        self.service = service
        self.tls = tls
        self.tunnel = tunnel
        self.tunnel_ports: set[int] = set()
        self.live: set[socket.socket] = set()
        self.live_lock = threading.Lock()
        super().__init__(address, Handler)

    @property
    def port(self) -> int:
        """The bound port."""
        return int(self.server_address[1])

    def server_bind(self) -> None:
        """Bind without the reverse DNS look-up of the base class."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Broken connections are normal here; anything else goes to the log."""
        if not isinstance(sys.exc_info()[1], (*BROKEN, OSError, ValueError)):
            from .service import LOG

            LOG.exception("connection failed")

    def stop(self) -> None:
        """Stop accepting and cut every open connection."""
        self.shutdown()
        self.server_close()
        with self.live_lock:
            live = list(self.live)
        for connection in live:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    # -- life of a connection

    def setup(self) -> None:
        """Wrap the socket in TLS where the port says so; the handshake runs in this thread."""
        self.via = ""
        self.request.settimeout(self.server.service.knobs.idle_seconds)
        if self.server.tls is not None:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()
        with self.server.live_lock:
            self.server.live.add(self.connection)

    def finish(self) -> None:
        """Close everything, TLS sockets too (the base server only knows the plain one)."""
        with self.server.live_lock:
            self.server.live.discard(self.connection)
        with contextlib.suppress(*BROKEN, OSError, ValueError):
            super().finish()
        with contextlib.suppress(OSError):
            self.connection.close()

    def handle_one_request(self) -> None:
        """As the base class, but unknown methods go to the service, and faults own the socket."""
        try:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or len(self.raw_requestline) > 65536 or not self.parse_request():
                self.close_connection = True
                return
            if self.command == "CONNECT":
                self._connect()
            else:
                self._serve()
        except BROKEN:
            self.close_connection = True

    # -- requests

    def _serve(self) -> None:
        body = self._read_body()
        if body is None:
            return
        target, via = self.path, self.via
        headers = {name.lower(): _utf8(value.strip()) for name, value in self.headers.items()}
        if not target.startswith("/"):
            if not self._proxy_allowed():
                return
            url = urlsplit(target)
            target, via = (url.path or "/") + ("?" + url.query if url.query else ""), "proxy"
            headers.setdefault("host", url.netloc)
        tls = isinstance(self.connection, ssl.SSLSocket)
        request = Request(self.command, target, headers, body, tls, via, str(self.client_address[0]))
        self._send(self.server.service.handle(request))

    def _read_body(self) -> bytes | None:
        """The request body, or None after an error answer."""
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return self._read_chunks()
        length = self.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            self.send_error(400)
            self.close_connection = True
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionError("request body ended early")
        return body

    def _read_chunks(self) -> bytes:
        parts: list[bytes] = []
        while True:
            size = int(self.rfile.readline(1024).split(b";")[0], 16)
            if size == 0:
                while self.rfile.readline(65537).strip():
                    pass
                return b"".join(parts)
            parts.append(self.rfile.read(size))
            self.rfile.readline(16)

    # -- forward proxy

    def _proxy_allowed(self) -> bool:
        wanted = self.server.service.knobs.proxy_basic
        if not wanted:
            return True
        sent = self.headers.get("proxy-authorization", "")
        right = "Basic " + base64.b64encode(wanted.encode()).decode()
        if hmac.compare_digest(sent.encode(), right.encode()):
            return True
        self._plain(407, "Proxy Authentication Required", [("Proxy-Authenticate", 'Basic realm="sls"')])
        return False

    def _connect(self) -> None:
        """A tunnel to the own https port: the TLS handshake follows on this very connection."""
        if not self._proxy_allowed():
            return
        host, _, port = self.path.rpartition(":")
        known = self.server.service.project_of(host) is not None and port.isdigit()
        if self.server.tunnel is None or not known or int(port) not in self.server.tunnel_ports:
            self._plain(403, "Forbidden", [])
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.wfile.flush()
        self.rfile.close()
        self.wfile.close()
        with self.server.live_lock:
            self.server.live.discard(self.connection)
        self.request = self.server.tunnel.wrap_socket(self.connection, server_side=True)
        self.via = "connect"
        super().setup()
        with self.server.live_lock:
            self.server.live.add(self.connection)
        self.close_connection = False

    def _plain(self, status: int, reason: str, headers: list[tuple[str, str]]) -> None:
        lines = [f"HTTP/1.1 {status} {reason}", "Content-Length: 0", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers]
        self.close_connection = True
        self.wfile.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    # -- responses

    def _send(self, response: Response) -> None:
        damage = response.damage
        if damage is not None and (
            damage.kind == "hang" or (damage.kind == "reset" and damage.phase != "body")
        ):
            self._reset()
            return
        body = response.body if self.command != "HEAD" else b""
        head = response.head(close=self.close_connection)
        if damage is not None:
            self._send_half(head, body, damage.kind, damage)
        elif len(body) < 65536:
            self.connection.sendall(head + body)
        else:
            self.connection.sendall(head)
            self.connection.sendall(body)

    def _send_half(self, head: bytes, body: bytes, kind: str, damage: Any) -> None:
        """The head and half of the body, then the connection breaks as the fault says."""
        self.close_connection = True
        data = head + body[: len(body) // 2] if body else head[: len(head) // 2]
        self.connection.sendall(data)
        if kind == "reset":
            self._reset()
        elif kind == "half_close":
            self.connection.shutdown(socket.SHUT_WR)
            damage.released.wait(damage.delay)

    def _reset(self) -> None:
        """Close with RST. Both file objects hold the socket open and must go first."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
        for item in (self.rfile, self.wfile):
            with contextlib.suppress(*BROKEN, OSError, ValueError):
                item.close()
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        """No access log: the trace has it."""


def _utf8(value: str) -> str:
    """A header value as UTF-8 where it is."""
    return value.encode("latin-1").decode("utf-8", "replace")
