"""A container engine on a socket of the file system: its images, its containers, and what was asked of it."""

from __future__ import annotations

import itertools
import socketserver
import tempfile
import threading
from pathlib import Path
from typing import Any

from tests.standins.engine.api import Handler
from tests.standins.engine.machine import Machine


class Engine:
    """An engine; `url` is its address. `images` are here already, `registry` can be pulled."""

    def __init__(self, folder: Path, images: list[str], registry: list[str] | None = None) -> None:
        self.folder, self.images, self.registry = folder, list(images), list(registry or [])
        self.machines: dict[str, Machine] = {}
        self.created: dict[str, dict[str, Any]] = {}
        """What each container was created with."""
        self.calls: list[str] = []
        """Method and path of each call, without the version."""
        self.execs: dict[str, dict[str, Any]] = {}
        self.numbers = itertools.count(1)
        self._short = tempfile.TemporaryDirectory(prefix="engine-")  # the path of a socket has to be short
        self._socket = Path(self._short.name) / "engine.sock"

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def __enter__(self) -> Engine:
        handler = type("Handler", (Handler,), {"engine": self})
        self._server = socketserver.ThreadingUnixStreamServer(str(self._socket), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for machine in self.machines.values():
            machine.stop()
        self._short.cleanup()
