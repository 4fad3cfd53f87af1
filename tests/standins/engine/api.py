"""The Docker Engine API, for the calls that the client library makes here.

Documented (Docker Engine API): paths, statuses, the archive call, the two streams of an exec in frames with a
header of eight bytes, 404 for an image or a container that is not there. Every call is recorded. What this
does not know answers 501, so that a new call is noticed.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urlsplit

from tests.standins.engine.machine import PORT, Machine

if TYPE_CHECKING:
    from tests.standins.engine.server import Engine

API_VERSION = "1.47"
_Route = tuple[str, "re.Pattern[str]", "Callable[..., None]"]


class Handler(BaseHTTPRequestHandler):
    """One connection; a subclass knows its `engine`."""

    protocol_version = "HTTP/1.1"
    engine: Engine

    def log_message(self, *args: Any) -> None:
        """Silent: calls are recorded."""

    def address_string(self) -> str:
        return "unix"

    def _dispatch(self) -> None:
        parts = urlsplit(self.path)
        path = re.sub(r"^/v\d+\.\d+", "", parts.path)
        self.query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.body = self._read_body()
        self.engine.calls.append(f"{self.command} {path}")
        for method, pattern, action in _ROUTES:
            found = pattern.fullmatch(path)
            if method == self.command and found:
                action(self, *found.groups())
                return
        self._answer(501, {"message": f"not known here: {self.command} {path}"})

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _dispatch  # noqa: N815 - names of BaseHTTPRequestHandler

    def _read_body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, status: int, value: Any = None, content: bytes | None = None) -> None:
        body = json.dumps(value).encode() if content is None else content
        if status == 204:
            body = b""
        self.send_response(status)
        self.send_header(
            "Content-Type", "application/json" if content is None else "application/octet-stream"
        )
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _machine(self, id: str) -> Machine | None:
        machine = self.engine.machines.get(id)
        if machine is None:
            self._answer(404, {"message": f"No such container: {id}"})
        return machine

    # -- the engine and its images

    def version(self) -> None:
        self._answer(200, {"ApiVersion": API_VERSION, "MinAPIVersion": "1.24", "Version": "27.0.0"})

    def ping(self) -> None:
        self._answer(200, content=b"OK")

    def image(self, name: str) -> None:
        if name in self.engine.images:
            self._answer(200, {"Id": f"sha256:{abs(hash(name)):064x}", "RepoTags": [name]})
        else:
            self._answer(404, {"message": f"No such image: {name}"})

    def pull(self) -> None:
        name = f"{self.query['fromImage']}:{self.query['tag']}"
        if name not in self.engine.registry:
            self._answer(404, {"message": f"manifest for {name} not found"})
            return
        self.engine.images.append(name)
        self._answer(200, {"status": f"Status: Downloaded newer image for {name}"})

    # -- containers

    def create(self) -> None:
        given = json.loads(self.body)
        if given["Image"] not in self.engine.images:
            self._answer(404, {"message": f"No such image: {given['Image']}"})
            return
        id = f"{next(self.engine.numbers):064x}"
        home = self.engine.folder / f"container-{int(id, 16)}"
        hosts = given["HostConfig"].get("ExtraHosts") or []
        self.engine.machines[id] = Machine(home, given.get("Env") or [], hosts)
        self.engine.created[id] = given
        self._answer(201, {"Id": id, "Warnings": []})

    def inspect(self, id: str) -> None:
        machine = self._machine(id)
        if machine is None:
            return
        running = machine.status == "running"
        state: dict[str, Any] = {"Status": machine.status, "Running": running}
        state["Health"] = {"Status": "healthy" if running else "starting"}
        bound = [{"HostIp": "127.0.0.1", "HostPort": machine.host_port}] if running else None
        given = self.engine.created[id]
        self._answer(
            200,
            {
                "Id": id,
                "Name": "/splunk",
                "State": state,
                "Image": "sha256:0",
                "Config": {"Env": machine.environment, "Image": given["Image"], "Tty": False},
                "NetworkSettings": {"Ports": {PORT: bound}},
            },
        )

    def start(self, id: str) -> None:
        machine = self._machine(id)
        if machine is not None:
            machine.start()
            self._answer(204)

    def logs(self, id: str) -> None:
        machine = self._machine(id)
        if machine is not None:
            self._answer(200, content=_frame(1, machine.log))

    def archive(self, id: str) -> None:
        machine = self._machine(id)
        if machine is None:
            return
        if machine.put(self.query["path"], self.body):
            self._answer(200, content=b"")
        else:
            self._answer(404, {"message": f"Could not find the file {self.query['path']} in container {id}"})

    def stop(self, id: str) -> None:
        machine = self._machine(id)
        if machine is not None:
            machine.stop()
            self._answer(204)

    def remove(self, id: str) -> None:
        machine = self._machine(id)
        if machine is None:
            return
        if machine.status == "running" and self.query.get("force") not in ("1", "True", "true"):
            self._answer(409, {"message": "cannot remove a running container"})
            return
        machine.stop()
        del self.engine.machines[id]
        self._answer(204)

    # -- commands

    def exec_create(self, id: str) -> None:
        machine = self._machine(id)
        if machine is None:
            return
        if machine.status != "running":
            self._answer(409, {"message": f"container {id} is not running"})
            return
        exec_id = f"e{next(self.engine.numbers):063x}"
        self.engine.execs[exec_id] = {**json.loads(self.body), "machine": machine}
        self._answer(201, {"Id": exec_id})

    def exec_start(self, id: str) -> None:
        order = self.engine.execs[id]
        pairs = dict(pair.partition("=")[::2] for pair in order.get("Env") or [])
        machine = cast("Machine", order["machine"])
        self.send_response(101, "UPGRADED")
        self.send_header("Content-Type", "application/vnd.docker.raw-stream")
        self.send_header("Connection", "Upgrade")
        self.send_header("Upgrade", "tcp")
        self.end_headers()  # before the command starts: the client reads the streams past its HTTP library
        order["ExitCode"], out, err = machine.run(order["Cmd"], order.get("User") or "", pairs)
        self.wfile.write(_frame(1, out) + _frame(2, err))
        self.close_connection = True

    def exec_inspect(self, id: str) -> None:
        self._answer(200, {"ID": id, "Running": False, "ExitCode": self.engine.execs[id]["ExitCode"]})


def _frame(stream: int, content: bytes) -> bytes:
    return struct.pack(">BxxxL", stream, len(content)) + content if content else b""


_ID = "([0-9a-f]+)"
_ROUTES: list[_Route] = [
    ("GET", re.compile("/version"), Handler.version),
    ("GET", re.compile("/_ping"), Handler.ping),
    ("HEAD", re.compile("/_ping"), Handler.ping),
    ("GET", re.compile("/images/(.+)/json"), Handler.image),
    ("POST", re.compile("/images/create"), Handler.pull),
    ("POST", re.compile("/containers/create"), Handler.create),
    ("GET", re.compile(f"/containers/{_ID}/json"), Handler.inspect),
    ("POST", re.compile(f"/containers/{_ID}/start"), Handler.start),
    ("GET", re.compile(f"/containers/{_ID}/logs"), Handler.logs),
    ("PUT", re.compile(f"/containers/{_ID}/archive"), Handler.archive),
    ("POST", re.compile(f"/containers/{_ID}/stop"), Handler.stop),
    ("DELETE", re.compile(f"/containers/{_ID}"), Handler.remove),
    ("POST", re.compile(f"/containers/{_ID}/exec"), Handler.exec_create),
    ("POST", re.compile("/exec/(e[0-9a-f]+)/start"), Handler.exec_start),
    ("GET", re.compile("/exec/(e[0-9a-f]+)/json"), Handler.exec_inspect),
]
