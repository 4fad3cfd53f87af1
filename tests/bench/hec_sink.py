"""`python -m tests.bench.hec_sink TOKEN`: an event collector that answers as Splunk does, and only counts.

Plain HTTP on a free loopback port, which is the first line it prints. GET answers with the number of events.
"""

from __future__ import annotations

import asyncio
import sys

PATH = b"/services/collector/event"
SUCCESS = b'{"text":"Success","code":0}'
REFUSED = b'{"text":"Invalid token","code":4}'


class Connection(asyncio.Protocol):
    """One kept-alive connection; each POST is one event."""

    events = 0
    token = b""

    def __init__(self) -> None:
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while True:
            head_end = self._data.find(b"\r\n\r\n")
            if head_end < 0:
                return
            head = self._data[:head_end]
            end = head_end + 4 + _length(head)
            if len(self._data) < end:
                return
            self._data = self._data[end:]
            self._transport.write(self._answer(head))

    def _answer(self, head: bytes) -> bytes:
        if head.startswith(b"GET "):
            return _reply(b"200 OK", b"%d" % Connection.events)
        if not head.startswith(b"POST " + PATH) or b"Splunk " + self.token not in head:
            return _reply(b"403 Forbidden", REFUSED)
        Connection.events += 1
        return _reply(b"200 OK", SUCCESS)


def _length(head: bytes) -> int:
    """The Content-Length, 0 without one."""
    lower = head.lower()
    at = lower.find(b"\r\ncontent-length:")
    return int(lower[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


def _reply(status: bytes, body: bytes) -> bytes:
    kind = b"Content-Type: application/json; charset=UTF-8\r\n"
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status, kind, len(body), body)


async def serve() -> None:
    """Serve until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    Connection.token = sys.argv[1].encode()
    asyncio.run(serve())
