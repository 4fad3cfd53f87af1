from __future__ import annotations

import logging
import subprocess
import sys
import threading

import pytest

from sls_ingest import control
from sls_ingest.control import RunControl


def test_a_stop_that_hangs_ends_with_the_process_at_its_latest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "LATEST_STOP", 0.05)
    left = threading.Event()
    codes: list[int] = []
    run = RunControl(logging.getLogger("unit"), lambda code: (codes.append(code), left.set()))
    run.ask_to_stop()
    run.ask_to_stop()
    assert left.wait(5)
    assert codes == [0]


def test_a_failure_ends_with_code_1_and_only_the_first_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(control, "LATEST_STOP", 0.05)
    left = threading.Event()
    codes: list[int] = []
    run = RunControl(logging.getLogger("unit"), lambda code: (codes.append(code), left.set()))
    run.fail("the pipe is closed", "splunkd")
    run.fail("the pipe is closed again", "splunkd")
    run.ask_to_stop()
    assert left.wait(5)
    assert (codes, run.exit_code) == ([1], 1)
    assert [record.message for record in caplog.records] == ["the pipe is closed; the input stops"]
    assert [vars(record)["exc_l"] for record in caplog.records] == ["splunkd"]


SEVERAL_THREADS = """
import ctypes, threading
from sls_ingest.heap import tune_heap

tune_heap()
kept = []
threads = [threading.Thread(target=lambda: kept.extend(map(bytearray, [50_000] * 50))) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
ctypes.CDLL(None).malloc_stats()
"""


def test_threads_share_one_heap() -> None:
    command = [sys.executable, "-c", SEVERAL_THREADS]
    done = subprocess.run(command, env={"PYTHONPATH": "bin"}, capture_output=True, text=True, check=False)
    if "malloc_stats" in done.stderr:
        pytest.skip("not glibc")
    assert done.stderr.count("Arena ") == 1
