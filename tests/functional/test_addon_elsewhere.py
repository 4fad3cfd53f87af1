"""A whole delivery without what only POSIX has, and without the one compiled file that a package can lack."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app_package import unpack
from tests.functional.harness import LOGSTORE, PROJECT, Forwarder, Traffic, connect, ends, saved, wait_for
from tests.standins.sls import SlsServer
from tests.standins.splunk.knobs import Knobs

STANZA = "alibaba_sls://central"
TAKEN_AWAY = Path(__file__).with_name("without_posix.py")


@pytest.fixture
def app_folder(spl: Path, tmp_path: Path) -> Path:
    """The package with `without_posix` among its scripts, imported before the add-on's own modules."""
    app = unpack(spl, tmp_path / "elsewhere")
    shutil.copy(TAKEN_AWAY, app / "bin")
    with (app / "bin" / "import_declare_test.py").open("a", encoding="utf-8") as shim:
        shim.write("\nimport without_posix\n")
    shutil.rmtree(app / "lib" / "plat")
    return app


def test_a_delivery_with_what_windows_has(
    make_forwarder: Callable[..., Forwarder], traffic: Traffic, sls: SlsServer
) -> None:
    """Stopped by SIGUSR1, which stands for Ctrl+Break; the topic in the filter is read as UTF-8."""
    forwarder = make_forwarder(knobs=Knobs(stop_signals=("SIGUSR1",)))
    sls.control.put_logs(PROJECT, LOGSTORE, [{"content": "not to be read"}], topic="审计")
    connect(forwarder, topics_exclude="审计", interval=600)
    traffic.put(500)
    result = traffic.wait_until_all_arrived(forwarder)
    assert result.total.duplicate == 0
    assert not [event for event in forwarder.events() if "not to be read" in event.raw]
    assert "protobuf runs without its native part" in forwarder.addon.log_text()
    forwarder.signal_input(STANZA, signal.SIGUSR1)
    wait_for(lambda: "stopped" in forwarder.addon.log_text(), 5, "the ordered stop")
    assert saved(sls) == ends(sls)
