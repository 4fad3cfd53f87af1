"""Composition and life of the stand-in: three ports over one service."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from types import TracebackType

from .control_client import SlsControl
from .control_server import ControlServer
from .knobs import Knobs
from .service import Service
from .tls import Certificates
from .transport import Listener


class SlsServer:
    """An SLS service on loopback, in threads of this process; a context manager.

    `endpoint` is its host name: projects are `<project>.<endpoint>`. Ports of 0 are chosen by the system.
    `control_host` is where the back door listens, if not at `host` like the service.
    """

    def __init__(
        self,
        *,
        endpoint: str = "sls.test",
        knobs: Knobs | None = None,
        workdir: Path | None = None,
        host: str = "127.0.0.1",
        http_port: int = 0,
        https_port: int = 0,
        control_port: int = 0,
        control_host: str | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.host = host
        self._control_host = control_host or host
        self.service = Service(endpoint, knobs or Knobs())
        self._wanted = (http_port, https_port, control_port)
        self._workdir = workdir
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._servers: list[Listener | ControlServer] = []
        self._threads: list[threading.Thread] = []
        self.http_port = self.https_port = self.control_port = 0
        self.ca_file = Path()

    def start(self) -> SlsServer:
        """Open the ports; raises OSError when one is taken."""
        self._certificates = Certificates(self.endpoint, self._directory())
        context, self.ca_file = self._certificates.context(), self._certificates.ca_file
        plain = Listener((self.host, self._wanted[0]), self.service, tls=None, tunnel=context)
        self._servers.append(plain)
        secure = Listener((self.host, self._wanted[1]), self.service, tls=context, tunnel=None)
        self._servers.append(secure)
        control = ControlServer((self._control_host, self._wanted[2]), self.service)
        self._servers.append(control)
        self.http_port, self.https_port, self.control_port = plain.port, secure.port, control.port
        plain.tunnel_ports = {443, secure.port}
        for server in self._servers:
            thread = threading.Thread(
                target=server.serve_forever, args=(0.05,), daemon=True, name="sls-standin"
            )
            thread.start()
            self._threads.append(thread)
        self.control = SlsControl(self.control_url)
        return self

    def present(self, certificate: str) -> None:
        """Have new connections get another certificate, one of `tls.CERTIFICATES`."""
        context = self._certificates.context(certificate)
        for server in self._servers:
            if isinstance(server, Listener):
                server.tls = context if server.tls else None
                server.tunnel = context if server.tunnel else None

    def stop(self) -> None:
        """Cut all connections and close the ports."""
        self.service.faults.clear()
        if self._servers:
            self.control.close()
        for server in self._servers:
            if isinstance(server, Listener):
                server.stop()
            else:
                server.shutdown()
                server.server_close()
        for thread in self._threads:
            thread.join(5.0)
        self._servers.clear()
        self._threads.clear()
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None

    def _directory(self) -> Path:
        if self._workdir is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="sls-standin-")
            return Path(self._temporary.name)
        self._workdir.mkdir(parents=True, exist_ok=True)
        return self._workdir

    @property
    def http_endpoint(self) -> str:
        """URL of the bare endpoint over http."""
        return f"http://{self.endpoint}:{self.http_port}"

    @property
    def https_endpoint(self) -> str:
        """URL of the bare endpoint over https."""
        return f"https://{self.endpoint}:{self.https_port}"

    @property
    def proxy_url(self) -> str:
        """The http port as a forward proxy for the service's own hosts."""
        return f"http://{self.host}:{self.http_port}"

    @property
    def control_url(self) -> str:
        """URL of the control API."""
        return f"http://{self._control_host}:{self.control_port}"

    def __enter__(self) -> SlsServer:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
