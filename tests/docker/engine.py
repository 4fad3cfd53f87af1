"""Whether a container engine is here and may be used, and one container of the splunk/splunk image.

The image (github.com/splunk/docker-splunk): splunkd runs as the user splunk in /opt/splunk, provisioned by
the user ansible; a health check tells when that is done; the entry point refuses to start unless the person
who runs it accepts Splunk's terms in SPLUNK_START_ARGS and SPLUNK_GENERAL_TERMS. Nothing here accepts them:
both are handed on as they are.
"""

from __future__ import annotations

import gc
import io
import os
import re
import secrets
import tarfile
import time
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.scenarios.site import Ran

if TYPE_CHECKING:
    from docker import DockerClient

IMAGES_SETTING = "SPLUNK_IMAGES"
DEFAULT_IMAGES = "splunk/splunk:9.4,splunk/splunk:10.0"
TERMS = ("SPLUNK_START_ARGS", "SPLUNK_GENERAL_TERMS")
HANDED_ON = (*TERMS, "SPLUNK_LICENSE_URI")
SPLUNK_USER = "splunk"
MANAGEMENT = "8089/tcp"
START_SECONDS = 900.0
_HOW = "see docs/real-splunk.md"


class ContainerError(Exception):
    """A container did not do what it should; the text ends with its last lines of output."""


def images() -> list[str]:
    """The images to test on: $SPLUNK_IMAGES, divided by commas, else one of each supported version."""
    setting = os.environ.get(IMAGES_SETTING) or DEFAULT_IMAGES
    return [name.strip() for name in setting.split(",") if name.strip()]


def connect(timeout: int = 600) -> DockerClient:
    """A client of the engine that DOCKER_HOST names. Raises docker.errors.DockerException when there is
    none.
    """
    import docker

    client = docker.from_env(timeout=timeout)  # seconds: a restart of Splunk is one call
    client.ping()
    return client


def missing() -> str:
    """In one line, what is missing to run a real Splunk here; empty when nothing is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        trouble = _trouble()
        gc.collect()  # the client library leaves the socket of a connection that failed to the collector
    if trouble:
        return f"no container engine answers at {trouble}; {_HOW}"
    unset = [name for name in TERMS if not os.environ.get(name)]
    if unset:
        return f"Splunk's terms are yours to accept: {' and '.join(unset)} not set; {_HOW}"
    return ""


def _trouble() -> str:
    """Where an engine was looked for in vain, and why; empty when one answers."""
    import docker

    try:
        connect(timeout=10).close()
    except (docker.errors.DockerException, OSError) as error:
        text = " ".join(str(error).split())
        inner = re.search(r"Error\(\d+, ['\"](.+?)['\"]\)", text)  # the client library quotes what it met
        where = os.environ.get("DOCKER_HOST") or "the usual place"
        return f"{where}: {inner.group(1) if inner else text[:120]}"
    return ""


class SplunkContainer:
    """One container of a Splunk image, from its start to its removal; a context manager.

    `hosts` are names that lead to this machine. The management port is mapped to a free port of the loopback.
    """

    def __init__(self, client: DockerClient, image: str, hosts: Iterable[str]) -> None:
        self._client, self.image = client, image
        self._hosts = dict.fromkeys(hosts, "host-gateway")
        self.password = secrets.token_urlsafe(16)
        self.home = ""
        self.port = 0

    def __enter__(self) -> SplunkContainer:
        given = {name: os.environ[name] for name in HANDED_ON if os.environ.get(name)}
        self._container = self._client.containers.run(
            self.image,
            detach=True,
            environment={**given, "SPLUNK_PASSWORD": self.password},
            ports={MANAGEMENT: ("127.0.0.1", None)},
            extra_hosts=self._hosts,
            hostname="splunk1",
        )
        try:
            self._wait_until_healthy()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        self._container.remove(force=True, v=True)

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            self._container.reload()
            state = self._container.attrs["State"]
            if state["Status"] in ("exited", "dead"):
                raise ContainerError(f"{self.image} ended while it started:\n{self.log_tail()}")
            if state.get("Health", {}).get("Status") == "healthy":
                break
            if time.monotonic() > deadline:
                waited = f"{START_SECONDS:g} s"
                raise ContainerError(f"{self.image} is not healthy after {waited}:\n{self.log_tail()}")
            time.sleep(1)
        bound = self._container.attrs["NetworkSettings"]["Ports"][MANAGEMENT]
        self.port = int(bound[0]["HostPort"])
        environment = dict(pair.partition("=")[::2] for pair in self._container.attrs["Config"]["Env"])
        self.home = environment["SPLUNK_HOME"]

    def log_tail(self, lines: int = 30) -> str:
        text: bytes = self._container.logs(tail=lines)
        return text.decode("utf-8", "replace")

    def run(self, *argv: str, stdin: str = "", environment: Mapping[str, str] | None = None) -> Ran:
        """Run a command as splunkd's user. `stdin` is text for its standard input."""
        command, given = list(argv), dict(environment or {})
        if stdin:
            command = ["sh", "-c", 'printf %s "$STANDARD_INPUT" | "$0" "$@"', *argv]
            given["STANDARD_INPUT"] = stdin
        code, streams = self._container.exec_run(command, user=SPLUNK_USER, environment=given, demux=True)
        output, errors = ((part or b"").decode("utf-8", "replace") for part in streams)
        return Ran(int(code), output, errors)

    def splunk(self, *words: str, stdin: str = "") -> Ran:
        """Run Splunk's command line."""
        return self.run(f"{self.home}/bin/splunk", *words, stdin=stdin)

    def put(self, source: Path, folder: str) -> str:
        """Copy a file into a folder, readable to all; returns its path in there."""
        content = source.read_bytes()
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            member = tarfile.TarInfo(source.name)
            member.size, member.mode, member.mtime = len(content), 0o644, int(time.time())
            tar.addfile(member, io.BytesIO(content))
        if not self._container.put_archive(folder, archive.getvalue()):
            raise ContainerError(f"{source.name} was not taken into {folder}")
        return f"{folder}/{source.name}"

    @property
    def attributes(self) -> dict[str, Any]:
        """What the engine says of the container."""
        found: dict[str, Any] = self._container.attrs
        return found
