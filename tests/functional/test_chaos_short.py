"""Every kind of fault once, with a ledger: the short form of `make chaos`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app_package import ROOT
from tests.chaos.faults import KINDS


@pytest.mark.timeout(400)
def test_no_kind_of_fault_loses_a_log(spl: Path, tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    command = [sys.executable, "-m", "tests.chaos", "--short", "--json", str(figures)]
    done = subprocess.run(
        [*command, "--home", str(tmp_path / "chaos")],
        cwd=ROOT,
        env={**os.environ, "TA_SPL": str(spl)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(figures.read_text(encoding="utf-8"))
    assert set(told["kinds"]) == set(KINDS)
    assert told["missing"] == 0
