"""Keeps figures in results.json and writes the documents from it."""

from __future__ import annotations

import hashlib
import json
import re
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.app_package import ROOT
from tests.bench.process import machine
from tests.bench.side.measurement import Figures, Measurement
from tests.bench.side.sizing import Basis, basis_table, machine_table, network_table

RESULTS = Path(__file__).parent / "results.json"
REPORT = ROOT / "docs" / "benchmarks.md"
SIZING = ROOT / "docs" / "sizing.md"
_WIDTH = 120
TITLE = "Latency, idle, distance, growth"


def facts(spl: Path) -> Figures:
    """When and on what it was measured; no names or places of the machine."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        **{name: value for name, value in machine().items() if name != "kernel"},
        "package_sha256": hashlib.sha256(spl.read_bytes()).hexdigest(),
    }


def keep(figures: dict[str, Figures], about: Figures, path: Path) -> None:
    """Put the figures into a file, in place of those of the same name; each with the facts of its run."""
    kept = load(path) if path.exists() else {}
    kept.update({name: {"measured_on": about, **found} for name, found in figures.items()})
    path.write_text(json.dumps(_rounded(kept), indent=1) + "\n", encoding="utf-8")


def load(path: Path = RESULTS) -> dict[str, Figures]:
    """All figures that are kept, by measurement."""
    found: dict[str, Figures] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _rounded(value: Any) -> Any:
    """Figures to five significant digits, so that a file shows no false ones."""
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value


def write(measurements: Sequence[Measurement]) -> None:
    """Rewrite both documents from what is kept."""
    results = load()
    page = REPORT.read_text(encoding="utf-8")
    REPORT.write_text(between_markers(page, "more", report(results, measurements)), encoding="utf-8")
    if {"shards16", "licence"} <= results.keys():
        text = SIZING.read_text(encoding="utf-8")
        basis = Basis.of(results)
        tables = {"basis": basis_table, "network": network_table, "machines": machine_table}
        for name, make in tables.items():
            text = between_markers(text, name, make(basis).markdown())
        SIZING.write_text(text, encoding="utf-8")


def report(results: dict[str, Figures], measurements: Sequence[Measurement]) -> str:
    """The last section of docs/benchmarks.md."""
    parts = [f"## {TITLE}\n", _about(results)]
    for one in measurements:
        if one.name in results:
            found = results[one.name]
            lines = "".join(f"- {goal.line()}\n" for goal in one.goals(found))
            parts.append(f"### {one.title}\n\n{_wrapped(one.note)}\n{one.table(found).markdown()}")
            parts.append(f"Goals:\n\n{lines}" if lines else "")
    return "\n".join(part for part in parts if part)


def _about(results: dict[str, Figures]) -> str:
    runs = [found["measured_on"] for found in results.values()]
    dates = sorted({run["date"] for run in runs})
    machines = sorted({f"{run['cores']} cores ({run['cpu']})" for run in runs})
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    return _wrapped(
        f"Measured on {when}, {' and '.join(machines)}, which the stand-ins share with the inputs. MB are "
        "10^6 bytes; raw means the bytes of log groups before SLS compresses them. Where rates are measured, "
        "what stands for splunkd reads the pipe as fast as it can and parses nothing; what stands for SLS "
        "holds more than can be read, the same 64 log groups over and over. `make bench-more` measures again "
        "and rewrites this."
    )


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"


def between_markers(text: str, name: str, body: str) -> str:
    """The text with `body` between `<!-- name: begin -->` and `<!-- name: end -->`. Raises ValueError."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    pattern = re.compile(re.escape(begin) + r"\n.*?" + re.escape(end), re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise ValueError(f"{begin} and {end} do not stand in the text exactly once")
    return pattern.sub(lambda _: f"{begin}\n\n{body}\n{end}", text)
