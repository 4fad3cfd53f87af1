"""The Splunk Cloud gate: no failure, and no warning without a reason in appinspect_allow.json.

It looks at the release, the file that is published. aarch64 is not in the tag: the package is for x86_64.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ALLOWED: dict[str, str] = json.loads(
    Path(__file__).with_name("appinspect_allow.json").read_text(encoding="utf-8")
)
SECONDS = 400
# AppInspect's exit codes with --ci; 101 is a failure, 102 an error.
CLEAN, ONLY_WARNINGS = 0, 103


@pytest.fixture(scope="module")
def report(release_spl: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    out = tmp_path_factory.mktemp("appinspect") / "report.json"
    tool = Path(sys.executable).with_name("splunk-appinspect")
    command = [str(tool), "inspect", str(release_spl), "--included-tags", "cloud", "--ci"]
    command += ["--data-format", "json", "--output-file", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert out.is_file(), done.stdout[-2000:] + done.stderr[-2000:]
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    found["exit_code"] = done.returncode
    return found


def checks(report: dict[str, Any], *results: str) -> dict[str, list[str]]:
    """Checks that ended so, with their messages."""
    groups = [group for part in report["reports"] for group in part["groups"]]
    found = [check for group in groups for check in group["checks"] if check["result"] in results]
    return {check["name"]: [message["message"] for message in check["messages"]] for check in found}


def test_it_looked(report: dict[str, Any]) -> None:
    assert report["summary"]["success"] > 100


def test_nothing_fails(report: dict[str, Any]) -> None:
    assert checks(report, "failure", "error", "future_failure") == {}
    assert report["exit_code"] in (CLEAN, ONLY_WARNINGS)


def test_every_warning_has_a_reason(report: dict[str, Any]) -> None:
    unexplained = {name: text for name, text in checks(report, "warning").items() if name not in ALLOWED}
    assert unexplained == {}


def test_no_reason_outlives_its_warning(report: dict[str, Any]) -> None:
    assert sorted(set(ALLOWED) - set(checks(report, "warning"))) == []
