"""`python -m tests.bench`: the add-on against what users can run instead; docs/benchmarks.md has the results.

Exit code 1 when a run did not come to its end or an event stream was not in order.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.app_package import find_or_build_spl, unpack
from tests.bench import outcome, publish, tables
from tests.bench.ceiling import ceiling_mb_s
from tests.bench.measure import measure
from tests.bench.paths import Way
from tests.bench.plan import Cell, Plan, add_options, plan
from tests.bench.stage import Place, Stage
from tests.bench.works import work


class Bench:
    """A plan being carried out."""

    def __init__(self, todo: Plan, stage: Stage) -> None:
        self._todo, self._stage = todo, stage
        self.runs: list[dict[str, Any]] = []
        self.ceilings: dict[str, float] = {}
        self.failures: list[str] = []

    def carry_out(self) -> None:
        """All cells, with a line for each."""
        started = time.monotonic()
        for number, cell in enumerate(self._todo.cells, 1):
            self._cell(cell)
            took = (time.monotonic() - started) / 60
            progress = f"[{number} of {len(self._todo.cells)}, {took:.1f} min]"
            _say(f"{progress} {tables.cell_line(self.result(), cell)}")
        self.failures += [f"the event stream: {problem}" for problem in self._stage.problems()]

    def result(self) -> dict[str, Any]:
        """What outcome.py and the tables want of the runs so far."""
        return {"runs": self.runs, "ceiling_mb_s": self.ceilings, "failures": self.failures}

    def _cell(self, cell: Cell) -> None:
        with self._stage.filled(work(cell.work), cell.shards, self._todo.window) as place:
            if cell.work not in self.ceilings:
                self.ceilings[cell.work] = round(ceiling_mb_s(self._stage, place), 1)
            for number in range(1, self._todo.rounds + 1):
                for way, python in cell.runs:
                    self._run(place, way, python, number)

    def _run(self, place: Place, way: Way, python: str, number: int) -> None:
        where = {"work": place.work.name, "shards": place.shards, "python": python, "path": way.name}
        try:
            figures = measure(self._stage, place, way, self._todo.pythons[python], self._todo.window)
        except (AssertionError, OSError, RuntimeError) as error:
            self.failures.append(f"{' '.join(map(str, where.values()))}, round {number}: {error}")
            _say(f"FAILED: {self.failures[-1]}")
            return
        self.runs.append({**where, "round": number, **figures.rounded()})


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _without_files(options: list[str]) -> list[str]:
    """A command line without the names of files, which mean nothing elsewhere."""
    own = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    own.add_argument("--json")
    return own.parse_known_args(options)[1]


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=(__doc__ or "").split("\n\n")[0]
    )
    add_options(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="where all figures go, too")
    parser.add_argument("--publish", action="store_true", help="rewrite what docs/benchmarks.md shows")
    given = parser.parse_args()
    todo = plan(given)
    _say(f"{len(todo.cells)} cells, about {todo.seconds / 60:.0f} minutes; keep the machine free meanwhile.")
    home = Path(tempfile.mkdtemp(prefix="sls-bench-"))
    try:
        app = unpack(find_or_build_spl(home / "package.log"), home / "app")
        about = outcome.about(app, todo, _without_files(sys.argv[1:]))
        with Stage(home, app) as stage:
            bench = Bench(todo, stage)
            bench.carry_out()
    finally:
        shutil.rmtree(home, ignore_errors=True)
    result = {**about, **bench.result()}
    _say("\n" + tables.text(result))
    if given.json:
        given.json.write_text(outcome.to_json(result), encoding="utf-8")
    if given.publish:
        publish.publish(result)
    return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main())
