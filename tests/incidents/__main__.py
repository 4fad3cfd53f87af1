"""``python -m tests.incidents``: a run with a 20-minute lag, a gap, a quarantine and a disabled AccessKey.

Prints the lines of the add-on's own log, and which alerts' conditions hold, before and after. ``--keep``
leaves the stand-ins running, to look at the Dashboard page.
"""

from __future__ import annotations

import argparse
import re
import sys

from tests.addon import APP
from tests.incidents.alerts import alerts
from tests.incidents.scene import PROJECT, Scene
from tests.incidents.stage import running_scene

_WORTH_SHOWING = re.compile(r"exc_l=|action=backfill_finished|\| stopped|\| disabled")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.incidents")
    parser.add_argument("--keep", action="store_true", help="leave it running until Enter is pressed")
    options = parser.parse_args()
    with running_scene() as scene:
        _run(scene)
        if options.keep:
            url = f"{scene.forwarder.web_url}/en-US/app/{APP}/dashboard"
            sys.stdout.write(f"\n{url} (admin / changeme), tab SLS. Enter ends it.\n")
            sys.stdin.readline()
    return 0


def _run(scene: Scene) -> None:
    scene.begin()
    scene.wait_until_well()
    healthy = set(scene.lines())
    sys.stdout.write(f"\nAll is well in project {PROJECT}. Alerts:\n\n{_table(scene)}")
    scene.backfill()
    scene.go_wrong()
    scene.put_everywhere()
    scene.wait_until_told()
    new = [line for line in scene.lines() if line not in healthy]
    sys.stdout.write("\nThen the lines that tell of trouble, and the last metrics of each shard:\n\n")
    sys.stdout.write("".join(f"{line}\n" for line in [*filter(_WORTH_SHOWING.search, new), *_last(new)]))
    sys.stdout.write(f"\nAlerts:\n\n{_table(scene)}")


def _last(lines: list[str]) -> list[str]:
    found: dict[tuple[str, ...], str] = {}
    for line in lines:
        match = re.search(r'stanza="([^"]*)" \| action=shard_metrics .*? shard=(\d+)', line)
        if match:
            found[match.groups()] = line
    return list(found.values())


def _table(scene: Scene) -> str:
    rows = []
    for alert in alerts(scene.forwarder):
        rows.append(f"  {'HOLDS' if alert.rows else '-':<6} {alert.name}\n")
        rows += [f"{'':9}{message}\n" for message in alert.messages]
    return "".join(rows)


if __name__ == "__main__":
    sys.exit(main())
