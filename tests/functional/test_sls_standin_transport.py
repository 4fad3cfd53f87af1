"""Transport of the SLS stand-in: raw HTTP, proxying, TLS, and the stand-in as a process."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.functional.sls_caller import KEY_ID, SECRET, Caller, connect, raw_request, read_answer
from tests.standins.sls import SlsControl, SlsServer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def server() -> Iterator[SlsServer]:
    with SlsServer() as running:
        running.control.add_access_key(KEY_ID, SECRET)
        running.control.create_project("p1")
        running.control.create_logstore("p1", "ls", shards=1)
        running.control.put_logs("p1", "ls", [{"k": "v" * 5000}])
        yield running


@pytest.fixture
def control(server: SlsServer) -> Iterator[SlsControl]:
    yield server.control
    server.control.clear_faults()


# -- transport


@pytest.mark.parametrize("kind", ["expired", "other name", "self-signed"])
def test_another_certificate_is_presented(server: SlsServer, kind: str) -> None:
    context = ssl.create_default_context(cafile=str(server.ca_file))
    server.present(kind)
    try:
        with connect(server, server.https_port) as plain, pytest.raises(ssl.SSLCertVerificationError):
            context.wrap_socket(plain, server_hostname=f"p1.{server.endpoint}")
    finally:
        server.present("good")
    with connect(server, server.https_port) as plain:
        context.wrap_socket(plain, server_hostname=f"p1.{server.endpoint}").close()
    with pytest.raises(ValueError, match="unknown certificate"):
        server.present("golden")


def test_connections_are_kept_alive(server: SlsServer) -> None:
    with connect(server) as connection:
        for _ in range(3):
            connection.sendall(raw_request(server, "/logstores/ls/shards"))
            head, body = read_answer(connection)
            assert head.startswith(b"HTTP/1.1 200 OK")
            assert json.loads(body)[0]["shardID"] == 0
        connection.sendall(raw_request(server, "/logstores/ls/shards", extra="Connection: close\r\n"))
        assert b"connection: close" in read_answer(connection)[0].lower()
        assert connection.recv(1) == b""


def test_service_headers_are_lower_case_on_the_wire(server: SlsServer) -> None:
    with connect(server) as connection:
        connection.sendall(raw_request(server, "/"))
        head, _ = read_answer(connection)
    assert b"\r\nx-log-requestid: " in head


def test_chunked_bodies(server: SlsServer, control: SlsControl) -> None:
    caller = Caller(server)
    headers = {
        "Host": f"p1.{server.endpoint}",
        "x-log-apiversion": "0.6.0",
        "Content-Type": "application/json",
    }
    body = json.dumps({"logstoreName": "chunked", "ttl": 1, "shardCount": 1}).encode()
    caller.sign("POST", "/logstores", {}, headers, body)
    with caller.session, requests.Session() as session:
        session.trust_env = False
        parts = iter([body[:10], body[10:]])
        answer = session.post(f"{control_base(server)}/logstores", data=parts, headers=headers, timeout=20)
    assert answer.status_code == 200
    assert len(control.shards("p1", "chunked")) == 1


def control_base(server: SlsServer) -> str:
    """The http port by address."""
    return f"http://{server.host}:{server.http_port}"


def test_absolute_request_lines_as_a_proxy_gets_them(server: SlsServer) -> None:
    with connect(server) as connection:
        target = f"http://p1.{server.endpoint}:80/logstores/ls/shards"
        connection.sendall(raw_request(server, "/logstores/ls/shards", target=target))
        head, _ = read_answer(connection)
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert server.control.requests()[-1]["via"] == "proxy"


def tunnel(server: SlsServer, target: str, extra: str = "") -> tuple[socket.socket, bytes]:
    """A CONNECT request and the status line of its answer."""
    connection = connect(server)
    connection.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{extra}\r\n".encode())
    return connection, read_answer(connection)[0]


@pytest.mark.parametrize("port", [443, 0], ids=["443", "own port"])
def test_tunnels_to_the_own_https_port(server: SlsServer, port: int) -> None:
    connection, head = tunnel(server, f"p1.{server.endpoint}:{port or server.https_port}")
    assert head.startswith(b"HTTP/1.1 200")
    context = ssl.create_default_context(cafile=str(server.ca_file))
    with context.wrap_socket(connection, server_hostname=f"p1.{server.endpoint}") as secure:
        for _ in range(2):
            secure.sendall(raw_request(server, "/logstores/ls/shards"))
            assert json.loads(read_answer(secure)[1])[0]["shardID"] == 0
    last = server.control.requests()[-1]
    assert (last["tls"], last["via"]) == (True, "connect")


@pytest.mark.parametrize("target", ["example.com:443", "p1.sls.test:22"])
def test_other_tunnels_are_refused(server: SlsServer, target: str) -> None:
    connection, head = tunnel(server, target)
    with connection:
        assert head.startswith(b"HTTP/1.1 403")


def test_proxy_authentication(server: SlsServer, control: SlsControl) -> None:
    control.set_knob("proxy_basic", "user:pass word")
    try:
        for extra, expected in (
            ("", b"HTTP/1.1 407"),
            ("Proxy-Authorization: Basic dXNlcjp3cm9uZw==\r\n", b"HTTP/1.1 407"),
            ("Proxy-Authorization: Basic dXNlcjpwYXNzIHdvcmQ=\r\n", b"HTTP/1.1 200"),
        ):
            connection, head = tunnel(server, "p1.sls.test:443", extra)
            with connection:
                assert head.startswith(expected)
    finally:
        control.set_knob("proxy_basic", "")


def test_the_certificate_is_for_the_endpoint_only(server: SlsServer) -> None:
    context = ssl.create_default_context(cafile=str(server.ca_file))
    for name, trusted in (("p1.sls.test", True), ("sls.test", True), ("p1.other.test", False)):
        with connect(server, server.https_port) as connection:
            if trusted:
                context.wrap_socket(connection, server_hostname=name).close()
            else:
                with pytest.raises(ssl.SSLCertVerificationError):
                    context.wrap_socket(connection, server_hostname=name)
    with connect(server, server.https_port) as connection, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(connection, server_hostname="p1.sls.test")


# -- the stand-in as a process


def test_its_own_process(tmp_path: Path) -> None:
    ready_file = tmp_path / "ready.json"
    arguments = ["--endpoint", "log.example", "--workdir", str(tmp_path), "--ready-file", str(ready_file)]
    command = [sys.executable, "-m", "tests.standins.sls", *arguments, "--knob", "region=cn-beijing"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            assert json.loads(ready_file.read_text()) == ready
            assert Path(ready["ca_file"]).read_text().startswith("-----BEGIN CERTIFICATE-----")
            control = SlsControl(ready["control_url"])
            control.create_project("p9")
            assert control.knobs()["region"] == "cn-beijing"
            control.close()
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()


def test_stopping_cuts_open_connections() -> None:
    server = SlsServer().start()
    with connect(server) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: p1.sls.test\r\n\r\n")
        assert read_answer(connection)[0].startswith(b"HTTP/1.1 400")
        server.stop()
        assert connection.recv(1) == b""
    with pytest.raises(OSError, match="refused"):
        connect(server)
