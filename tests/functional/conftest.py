"""Fixtures for the packaged add-on between both stand-ins (functions: harness.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.pythons import interpreters_for_tests, pythons_for_splunk

if TYPE_CHECKING:
    from tests.functional.harness import Forwarder, Traffic
    from tests.standins.sls import SlsServer

_FORWARDERS = pytest.StashKey[list["Forwarder"]]()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """``python``: once per interpreter that can stand for Splunk's; probed only when a test asks."""
    if "python" in metafunc.fixturenames:
        found = interpreters_for_tests()
        metafunc.parametrize("python", found, ids=[f"py{version}" for version, _ in found])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:
    """A failed test shows what its forwarders logged."""
    report = yield
    if report.failed:
        for forwarder in item.stash.get(_FORWARDERS, []):
            report.sections.append((f"logs of {forwarder.home.name}", forwarder.addon.log_tail()))
    return report


@pytest.fixture(scope="session")
def spl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packaged add-on; built once when dist/ has none that is newer than its sources."""
    from tests.app_package import find_or_build_spl

    return find_or_build_spl(tmp_path_factory.mktemp("build") / "package.log")


@pytest.fixture(scope="session")
def app_folder(spl: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The add-on, unpacked once."""
    from tests.app_package import unpack

    return unpack(spl, tmp_path_factory.mktemp("app"))


@pytest.fixture
def sls(tmp_path: Path) -> Iterator[SlsServer]:
    """An SLS with the project ``audit``, the logstore ``central`` (2 shards) and a full-access key."""
    from tests.functional import harness
    from tests.standins.sls import SlsServer

    with SlsServer(workdir=tmp_path / "sls") as server:
        server.control.add_access_key(harness.KEY_ID, harness.KEY_SECRET)
        server.control.create_project(harness.PROJECT)
        server.control.create_logstore(harness.PROJECT, harness.LOGSTORE, shards=2)
        yield server


@pytest.fixture
def traffic(sls: SlsServer) -> Traffic:
    """Writes logs to ``sls`` and keeps the ledger."""
    from tests.functional.harness import Traffic

    return Traffic(sls.control)


@pytest.fixture
def make_forwarder(
    request: pytest.FixtureRequest, sls: SlsServer, app_folder: Path, tmp_path: Path
) -> Iterator[Callable[..., Forwarder]]:
    """``make_forwarder(name, python=None, **options)``: a started Splunk stand-in with the add-on on it.

    ``python`` is a (version, path) of the fixture of that name; options go to SplunkServer. At the end every
    forwarder is stopped, and complaints about an event stream fail the test.
    """
    from tests.app_package import place_app
    from tests.functional.harness import Forwarder

    made: list[Forwarder] = request.node.stash.setdefault(_FORWARDERS, [])

    def make(name: str = "hf1", python: tuple[str, str] | None = None, **options: Any) -> Forwarder:
        options.setdefault("pythons", {"3.9": python[1]} if python else pythons_for_splunk())
        place_app(app_folder, tmp_path / name)
        forwarder = Forwarder(tmp_path / name, sls, server_name=name, **options)
        made.append(forwarder)
        forwarder.start()
        forwarder.addon.set_network(ca_bundle=sls.ca_file)
        return forwarder

    yield make
    for forwarder in made:
        forwarder.close()
    for forwarder in made:
        assert forwarder.expects_problems or forwarder.problems() == []


@pytest.fixture
def forwarder(make_forwarder: Callable[..., Forwarder]) -> Forwarder:
    """One forwarder, on the newest interpreter that Splunk would choose."""
    return make_forwarder("hf1")
