"""A way from an input to its logstore that is in order, for tests to spoil.

The checks run in the test's process, against real sockets: SLS is the stand-in, and what splunkd would say of
settings comes from dicts.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from sls_ingest import connection
from sls_ingest.preflight import check_input
from sls_ingest.verdict import Result
from tests.functional.harness import ACCOUNT, KEY_ID, KEY_SECRET, LOGSTORE, METADATA, PROJECT
from tests.functional.sls_caller import Caller
from tests.standins.sls import SlsServer

STANZA = "central"
GROUP = f"splunk-{STANZA}"
UID = "1234567890123456"
EXTERNAL_ID = "ours+and/theirs=1"
ROLE_ARN = f"acs:ram::{UID}:role/log-reader"
CONSUMER = "hf1-central"
"""A consumer that is at work: every group of these tests has it, and a checkpoint."""


@dataclass
class Settings:
    """What splunkd says; the dicts are stanzas as the pages write them."""

    accounts: dict[str, dict[str, str]]
    proxy_tab: dict[str, str] = field(default_factory=dict)
    network_tab: dict[str, str] = field(default_factory=dict)
    indexes: dict[str, bool] = field(default_factory=lambda: {"main": True})

    def account(self, name: str) -> connection.AccountSettings:
        if name not in self.accounts:
            accepted = "give the name of an account of the Configuration page"
            raise connection.ConfigError("account", name, accepted)
        return connection.parse_account(self.accounts[name], name)

    def proxy(self) -> connection.ProxySettings | None:
        return connection.parse_proxy(self.proxy_tab)

    def network(self) -> connection.NetworkSettings:
        return connection.parse_network(self.network_tab)

    def has_index(self, name: str) -> bool | None:
        return self.indexes.get(name, False)


class Scene:
    """An SLS, an input, and the settings of the forwarder."""

    def __init__(self, sls: SlsServer) -> None:
        self.sls = sls
        self.limit = 20.0
        self.names = {"sls.test": "127.0.0.1", "*.sls.test": "127.0.0.1"}
        self.metadata = ("127.0.0.1", sls.http_port)
        key = {"access_key_id": KEY_ID, "access_key_secret": KEY_SECRET}
        self.settings = Settings({ACCOUNT: key}, network_tab={"ca_bundle": str(sls.ca_file)})
        self.params = {
            "account": ACCOUNT,
            "endpoint": sls.https_endpoint,
            "project": PROJECT,
            "logstore": LOGSTORE,
            "index": "main",
        }

    @property
    def account(self) -> dict[str, str]:
        return self.settings.accounts[ACCOUNT]

    def key(self, **more: Any) -> None:
        """Give the key other rights or another state."""
        self.sls.control.add_access_key(KEY_ID, KEY_SECRET, **more)

    def proxy(self, **over: str) -> None:
        """Send calls through the stand-in as a proxy, which wants a password."""
        self.sls.control.set_knob("proxy_basic", "me:right")
        address = {"proxy_enabled": "1", "proxy_url": "127.0.0.1", "proxy_port": str(self.sls.http_port)}
        self.settings.proxy_tab = {**address, "proxy_username": "me", "proxy_password": "right", **over}

    def assume(self, **over: str) -> None:
        """Have the account assume the role that reads; its key may do nothing else."""
        self.key(allow=["sts:AssumeRole"])
        self.sls.control.add_role("log-reader", external_id=EXTERNAL_ID)
        sts = {"sts_endpoint": f"sts.sls.test:{self.sls.https_port}", "external_id": EXTERNAL_ID}
        self.account.update({"auth_type": "assume_role", "role_arn": ROLE_ARN, **sts, **over})

    def group(self, name: str = GROUP, timeout: int = 40, order: bool = False) -> None:
        """A consumer group with a consumer at work."""
        self.sls.control.add_access_key("LTAI-other", "s3cret")
        caller = Caller(self.sls, key_id="LTAI-other")
        base = f"/logstores/{LOGSTORE}/consumergroups"

        def call(path: str, query: dict[str, str] | None, body: Any) -> None:
            assert caller("POST", base + path, query, body, project=PROJECT).status_code == 200

        with closing(caller.session):
            call("", None, {"consumerGroup": name, "timeout": timeout, "order": order})
            call(f"/{name}", {"type": "heartbeat", "consumer": CONSUMER}, [])
            checkpoint = {"type": "checkpoint", "consumer": CONSUMER, "forceSuccess": "false"}
            call(f"/{name}", checkpoint, {"shard": 0, "checkpoint": "MTIz"})

    def state(self) -> Any:
        """Everything that SLS keeps of consumer groups: settings, consumers and their beats, checkpoints."""
        groups = self.sls.control.consumer_groups(PROJECT, LOGSTORE)
        for group in groups.values():
            group["consumers"] = {name: round(beat, 3) for name, beat in group["consumers"].items()}
        return groups

    def check(self) -> list[Result]:
        with resolving(self.names, {METADATA: self.metadata}):
            return check_input(STANZA, self.params, self.settings, lambda *_: None, self.limit)

    def filled(self, text: str) -> str:
        """A sentence with the ports of this scene."""
        sls = self.sls
        return text.replace("{https}", str(sls.https_port)).replace("{http}", str(sls.http_port))


@contextmanager
def resolving(names: dict[str, str], services: dict[str, tuple[str, int]]) -> Iterator[None]:
    """Answer look-ups: `names` (with * in front) lead to addresses, `services` to address and port."""
    real = socket.getaddrinfo

    def look_up(host: Any, port: Any = None, *args: Any, **more: Any) -> Any:
        address = next((to for name, to in names.items() if _fits(str(host), name)), host)
        address, port = services.get(str(host), (address, port))
        return real(address, port, *args, **more)

    with mock.patch.object(socket, "getaddrinfo", look_up):
        yield


def _fits(host: str, pattern: str) -> bool:
    return bool(re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), host))


def epoch_days_ago(days: float) -> str:
    return str(int(time.time() - days * 86400))
