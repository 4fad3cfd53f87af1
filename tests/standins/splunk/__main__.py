"""``python -m tests.standins.splunk``: an instance in the foreground, until Ctrl+C."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from .server import ADMIN, PASSWORD, SplunkServer


def _pairs(items: list[str]) -> dict[str, str]:
    pairs = (item.partition("=") for item in items)
    return {key: value for key, _, value in pairs}


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.standins.splunk", description=__doc__)
    parser.add_argument("home", type=Path, help="folder that becomes SPLUNK_HOME")
    parser.add_argument(
        "--install", type=Path, action="append", default=[], metavar="SPL", help="app package"
    )
    parser.add_argument("--app-dir", type=Path, action="append", default=[], help="unpacked app to copy in")
    parser.add_argument("--mgmt-port", type=int, default=8089, help="0 takes a free port (default: 8089)")
    parser.add_argument("--web-port", type=int, default=8000, help="0 takes a free port (default: 8000)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--server-name", default="hf1")
    parser.add_argument("--python", action="append", default=[], metavar="3.9=PATH", help="an interpreter")
    parser.add_argument(
        "--resolve", action="append", default=[], metavar="*.test=127.0.0.1", help="for children"
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM."""
    given = _arguments(argv)
    server = SplunkServer(
        given.home,
        pythons=_pairs(given.python) or None,
        resolve=_pairs(given.resolve) or None,
        server_name=given.server_name,
        mgmt_port=given.mgmt_port,
        web_port=given.web_port,
        host=given.host,
    )
    for package in given.install:
        server.install(package)
    for folder in given.app_dir:
        server.install_dir(folder)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    with server:
        sys.stdout.write(
            f"splunkd  {server.mgmt_url}\npages    {server.web_url}\nlogin    {ADMIN} / {PASSWORD}\n"
        )
        sys.stdout.flush()
        done.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
