"""What a scenario needs of its surroundings: a Splunk with the add-on on it, and an SLS beside it.

Two things are a `Site`: tests/scenarios/standin_site.py (both stand-ins) and tests/docker/site.py (a real
Splunk in a container, the SLS stand-in on the host). A scenario knows neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.addon import Pages
from tests.knowledge.apply import FieldValue
from tests.scenarios.on_machine import Process
from tests.standins.sls import SlsControl
from tests.standins.splunk.server_reply import RestReply

PROJECT = "audit"
ACCOUNT = "account"
KEY_ID, KEY_SECRET = "LTAI5tScenarios", "scenario-secret-7c1e"


@dataclass(frozen=True)
class Where:
    """Which events: all of an index, or those of one sourcetype or source."""

    index: str
    sourcetype: str = ""
    source: str = ""


@dataclass(frozen=True)
class Found:
    """An indexed event; `time` in seconds since the epoch."""

    raw: str
    time: float
    host: str
    source: str
    sourcetype: str
    index: str


@dataclass(frozen=True)
class View:
    """An event as a search shows it."""

    event: Found
    fields: Mapping[str, FieldValue]
    tags: frozenset[str]


@dataclass(frozen=True)
class Pace:
    """How patient to be with this Splunk."""

    factor: float = 1.0
    """What a time-out of the scenarios is multiplied by."""
    poll: float = 0.05
    """Seconds between two looks."""


@dataclass(frozen=True)
class Ran:
    """A command on Splunk's machine that has ended: exit code, standard output, standard error."""

    code: int
    output: str
    errors: str = ""


@dataclass(frozen=True)
class SlsAddress:
    """SLS as the add-on is to be told of it: the https endpoint, and its http port, which is also a proxy."""

    endpoint: str
    host: str
    http_port: int


class Site(Protocol):
    """One Splunk with the add-on on it; account, certificate authority and project are there already."""

    @property
    def name(self) -> str:
        """ "stand-in", or the image."""

    @property
    def home(self) -> str:
        """SPLUNK_HOME on Splunk's machine."""

    @property
    def pace(self) -> Pace: ...

    @property
    def sls(self) -> SlsControl:
        """The back door of SLS: writes logs, makes faults, knows checkpoints."""

    @property
    def sls_address(self) -> SlsAddress: ...

    @property
    def pages(self) -> Pages:
        """What a person does on the add-on's pages."""

    def rest(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        expect: int | None = None,
    ) -> RestReply:
        """One call of the management port as an administrator, answered in JSON.

        Raises UnexpectedStatusError when ``expect`` is given and the status is another.
        """

    def rest_with_key(self, key: str, path: str) -> RestReply:
        """A GET with that session key."""

    def events(self, where: Where) -> list[Found]:
        """The events that a search finds."""

    def views(self, where: Where) -> list[View]:
        """The same with their fields and tags."""

    def restart(self) -> None:
        """Restart Splunk in good order; returns when it answers again."""

    def processes(self, script: str) -> list[Process]:
        """Processes that have this file, a path under SPLUNK_HOME, among their arguments."""

    def signal(self, pid: int, number: int) -> None:
        """Send a signal to a process."""

    def files(self, pattern: str) -> dict[str, str]:
        """Text by path, for the files under SPLUNK_HOME that match a glob pattern."""

    def names(self, pattern: str) -> list[str]:
        """Paths under SPLUNK_HOME that match a glob pattern."""

    def files_with(self, words: Sequence[str]) -> list[str]:
        """Files that splunkd and apps write, except events and the password store, that hold one of the
        words.
        """

    def write(self, path: str, text: str) -> None:
        """Write a file under SPLUNK_HOME, as splunkd's user."""

    def remove(self, path: str) -> None:
        """Delete a file under SPLUNK_HOME."""

    def python(self, script: str, *words: str, stdin: str = "") -> Ran:
        """Run a script under SPLUNK_HOME as `splunk cmd python` does."""

    def conf_complaints(self, app: str) -> list[str]:
        """What is not in order in an app's conf files, as far as Splunk (or the stand-in for it) can tell."""

    def install(self, package: Path) -> None:
        """Install an app package, or lay it over the one that is installed; Splunk may need a restart."""

    @property
    def package(self) -> Path:
        """The .spl that is tested."""

    def session_key(self) -> str:
        """A new session key of an administrator."""
