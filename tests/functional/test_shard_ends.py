"""Shards that are given up, or read to their end: client and worker, in the process of the test."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from aliyun.log.consumer import LogHubConfig

from sls_ingest.access_key import AccessKey
from sls_ingest.connection import NetworkSettings, parse_account
from sls_ingest.control import RunControl
from sls_ingest.credentials import CurrentAccount
from sls_ingest.event_writer import BatchWriter
from sls_ingest.metrics import InputMetrics
from sls_ingest.outage import OutageLog
from sls_ingest.processor import ShardProcessor
from sls_ingest.settings import parse_input
from sls_ingest.sls_client import FetchError, SlsConsumerClient
from sls_ingest.transport import Access
from sls_ingest.worker import SlsWorker
from tests.functional.harness import ACCOUNT, KEY_ID, KEY_SECRET, LOGSTORE, PROJECT, wait_for
from tests.functional.preflight_scene import resolving
from tests.standins.sls import SlsServer

GROUP, CONSUMER = "splunk-central", "hf1-central"
LOGGER = logging.getLogger("given up")
DOWN = "SLS failed inside (InternalServerError"
AWAY = 60.0  # seconds until nobody expects a shard back
FAULT = {"kind": "status", "status": 500, "code": "InternalServerError"}


@contextmanager
def at_work(sls: SlsServer, **over: str) -> Iterator[tuple[SlsConsumerClient, SlsWorker]]:
    """A worker that nobody has started: each step is the test's."""
    stanza = {"account": ACCOUNT, "endpoint": sls.http_endpoint, "project": PROJECT, "logstore": LOGSTORE}
    settings = parse_input({**stanza, "cursor_start_time": "begin", **over}, "central")
    fields = {"access_key_id": KEY_ID, "access_key_secret": KEY_SECRET, "allow_http": "1"}
    account = parse_account(fields, ACCOUNT)
    key = AccessKey(KEY_ID, (KEY_SECRET, ""))
    access = Access(
        settings, CurrentAccount(account, LOGGER, lambda: account, lambda _: key), None, NetworkSettings()
    )
    metrics, control, reader_writer = InputMetrics(0.2), RunControl(LOGGER), os.pipe()
    no_wait = threading.Event()
    no_wait.set()
    client = SlsConsumerClient(access, CONSUMER, LOGGER, no_wait, metrics)
    writer, turn = BatchWriter(reader_writer[1]), threading.Lock()

    def processor() -> ShardProcessor:
        return ShardProcessor(settings, writer, control, client.lease, LOGGER, turn, metrics)

    config = LogHubConfig(sls.http_endpoint, "", "", PROJECT, LOGSTORE, GROUP, CONSUMER)
    with resolving({"*.sls.test": "127.0.0.1"}, {}):
        worker = SlsWorker(config, client, processor)
        try:
            yield client, worker
        finally:
            worker._fetches.shutdown()
            worker._tasks.shutdown()
    for descriptor in reader_writer:
        os.close(descriptor)


def pull(client: SlsConsumerClient, shard: int) -> bool:
    cursor = client.mclient.get_cursor(PROJECT, LOGSTORE, shard, "begin").get_cursor()
    try:
        client.pull_logs(shard, cursor)
    except FetchError:
        return False
    return True


def give_up(worker: SlsWorker, shard: int) -> None:
    def is_gone() -> bool:
        worker.clean_shard_consumer([held for held in worker.shard_consumers if held != shard])
        return not worker.holds(shard)

    wait_for(is_gone, 10, "the shard to be given up")


def test_a_shard_that_is_elsewhere_hides_no_end_of_a_trouble(
    sls: SlsServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, LOGGER.name)

    def said() -> list[str]:
        found = [text.partition(":")[0] for text in caplog.messages if DOWN in text or "works again" in text]
        caplog.clear()
        return found

    with at_work(sls) as (client, worker):
        now = [0.0]
        client._outages = OutageLog(LOGGER, lambda: now[0])
        for shard in (0, 1):
            worker._get_shard_consumer(shard)
        sls.control.fault("PullLogs", times=2, **FAULT)
        assert [pull(client, 0), pull(client, 1)] == [False, False]
        give_up(worker, 0)
        assert client._backoffs.keys() == {"shard 1: fetch"}
        now[0] += AWAY
        assert pull(client, 1)
        assert said() == [DOWN, "shard 1"]

        sls.control.fault("PullLogs", times=2, **FAULT)
        assert [pull(client, 0), pull(client, 1)] == [False, False]  # 0: it was on its way when given up
        now[0] += AWAY
        assert pull(client, 1)
        assert said() == [DOWN, "shard 1"]


def test_a_backfill_that_is_at_the_end_of_its_window_has_no_lag(sls: SlsServer) -> None:
    """Or a shard that was split long ago would seem to be left half read."""
    end = int(time.time()) - 3600
    with at_work(sls, cursor_end_time=str(end)) as (client, worker):
        worker._get_shard_consumer(0)
        cursor = client.mclient.get_cursor(PROJECT, LOGSTORE, 0, end).get_cursor()
        shard = worker.shard_consumers[0].processor._all_metrics.shard(0)
        assert shard.lag(cursor) is None
        assert client.pull_logs(0, cursor).is_empty
        assert shard.lag(cursor) == 0
