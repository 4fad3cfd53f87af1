"""The figures of a bench: what a result file holds, and what many runs of the same kind come to."""

from __future__ import annotations

import json
import platform
import shlex
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench import process
from tests.bench.paths import PYPY
from tests.bench.plan import Plan
from tests.bench.works import work

BASE, FLOOR = "a02", "floor"
"""The paths that the others are compared with."""
Run = dict[str, Any]


def about(app: Path, todo: Plan, options: Sequence[str]) -> dict[str, Any]:
    """Where, when and with what a bench runs; `app` is the unpacked add-on."""
    manifest = json.loads((app / "app.manifest").read_text(encoding="utf-8"))["info"]["id"]
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "command": shlex.join(["python", "-m", "tests.bench", *options]),
        "machine": process.machine(),
        "package": f"{manifest['name']} {manifest['version']}",
        "pythons": {version: _full_version(path) for version, path in todo.pythons.items()},
        "harness": platform.python_version(),
        "window_seconds": todo.window,
        "rounds": todo.rounds,
        "works": {name: work(name).facts() for name in dict.fromkeys(cell.work for cell in todo.cells)},
    }


def _full_version(python: str) -> str:
    code = "import platform, sys; sys.stdout.write(platform.python_implementation() + ' ' + sys.version)"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    name, version = done.stdout.split()[:2]
    built = done.stdout.partition("[PyPy ")[2].split()
    return f"PyPy {built[0]} ({version})" if python == PYPY and built else f"{name} {version}"


def to_json(result: dict[str, Any]) -> str:
    """The result file, with a line for each run."""
    runs = ",\n  ".join(json.dumps(run) for run in result["runs"])
    rest = json.dumps({**result, "runs": []}, indent=1, ensure_ascii=False)
    return rest.replace('"runs": []', f'"runs": [\n  {runs}\n ]') + "\n"


@dataclass(frozen=True)
class Spread:
    """Median, smallest and largest of some runs."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread | None:
        """None of nothing."""
        known = list(values)
        return cls(median(known), min(known), max(known)) if known else None


@dataclass(frozen=True)
class Row:
    """One path with one Python in one cell. MB are 10^6 bytes, raw; `to_base` and `to_floor` are ratios of MB
    per CPU-second to the same Python's paths in the same round."""

    work: str
    shards: int
    python: str
    path: str
    mb_per_cpu_s: Spread
    mb_s: float
    events_s: float
    peak_rss_mb: float
    to_base: Spread | None
    to_floor: Spread | None


def rows(result: dict[str, Any]) -> list[Row]:
    """A row for each kind of run, in the order of their first runs."""
    runs: list[Run] = result["runs"]
    kinds = dict.fromkeys((run["work"], run["shards"], run["python"], run["path"]) for run in runs)
    return [_row(kind, runs) for kind in kinds]


def _row(kind: tuple[str, int, str, str], runs: list[Run]) -> Row:
    ours = _of(kind, runs)
    spread = Spread.of(map(efficiency, ours))
    assert spread is not None
    return Row(
        *kind,
        spread,
        median(run["mb"] / run["seconds"] for run in ours),
        median(run["events"] / run["seconds"] for run in ours),
        median(run["peak_rss_mb"] for run in ours),
        _ratio(ours, _of((*kind[:3], BASE), runs)),
        _ratio(ours, _of((*kind[:3], FLOOR), runs)),
    )


def efficiency(run: Run) -> float:
    """MB raw per CPU-second."""
    return float(run["mb"] / run["cpu_s"])


def _of(kind: tuple[str, int, str, str], runs: list[Run]) -> list[Run]:
    return [run for run in runs if (run["work"], run["shards"], run["python"], run["path"]) == kind]


def _ratio(ours: list[Run], theirs: list[Run]) -> Spread | None:
    by_round = {run["round"]: efficiency(run) for run in theirs}
    return Spread.of(efficiency(run) / by_round[run["round"]] for run in ours if run["round"] in by_round)


def find(found: list[Row], **wanted: object) -> Row | None:
    """The first row with these fields."""
    for row in found:
        if all(getattr(row, name) == value for name, value in wanted.items()):
            return row
    return None
