"""The doctor's --rewind on the packaged add-on: what came since a time is read again, and nothing else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from tests.functional.doctor import answer, at_terminal, run
from tests.functional.harness import (
    PROJECT,
    Forwarder,
    Traffic,
    all_saved,
    connect,
    ends,
    saved,
    wait_for,
)
from tests.standins.sls import SlsServer
from tests.standins.splunk.server import ADMIN, PASSWORD

HOUR = 3600


def test_rewind(forwarder: Forwarder, sls: SlsServer, traffic: Traffic) -> None:
    key = forwarder.auth.login(ADMIN, PASSWORD)

    def rewind(*words: str) -> tuple[int, Any]:
        done = run(forwarder, "--stanza", "central", "--json", *words, key=key)
        assert "Traceback" not in done.stderr
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr

    now = int(time.time())
    for shard in (0, 1):
        traffic.put(30, shard=shard, received=now - 4 * HOUR)
    again = Traffic(sls.control)
    again._numbers = traffic._numbers
    for shard in (0, 1):
        again.put(20, shard=shard, received=now - 2 * HOUR)
    connect(forwarder)
    wait_for(lambda: forwarder.event_count() == 100 and all_saved(sls), 20, "all to be read")
    refused_while_enabled(forwarder, sls, rewind)
    exact_replay(forwarder, sls, traffic, again, rewind, now)
    skip_ahead_at_a_terminal(forwarder, sls, again)


def refused_while_enabled(
    forwarder: Forwarder, sls: SlsServer, rewind: Callable[..., tuple[int, Any]]
) -> None:
    before = saved(sls)
    code, told = rewind("--rewind", "-3h", "--yes")
    assert code == 1
    assert told["sentence"].startswith("input 'central' is enabled on this Splunk")
    assert saved(sls) == before
    forwarder.addon.disable_input("central")


def exact_replay(
    forwarder: Forwarder,
    sls: SlsServer,
    traffic: Traffic,
    again: Traffic,
    rewind: Callable[..., tuple[int, Any]],
    now: int,
) -> None:
    before = saved(sls)
    code, told = rewind("--rewind", "-3h", "--shard", "0", "--yes")
    assert (code, told["sentence"]) == (
        0,
        "1 of 1 checkpoints moved; enable the input, and it goes on from there",
    )
    (row,) = told["shards"]
    assert (row["state"], row["old_cursor"], row["new_cursor"]) == ("moved", before[0], saved(sls)[0])
    assert (row["new_time"], row["note"]) == (now - 2 * HOUR, "")
    assert saved(sls)[1] == before[1]
    code, told = rewind("--rewind", str(now - 3 * HOUR), "--yes")  # the same place, for shard 0
    assert (code, [row["state"] for row in told["shards"]]) == (0, ["stays", "moved"])
    assert f'action=rewind user="{ADMIN}" project="{PROJECT}"' in forwarder.addon.log_text()
    forwarder.addon.enable_input("central")
    wait_for(lambda: forwarder.event_count() == 140 and all_saved(sls), 20, "the replay")
    result = traffic.ledger.reconcile(forwarder.addon.arrivals())
    assert (result.total.missing, result.total.duplicate) == (0, 0)
    result = again.ledger.reconcile(forwarder.addon.arrivals())
    assert (result.total.missing, result.total.duplicate) == (0, 40)
    assert set(result.total.duplicate_numbers) == set(again.ledger._records)


def skip_ahead_at_a_terminal(forwarder: Forwarder, sls: SlsServer, again: Traffic) -> None:
    forwarder.addon.disable_input("central")
    wait_for(lambda: forwarder.inputs()[0].state == "stopped", 10, "the input to stop")
    again.put(10, shard=0, wanted=False)
    before = saved(sls)
    assert before[0] != ends(sls)[0]
    code, shown, out = typed(forwarder, "y")
    assert b"LOGS RECEIVED BETWEEN" in shown
    assert (code, saved(sls)) == (0, ends(sls))
    assert f"shard 0 moved from {before[0]} (".encode() in out


def typed(forwarder: Forwarder, reply: str) -> tuple[int, bytes, bytes]:
    words = ("--stanza", "central", "--rewind", "end", "--skip-ahead")
    with at_terminal(forwarder, *words) as (child, terminal):
        answer(terminal, b"Splunk user", ADMIN)
        answer(terminal, b"Password: ", PASSWORD)
        shown = answer(terminal, b"[y/N] ", reply)
        out, _ = child.communicate(timeout=60)
    return child.returncode, shown, out
