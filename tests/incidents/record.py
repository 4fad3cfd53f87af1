"""``python -m tests.incidents.record``: the add-on's own log and events, into tests/data/monitoring.

Takes seven minutes, as some troubles are only troubles when they last. tests/knowledge runs the searches of
the dashboard and of the alerts over them, at the time of each file's last line, with the
lines of the files before it.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

from tests.app_package import ROOT
from tests.functional.sls_caller import Caller
from tests.incidents.scene import DAY_KEY, NIGHT_KEY, PROJECT, SECRET, Scene
from tests.incidents.stage import running_scene
from tests.standins.sls import SlsServer

FOLDER = ROOT / "tests" / "data" / "monitoring"
_STANZA = "alibaba_sls://waf"
_META = ("time", "index", "host", "source", "sourcetype")
_LASTING = 330  # seconds; a shard that nobody has held for 300 is told of


def main() -> int:
    with running_scene() as scene:
        scene.begin()
        scene.backfill()
        scene.wait_until_well()
        lines = _keep("healthy", scene, [])
        scene.go_wrong()
        scene.put_everywhere()
        scene.wait_until_told()
        lines = _keep("incidents", scene, lines)
        _keep_events(scene)
        _throttle(scene)
        _let_it_last(scene)
        lines = _keep("lasting", scene, lines)
        scene.switch_all_off()
        _keep("stopped", scene, lines)
    return 0


def _throttle(scene: Scene) -> None:
    fault = {"kind": "status", "status": 403, "code": "ReadQuotaExceed"}
    number = scene.control.fault("PullLogs", project=PROJECT, logstore="waf", **fault)
    scene.wait_for_line(r'stanza="waf" .* exc_l="[^"]*QuotaExceed')
    scene.control.clear_faults(number)


def _let_it_last(scene: Scene) -> None:
    """A stranger takes a shard of one input and does not read it, and splunkd does not read another input."""
    scene.control.fault("PullLogs", project=PROJECT, logstore="audit", kind="status", status=500)
    scene.control.add_access_key(NIGHT_KEY, SECRET)
    scene.put_everywhere()
    for name in ("audit", "waf", "oss"):
        scene.forwarder.addon.edit_input(name, metrics_interval=30)
    scene.wait_for_line(r'stanza="audit" \| action=shard_metrics .* shard=1 seconds=[23]\d\..* lag_s=', 60)
    over = threading.Event()
    stranger = threading.Thread(target=_take_a_shard, args=(scene.forwarder.sls, over))
    stranger.start()
    scene.forwarder.pause_reading(_STANZA)
    scene.traffic.put(6000, maker="waf", logstore="waf")
    time.sleep(_LASTING)
    scene.forwarder.resume_reading(_STANZA)
    over.set()
    stranger.join()


def _take_a_shard(sls: SlsServer, over: threading.Event) -> None:
    caller = Caller(sls, key_id=DAY_KEY, secret=SECRET)
    held: list[int] = []
    while not over.wait(1):
        path = "/logstores/audit/consumergroups/splunk-audit"
        answer = caller("POST", path, {"type": "heartbeat", "consumer": "stranger"}, held, project=PROJECT)
        held = answer.json() if answer.status_code == 200 else []


def _keep(name: str, scene: Scene, before: list[str]) -> list[str]:
    """Keep the lines that have come since; returns all."""
    lines = scene.lines()
    new = [line for line in lines if line not in set(before)]
    path: Path = FOLDER / f"{name}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in new), encoding="utf-8")
    sys.stdout.write(f"{len(new)} lines in {path.relative_to(ROOT)}\n")
    return lines


def _keep_events(scene: Scene) -> None:
    events = scene.forwarder.events("sourcetype LIKE 'alibaba:sls:%'")
    told = [{"event": row.raw, **{key: getattr(row, key) for key in _META}} for row in events]
    (FOLDER / "events.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
