"""One container of each image for all tests here; without an engine one line says what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker import engine
from tests.docker.site import DockerSite, docker_site

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without an engine one test stays, to be skipped with the one line that says what is missing."""
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    if ours and engine.missing():
        config.hook.pytest_deselected(items=ours[1:])
        items[:] = [item for item in items if item not in ours[1:]]
    for item in ours:
        item.add_marker(pytest.mark.timeout(1800))  # seconds: the first one pulls and starts the image


@pytest.fixture(scope="session")
def ready() -> None:
    """Skips where no real Splunk can be run."""
    reason = engine.missing()
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def spl(ready: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packaged add-on: $TA_SPL, else the one of dist/, else a new one."""
    from tests.app_package import find_or_build_spl

    return find_or_build_spl(tmp_path_factory.mktemp("build") / "package.log")


@pytest.fixture(scope="session", params=engine.images())
def site(
    ready: None, request: pytest.FixtureRequest, spl: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DockerSite]:
    """A real Splunk with the add-on."""
    client = engine.connect()
    try:
        with docker_site(client, request.param, tmp_path_factory.mktemp("site"), spl) as made:
            yield made
    finally:
        client.close()
