"""Inputs that are well, and then a lag of 20 minutes, a gap, a quarantine and an AccessKey that was disabled.

Everything is provoked outside of the add-on: in the SLS stand-in, and by disabling an input for a while.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.functional import harness
from tests.functional.harness import Forwarder
from tests.standins.sls import SlsServer
from tests.traffic import Producer, wait_for

PROJECT = "shop"
#: Logstore -> shards.
LOGSTORES = {"audit": 2, "waf": 1, "oss-access": 1, "archive": 2}
DAY_KEY, NIGHT_KEY = "LTAI5tIncidentsDay", "LTAI5tIncidentsNight"
SECRET = "incidents-secret-4b1f"
LAG_SECONDS = 20 * 60
POISON = b"\x0a\x7f no log group \xff\xff" + bytes(range(256)) * 8
METRICS_SECONDS = 2


class Scene:
    """One forwarder that reads four logstores of one project."""

    def __init__(self, sls: SlsServer, forwarder: Forwarder) -> None:
        self.control, self.forwarder = sls.control, forwarder
        self.traffic = Producer(sls.control, PROJECT, "audit")

    # -- all is well

    def begin(self) -> None:
        """Accounts and inputs, and logs that arrive."""
        self.control.create_project(PROJECT)
        for logstore, shards in LOGSTORES.items():
            self.control.create_logstore(PROJECT, logstore, shards=shards)
        for account, key in (("day", DAY_KEY), ("night", NIGHT_KEY)):
            self.control.add_access_key(key, SECRET)
            harness.create_account(self.forwarder, name=account, access_key_id=key, access_key_secret=SECRET)
        self._input("audit")
        self._input("waf")
        self._input("oss", logstore="oss-access", account="night")
        self.put_everywhere()

    def _input(self, name: str, **over: str) -> None:
        fields = {"account": "day", "project": PROJECT, "logstore": name, "metrics_interval": METRICS_SECONDS}
        harness.create_input(self.forwarder, name, **{**fields, **over})

    def put_everywhere(self, factor: int = 1) -> None:
        """Logs for all but the backfill; SLS got those of one shard 20 minutes ago."""
        self.traffic.put(120 * factor, maker="actiontrail", logstore="audit", shard=1)
        self._put_late(40 * factor)
        self.traffic.put(200 * factor, maker="waf", logstore="waf")
        self.traffic.put(150 * factor, maker="oss", logstore="oss-access")

    def _put_late(self, events: int) -> None:
        received = int(time.time()) - LAG_SECONDS
        self.traffic.put(events, maker="actiontrail", logstore="audit", shard=0, received=received)

    def wait_until_well(self) -> None:
        """Until each input has told of what it delivered."""
        for name in ("audit", "waf", "oss"):
            self.wait_for_line(rf"stanza=\"{name}\" \| action=input_metrics .* events=[1-9]")

    def backfill(self) -> None:
        """An input with an end time, which reads what is there, says so, and disables itself."""
        now = int(time.time())
        for shard in (0, 1):
            self.traffic.put(60, maker="vpc_flow", logstore="archive", shard=shard, received=now - 3600)
        self._input("archive", cursor_end_time=str(now - 60))

    # -- and then is not

    def fall_behind(self) -> None:
        """An input comes back to a shard in which logs have waited for 20 minutes, and SLS fails."""
        self._switch_off("audit")
        self.control.fault("PullLogs", project=PROJECT, logstore="audit", shard=0, kind="status", status=500)
        self._put_late(30)
        self.forwarder.addon.enable_input("audit")

    def lose_logs(self) -> None:
        """Retention takes logs while the input is off."""
        self._switch_off("waf")
        self.traffic.put(10, maker="waf", logstore="waf", shard=0, group_size=1)
        self.control.expire(PROJECT, "waf", 0, keep_last=2)
        self.forwarder.addon.enable_input("waf")

    def switch_all_off(self) -> None:
        for name in ("audit", "waf", "oss"):
            self.forwarder.addon.disable_input(name)
        wait_for(
            lambda: all(row.state == "stopped" for row in self.forwarder.inputs()), 15, "all inputs to stop"
        )

    def _switch_off(self, name: str) -> None:
        self.forwarder.addon.disable_input(name)
        self.wait_for_line(rf'stanza="{name}" \| stopped')

    def damage_a_log_group(self) -> None:
        self.control.put_raw_group(PROJECT, "waf", POISON, shard=0, count_logs=1)
        self.traffic.put(20, maker="waf", logstore="waf")

    def disable_a_key(self) -> None:
        self.control.add_access_key(NIGHT_KEY, SECRET, enabled=False)

    def go_wrong(self) -> None:
        self.lose_logs()
        self.damage_a_log_group()
        self.disable_a_key()
        self.fall_behind()

    def wait_until_told(self) -> None:
        """Until the log tells of all four."""
        self.wait_for_line(
            rf'stanza="audit" \| action=shard_metrics .* shard=0 .*lag_s={LAG_SECONDS // 100}\d\d'
        )
        for kind in ("gap", "quarantine"):
            self.wait_for_line(rf'stanza="waf" .* exc_l="{kind}"')
        self.wait_for_line(r'stanza="oss" .* exc_l="[^"]*(accesskeyid|AccessKey|Unauthorized)')
        self.wait_for_line(r'stanza="waf" \| action=shard_metrics .* quarantined=1')

    def wait_for_line(self, pattern: str, seconds: float = 40) -> None:
        found = re.compile(pattern)
        wait_for(
            lambda: found.search(self.forwarder.addon.log_text()),
            seconds,
            lambda: f"a line like {pattern}\n{self.forwarder.addon.log_tail(5)}",
        )

    def lines(self) -> list[str]:
        """All lines of the own logs, by their time."""
        return sorted(self.forwarder.addon.log_text().splitlines())


@contextmanager
def after_incidents(sls: SlsServer, forwarder: Forwarder) -> Iterator[Scene]:
    """The scene when all of it has happened; its faults end with the context."""
    scene = Scene(sls, forwarder)
    try:
        scene.begin()
        scene.backfill()
        scene.wait_until_well()
        scene.go_wrong()
        scene.put_everywhere()
        scene.wait_until_told()
        yield scene
    finally:
        sls.control.clear_faults()
