"""The stop: within five seconds, in order, whatever hangs."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.functional.harness import Forwarder, Traffic, connect, ends, saved, wait_for
from tests.standins.sls import SlsServer
from tests.standins.splunk.knobs import Knobs

STANZA = "alibaba_sls://central"
PROMISED = 5.0  # seconds


def stop_and_time(forwarder: Forwarder) -> float:
    """Send SIGTERM to the input; seconds until its process is gone."""
    pid = next(row.pid for row in forwarder.inputs() if row.stanza == STANZA)
    forwarder.signal_input(STANZA, signal.SIGTERM)
    started = time.monotonic()
    wait_for(lambda: not _alive(pid), 3 * PROMISED, "the process to end")
    return time.monotonic() - started


def test_sigterm_saves_the_checkpoint_and_repeats_nothing(
    make_forwarder: Callable[..., Forwarder], python: tuple[str, str], traffic: Traffic, sls: SlsServer
) -> None:
    forwarder = make_forwarder(python=python)
    connect(forwarder, interval=600)
    traffic.put(200)
    traffic.wait_until_all_arrived(forwarder)
    assert stop_and_time(forwarder) < PROMISED
    assert saved(sls) == ends(sls)
    assert traffic.reconcile(forwarder).total.duplicate == 0


@pytest.mark.parametrize(
    "endpoint", ["*", "PullLogs", "ConsumerGroupUpdateCheckPoint", "ConsumerGroupHeartBeat"]
)
def test_sigterm_ends_the_process_while_the_network_hangs(
    forwarder: Forwarder, traffic: Traffic, sls: SlsServer, endpoint: str
) -> None:
    connect(forwarder, interval=600)
    traffic.put(50)
    traffic.wait_until_all_arrived(forwarder)
    sls.control.fault(endpoint, kind="hang", delay=60)
    traffic.put(50)
    time.sleep(1.5)  # let every thread run into the hanging calls
    assert stop_and_time(forwarder) < PROMISED
    sls.control.clear_faults()


def test_sigterm_ends_the_process_while_splunkd_does_not_read(
    forwarder: Forwarder, traffic: Traffic, sls: SlsServer
) -> None:
    connect(forwarder, interval=2)
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)
    forwarder.pause_reading(STANZA)
    traffic.put(2000, maker="waf", group_size=50)
    wait_for(lambda: _written_nothing_new(sls), 10, "the pipe to be full", poll=0.5)
    before = saved(sls)
    pid = next(row.pid for row in forwarder.inputs())
    forwarder.signal_input(STANZA, signal.SIGTERM)
    started = time.monotonic()
    wait_for(lambda: not _alive(pid), 3 * PROMISED, "the process to end")
    assert time.monotonic() - started < PROMISED
    assert saved(sls) == before
    forwarder.resume_reading(STANZA)
    forwarder.expects_problems = True  # the last event of the killed stream is cut off
    result = traffic.wait_until_all_arrived(forwarder)
    assert result.total.produced == 2020


def _written_nothing_new(sls: SlsServer) -> bool:
    """Pulling has stopped since the batches that were fetched cannot be written."""
    pulls = [row["t"] for row in sls.control.requests() if row["endpoint"] == "PullLogs"]
    return time.time() - max(pulls) > 1.5


def _alive(pid: int | None) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_an_orphan_behind_a_shell_ends_itself(
    make_forwarder: Callable[..., Forwarder], traffic: Traffic, sls: SlsServer
) -> None:
    forwarder = make_forwarder(knobs=Knobs(shell="sh_stays", stop_grace=1.0))
    conf = forwarder.home / "etc" / "apps" / "TA_alibaba_sls" / "default" / "inputs.conf"
    conf.write_text(conf.read_text().replace("start_by_shell = false", ""))
    forwarder.restart()
    connect(forwarder)
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)
    forwarder.addon.disable_input("central")

    def silent() -> bool:
        beats = [row["t"] for row in sls.control.requests() if row["endpoint"] == "ConsumerGroupHeartBeat"]
        return time.time() - max(beats) > 3

    wait_for(silent, 15, "the orphan to stop", poll=0.5)


def test_an_idle_input_notices_that_splunkd_is_gone(
    forwarder: Forwarder, traffic: Traffic, sls: SlsServer
) -> None:
    connect(forwarder)
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)
    pid = next(row.pid for row in forwarder.inputs())
    forwarder.kill()
    wait_for(lambda: not _alive(pid), 10, "the input to end after its splunkd")
    forwarder.start()
    traffic.put(20)
    result = traffic.wait_until_all_arrived(forwarder)
    assert result.total.produced == 40


def test_a_second_signal_leaves_at_once(forwarder: Forwarder, traffic: Traffic) -> None:
    connect(forwarder, interval=600)
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)
    forwarder.pause_reading(STANZA)  # what is unread keeps an ordered stop waiting
    traffic.put(20)
    wait_for(lambda: forwarder.unread_bytes(STANZA), 10, "events that splunkd does not read")
    pid = next(row.pid for row in forwarder.inputs())
    forwarder.signal_input(STANZA, signal.SIGTERM)
    time.sleep(0.3)  # two signals of one number at the same moment are one signal
    forwarder.signal_input(STANZA, signal.SIGTERM)
    wait_for(lambda: not _alive(pid), 2, "the process to end")
    forwarder.resume_reading(STANZA)
    wait_for(lambda: [row.exit_code for row in forwarder.inputs()] == [1], 5, "the exit code of a hasty end")
