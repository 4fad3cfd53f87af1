"""`python -m tests.bench.ceiling JSON`: how fast the SLS stand-in answers a bare client over the same TLS.

Each connection asks for the same pull again and again, with one signature; the answer is read and forgotten.
Prints the raw bytes of all answers, and the seconds they took.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from email.utils import formatdate
from typing import Any

from tests.app_package import ROOT
from tests.bench.stage import Place, Stage
from tests.functional.harness import KEY_ID, KEY_SECRET, PROJECT

SECONDS, CONNECTIONS = 1.5, 2


def ceiling_mb_s(stage: Stage, place: Place) -> float:
    """MB/s raw (10^6 bytes) of a bare client in a process of its own."""
    begins = [row["begin"] for row in stage.sls.control.shards(PROJECT, place.logstore)]
    given = {
        "port": stage.sls.https_port,
        "host": f"{PROJECT}.sls.test",
        "ca": str(stage.sls.ca_file),
        "paths": [f"/logstores/{place.logstore}/shards/{number}" for number in range(place.shards)],
        "cursors": begins,
    }
    command = [sys.executable, "-m", "tests.bench.ceiling", json.dumps(given)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    size, seconds = done.stdout.split()
    return int(size) / 1e6 / float(seconds)


class Client(threading.Thread):
    """One connection; `raw_bytes` is what its answers held before compression."""

    def __init__(self, given: dict[str, Any], number: int, until: float) -> None:
        super().__init__(name=f"client-{number}")
        self.raw_bytes = 0
        self._until = until
        self._request = request(given["host"], given["paths"][number], given["cursors"][number])
        context = ssl.create_default_context(cafile=given["ca"])
        plain = socket.create_connection(("127.0.0.1", given["port"]), timeout=20)
        self._socket = context.wrap_socket(plain, server_hostname=given["host"])
        self._answers = self._socket.makefile("rb", buffering=1 << 20)

    def run(self) -> None:
        with self._socket, self._answers:
            while time.monotonic() < self._until:
                self._socket.sendall(self._request)
                self._read()

    def _read(self) -> None:
        status = self._answers.readline()
        headers = {}
        while (line := self._answers.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            headers[name.lower()] = value.strip()
        if b" 200 " not in status:
            raise RuntimeError(f"the stand-in answered {status!r}")
        self._answers.read(int(headers[b"content-length"]))
        self.raw_bytes += int(headers[b"x-log-bodyrawsize"])


def request(host: str, path: str, cursor: str) -> bytes:
    """A signed PullLogs for what lies behind a cursor."""
    query = f"count=1000&cursor={cursor}&type=log"  # in the order in which they are signed
    date = formatdate(usegmt=True)
    signed = ["x-log-apiversion:0.6.0", "x-log-bodyrawsize:0", "x-log-signaturemethod:hmac-sha1"]
    text = "\n".join(["GET", "", "", date, *signed, f"{path}?{query}"])
    mac = base64.b64encode(hmac.new(KEY_SECRET.encode(), text.encode(), hashlib.sha1).digest()).decode()
    lines = [
        f"GET {path}?{query.replace('==', '%3D%3D')} HTTP/1.1",
        f"Host: {host}",
        f"Date: {date}",
        "Accept: application/x-protobuf",
        "Accept-Encoding: lz4",
        *(line.replace(":", ": ", 1) for line in signed),
        f"Authorization: LOG {KEY_ID}:{mac}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def main() -> None:
    given = json.loads(sys.argv[1])
    started = time.monotonic()
    clients = [
        Client(given, number % len(given["paths"]), started + SECONDS) for number in range(CONNECTIONS)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    took = time.monotonic() - started
    sys.stdout.write(f"{sum(client.raw_bytes for client in clients)} {took}\n")


if __name__ == "__main__":
    main()
