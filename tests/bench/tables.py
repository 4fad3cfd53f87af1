"""A result as text for the terminal, and as Markdown."""

from __future__ import annotations

from typing import Any

from tests.bench.outcome import Row, Spread, find, rows
from tests.bench.paths import WAYS
from tests.bench.plan import Cell, main_shards

HEAD = f"{'':4} {'shards':>6} {'python':7} {'path':6} {'MB/CPU-s':>8} {'(min .. max)':>17}" + (
    f" {'MB/s':>7} {'events/s':>10} {'peak MB':>7} {'/a02':>7} {'/floor':>7}"
)


def text(result: dict[str, Any]) -> str:
    """The whole table."""
    ceilings = ", ".join(f"{name} {value:,.0f}" for name, value in result["ceiling_mb_s"].items())
    lines = [HEAD, *map(_text_line, rows(result)), "", f"The stand-in's own ceiling, MB/s raw: {ceilings}."]
    lines += [f"FAILED: {failure}" for failure in result["failures"]]
    return "\n".join(lines)


def _text_line(row: Row) -> str:
    spread = row.mb_per_cpu_s
    between = f"({spread.low:.1f} .. {spread.high:.1f})"
    return (
        f"{row.work:4} {row.shards:6} {row.python:7} {row.path:6} {spread.median:8.1f} {between:>17}"
        f" {row.mb_s:7.1f} {row.events_s:10,.0f} {row.peak_rss_mb:7.0f} {_times(row.to_base):>7}"
        f" {_percent(row.to_floor):>7}"
    )


def cell_line(result: dict[str, Any], cell: Cell) -> str:
    """What came of one cell: MB per CPU-second of each path, by Python."""
    parts = []
    for way, python in cell.runs:
        row = find(rows(result), work=cell.work, shards=cell.shards, python=python, path=way.name)
        shown = f"{row.mb_per_cpu_s.median:.1f}" if row else "-"
        parts.append(f"{way.name}/{python} {shown}")
    return f"work {cell.work}, {cell.shards} shards, MB/CPU-s: {', '.join(parts)}"


# -- Markdown


def markdown(result: dict[str, Any]) -> str:
    """The section of docs/benchmarks.md that is made from a result."""
    found = rows(result)
    shards = main_shards({row.shards for row in found})
    parts = [_facts(result), f"### At {shards} shards"]
    for name, facts in result["works"].items():
        parts += [_work(name, facts, result["ceiling_mb_s"].get(name)), _full(found, name, shards)]
    others = sorted({row.shards for row in found})
    if len(others) > 1:
        parts += ["### More and fewer shards", _by_shards(found, others)]
    if result["failures"]:
        parts += ["### Runs that failed", "\n".join(f"- {failure}" for failure in result["failures"])]
    return "\n\n".join(parts)


def _facts(result: dict[str, Any]) -> str:
    machine, pythons = result["machine"], ", ".join(result["pythons"].values())
    return (
        f"Measured on {result['date']} by `{result['command']}`:\n"
        f"{machine['cpu']}, {machine['cores']} cores, {machine['kernel']};\n"
        f"{pythons}; {result['package']}.\n"
        f"Figures are the median of {_count(result['rounds'], 'run')} of {result['window_seconds']:g} s; "
        "in brackets the smallest and the largest."
    )


def _work(name: str, facts: dict[str, Any], ceiling: float | None) -> str:
    most = f" The stand-in serves at most {ceiling:,.0f} MB/s of it." if ceiling else ""
    size, group = f"{facts['bytes_per_log']:,.0f} bytes", _count(facts["logs_per_group"], "log")
    return (
        f"**{name}: {facts['title']}.** {size} and {facts['fields']} fields a log, {group} a log group,\n"
        f"{facts['pull_mb']:.1f} MB a pull; lz4 makes it {facts['lz4_ratio']:.1f} times smaller.{most}"
    )


def _full(found: list[Row], work: str, shards: int) -> str:
    lines = [
        "| Path | Python | MB per CPU-second | Against a02 | Of the floor | MB/s | Events/s | Peak MB |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for way in WAYS.values():
        for row in found:
            if (row.work, row.shards, row.path) == (work, shards, way.name):
                lines.append(_full_line(row))
    return "\n".join(lines)


def _full_line(row: Row) -> str:
    spread = row.mb_per_cpu_s
    bold = "**" if row.path == "addon" else ""
    return (
        f"| {bold}{row.path}{bold} | {row.python} | {bold}{spread.median:.1f}{bold} ({spread.low:.1f} to "
        f"{spread.high:.1f}) | {_times(row.to_base)} | {_percent(row.to_floor)} | {row.mb_s:.1f} | "
        f"{row.events_s:,.0f} | {row.peak_rss_mb:.0f} |"
    )


def _by_shards(found: list[Row], counts: list[int]) -> str:
    head = " | ".join(_count(count, "shard") for count in counts)
    lines = [
        "MB per CPU-second, and in brackets MB/s of the clock on the wall.",
        "",
        f"| Work | Python | Path | {head} |",
        "|---|---|---|" + "---:|" * len(counts),
    ]
    main = main_shards(counts)
    kinds = dict.fromkeys((row.work, row.python, row.path) for row in found if row.shards != main)
    for work, python, path in kinds:
        cells = (find(found, work=work, python=python, path=path, shards=count) for count in counts)
        shown = (f"{row.mb_per_cpu_s.median:.1f} ({row.mb_s:.1f})" if row else "-" for row in cells)
        lines.append(f"| {work} | {python} | {path} | {' | '.join(shown)} |")
    return "\n".join(lines)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _times(ratio: Spread | None) -> str:
    return f"{ratio.median:.2f} x" if ratio else "-"


def _percent(ratio: Spread | None) -> str:
    return f"{100 * ratio.median:.1f} %" if ratio else "-"
