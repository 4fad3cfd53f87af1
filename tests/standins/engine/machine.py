"""What a container of this engine is: a Splunk stand-in in a folder, and commands that are run for real."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

from tests.pythons import pythons_for_splunk
from tests.standins.splunk import SplunkServer

PORT = "8089/tcp"
# Splunk's own command line, as far as scenarios use it; `restart` is the machine's own.
_SPLUNK = """\
#!/bin/sh
case "$1 $2" in
"cmd python") shift 2; exec {python} "$@" ;;
"btool check") find {home}/etc/apps -name '*.conf' | sed 's/^/Checking: /' ;;
*) echo "Command error: '$1' is not a valid command." >&2; exit 8 ;;
esac
"""


class Machine:
    """One container. `home` is its SPLUNK_HOME, also as its commands see it; `hosts` are its extra hosts."""

    def __init__(self, home: Path, environment: list[str], hosts: list[str]) -> None:
        self.home = home
        self.environment = [*environment, f"SPLUNK_HOME={home}"]
        self.status = "created"
        self.log = b""
        self.executed: list[tuple[str, list[str]]] = []
        """User and arguments of each command."""
        given = dict(pair.partition("=")[::2] for pair in environment)
        self._accepted = given.get("SPLUNK_START_ARGS") and given.get("SPLUNK_GENERAL_TERMS")
        names = dict(entry.partition(":")[::2] for entry in hosts)
        unknown = {address for address in names.values() if address != "host-gateway"}
        assert not unknown, f"extra hosts that lead elsewhere: {unknown}"
        self.splunk = SplunkServer(
            home,
            pythons=pythons_for_splunk(),
            resolve=dict.fromkeys(names, "127.0.0.1"),
            password=given.get("SPLUNK_PASSWORD", ""),
        )

    def start(self) -> None:
        """As the image's entry point: it ends at once unless the terms have been accepted (observed)."""
        if not self._accepted:
            self.log = b"License not accepted, adjust SPLUNK_GENERAL_TERMS and/or SPLUNK_START_ARGS\n"
            self.status = "exited"
            return
        tool = self.home / "bin" / "splunk"
        tool.parent.mkdir(parents=True, exist_ok=True)
        tool.write_text(_SPLUNK.format(python=sys.executable, home=self.home))
        tool.chmod(0o755)
        self.splunk.start()
        (self.home / "var" / "run" / "splunk").mkdir(parents=True, exist_ok=True)
        self.log = b"Ansible playbook complete\n"
        self.status = "running"

    @property
    def host_port(self) -> str:
        """The port on the host that leads to the management port."""
        return self.splunk.mgmt_url.rpartition(":")[2]

    def run(self, argv: list[str], user: str, environment: Mapping[str, str]) -> tuple[int, bytes, bytes]:
        """Exit code, standard output and standard error of a command."""
        self.executed.append((user, argv))
        if argv == [f"{self.home}/bin/splunk", "restart"]:
            self.splunk.restart()
            return 0, b"Starting splunk server daemon (splunkd)...\nDone\n", b""
        runner = self.splunk._runner
        env = {**runner.env(), "PATH": f"{self.home}/bin:/usr/bin:/bin", **environment}
        done = subprocess.run(argv, env=env, capture_output=True, check=False, timeout=120)
        return done.returncode, done.stdout, done.stderr

    def put(self, path: str, archive: bytes) -> bool:
        """Unpack an archive into a folder; False when there is none."""
        folder = Path(path)
        if not folder.is_dir():
            return False
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for member in tar.getmembers():
                content = tar.extractfile(member)
                assert content is not None, "only files are put"
                with content, (folder / member.name).open("wb") as out:
                    shutil.copyfileobj(content, out)
        return True

    def stop(self) -> None:
        if self.status == "running":
            self.splunk.close()
        self.status = "exited"
