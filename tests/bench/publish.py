"""`python -m tests.bench.publish`: what docs/benchmarks.md shows, from results.json alone.

The text around the markers in docs/benchmarks.md is written by hand and stays.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.app_package import ROOT
from tests.bench import outcome, plot, tables

RESULTS = Path(__file__).parent / "results.json"
PAGE, PICTURE = ROOT / "docs" / "benchmarks.md", ROOT / "docs" / "benchmarks.svg"
BEGIN, END = "<!-- results: begin (written by tests/bench/publish.py) -->", "<!-- results: end -->"


def publish(result: dict[str, Any]) -> None:
    """Keep a result, and show it."""
    RESULTS.write_text(outcome.to_json(result), encoding="utf-8")
    render()


def render() -> None:
    """Write page and picture anew. Raises ValueError when the page has lost its markers."""
    result = json.loads(RESULTS.read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    before, found, rest = page.partition(BEGIN)
    _, also, after = rest.partition(END)
    if not (found and also):
        raise ValueError(f"{PAGE.name} has no section between its markers")
    section = tables.markdown(result)
    PAGE.write_text(f"{before}{BEGIN}\n\n{section}\n\n{END}{after}", encoding="utf-8")
    PICTURE.write_bytes(plot.svg(result))


if __name__ == "__main__":
    render()
    sys.stdout.write(f"wrote {PAGE.name} and {PICTURE.name}\n")
