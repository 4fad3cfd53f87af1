from __future__ import annotations

import json

from sls_ingest.report import Report, as_json, as_text
from sls_ingest.verdict import FAILED, OK, SKIPPED, Result

ROWS = [
    Result("settings", OK, "all settings can be used"),
    Result("log:ListShards", FAILED, "one two three four five six seven eight nine ten", "grant it."),
    Result("shards", SKIPPED, "not tried, because 'log:ListShards' failed"),
]
REPORT = Report("input 'a'", ROWS, [("RAM policy for x", {"Version": "1", "Statement": []})])


def test_the_table_is_aligned_and_wrapped() -> None:
    assert as_text(REPORT, 60).splitlines() == [
        "Checks of input 'a'",
        "",
        "ok       settings        all settings can be used",
        "FAILED   log:ListShards  one two three four five six seven",
        "                         eight nine ten",
        "                         -> grant it",
        "skipped  shards          not tried, because 'log:ListShards'",
        "                         failed",
        "",
        "RAM policy for x:",
        "",
        "{",
        '  "Version": "1",',
        '  "Statement": []',
        "}",
        "",
        "1 failed, 0 warning, 1 skipped, 1 ok",
    ]


def test_the_same_for_programs() -> None:
    told = json.loads(as_json(REPORT))
    assert (told["target"], told["exit_code"]) == ("input 'a'", 1)
    assert told["checks"][1] == {
        "check": "log:ListShards",
        "state": "failed",
        "sentence": "one two three four five six seven eight nine ten",
        "remedy": "grant it",
    }
    assert told["policies"] == [{"for": "RAM policy for x", "policy": {"Version": "1", "Statement": []}}]


def test_a_warning_is_no_failure() -> None:
    assert REPORT.exit_code == 1
    assert REPORT._replace(results=ROWS[:1]).exit_code == 0
