"""The SLS stand-in as a process of its own, so that neither side steals the other's time."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.standins.sls import SlsControl

START_SECONDS = 30
STOP_SECONDS = 5


class SlsProcess:
    """Runs ``python -m tests.standins.sls`` while the context is open."""

    def __init__(self, workdir: Path) -> None:
        self._workdir = workdir
        self._child: subprocess.Popen[bytes] | None = None
        self._ready: dict[str, Any] = {}

    def __enter__(self) -> SlsProcess:
        self._workdir.mkdir(parents=True, exist_ok=True)
        ready = self._workdir / "ready.json"
        command = [sys.executable, "-m", "tests.standins.sls", "--workdir", str(self._workdir)]
        with (self._workdir / "sls.log").open("wb") as log:
            self._child = subprocess.Popen(
                [*command, "--ready-file", str(ready)],
                cwd=Path(__file__).resolve().parents[2],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the demo, which then stops this in order
            )
        try:
            self._await(ready)
        except BaseException:
            self.__exit__()
            raise
        self.control = SlsControl(self._ready["control_url"])
        return self

    def __exit__(self, *exc: object) -> None:
        child = self._child
        if child is None:
            return
        if self._ready:
            self.control.close()
        child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    @property
    def https_port(self) -> int:
        return int(self._ready["https_port"])

    @property
    def http_port(self) -> int:
        return int(self._ready["http_port"])

    @property
    def https_endpoint(self) -> str:
        return f"https://{self._ready['endpoint']}:{self.https_port}"

    @property
    def ca_file(self) -> Path:
        """The CA that signed the stand-in's certificate."""
        return Path(self._ready["ca_file"])

    def _await(self, ready: Path) -> None:
        """Wait for the ready file. Raises RuntimeError when the process ends or takes too long."""
        assert self._child is not None
        deadline = time.monotonic() + START_SECONDS
        while not ready.exists():
            if self._child.poll() is not None:
                raise RuntimeError(f"The SLS stand-in ended at its start: {self._log_tail()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"The SLS stand-in was not ready after {START_SECONDS} s.")
            time.sleep(0.05)
        self._ready = json.loads(ready.read_text(encoding="utf-8"))

    def _log_tail(self) -> str:
        lines = (self._workdir / "sls.log").read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[-1] if lines else "it printed nothing"
