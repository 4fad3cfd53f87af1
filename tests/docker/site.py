"""A site of a real Splunk in a container, with the SLS stand-in on this machine."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.addon import SCHEME, Pages, message_of
from tests.docker.engine import SplunkContainer
from tests.docker.rest import ManagementPort
from tests.scenarios import on_machine
from tests.scenarios.on_machine import Process
from tests.scenarios.site import PROJECT, Found, Pace, Ran, SlsAddress, View, Where
from tests.scenarios.standin_site import prepare
from tests.standins.sls import SlsControl, SlsServer

if TYPE_CHECKING:
    from docker import DockerClient

ADMIN = "admin"
RESTART_SECONDS = 300.0
_METADATA = ("_raw", "_time", "host", "source", "sourcetype", "index")
_HIDDEN = ("tag", "tag::", "_")


class DockerSite:
    """`Site` of one container."""

    pace = Pace(factor=6, poll=1.0)

    def __init__(self, container: SplunkContainer, sls: SlsServer, package: Path) -> None:
        self._container, self.package = container, package
        self._port = ManagementPort(f"https://127.0.0.1:{container.port}", ADMIN, container.password)
        self.name, self.home = container.image, container.home
        self.sls: SlsControl = sls.control
        self.sls_address = SlsAddress(sls.https_endpoint, sls.endpoint, sls.http_port)
        self.pages = Pages(self)
        self.rest = self._port.rest
        self.rest_with_key = self._port.rest_with_key
        self.session_key = self._port.session_key
        self._transfer = f"{self.home}/var/run/splunk"
        self._tool = container.put(Path(on_machine.__file__), self._transfer)

    # -- what was indexed

    def events(self, where: Where) -> list[Found]:
        return [found(row) for row in self._port.search(query(where))]

    def views(self, where: Where) -> list[View]:
        """`fields *` has Splunk extract every field."""
        return [view(row) for row in self._port.search(f"{query(where)} | fields *")]

    # -- Splunk's machine

    def restart(self) -> None:
        ran = self._container.splunk("restart")
        assert ran.code == 0, ran.output + ran.errors
        deadline = time.monotonic() + RESTART_SECONDS
        while not self._answers():
            assert time.monotonic() < deadline, f"Splunk is not back after {RESTART_SECONDS:g} s"
            time.sleep(1)

    def _answers(self) -> bool:
        try:
            return self.rest("GET", "/services/server/info").status == 200
        except OSError:
            return False

    def _on_machine(self, call: str, **arguments: Any) -> Any:
        order = json.dumps({"call": call, **arguments})
        ran = self._container.splunk("cmd", "python", self._tool, stdin=order)
        assert ran.code == 0, ran.output + ran.errors
        return json.loads(ran.output.splitlines()[-1])

    def processes(self, script: str) -> list[Process]:
        return [Process(*row) for row in self._on_machine("processes", script=f"{self.home}/{script}")]

    def signal(self, pid: int, number: int) -> None:
        self._on_machine("signal", pid=pid, number=int(number))

    def files(self, pattern: str) -> dict[str, str]:
        found: dict[str, str] = self._on_machine("files", home=self.home, pattern=pattern)
        return found

    def names(self, pattern: str) -> list[str]:
        return list(self._on_machine("names", home=self.home, pattern=pattern))

    def files_with(self, words: Sequence[str]) -> list[str]:
        return list(self._on_machine("files_with", home=self.home, words=list(words)))

    def write(self, path: str, text: str) -> None:
        self._on_machine("write", home=self.home, path=path, text=text)

    def remove(self, path: str) -> None:
        self._on_machine("remove", home=self.home, path=path)

    def python(self, script: str, *words: str, stdin: str = "") -> Ran:
        return self._container.splunk("cmd", "python", f"{self.home}/{script}", *words, stdin=stdin)

    def conf_complaints(self, app: str) -> list[str]:
        ran = self._container.splunk("btool", "check", "--debug")
        return complaints(ran.output + ran.errors, app)

    def install(self, package: Path) -> None:
        path = self._container.put(package, self._transfer)
        asked = {"name": path, "filename": "true", "update": "true"}
        reply = self.rest("POST", "/services/apps/local", data=asked)
        assert reply.status in (200, 201), message_of(reply)

    def trust(self, ca_file: Path) -> str:
        """Put the certificate authority of the SLS stand-in into the container; returns its path there."""
        return self._container.put(ca_file, f"{self.home}/etc/auth")


def complaints(output: str, app: str) -> list[str]:
    """The lines of `btool check --debug` about files of an app, but for those that say what is looked at."""
    lines = [line.strip() for line in output.splitlines()]
    assert any(line.startswith("Checking:") for line in lines), f"btool looked at nothing: {output}"
    ours = [line for line in lines if f"/etc/apps/{app}/" in line]
    return [line for line in ours if not line.startswith("Checking:")]


def query(where: Where) -> str:
    named = {"index": where.index, "sourcetype": where.sourcetype, "source": where.source}
    return "search " + " ".join(f'{name}="{value}"' for name, value in named.items() if value)


def found(row: Mapping[str, Any]) -> Found:
    stamp = datetime.fromisoformat(str(row["_time"])).timestamp()
    return Found(*(str(row[name]) if name != "_time" else stamp for name in _METADATA))  # type: ignore[arg-type]


def view(row: Mapping[str, Any]) -> View:
    """A field with several values comes as a list."""
    fields = {name: tuple(value) if isinstance(value, list) else str(value) for name, value in row.items()}
    tags = row.get("tag") or []
    names = frozenset([tags] if isinstance(tags, str) else tags)
    own = {name: value for name, value in fields.items() if not name.startswith(_HIDDEN)}
    return View(found(row), own, names)


@contextmanager
def docker_site(
    client: DockerClient, image: str, folder: Path, package: Path, listen: str = "0.0.0.0"
) -> Iterator[DockerSite]:
    """A container with the add-on installed and configured; in `folder` the SLS stand-in that it reads.

    `listen` is the address that the stand-in takes; containers come in through the engine's bridge.
    """
    with ExitStack() as stack:
        sls = stack.enter_context(SlsServer(workdir=folder / "sls", host=listen, control_host="127.0.0.1"))
        hosts = (sls.endpoint, f"{PROJECT}.{sls.endpoint}")
        container = stack.enter_context(SplunkContainer(client, image, hosts))
        site = DockerSite(container, sls, package)
        site.install(package)
        site.restart()  # as Splunk asks for after an app that brings inputs
        site.rest("GET", f"/services/data/modular-inputs/{SCHEME}", expect=200)
        prepare(site, site.trust(sls.ca_file))
        yield site
