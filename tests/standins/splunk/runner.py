"""How splunkd starts a script: interpreter, argument list, environment, working directory, shell."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .conf_file import is_true
from .interpreters import Interpreters
from .knobs import Knobs

RESOLVER_DIR = Path(__file__).parent / "resolver"
_SHELLS = {"sh": "/bin/sh", "bash": "/bin/bash", "sh_stays": "/bin/sh"}


@dataclass(frozen=True)
class Completed:
    """A short call of a script: what it printed and how it ended; code None = killed at the time limit."""

    code: int | None
    stdout: bytes
    stderr: bytes


class Runner:
    """Builds what is needed to start any script of an app.

    `pythons` maps versions to interpreters ({"3.9": path}); `resolve` maps host name patterns to addresses
    for the children; `server_info` has "server_name" and may have "host", "web_name", "version".
    """

    def __init__(
        self,
        home: Path,
        pythons: dict[str, str],
        knobs: Knobs,
        resolve: dict[str, str] | None,
        server_info: dict[str, str],
    ) -> None:
        self.home = home
        self.knobs = knobs
        self.interpreters = Interpreters(pythons)
        self.resolve = resolve or {}
        self.server_name = server_info.get("server_name", "localhost")
        self.host = server_info.get("host", self.server_name)
        self._server_info = server_info

    def argv(self, script: Path, *args: str, python: str | None = None) -> list[str]:
        """`[python, script, args]` for a .py (by default with the instance's default Python), else direct."""
        command = [str(script), *args]
        if script.suffix == ".py":
            command = [python or self.interpreters.for_run(), *self.knobs.python_flags, *command]
        return command

    def through_shell(self, argv: list[str], start_by_shell: str | None = None) -> list[str]:
        """Wrap a command as `/bin/sh -c "<cmd>"` when the stanza says so, or else when the knob does."""
        knob = self.knobs.shell
        if start_by_shell is not None:
            knob = (knob if knob != "none" else "sh") if is_true(start_by_shell) else "none"
        if knob == "none":
            return argv
        command = shlex.join(argv)
        # Some shells replace themselves by the last command; one more command makes any of them stay.
        return [_SHELLS[knob], "-c", f"{command}; exit $?" if knob == "sh_stays" else command]

    def cwd(self, script: Path) -> str:
        return str(script.parent) if self.knobs.cwd == "app_bin" else self.knobs.cwd

    def env(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """A fresh environment for a child: nothing of our own leaks in but PATH, HOME and the time zone."""
        path = os.pathsep.join([str(self.home / "bin"), os.environ.get("PATH", os.defpath)])
        env = {"SPLUNK_HOME": str(self.home), "PATH": path}
        if self.knobs.environment == "full":
            env.update(self._full())
        if self.resolve:
            env["PYTHONPATH"] = str(RESOLVER_DIR)
            env["SPLUNK_STANDIN_RESOLVE"] = json.dumps(self.resolve)
        env.update(extra or {})
        return env

    def _full(self) -> dict[str, str]:
        home = self.home
        inherited = {key: os.environ[key] for key in ("HOME", "TZ", "LANG", "USER") if key in os.environ}
        return {
            **inherited,
            "LD_LIBRARY_PATH": str(home / "lib"),
            "NODE_PATH": str(home / "lib" / "node_modules"),
            "OPENSSL_CONF": str(home / "openssl" / "openssl.cnf"),
            "SPLUNK_DB": str(home / "var" / "lib" / "splunk"),
            "SPLUNK_ETC": str(home / "etc"),
            "SPLUNK_OS_USER": "splunk",
            "SPLUNK_SERVER_NAME": "Splunkd",
            "SPLUNK_WEB_NAME": self._server_info.get("web_name", "splunkweb"),
            "SPLUNKD_PROCESSID": str(os.getpid()),
        }

    def spawn(self, argv: list[str], cwd: str) -> subprocess.Popen[bytes]:
        """Start a child with three pipes and a process group of its own. Raises OSError."""
        return subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=cwd,
            env=self.env(),
            start_new_session=True,
        )

    def call(self, argv: list[str], cwd: str, stdin: bytes, timeout: float | None) -> Completed:
        """Run a child to its end; past `timeout` seconds its whole group is killed. Raises OSError."""
        child = self.spawn(argv, cwd)
        try:
            stdout, stderr = child.communicate(stdin, timeout)
            return Completed(child.returncode, stdout, stderr)
        except subprocess.TimeoutExpired:
            kill_group(child.pid)
        with suppress(subprocess.TimeoutExpired):  # a descendant outside the group may hold the pipes
            stdout, stderr = child.communicate(timeout=2)
            return Completed(None, stdout, stderr)
        return Completed(None, b"", b"")


def kill_group(pid: int, number: int = signal.SIGKILL) -> bool:
    """Signal the process group that a spawned child leads; False when none of it is left."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
        return True
    return False


def signal_number(name: str) -> signal.Signals:
    """SIGTERM for "SIGTERM" and "TERM". Raises KeyError."""
    return signal.Signals[name if name.startswith("SIG") else f"SIG{name}"]
