"""The Splunk Cloud gate: no failure, and no warning without a reason in tools/release/allowed/cloud.json.

It looks at the release, the file that is published. `make release-check` looks under the other tags, too.
"""

from __future__ import annotations

from pathlib import Path

from tools.release.inspection import Inspection, judge, reasons


def test_splunk_cloud_takes_it(release_spl: Path, tmp_path: Path) -> None:
    checks = Inspection(release_spl, tmp_path, tags=("cloud",)).checks(timeout=400)
    assert sum(check.result == "success" for check in checks) > 100
    assert judge(checks, "cloud", reasons("cloud")).problems == ()
