"""The scenarios of tests/scenarios on a real Splunk; tests/functional runs the same between stand-ins."""

from __future__ import annotations

import pytest

from tests.docker.site import DockerSite
from tests.scenarios.every import scenario
from tests.scenarios.registry import DOCKER, Scenario
from tests.scenarios.stage import Stage, staged


@pytest.mark.parametrize(
    ("name", "one"), [pytest.param(name, one, id=one.name) for name, one in scenario.on(DOCKER).items()]
)
def test_scenario(site: DockerSite, name: str, one: Scenario[Stage]) -> None:
    with staged(site, name) as stage:
        one.run(stage)
