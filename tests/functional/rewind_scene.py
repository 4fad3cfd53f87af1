"""A consumer group to rewind, without an input.

As in preflight_scene.py all runs in the test's process, against the SLS stand-in, and what splunkd would say
comes from dicts.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

from sls_ingest import doctor_rewind
from sls_ingest.access import open_access
from sls_ingest.group_checkpoints import GroupCheckpoints
from sls_ingest.logs import Redactor
from sls_ingest.settings import parse_input
from sls_ingest.splunkd import Identity, Splunkd
from sls_ingest.transport import Access
from tests.functional.harness import ACCOUNT, KEY_ID, KEY_SECRET, LOGSTORE, PROJECT, Traffic, ends, saved
from tests.functional.preflight_scene import Settings, resolving
from tests.functional.sls_caller import Caller
from tests.standins.sls import SlsServer

HOUR = 3600
GROUP = "splunk-central"
LOG = logging.getLogger("test.rewind")
Row = dict[str, Any]


class Here(Splunkd):
    """Says what the dicts say."""

    def __init__(self, params: dict[str, str]) -> None:
        key = {"access_key_id": KEY_ID, "access_key_secret": KEY_SECRET, "allow_http": "1"}
        said = Settings({ACCOUNT: key})
        self.params, self.active = params, dict[str, dict[str, str]]()
        self.account, self.proxy, self.network = said.account, said.proxy, said.network  # type: ignore[method-assign]
        self.failure: Exception | None = None

    def identity(self) -> Identity:
        return Identity("guid", frozenset())

    def input(self, stanza: str) -> dict[str, str]:
        return self.params

    def active_inputs(self) -> dict[str, dict[str, str]]:
        return self.active

    def user(self) -> str:
        if self.failure:
            raise self.failure
        return 'o"hara'


class Terminal(io.StringIO):
    """Answers the question with `reply`, after `meanwhile` has happened; None: it is no terminal."""

    def __init__(self, meanwhile: Callable[[], Any] | None, reply: str | None) -> None:
        super().__init__()
        self._meanwhile, self._reply = meanwhile, reply

    def isatty(self) -> bool:
        return self._reply is not None

    def readline(self, *_: Any) -> str:  # type: ignore[override]
        if self._meanwhile:
            self._meanwhile()
        return f"{self._reply}\n"


class Scene:
    """Two shards with logs of two hours ago, and a group whose checkpoints are at their ends."""

    def __init__(self, sls: SlsServer, **params: str) -> None:
        self.sls, self.traffic, self.now = sls, Traffic(sls.control), int(time.time())
        self.params = {
            "account": ACCOUNT,
            "endpoint": f"http://{sls.endpoint}:{sls.http_port}",
            "project": PROJECT,
            "logstore": LOGSTORE,
            "heartbeat_interval": "1",
            **params,
        }
        self.splunkd = Here(self.params)
        self._call = Caller(sls, key_id=KEY_ID, secret=KEY_SECRET)
        self._base = f"/logstores/{LOGSTORE}/consumergroups"
        self.group(timeout=1)
        for shard in (0, 1):
            self.traffic.put(20, shard=shard, received=self.now - 2 * HOUR, group_size=5)
        self.save_ends()

    def access(self, **over: str) -> Access:
        wanted = parse_input({**self.params, **over}, "central")
        return open_access(wanted, self.splunkd, Redactor(), LOG)[0]

    def checkpoints(self) -> GroupCheckpoints:
        return GroupCheckpoints(self.access())

    def rewind(
        self, to: str, meanwhile: Callable[[], Any] | None = None, reply: str | None = "y", **over: Any
    ) -> tuple[int, Any]:
        """Exit code, and what is told as JSON; `meanwhile` happens while the question stands."""
        options = {"shard": None, "skip_ahead": False, "yes": meanwhile is None, "json": True, **over}
        asked, out = argparse.Namespace(stanza="central", rewind=to, **options), io.StringIO()
        code = doctor_rewind.rewind_group(asked, self.splunkd, Redactor(), Terminal(meanwhile, reply), out)
        told = json.loads(out.getvalue()) if options["json"] else out.getvalue()
        assert not options["json"] or told["exit_code"] == code
        return code, told

    # -- others

    def group(self, timeout: int) -> None:
        self._post("", {}, {"consumerGroup": GROUP, "timeout": timeout, "order": False})

    def save(self, shard: int, cursor: str, consumer: str = "", force: bool = True) -> None:
        query = {"type": "checkpoint", "consumer": consumer, "forceSuccess": str(force).lower()}
        self._post(f"/{GROUP}", query, {"shard": shard, "checkpoint": cursor})

    @contextmanager
    def hours_ago(self, hours: float) -> Iterator[None]:
        """By the clocks of SLS and of the others."""
        then = datetime.now(timezone.utc) - timedelta(hours=hours)
        self.sls.control.set_clock_offset(-hours * HOUR)
        self._call.when = then
        yield
        self._call.when = None
        self.sls.control.set_clock_offset(0)

    def save_ends(self, consumer: str = "") -> None:
        for shard, cursor in ends(self.sls).items():
            self.save(shard, cursor, consumer)

    def beat(self, consumer: str, held: list[int]) -> list[int]:
        given: list[int] = self._post(f"/{GROUP}", {"type": "heartbeat", "consumer": consumer}, held)
        return given

    def _post(self, path: str, query: dict[str, str], body: Any) -> Any:
        answer = self._call("POST", self._base + path, query, body, project=PROJECT)
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.content else None

    def close(self) -> None:
        self._call.session.close()

    # -- what SLS has

    def saved(self) -> dict[int, str]:
        return saved(self.sls)

    def rows(self) -> dict[int, Row]:
        rows: dict[int, Row] = self.sls.control.consumer_groups(PROJECT, LOGSTORE)[GROUP]["shards"]
        return rows

    def oldest(self, shard: int) -> str:
        rows = self.sls.control.shards(PROJECT, LOGSTORE)
        return str(next(row["begin"] for row in rows if row["shardID"] == shard))


@contextmanager
def scene_of(sls: SlsServer, **params: str) -> Iterator[Scene]:
    with resolving({"*.sls.test": "127.0.0.1"}, {}):
        scene = Scene(sls, **params)
        yield scene
        scene.close()
