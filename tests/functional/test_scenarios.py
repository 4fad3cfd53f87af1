"""The scenarios of tests/scenarios between both stand-ins; tests/docker runs the same on a real Splunk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.every import scenario
from tests.scenarios.registry import STAND_IN, Scenario
from tests.scenarios.stage import Stage, staged
from tests.scenarios.standin_site import StandInSite, standin_site

SLOW = os.environ.get("SCENARIOS") == "all"


@pytest.fixture(scope="module")
def site(spl: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandInSite]:
    """One Splunk with the add-on for all scenarios; each has its own logstore, index and inputs."""
    with standin_site(tmp_path_factory.mktemp("scenarios"), spl) as made:
        yield made
    assert made.splunk.problems() == []


@pytest.mark.parametrize(
    ("name", "one"),
    [pytest.param(name, one, id=one.name) for name, one in scenario.on(STAND_IN, SLOW).items()],
)
def test_scenario(site: StandInSite, name: str, one: Scenario[Stage]) -> None:
    with staged(site, name) as stage:
        one.run(stage)
