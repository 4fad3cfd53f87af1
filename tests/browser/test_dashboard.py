"""The Dashboard page after a lag, a gap, a quarantine and a disabled AccessKey, as one sees it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.addon import APP
from tests.app_package import find_or_build_spl, unpack
from tests.browser.conftest import SHOTS
from tests.browser.pages import Pages, signed_in_pages
from tests.incidents.alerts import alerts
from tests.incidents.scene import Scene, after_incidents
from tests.incidents.stage import forwarder_on
from tests.standins.sls import SlsServer

TAB = "customTabPanel"
SINGLES = {
    "kpi_inputs": r"4",
    "kpi_lag": r"2[01](\.\d)?",
    "kpi_events": r"\d{3,4}",
    "kpi_troubles": r"[4-9]",
    "kpi_gaps": r"1",
    "kpi_quarantine": r"1",
}
# Panel -> what it says, in this order; the cells of a table stand one below the other.
PANELS = {
    "inputs": r"archive\nhf1\nstopped\n.*audit\nhf1\nbehind\n2[01]\.\d\n"
    r".*oss\nhf1\nholds no shard\n\d+\n.*waf\nhf1\nrunning\n0\.0",
    "lag": r"shop/audit 0\n.*shop/audit 1\n.*shop/waf 0",
    "lag_now": r"shop/audit\nsplunk-audit\n0\n2[01]\.\d\n.*shop/audit\nsplunk-audit\n1\n0\.0",
    "owners": r"shop/audit\nsplunk-audit\n0\nhf1\nheld\n.*shop/waf\nsplunk-waf\n0\nhf1\nheld",
    "troubles": r"authentication\nUnauthorized: accesskeyid is disabled\n\d+\noss\n"
    r"Enable the AccessKey in the RAM console, or enter another\n"
    r"account 'night': AccessKey 'LTAI5tIncidentsNight' is disabled",
    "notices": r"quarantine\nwaf\nshop/waf\n0\n.*sourcetype=alibaba:sls:quarantine cursor=\S+\n"
    r".*gap\nwaf\nshop/waf\n0\n.*retains\nindex=main sourcetype=alibaba:sls:gap shard=0",
    "events_by_input": r"audit\n.*oss\n.*waf",
    "events_by_sourcetype": r"alibaba:",
    "mb_by_input": r"audit\n.*oss\n.*waf",
    "time_split": r"Fetch from SLS\nRender\nWrite\nWait for splunkd\n.*audit\n.*waf",
    "backfills": r"archive\n0\n100\ndone\n.*archive\n1\n100\ndone",
}
HOLDING = {
    "account is refused": r"AccessKey 'LTAI5tIncidentsNight' is disabled",
    "backfill has finished": r"'archive' on hf1 has read all 2 shards of shop/archive",
    "log group cannot be read": r"'waf' on hf1: shard 0: the log group at cursor",
    "logs were lost": r"'waf' on hf1: shard 0: logs were lost before they could be read",
    "shard is far behind": r"Shard 0 of shop/audit is 2[01] minutes behind; input 'audit' on hf1",
}


@pytest.fixture(scope="module")
def scene(browser: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder: Path = tmp_path_factory.mktemp("dashboard")
    app = unpack(find_or_build_spl(folder / "package.log"), folder / "app")
    with (
        SlsServer(workdir=folder / "sls") as sls,
        forwarder_on(folder / "hf1", app, sls) as forwarder,
        after_incidents(sls, forwarder) as scene,
    ):
        yield scene


@pytest.fixture(scope="module")
def dashboard(browser: tuple[str, str], scene: Scene) -> Iterator[Pages]:
    """The tab of ours, with the last two minutes."""
    with signed_in_pages(browser, scene.forwarder.web_url, SHOTS, height=2600) as pages:
        pages.open("dashboard", TAB)
        _choose_minutes(pages, 2)
        yield pages


@pytest.fixture
def pages(dashboard: Pages) -> Pages:
    """Under this name a failed test leaves a picture of it."""
    return dashboard


def _choose_minutes(pages: Pages, minutes: int) -> None:
    dropdown = f"[data-test-panel-id={TAB}] [data-test=time-range-dropdown]"
    pages.click(dropdown)
    field = pages.one("input[role=spinbutton]")
    field.send_keys(Keys.CONTROL, "a")
    field.send_keys(str(minutes))

    def applied() -> bool:
        """The button works once the page has had the time read."""
        if pages.one(dropdown).text == f"Last {minutes} minutes":
            return True
        for button in pages.all("[data-test=apply]"):
            button.click()
        return False

    pages.wait("the time range", applied)


def _text(pages: Pages, panel: str) -> str:
    return pages.one(f"#{panel}").text


def test_every_panel_says_what_is_wrong_and_none_fails(pages: Pages) -> None:
    for panel, pattern in {**SINGLES, **PANELS}.items():
        found = re.compile(rf"^{pattern}$" if panel in SINGLES else pattern, re.DOTALL | re.MULTILINE)
        pages.wait(f"{panel}: {pattern}", lambda found=found, panel=panel: found.search(_text(pages, panel)))
    tab = pages.driver.find_element(By.CSS_SELECTOR, f"[data-test-panel-id={TAB}]")
    assert "No search results" not in tab.text
    assert not tab.find_elements(By.CSS_SELECTOR, "[data-test*=error], [data-test*=warning]")
    tab.screenshot(str(SHOTS / "dashboard.png"))


def test_uccs_own_tabs_know_our_lines(scene: Scene) -> None:
    """Those of their searches that find our lines, by the tokens' first values."""
    folder = scene.forwarder.home / "etc/apps" / APP / "appserver/static/js/build/custom"
    queries = [
        source["options"]["query"].replace("$error_types$", "*")
        for path in sorted(folder.glob("*_definition.json"))
        for source in json.loads(path.read_text(encoding="utf-8"))["dataSources"].values()
    ]
    ours = [query for query in queries if "source=*ta_alibaba_sls*" in query and "[" not in query]
    assert len({*ours}) >= 3
    for query in ours:
        data = {"search": f"search {query}", "exec_mode": "oneshot", "earliest_time": "-1h"}
        reply = scene.forwarder.rest("POST", f"/servicesNS/nobody/{APP}/search/jobs", data=data)
        if " join " not in query and "sparkline" not in query:
            # Not in each row: the last five minutes may have just begun.
            assert any(len(row) > 2 for row in reply.json["results"]), query


def test_exactly_the_alerts_of_these_troubles_hold(scene: Scene) -> None:
    found = {row.name.partition(" - ")[2]: row.messages for row in alerts(scene.forwarder)}
    assert {name for name, messages in found.items() if messages} == set(HOLDING)
    for name, pattern in HOLDING.items():
        assert [message for message in found[name] if re.search(pattern, message)], (name, found[name])
