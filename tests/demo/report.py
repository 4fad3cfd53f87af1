"""What the demo prints: a header, a progress line, a table and a verdict. Text in, text out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TextIO

from tests.standins.ledger import Reconciliation, Row

NO_TOPIC = "(no topic)"
NAME_WIDTH = len("Event stream")
PLAIN_EVERY_SECONDS = 2.0
SHORT_SECONDS = 0.05
"""No rate is worked out from a shorter span."""


@dataclass(frozen=True)
class Measured:
    """What the run itself measured; sizes in bytes of raw log groups, times in seconds."""

    raw_bytes: int
    backlog_bytes: int
    seconds: float
    stream_problems: list[str]


def facts(pairs: list[tuple[str, str]]) -> str:
    """Aligned "name  value" lines."""
    return "".join(f"  {name:<{NAME_WIDTH}}  {value}\n" for name, value in pairs)


def progress(produced: int, indexed: int, rate: float | None, elapsed: float) -> str:
    """One line; ``rate`` in events per second, None to leave it out."""
    minutes, seconds = divmod(int(elapsed), 60)
    text = f"  {minutes:02d}:{seconds:02d}  produced {produced:>7,}   indexed {indexed:>7,}"
    return text if rate is None else f"{text}   {rate:>7,.0f} events/s"


class ProgressLine:
    """Rewrites one line on a terminal; prints a line now and then into a file or pipe."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._rewrite = out, out.isatty()
        self._width, self._last = 0, 0.0

    def show(self, text: str, final: bool = False) -> None:
        if self._rewrite:
            self._out.write("\r" + text.ljust(self._width) + ("\n" if final else ""))
            self._width = 0 if final else len(text)
        elif final or time.monotonic() - self._last >= PLAIN_EVERY_SECONDS:
            self._out.write(text + "\n")
            self._last = time.monotonic()
        self._out.flush()


def table(result: Reconciliation) -> str:
    """One line per topic and logstore, a total below."""
    head = ("topic", "sourcetype", "logstore", "produced", "indexed", "missing", "duplicate")
    rows = sorted(result.rows, key=lambda row: (row.logstore, row.topic))
    cells = [head, *map(_cells, rows), ("total", "", "", *_numbers(result.total))]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    lines = [_line(line, widths) for line in cells]
    rule = "  " + "  ".join("-" * width for width in widths)
    return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]]) + "\n"


def _cells(row: Row) -> tuple[str, ...]:
    names = (row.topic or NO_TOPIC, " ".join(sorted(row.sourcetypes)) or "-", row.logstore)
    return names + _numbers(row)


def _numbers(row: Row) -> tuple[str, ...]:
    return tuple(f"{n:,}" for n in (row.produced, row.indexed, row.missing, row.duplicate))


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    text = [cell.ljust(width) for cell, width in zip(cells[:3], widths)]
    numbers = [cell.rjust(width) for cell, width in zip(cells[3:], widths[3:])]
    return ("  " + "  ".join(text + numbers)).rstrip()


def summary(result: Reconciliation, measured: Measured) -> str:
    """Throughput, lag and stream problems."""
    problems = measured.stream_problems
    return facts(
        [
            ("Backlog", _backlog(result, measured.backlog_bytes)),
            ("Live logs", _lag(result)),
            ("In all", f"{measured.raw_bytes / 1e6:.2f} MB of raw log groups in {measured.seconds:.1f} s"),
            ("Event stream", "clean" if not problems else f"{len(problems)} problems, first: {problems[0]}"),
        ]
    )


def _backlog(result: Reconciliation, raw_bytes: int) -> str:
    """How fast it came once it flowed: the rate that no producer paced."""
    if not result.backlog:
        return "none of it arrived"
    span = result.backlog[-1] - result.backlog[0]
    text = f"{len(result.backlog):,} events, {raw_bytes / 1e6:.2f} MB raw, within {span:.2f} s"
    if span < SHORT_SECONDS:
        return text
    return f"{text}: {len(result.backlog) / span:,.0f} events/s, {raw_bytes / 1e6 / span:.2f} MB/s"


def _lag(result: Reconciliation) -> str:
    half, most = result.lag(0.5), result.lag(0.99)
    if half is None or most is None:
        return "none arrived"
    return f"{len(result.lags):,} events, lag from PutLogs to indexed: p50 {half:.2f} s, p99 {most:.2f} s"


def verdict(result: Reconciliation, measured: Measured, trouble: str = "") -> str:
    """Why the demo failed, as one sentence; empty when it did not."""
    if result.total.missing:
        first = ", ".join(result.total.missing_numbers[:5])
        lost = f"{result.total.missing:,} of {result.total.produced:,} events never arrived (first: {first})."
        return f"{trouble} {lost}".strip()
    if trouble:
        return trouble
    if result.unknown_numbers:
        return f"{len(result.unknown_numbers)} events arrived that nobody produced."
    if measured.stream_problems:
        return f"Splunk would have stumbled over the event stream: {measured.stream_problems[0]}"
    return ""


def praise(result: Reconciliation) -> str:
    """The good news as one sentence."""
    total = result.total
    copies = f"{total.duplicate:,} of them more than once" if total.duplicate else "each of them once"
    return f"all {total.produced:,} events arrived, {copies}."
