"""A site of both stand-ins: the Splunk stand-in with the packaged add-on, and the SLS stand-in."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.addon import APP, Pages, message_of
from tests.app_package import unpack
from tests.knowledge import conf, settings
from tests.knowledge.apply import Applier, Event
from tests.knowledge.errors import KnowledgeError
from tests.pythons import pythons_for_splunk
from tests.scenarios import on_machine
from tests.scenarios.on_machine import Process
from tests.scenarios.site import (
    ACCOUNT,
    KEY_ID,
    KEY_SECRET,
    PROJECT,
    Found,
    Pace,
    Ran,
    Site,
    SlsAddress,
    View,
    Where,
)
from tests.standins.sls import SlsControl, SlsServer
from tests.standins.splunk import SplunkServer
from tests.standins.splunk.server import ADMIN, PASSWORD
from tests.standins.splunk.server_reply import RestReply

INTERNAL = "_internal"
_NAMES = {"sls.test": "127.0.0.1", "*.sls.test": "127.0.0.1"}


class StandInSite:
    """`Site` of the stand-ins. Fields and tags are made by tests/knowledge, of the built package's conf
    files.
    """

    name = "stand-in"
    pace = Pace()

    def __init__(self, splunk: SplunkServer, sls: SlsServer, package: Path) -> None:
        self.splunk, self.package = splunk, package
        self.home = str(splunk.home)
        self.sls: SlsControl = sls.control
        self.sls_address = SlsAddress(sls.https_endpoint, sls.endpoint, sls.http_port)
        self.pages = Pages(splunk)
        self._knowledge = conf.from_package(package)
        self._applier = Applier(self._knowledge)

    def rest(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        expect: int | None = None,
    ) -> RestReply:
        return self.splunk.rest(method, path, params, data, expect)

    def rest_with_key(self, key: str, path: str) -> RestReply:
        """Through everything behind the socket."""
        reply = self.splunk._mgmt.call(
            "GET", f"{path}?output_mode=json", b"", {"authorization": f"Splunk {key}"}
        )
        return RestReply.of(reply)

    def session_key(self) -> str:
        return str(self.splunk.auth.login(ADMIN, PASSWORD))

    # -- what was indexed

    def events(self, where: Where) -> list[Found]:
        if where.index == INTERNAL:
            return list(self._own_log_lines(where))
        wanted = {"index": where.index, "sourcetype": where.sourcetype, "source": where.source}
        given = {name: value for name, value in wanted.items() if value}
        found = self.splunk.events(" AND ".join(f'"{name}" = ?' for name in given), list(given.values()))
        return [Found(e.raw, e.time, e.host, e.source, e.sourcetype, e.index) for e in found]

    def _own_log_lines(self, where: Where) -> Iterator[Found]:
        """Files that splunkd monitors itself: each line is an event, whose sourcetype props.conf tells."""
        for path, text in self.files("var/log/splunk/*.log").items():
            source = f"{self.home}/{path}"
            kind = self._sourcetype(source)
            if where.sourcetype in ("", kind) and where.source in ("", source):
                for line in text.splitlines():
                    yield Found(line, 0.0, self.splunk.server_name, source, kind, INTERNAL)

    def _sourcetype(self, source: str) -> str:
        for name, stanza in self._knowledge.props.items():
            pattern = name.removeprefix("source::")
            if pattern != name and stanza.get("sourcetype") and _source_fits(pattern, source):
                return stanza["sourcetype"]
        return ""

    def views(self, where: Where) -> list[View]:
        return [self._view(event) for event in self.events(where)]

    def _view(self, found: Found) -> View:
        outcome = self._applier.run(
            Event(found.raw, found.sourcetype, found.source, found.host, f"{found.time:.3f}")
        )
        if outcome.problems:
            raise KnowledgeError(f"{found.sourcetype}: {'; '.join(outcome.problems)}")
        return View(found, outcome.fields, frozenset(outcome.tags))

    # -- Splunk's machine

    def restart(self) -> None:
        self.splunk.restart()

    def processes(self, script: str) -> list[Process]:
        return on_machine.processes(f"{self.home}/{script}")

    def signal(self, pid: int, number: int) -> None:
        on_machine.signal(pid, number)

    def files(self, pattern: str) -> dict[str, str]:
        return on_machine.files(self.home, pattern)

    def names(self, pattern: str) -> list[str]:
        return on_machine.names(self.home, pattern)

    def files_with(self, words: Sequence[str]) -> list[str]:
        return on_machine.files_with(self.home, list(words))

    def write(self, path: str, text: str) -> None:
        on_machine.write(self.home, path, text)

    def remove(self, path: str) -> None:
        on_machine.remove(self.home, path)

    def python(self, script: str, *words: str, stdin: str = "") -> Ran:
        """The doctor has to be told the management port; on a real Splunk it is the usual one."""
        runner = self.splunk._runner
        command = [runner.interpreters.for_run(), f"{self.home}/{script}", "--splunkd", self.splunk.mgmt_url]
        done = subprocess.run(
            [*command, *words],
            input=stdin,
            env=runner.env(),
            cwd="/",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def conf_complaints(self, app: str) -> list[str]:
        """What btool would say, as far as tests/knowledge knows Splunk's settings."""
        files = on_machine.files(f"{self.home}/etc/apps/{app}", "*/*")
        shipped = {path: text for path, text in files.items() if not path.startswith("local/")}
        return settings.mistakes(shipped)

    def install(self, package: Path) -> None:
        reply = self.rest(
            "POST", "/services/apps/local", data={"name": package, "filename": "true", "update": "true"}
        )
        assert reply.status in (200, 201), message_of(reply)


def _source_fits(pattern: str, source: str) -> bool:
    from tests.knowledge.apply import fits

    return fits(pattern, source)


@contextmanager
def standin_site(folder: Path, package: Path, **options: Any) -> Iterator[StandInSite]:
    """Both stand-ins, the package installed, account and certificate authority configured; in `folder`.

    Options go to SplunkServer.
    """
    with SlsServer(workdir=folder / "sls") as sls:
        options.setdefault("pythons", pythons_for_splunk())
        home = folder / "splunk"
        place(package, folder, home)
        with SplunkServer(home, resolve=_NAMES, **options) as splunk:
            site = StandInSite(splunk, sls, package)
            prepare(site, str(sls.ca_file))
            yield site


def place(package: Path, folder: Path, home: Path) -> None:
    """Put the add-on under a home, copied, as an upgrade writes over its files."""
    app = unpack(package, folder / "unpacked")
    (home / "etc" / "apps").mkdir(parents=True)
    shutil.move(str(app), str(home / "etc" / "apps" / APP))


def prepare(site: Site, ca_file: str) -> None:
    """Project, key, account and certificate authority, which every scenario wants."""
    site.sls.add_access_key(KEY_ID, KEY_SECRET)
    site.sls.create_project(PROJECT)
    site.pages.set_network(ca_bundle=ca_file)
    site.pages.create_account(ACCOUNT, access_key_id=KEY_ID, access_key_secret=KEY_SECRET)
