"""`python -m tests.standins.sls`: the stand-in in a process of its own, until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from .knobs import Knobs
from .server import SlsServer


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.standins.sls", description="SLS stand-in")
    parser.add_argument("--endpoint", default="sls.test", help="host name of the service")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    for name in ("http", "https", "control"):
        parser.add_argument(f"--{name}-port", type=int, default=0, help="0: any free port")
    parser.add_argument("--workdir", type=Path, help="where ca.pem goes (default: a temporary directory)")
    parser.add_argument("--ready-file", type=Path, help="write the ready line here too, atomically")
    parser.add_argument("--knob", action="append", default=[], metavar="NAME=VALUE", help="may be repeated")
    return parser.parse_args()


def make_knobs(settings: list[str]) -> Knobs:
    """Knobs from NAME=VALUE texts; raises SystemExit for unknown ones."""
    knobs = Knobs()
    for setting in settings:
        name, _, value = setting.partition("=")
        try:
            knobs.set(name, value)
        except (KeyError, ValueError) as exc:
            raise SystemExit(f"--knob {setting}: {exc}") from None
    return knobs


def main() -> None:
    """Serve until a signal comes."""
    given = arguments()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    server = SlsServer(
        endpoint=given.endpoint,
        knobs=make_knobs(given.knob),
        workdir=given.workdir,
        host=given.host,
        http_port=given.http_port,
        https_port=given.https_port,
        control_port=given.control_port,
    )
    with server:
        announce(server, given.ready_file)
        stop.wait()


def announce(server: SlsServer, ready_file: Path | None) -> None:
    """One JSON line in the ready file, then the same on stdout."""
    names = ("endpoint", "http_port", "https_port", "control_port", "control_url", "proxy_url")
    ready = {name: getattr(server, name) for name in names}
    line = json.dumps({**ready, "ca_file": str(server.ca_file)}) + "\n"
    if ready_file is not None:
        draft = ready_file.with_suffix(".part")
        draft.write_text(line)
        draft.replace(ready_file)
    sys.stdout.write(line)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
