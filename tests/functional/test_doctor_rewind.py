"""The doctor's --rewind on the packaged add-on, with a backfill of a closed window as the input: it is read
exactly, ends for good, and what came since a time is read again after a rewind, and nothing else."""

from __future__ import annotations

import time

from tests.functional.doctor import answer, at_terminal
from tests.functional.harness import (
    LOGSTORE,
    PROJECT,
    Forwarder,
    Traffic,
    connect,
    ends,
    saved,
    wait_for,
)
from tests.functional.test_addon_backfill import HOUR, calls, exactly, is_disabled
from tests.functional.test_addon_errors import said
from tests.standins.sls import SlsServer
from tests.standins.splunk.server import ADMIN, PASSWORD


def test_a_closed_window_is_read_exactly_and_its_rest_once_more_after_a_rewind(
    forwarder: Forwarder, sls: SlsServer, traffic: Traffic
) -> None:
    end = int(time.time()) - HOUR
    start = end - 2 * HOUR
    traffic.put(10, shard=0, received=start - 1, wanted=False)
    for shard in (0, 1):
        traffic.put(40, shard=shard, received=start)
        traffic.put(40, shard=shard, received=end - HOUR)
    early = set(traffic.ledger._records)
    split_at(sls, 0, end - 1000)  # within the window: its children, 2 and 3, hold logs of it
    for shard in (2, 3):
        traffic.put(40, shard=shard, received=end - 500)
        traffic.put(40, shard=shard, received=end - 1)
        traffic.put(10, shard=shard, received=end, wanted=False)
    traffic.put(10, shard=1, received=end, wanted=False)
    split_at(sls, 1, end + 600)  # behind it: in_order, nobody may read its children, 4 and 5, before the end
    traffic.put(10, shard=4, received=end + 700, wanted=False)
    connect(
        forwarder, cursor_start_time=str(start), cursor_end_time=str(end), in_order="1", metrics_interval=1
    )
    wait_for(lambda: is_disabled(forwarder), 20, "the input to disable itself")
    exactly(traffic, forwarder)
    assert all(saved(sls)[shard] != ends(sls)[shard] for shard in (1, 2, 3))
    it_has_ended(forwarder, sls, runs=1)
    log = forwarder.addon.log_text()
    group = f'project="{PROJECT}" logstore="{LOGSTORE}" consumer_group="splunk-central"'
    assert f"action=backfill_finished {group} shards=6 end_time={end}" in log
    (told,) = said(forwarder, "has read all that SLS received before ")
    assert "INFO" in told
    progress = [line for line in log.splitlines() if "action=backfill_progress" in line]
    assert progress and all(f"start_time={start} end_time={end}" in line for line in progress)
    assert f"{group} shard=3 percent=100.000 position_time={end} " in log

    before = calls(sls)
    forwarder.addon.enable_input("central")
    wait_for(lambda: forwarder.inputs()[0].runs == 2, 10, "another start")
    wait_for(lambda: is_disabled(forwarder), 10, "the input to disable itself again")
    exactly(traffic, forwarder)
    made = sls.control.requests(since=before)
    assert {row["endpoint"] for row in made}.isdisjoint({"PullLogs", "ConsumerGroupHeartBeat"})

    rewind_at_a_terminal(forwarder, sls, end - 600)
    forwarder.addon.enable_input("central")
    wait_for(lambda: forwarder.event_count() == 320 + 160, 20, "the replay")
    wait_for(lambda: is_disabled(forwarder), 10, "the input to disable itself once more")
    result = traffic.reconcile(forwarder).total
    assert (result.missing, result.duplicate) == (0, 160)
    assert set(result.duplicate_numbers) == set(traffic.ledger._records) - early


def rewind_at_a_terminal(forwarder: Forwarder, sls: SlsServer, moment: int) -> None:
    before = saved(sls)
    with at_terminal(forwarder, "--stanza", "central", "--rewind", str(moment)) as (child, terminal):
        answer(terminal, b"Splunk user", ADMIN)
        answer(terminal, b"Password: ", PASSWORD)
        shown = answer(terminal, b"[y/N] ", "y")
        out, _ = child.communicate(timeout=60)
    after = saved(sls)
    assert child.returncode == 0
    assert b"Move 4 checkpoints?" in shown
    assert {shard for shard in before if after[shard] != before[shard]} == {2, 3, 4, 5}
    assert f"shard 2 moved from {before[2]} (".encode() in out
    assert b"shard 0 stays at " in out
    assert b"shard 4 moved from no checkpoint, it would start at " in out
    assert out.endswith(b"4 of 6 checkpoints moved; enable the input, and it goes on from there\n")
    assert f'action=rewind user="{ADMIN}" project="{PROJECT}"' in forwarder.addon.log_text()


def split_at(sls: SlsServer, shard: int, moment: int) -> None:
    sls.control.set_clock_offset(moment - time.time())
    sls.control.split(PROJECT, LOGSTORE, shard)
    sls.control.set_clock_offset(0)


def it_has_ended(forwarder: Forwarder, sls: SlsServer, runs: int) -> None:
    """And is not started again, though its interval is a second."""

    def ended() -> bool:
        return forwarder.inputs()[0].exit_code is not None

    wait_for(ended, 10, "the process to end")
    before = calls(sls)
    time.sleep(1.2)
    (row,) = forwarder.inputs()
    assert (row.exit_code, row.runs, calls(sls)) == (0, runs, before)
