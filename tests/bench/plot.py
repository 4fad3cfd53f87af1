"""docs/benchmarks.svg: bars of MB per CPU-second by work and path, readable on light and dark pages."""

from __future__ import annotations

import re
from typing import Any

import pygal
from pygal.style import Style

from tests.bench.outcome import Row, find, rows
from tests.bench.paths import PYPY, WAYS
from tests.bench.plan import main_shards

COLOURS = {"a1": "#8c959f", "a02": "#6e7781", "hec": "#bf8700", "hec " + PYPY: "#d4a72c", "addon": "#2f81f7"}
# The day, and what a picture does not need.
_NOISE = re.compile(rb'<!--.*?-->|<script.*?</script>| id=""', re.DOTALL)
DARK = "inline:@media (prefers-color-scheme: dark) { svg text { fill: #c9d1d9 !important; } }"
STYLE = Style(
    background="transparent",
    plot_background="transparent",
    foreground="#6e7781",
    foreground_strong="#6e7781",
    foreground_subtle="#8c959f",
    value_colors=("#6e7781",) * len(COLOURS),
    colors=tuple(COLOURS.values()),
    font_family="sans-serif",
    label_font_size=14,
    major_label_font_size=14,
    value_font_size=12,
    legend_font_size=13,
    title_font_size=16,
)


def svg(result: dict[str, Any]) -> bytes:
    """The picture. The floor is left out: its bar would be ten times as long as all others."""
    found = rows(result)
    shards = main_shards({row.shards for row in found})
    pythons = [version for version in result["pythons"] if version != PYPY]
    python = pythons[-1] if pythons else PYPY
    chart = pygal.Bar(
        style=STYLE,
        css=["file://style.css", "file://graph.css", DARK],
        js=[],
        title=f"MB raw per CPU-second, {shards} shards, Python {python}",
        x_labels=[f"{name}: {facts['title'].partition(':')[0]}" for name, facts in result["works"].items()],
        print_values=True,
        print_values_position="top",
        value_formatter=lambda value: f"{value:.1f}",
        truncate_label=-1,
        legend_at_bottom=True,
        legend_at_bottom_columns=1,
        width=860,
        height=520,
        explicit_size=True,
        show_y_guides=False,
        disable_xml_declaration=False,
        no_prefix=True,
    )
    for series, title in _series().items():
        path, _, own = series.partition(" ")
        kind = {"shards": shards, "python": own or python, "path": path}
        bars = [find(found, work=work, **kind) for work in result["works"]]
        if any(bars):
            chart.add(title, [_bar(row) for row in bars])
    return _NOISE.sub(b"", bytes(chart.render()))


def _series() -> dict[str, str]:
    titles = {name: f"{name}: {way.title}" for name, way in WAYS.items() if name in COLOURS}
    return {name: titles.get(name, f"{titles['hec']}, on PyPy") for name in COLOURS}


def _bar(row: Row | None) -> float | None:
    return row.mb_per_cpu_s.median if row else None
