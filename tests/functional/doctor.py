"""Runs the packaged doctor as `splunk cmd python` would, from a script or at a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.addon import APP
from tests.functional.harness import Forwarder


def run(forwarder: Forwarder, *words: str, key: str | None) -> subprocess.CompletedProcess[str]:
    """With a session key on standard input, which is no terminal."""
    return subprocess.run(
        _command(forwarder, "--session-key-stdin", *words),
        input=f"{key}\n",
        env={**forwarder._runner.env(), "https_proxy": "http://127.0.0.1:1", "NO_PROXY": ".sls.test"},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
    )


@contextmanager
def at_terminal(forwarder: Forwarder, *words: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The process and its terminal, where it asks and shows errors; its standard output is a pipe."""
    terminal, tty = pty.openpty()
    child = subprocess.Popen(
        _command(forwarder, *words),
        env=forwarder._runner.env(),
        stdin=tty,
        stdout=subprocess.PIPE,
        stderr=tty,
        start_new_session=True,
        preexec_fn=_take_terminal,
    )
    os.close(tty)
    try:
        yield child, terminal
    finally:
        os.close(terminal)


def answer(terminal: int, prompt: bytes, text: str) -> bytes:
    """Wait for `prompt` and type `text`; returns what was shown."""
    shown = b""
    while prompt not in shown:
        shown += os.read(terminal, 1024)
    time.sleep(0.2)  # getpass throws away what was typed before it looks
    os.write(terminal, f"{text}\n".encode())
    return shown


def rest(terminal: int) -> bytes:
    """What is shown until the process ends."""
    shown = b""
    try:
        while True:
            part = os.read(terminal, 1024)
            if not part:
                return shown
            shown += part
    except OSError:  # the other end is closed
        return shown


def _command(forwarder: Forwarder, *words: str) -> list[str]:
    script = forwarder.home / "etc" / "apps" / APP / "bin" / "alibaba_sls_doctor.py"
    python = forwarder._runner.interpreters.for_run()
    return [python, str(script), "--splunkd", forwarder.mgmt_url, *words]


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
