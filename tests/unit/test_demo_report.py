"""What the demo prints: the numbers are the ledger's, and a failure names its reason."""

from __future__ import annotations

import io

from tests.demo import report
from tests.standins.ledger import Arrival, Ledger, Reconciliation

CLEAN = report.Measured(raw_bytes=3_000_000, backlog_bytes=1_000_000, seconds=2.0, stream_problems=[])


def _result(arrived: dict[str, int]) -> Reconciliation:
    ledger = Ledger()
    for number, (topic, at) in {"1": ("waf", 10.0), "2": ("", None), "3": ("waf", 10.0)}.items():
        ledger.produced(topic, "store", number, at)
    return ledger.reconcile(
        Arrival(n, "alibaba:waf", 10.5) for n, count in arrived.items() for _ in range(count)
    )


def test_table_shows_every_topic_and_the_total() -> None:
    lines = report.table(_result({"1": 1, "2": 2})).splitlines()
    cells = [line.split() for line in lines if not line.lstrip().startswith("-")]
    assert cells[0] == ["topic", "sourcetype", "logstore", "produced", "indexed", "missing", "duplicate"]
    assert cells[1] == ["(no", "topic)", "alibaba:waf", "store", "1", "1", "0", "1"]
    assert cells[2] == ["waf", "alibaba:waf", "store", "2", "1", "1", "0"]
    assert cells[3] == ["total", "3", "2", "1", "1"]


def test_columns_line_up() -> None:
    lines = report.table(_result({"1": 1})).splitlines()
    assert len({line.rindex("0") + 1 for line in lines if line.endswith("0")} | {len(lines[0])}) == 1


def test_summary_tells_lag_and_throughput() -> None:
    ledger = Ledger()
    for number, at in {"1": None, "2": None, "3": 10.0}.items():
        ledger.produced("waf", "store", number, at)
    result = ledger.reconcile([Arrival("1", at=10.0), Arrival("2", at=10.5), Arrival("3", at=10.25)])
    text = report.summary(result, CLEAN)
    assert "2 events, 1.00 MB raw, within 0.50 s: 4 events/s, 2.00 MB/s" in text
    assert "1 events, lag from PutLogs to indexed: p50 0.25 s, p99 0.25 s" in text
    assert "3.00 MB of raw log groups in 2.0 s" in text
    assert "clean" in text


def test_summary_of_nothing() -> None:
    text = report.summary(_result({}), CLEAN)
    assert "none of it arrived" in text
    assert "none arrived" in text


def test_verdict_is_empty_only_when_all_is_well() -> None:
    whole = _result({"1": 1, "2": 3, "3": 1})
    assert report.verdict(whole, CLEAN) == ""
    assert "1 of 3 events never arrived (first: 3)" in report.verdict(_result({"1": 1, "2": 1}), CLEAN)
    assert "nobody produced" in report.verdict(_result({"1": 1, "2": 1, "3": 1, "9": 1}), CLEAN)
    dirty = report.Measured(1, 1, 1.0, ["malformed: x"])
    assert "malformed: x" in report.verdict(whole, dirty)
    assert report.verdict(whole, CLEAN, "broken pipe") == "broken pipe"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_one_rewritten_line() -> None:
    out = _Terminal()
    line = report.ProgressLine(out)
    line.show("long text")
    line.show("short")
    line.show("end", final=True)
    assert out.getvalue() == "\rlong text\rshort    \rend  \n"


def test_a_file_gets_few_plain_lines() -> None:
    out = io.StringIO()
    line = report.ProgressLine(out)
    for number in range(50):
        line.show(f"line {number}")
    line.show("end", final=True)
    assert out.getvalue() == "line 0\nend\n"
