"""The code that drives a real Splunk in a container, against a stand-in engine whose containers are Splunk
stand-ins.

The client library speaks to the engine over its socket; commands in the container, the management port and
SLS are real ones. What a real image does otherwise is for tests/docker.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker import engine
from tests.docker.site import DockerSite, docker_site
from tests.scenarios import life, notices
from tests.scenarios.site import Pace, Ran
from tests.scenarios.stage import Stage, staged
from tests.standins.engine import Engine

IMAGE = "splunk/splunk:10.0"
ACCEPTED = {"SPLUNK_START_ARGS": "--accept-license", "SPLUNK_GENERAL_TERMS": "--accept-these"}


@pytest.fixture
def accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ACCEPTED.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine that has to pull the image first."""
    with Engine(tmp_path, images=[], registry=[IMAGE]) as running:
        monkeypatch.setenv("DOCKER_HOST", running.url)
        yield running


@pytest.fixture
def site(
    docker: Engine, accepted: None, spl: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DockerSite]:
    monkeypatch.setattr(DockerSite, "pace", Pace(poll=0.2))
    client = engine.connect()
    with docker_site(client, IMAGE, tmp_path, spl, listen="127.0.0.1") as made:
        yield made
    client.close()


def test_scenarios_run_through_the_engine(site: DockerSite, docker: Engine) -> None:
    """Two scenarios that need every call of the driver but for fields and tags; then nothing is left."""
    ((id, given),) = docker.created.items()
    machine = docker.machines[id]
    with staged(site, "one") as stage:
        life.a_restart_of_splunk_loses_and_repeats_nothing(stage)
        _a_kill(stage)
    with staged(site, "two") as stage:
        notices.every_setting_is_one_that_splunk_knows(stage)
    path, text = "etc/apps/search/local/x.conf", "[a]\nb = é\n"
    site.write(path, text)
    assert site.files("etc/apps/search/local/x.c*") == {path: text}
    assert site.names("etc/apps/search/local/x.c*") == [path]
    assert path in site.files_with(["b = é"])
    site.remove(path)
    site.write("bin/echo.py", "import sys; sys.stdout.write(sys.argv[1] + sys.stdin.read()); sys.exit(3)")
    assert site.python("bin/echo.py", "--word", stdin="key\n") == Ran(3, "--wordkey\n")
    assert site.rest_with_key(site.session_key(), "/services/server/info").status == 200
    assert "POST /images/create" in docker.calls
    environment = dict(pair.partition("=")[::2] for pair in given["Env"])
    assert ACCEPTED.items() <= environment.items()
    assert sorted(given["HostConfig"]["ExtraHosts"]) == [
        "audit.sls.test:host-gateway",
        "sls.test:host-gateway",
    ]
    assert given["HostConfig"]["PortBindings"]["8089/tcp"][0]["HostIp"] == "127.0.0.1"
    assert {user for user, _ in machine.executed} == {"splunk"}
    told = str(machine.executed)
    assert environment["SPLUNK_PASSWORD"] not in told


def _a_kill(stage: Stage) -> None:
    process = stage.until(stage.process, 10, "a process")
    assert process.environ["SPLUNK_HOME"] == stage.site.home
    stage.site.signal(process.pid, 9)
    stage.until(lambda: (now := stage.process()) and now.pid != process.pid, 10, "a new process")


def test_nothing_is_left_when_the_start_fails(
    docker: Engine, accepted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The image ends at once where the terms are not accepted in words that it knows."""
    monkeypatch.delenv("SPLUNK_GENERAL_TERMS")
    client = engine.connect()
    with (
        pytest.raises(engine.ContainerError, match=r"(?s)ended while it started:.*License not accepted"),
        engine.SplunkContainer(client, IMAGE, ()),
    ):
        pass
    client.close()
    assert docker.machines == {}
    assert docker.calls[-1].startswith("DELETE /containers/")


def test_what_is_missing_is_one_line(docker: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in engine.TERMS:
        monkeypatch.delenv(name, raising=False)
    assert engine.missing() == (
        "Splunk's terms are yours to accept: SPLUNK_START_ARGS and SPLUNK_GENERAL_TERMS not set; "
        "see docs/real-splunk.md"
    )
    for name, value in ACCEPTED.items():
        monkeypatch.setenv(name, value)
    assert engine.missing() == ""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    assert engine.missing() == (
        f"no container engine answers at unix://{tmp_path}/nobody.sock: No such file or directory; "
        "see docs/real-splunk.md"
    )


def test_images_are_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPLUNK_IMAGES", raising=False)
    assert engine.images() == ["splunk/splunk:9.4", "splunk/splunk:10.0"]
    monkeypatch.setenv("SPLUNK_IMAGES", "splunk/splunk:9.3, mirror/splunk:10.2,")
    assert engine.images() == ["splunk/splunk:9.3", "mirror/splunk:10.2"]
