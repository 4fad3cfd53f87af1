"""Trouble while an input runs: said once, waited out without a restart, and healed by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.functional.harness import (
    ACCOUNT,
    KEY_ID,
    KEY_SECRET,
    Forwarder,
    Traffic,
    all_saved,
    create_account,
    create_input,
    wait_for,
)
from tests.functional.test_addon_errors import said
from tests.standins.relay import Relay
from tests.standins.sls import SlsServer

NEW_ID, NEW_SECRET = "LTAI5tFunctionalTestsNew", "the-second-secret-4f77"
LASTS = 3.0  # seconds of trouble, which is longer than the group's time-out


class Scene:
    """A running input whose way to SLS can be disturbed."""

    def __init__(self, forwarder: Forwarder, sls: SlsServer, relay: Relay, tmp_path: Path) -> None:
        self.forwarder, self.sls, self.relay, self.tmp_path = forwarder, sls, relay, tmp_path

    def key(self, **over: Any) -> None:
        self.sls.control.add_access_key(KEY_ID, KEY_SECRET, **over)

    def edit_account(self, **over: str) -> None:
        self.forwarder.addon.post(f"account/{ACCOUNT}", over)

    def fault(self, endpoint: str, **over: Any) -> None:
        self.sls.control.fault(endpoint, kind="status", **over)

    def rotate_key(self) -> None:
        self.sls.control.remove_access_key(KEY_ID)
        self.sls.control.add_access_key(NEW_ID, NEW_SECRET)

    def enter_new_key(self) -> None:
        self.edit_account(access_key_id=NEW_ID, access_key_secret=NEW_SECRET)

    def expire_token(self) -> None:
        self.key(security_token="token-1", expires=time.time() - 1)

    def enter_fresh_token(self) -> None:
        self.key(security_token="token-2", expires=time.time() + 3600)
        self.edit_account(security_token="token-2")

    def impostor(self) -> None:
        """A server of the same name with a certificate that nobody vouches for."""
        self.other = SlsServer(workdir=self.tmp_path / "impostor")
        self.other.start()
        self.relay.lead_to(self.other.https_port)

    def unmask(self) -> None:
        self.relay.lead_to(self.sls.https_port)
        self.other.stop()


Step = Callable[[Scene], object]

TROUBLES: dict[str, tuple[Step, Step, str]] = {
    "key disabled": (lambda s: s.key(enabled=False), lambda s: s.key(), "is disabled"),
    "RAM denial": (
        lambda s: s.key(deny=["log:GetCursorOrData"]),
        lambda s: s.key(),
        "RAM permission is missing",
    ),
    "read quota": (
        lambda s: s.fault("PullLogs", status=403, code="ReadQuotaExceed"),
        lambda s: s.sls.control.clear_faults(),
        "SLS throttles reads (ReadQuotaExceed",
    ),
    "shard read quota": (
        lambda s: s.fault("PullLogs", status=403, code="ShardReadQuotaExceed"),
        lambda s: s.sls.control.clear_faults(),
        "SLS throttles reads (ShardReadQuotaExceed",
    ),
    "clock skew": (
        lambda s: s.sls.control.set_clock_offset(1200),
        lambda s: s.sls.control.set_clock_offset(0),
        "clock of this forwarder differs",
    ),
    "closed port": (lambda s: s.relay.close(), lambda s: s.relay.open(), "refused the connection"),
    "unknown certificate": (Scene.impostor, Scene.unmask, "is not trusted"),
    "key rotated": (Scene.rotate_key, Scene.enter_new_key, "does not exist; check the id"),
}


@contextmanager
def running(
    forwarder: Forwarder, sls: SlsServer, traffic: Traffic, tmp_path: Path, **account: Any
) -> Iterator[Scene]:
    with Relay(sls.https_port) as relay:
        create_account(forwarder, **account)
        create_input(forwarder, "central", endpoint=f"https://sls.test:{relay.port}")
        traffic.put(20)
        traffic.wait_until_all_arrived(forwarder)
        yield Scene(forwarder, sls, relay, tmp_path)


def test_each_trouble_is_said_once_and_heals_without_a_restart(
    forwarder: Forwarder, sls: SlsServer, traffic: Traffic, tmp_path: Path
) -> None:
    with running(forwarder, sls, traffic, tmp_path) as scene:
        for name, trouble in TROUBLES.items():
            overcome(scene, traffic, name, *trouble)
    no_secret_in_logs(forwarder)


def test_an_expired_token_is_replaced_without_a_restart(
    forwarder: Forwarder, sls: SlsServer, traffic: Traffic, tmp_path: Path
) -> None:
    sls.control.add_access_key(KEY_ID, KEY_SECRET, security_token="token-1", expires=time.time() + 3600)
    with running(forwarder, sls, traffic, tmp_path, security_token="token-1") as scene:
        trouble = (Scene.expire_token, Scene.enter_fresh_token, "the STS token is not accepted")
        overcome(scene, traffic, "token expired", *trouble)
    no_secret_in_logs(forwarder)


def overcome(scene: Scene, traffic: Traffic, name: str, disturb: Step, heal: Step, sentence: str) -> None:
    """One trouble from its begin until all logs have arrived after it."""
    forwarder = scene.forwarder
    wait_for(lambda: all_saved(scene.sls), 10, "saved checkpoints")
    disturb(scene)
    traffic.put(20)
    wait_for(lambda: said(forwarder, sentence), 15, f"'{sentence}' in splunkd.log")
    time.sleep(LASTS)
    heal(scene)
    traffic.put(20)
    result = traffic.wait_until_all_arrived(forwarder)
    assert result.total.duplicate == 0, name
    assert len(said(forwarder, sentence)) == 1, name
    assert [row.runs for row in forwarder.inputs()] == [1], name


def no_secret_in_logs(forwarder: Forwarder) -> None:
    text = forwarder.addon.log_text() + forwarder.splunkd_log.read_text(encoding="utf-8")
    assert not [secret for secret in (KEY_SECRET, NEW_SECRET, "token-1", "token-2") if secret in text]


def test_a_dead_proxy_is_waited_for(forwarder: Forwarder, sls: SlsServer, traffic: Traffic) -> None:
    with Relay(sls.http_port) as proxy:
        forwarder.addon.set_proxy(
            proxy_enabled="1", proxy_type="http", proxy_url="127.0.0.1", proxy_port=str(proxy.port)
        )
        create_account(forwarder)
        create_input(forwarder, "central")
        traffic.put(20)
        traffic.wait_until_all_arrived(forwarder)
        wait_for(lambda: all_saved(sls), 10, "saved checkpoints")
        proxy.close()
        traffic.put(20)
        wait_for(lambda: said(forwarder, "the proxy of the Configuration page"), 15, "the proxy to be named")
        time.sleep(LASTS)
        # Before it is back: a call that it refused just then may tell so after another one has succeeded.
        assert len(said(forwarder, "the proxy of the Configuration page")) == 1
        proxy.open()
        assert traffic.wait_until_all_arrived(forwarder).total.duplicate == 0
    assert [row.runs for row in forwarder.inputs()] == [1]


def test_a_name_that_stops_to_resolve_is_waited_for(
    make_forwarder: Callable[..., Forwarder], sls: SlsServer, traffic: Traffic, tmp_path: Path
) -> None:
    zone = tmp_path / "zone"
    zone.write_text("127.0.0.1")
    forwarder = make_forwarder()
    forwarder._runner.resolve = {"*.sls.test": f"@{zone}"}
    create_account(forwarder)
    create_input(forwarder, "central")
    traffic.put(20)
    traffic.wait_until_all_arrived(forwarder)
    wait_for(lambda: all_saved(sls), 10, "saved checkpoints")
    zone.unlink()
    sls.control.fault("*", kind="reset", times=20)  # open connections need no name
    traffic.put(20)
    wait_for(lambda: said(forwarder, "cannot be resolved"), 15, "the name to be named")
    time.sleep(LASTS)
    zone.write_text("127.0.0.1")
    assert traffic.wait_until_all_arrived(forwarder).total.duplicate == 0
    assert len(said(forwarder, "cannot be resolved")) == 1
    assert [row.runs for row in forwarder.inputs()] == [1]
