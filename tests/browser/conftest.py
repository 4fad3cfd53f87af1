"""One browser, one Splunk stand-in with the built add-on, one SLS stand-in behind it, for all tests here."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.app_package import ROOT, find_or_build_spl, place_app, unpack
from tests.browser.pages import MISSING, Pages, find_browser, signed_in_pages
from tests.pythons import pythons_for_splunk

if TYPE_CHECKING:
    from tests.functional.harness import Forwarder
    from tests.standins.sls import SlsServer

HERE = Path(__file__).parent
SHOTS = ROOT / "build" / "browser"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a browser one test stays, to be skipped with the one line that says what to install."""
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    if ours and find_browser() is None:
        config.hook.pytest_deselected(items=ours[1:])
        items[:] = [item for item in items if item not in ours[1:]]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:
    """A failed test leaves a picture of what it saw."""
    report = yield
    pages = getattr(item, "funcargs", {}).get("pages")
    if report.when == "call" and report.failed and pages is not None:
        pages.shot(f"FAILED-{item.name}"[:80].replace("/", "_"))
        told = [row.text for row in pages.all("[data-test=message]")]
        report.sections.append(("the page's messages", "\n".join(filter(None, told))))
    return report


@pytest.fixture(scope="session")
def browser() -> tuple[str, str]:
    """Paths of chromium and its driver; without them the tests here are skipped."""
    return find_browser() or pytest.skip(MISSING)


@pytest.fixture(scope="session")
def sls(browser: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlsServer]:
    """An SLS with two projects, a full-access key, and roles to sign in with."""
    from tests.functional import harness
    from tests.standins.sls import SlsServer

    with SlsServer(workdir=tmp_path_factory.mktemp("sls")) as server:
        server.control.add_access_key(harness.KEY_ID, harness.KEY_SECRET)
        for project, logstores in ((harness.PROJECT, (harness.LOGSTORE, "flow")), ("spare", ("other",))):
            server.control.create_project(project)
            for logstore in logstores:
                server.control.create_logstore(project, logstore, shards=2)
        yield server


@pytest.fixture(scope="session")
def splunk(sls: SlsServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forwarder]:
    from tests.functional.harness import Forwarder

    folder = tmp_path_factory.mktemp("splunk")
    app = unpack(find_or_build_spl(folder / "package.log"), folder / "app")
    place_app(app, folder / "hf1")
    with Forwarder(folder / "hf1", sls, server_name="hf1", web_port=0, pythons=pythons_for_splunk()) as fw:
        fw.addon.set_network(ca_bundle=sls.ca_file)
        yield fw
    assert fw.problems() == []


@pytest.fixture(scope="session")
def signed_in(browser: tuple[str, str], splunk: Forwarder) -> Iterator[Pages]:
    shutil.rmtree(SHOTS, ignore_errors=True)
    with signed_in_pages(browser, splunk.web_url, SHOTS) as pages:
        yield pages


@pytest.fixture
def pages(signed_in: Pages) -> Pages:
    return signed_in


@pytest.fixture(scope="session")
def main_account(splunk: Forwarder) -> str:
    """An account that SLS accepts."""
    from tests.functional import harness

    harness.create_account(splunk, name="main")
    return "main"
