"""The packaged add-on between both stand-ins: what the functional tests build on.

Ports are free ones, names under ``sls.test`` lead to the loopback, waiting is polling with a deadline.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.addon import AddOn
from tests.standins.ledger import Reconciliation
from tests.standins.sls import SlsControl, SlsServer
from tests.standins.splunk import SplunkServer
from tests.traffic import Producer, wait_for

PROJECT = "audit"
LOGSTORE = "central"
KEY_ID, KEY_SECRET = "LTAI5tFunctionalTests", "functional-test-secret-7c1e"
ACCOUNT = "account"
HEARTBEAT_SECONDS = 1
METADATA = "100.100.100.200"
"""Where an ECS instance has its metadata service; the resolver of the inputs leads it to the SLS stand-in."""


class Forwarder(SplunkServer):
    """A Splunk stand-in with the add-on on it, which knows the SLS it is to read from."""

    def __init__(self, home: Path, sls: SlsServer, **options: Any) -> None:
        names = {"sls.test": "127.0.0.1", "*.sls.test": "127.0.0.1", METADATA: f"127.0.0.1:{sls.http_port}"}
        super().__init__(home, resolve=names, **options)
        self.sls = sls
        self.addon = AddOn(self)
        self.expects_problems = False
        """Set by a test that provokes complaints about the event stream; else they fail it."""


def create_account(fw: Forwarder, **over: Any) -> Any:
    """An account as the page would make it; by default with the key that the ``sls`` fixture knows."""
    fields = {"name": ACCOUNT, "access_key_id": KEY_ID, "access_key_secret": KEY_SECRET, **over}
    return fw.addon.create_account(**fields)


def create_input(fw: Forwarder, name: str, **over: Any) -> Any:
    """An input as the page would make it, with quick timing; it starts at once."""
    fields = {
        "account": ACCOUNT,
        "endpoint": fw.sls.https_endpoint,
        "project": PROJECT,
        "logstore": LOGSTORE,
        "heartbeat_interval": HEARTBEAT_SECONDS,
        "cursor_start_time": "begin",
        "interval": 1,
        **over,
    }
    return fw.addon.create_input(name, **fields)


def connect(fw: Forwarder, name: str = "central", **over: Any) -> None:
    """Account and one input: the shortest way to a running input."""
    create_account(fw)
    create_input(fw, name, **over)


def saved(sls: SlsServer, logstore: str = LOGSTORE) -> dict[int, str]:
    """The saved checkpoint of each shard of a logstore with one consumer group; empty before there is one."""
    groups = sls.control.consumer_groups(PROJECT, logstore)
    return {n: row["checkpoint"] for group in groups.values() for n, row in group["shards"].items()}


def ends(sls: SlsServer, logstore: str = LOGSTORE) -> dict[int, str]:
    """The cursor at the end of each shard."""
    return {row["shardID"]: row["end"] for row in sls.control.shards(PROJECT, logstore)}


def all_saved(sls: SlsServer, logstore: str = LOGSTORE) -> bool:
    """Whether the consumer group has the end of every shard as its checkpoint."""
    return saved(sls, logstore) == ends(sls, logstore)


class Traffic(Producer):
    """Writes realistic logs through the stand-in's back door and remembers them in a ledger."""

    def __init__(self, control: SlsControl, seed: int = 1) -> None:
        super().__init__(control, PROJECT, LOGSTORE, seed)

    def reconcile(self, *forwarders: Forwarder) -> Reconciliation:
        """What arrived on these forwarders together against what was written."""
        return self.ledger.reconcile(arrival for fw in forwarders for arrival in fw.addon.arrivals())

    def wait_until_all_arrived(self, *forwarders: Forwarder, timeout: float = 30) -> Reconciliation:
        """Poll until nothing is missing; returns the reconciliation (which may hold duplicates)."""
        return wait_for(
            lambda: _if_complete(self.reconcile(*forwarders)),
            timeout,
            lambda: f"all events to arrive ({self.reconcile(*forwarders).total.missing} missing)",
        )


def _if_complete(result: Reconciliation) -> Reconciliation | None:
    return result if result.complete else None
