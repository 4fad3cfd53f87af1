"""What docs/real-splunk.md lists as uncertain, asked of a real Splunk: a failure shows what it does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker.site import DockerSite
from tests.scenarios import probe
from tests.scenarios.every import uncertain
from tests.scenarios.probe import ProbeStage, probing
from tests.scenarios.registry import DOCKER, Scenario


@pytest.fixture(scope="module")
def probed(site: DockerSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerSite]:
    """The container with the probe on it, too."""
    folder: Path = tmp_path_factory.mktemp("probe")
    site.install(probe.package(folder))
    site.restart()
    yield site


@pytest.mark.parametrize(
    ("name", "one"), [pytest.param(name, one, id=one.name) for name, one in uncertain.on(DOCKER).items()]
)
def test_assumption(probed: DockerSite, name: str, one: Scenario[ProbeStage]) -> None:
    with probing(probed, name) as stage:
        one.run(stage)
