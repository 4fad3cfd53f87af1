"""``python -m tests.demo``: watch the packaged add-on carry logs from an SLS stand-in to a Splunk stand-in.

Exit code 0: every event arrived and the event stream was clean. 1: it was not; the reason and the add-on's
last log lines are printed. 2: the demo could not run.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.addon import APP, RefusedError
from tests.app_package import newest_spl
from tests.demo import questions, report
from tests.demo.put_logs import PutLogsError
from tests.demo.stage import PROJECT, SHARDS, DemoError, Stage, running_stage
from tests.demo.watch import Watched, interpreter, watch
from tests.pythons import SPLUNK_VERSIONS, find_pythons, pythons_for_splunk

BACKLOG_SHARE = 0.4
LIVE_SECONDS = 8.0


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stop both stand-ins in order, as on Ctrl-C
    home = Path(tempfile.mkdtemp(prefix="sls-demo-"))
    keep_files = False
    try:
        reason = _run(options, home)
        keep_files = bool(reason)
        return 1 if reason else 0
    except DemoError as error:
        sys.stderr.write(f"The demo could not run: {error}\n")
        return 2
    except (RefusedError, PutLogsError, RuntimeError, OSError) as error:
        keep_files = True
        sys.stderr.write(f"The demo could not run: {error}\n")
        return 2
    except KeyboardInterrupt:
        _say("\n  Stopped.\n")
        return 130
    finally:
        if keep_files:
            sys.stderr.write(f"Everything the demo wrote is in {home}\n")
        else:
            shutil.rmtree(home, ignore_errors=True)


def _run(options: argparse.Namespace, home: Path) -> str:
    """The whole demo; returns why it failed, or an empty text."""
    spl = options.spl or newest_spl()
    if spl is None:
        raise DemoError("There is no add-on in dist/; build it with ./package.sh --dev-python or give --spl.")
    _say("\nAlibaba Cloud SLS Add-on for Splunk, between a stand-in SLS and a stand-in Splunk\n\n")
    with running_stage(home, spl, pythons_for_splunk(), options.web_port) as stage:
        groups = stage.producer.plan(options.events)
        cut = int(len(groups) * BACKLOG_SHARE)
        stage.producer.write(groups[:cut], live=False)
        _say(_header(stage, spl))
        started = time.monotonic()
        stage.connect_addon()
        _say(report.facts([("Inputs", _inputs(stage))]) + "\n")
        stage.producer.start_live(groups[cut:], LIVE_SECONDS)
        reason = _report(stage, watch(stage, started, sys.stdout))
        if options.keep:
            _keep(stage)
    return reason


def _header(stage: Stage, spl: Path) -> str:
    stores = ", ".join(f"{name} ({shards} shards)" for name, shards in SHARDS.items())
    return report.facts(
        [
            ("Add-on", str(spl)),
            ("SLS", f"{stage.sls.https_endpoint}, project {PROJECT}: {stores}"),
            ("Splunk", f"{stage.splunk.mgmt_url}, log {stage.splunk.splunkd_log}"),
            ("Backlog", f"{len(stage.ledger):,} events lie in SLS before the inputs start"),
        ]
    )


def _inputs(stage: Stage) -> str:
    note = "" if set(SPLUNK_VERSIONS) & set(find_pythons()) else " (in place of Splunk's own 3.9)"
    return f"{len(SHARDS)} running, on {interpreter(stage)}{note}"


def _report(stage: Stage, watched: Watched) -> str:
    """Print table, numbers and verdict; returns why the demo failed, or an empty text."""
    result = stage.reconcile()
    producer = stage.producer
    measured = report.Measured(
        producer.raw_bytes, producer.backlog_bytes, watched.seconds, stage.splunk.problems()
    )
    reason = report.verdict(result, measured, watched.trouble)
    _say("\n" + report.table(result) + "\n" + report.summary(result, measured))
    _say("\n  What a SOC asks first (docs/first-searches.md), by the add-on's own rules:\n\n")
    for question, rows in stage.answers():
        _say(questions.shown(question, rows) + "\n")
    if reason:
        _say(f"\n  FAILED: {reason}\n\n{stage.addon.log_tail()}\n")
    else:
        _say(f"\n  OK: {report.praise(result)}\n")
    return reason


def _keep(stage: Stage) -> None:
    """Say where the pages are, and what it takes to set the add-on up on them by hand."""
    key_id, secret = stage.reader
    pages = f"{stage.splunk.web_url}/en-US/app/{APP}"
    stores = ", ".join(SHARDS)
    facts = [
        ("1st page", f"{pages}/configuration (user admin, password changeme)"),
        ("AccessKey", f"id {key_id}, secret {secret}"),
        ("2nd page", f"{pages}/inputs"),
        ("Endpoint", f"{stage.sls.https_endpoint} (to be typed: the list has Alibaba Cloud's)"),
        ("Project", f"{PROJECT}, logstores {stores}"),
        ("CA bundle", f"{stage.sls.ca_file} (is set already: Configuration, tab Network)"),
    ]
    _say(
        "\n  Still running; Ctrl-C ends it. To add an account and an input by hand:\n\n" + report.facts(facts)
    )
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        _say("\n  Stopping.\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.demo", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument(
        "--events", type=_positive, default=6000, metavar="N", help="about how many events (6000)"
    )
    parser.add_argument("--spl", type=_file, metavar="PATH", help="the add-on; default: the newest in dist/")
    parser.add_argument("--keep", action="store_true", help="leave everything running until Ctrl-C")
    parser.add_argument(
        "--web-port", type=int, default=0, metavar="PORT", help="port of the pages; default: any"
    )
    return parser.parse_args()


def _positive(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return int(text)


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{text} does not exist; build it with ./package.sh --dev-python")
    return path


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
