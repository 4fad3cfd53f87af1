"""What an input holds in memory is bounded by a setting, whatever the number of its shards."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable

import pytest

from tests.chaos import soak_report
from tests.functional.harness import PROJECT, Forwarder, all_saved, connect, wait_for
from tests.functional.test_addon_stop import STANZA, _written_nothing_new
from tests.standins.sls import SlsServer
from tests.standins.splunk.knobs import Knobs

SHARDS, LOGS, SIZE = 8, 60, 150_000  # in each shard: 9 MB that hardly compress
BUFFER = 4  # MB
MB = 1_000_000


def resident(forwarder: Forwarder) -> int:
    """Bytes of memory of the input's process."""
    pid = next(row.pid for row in forwarder.inputs() if row.pid)
    return soak_report.status(pid)[0] * 1024


@pytest.mark.parametrize("buffer", [BUFFER, 256])
def test_what_splunkd_does_not_read_is_left_in_the_network(
    make_forwarder: Callable[..., Forwarder], sls: SlsServer, buffer: int
) -> None:
    rng = random.Random(1)
    sls.control.set_knob("pull_max_bytes", 2 * MB)
    sls.control.create_logstore(PROJECT, "wide", shards=SHARDS)
    forwarder = make_forwarder(knobs=Knobs(store="count"))
    connect(forwarder, interval=600, logstore="wide", fetch_buffer_mb=buffer, heartbeat_interval=2)
    sls.control.put_logs(PROJECT, "wide", [{"n": "first"}], shard=0)
    wait_for(forwarder.event_count, 15, "the first event")
    before = resident(forwarder)
    forwarder.pause_reading(STANZA)
    for shard in range(SHARDS):
        for number in range(LOGS):
            text = base64.b64encode(rng.randbytes(SIZE * 3 // 4)).decode()
            sls.control.put_logs(PROJECT, "wide", [{"n": f"{shard}.{number}", "text": text}], shard=shard)
    wait_for(lambda: _written_nothing_new(sls), 20, "the pipe and the buffer to be full", poll=0.5)
    grown = resident(forwarder) - before
    forwarder.resume_reading(STANZA)
    expected = 1 + SHARDS * LOGS
    wait_for(lambda: forwarder.event_count() == expected, 30, "all events to arrive")
    wait_for(lambda: all_saved(sls, "wide"), 10, "the checkpoints to be saved")
    if buffer == BUFFER:
        assert grown < (BUFFER + 20) * MB  # and what the batch that is being written takes
    else:
        assert grown > (BUFFER + 20) * MB  # or the above would show nothing
