"""What a bench runs, in which order, and how long that takes."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tests.bench.paths import PYPY, WAYS, Way
from tests.bench.works import NAMES, work
from tests.pythons import SPLUNK_VERSIONS, find_pythons

MAIN_SHARDS = 4
PLACE_SECONDS = 3.0  # to fill the shards of a cell and to find out the stand-in's ceiling


@dataclass(frozen=True)
class Cell:
    """One work in so many shards: its paths run in turn, so that what the machine does meets all alike."""

    work: str
    shards: int
    runs: tuple[tuple[Way, str], ...]
    """Path and version of Python."""


@dataclass(frozen=True)
class Plan:
    """`pythons` maps versions to what is started: a path, or PYPY."""

    cells: tuple[Cell, ...]
    pythons: dict[str, str]
    rounds: int
    window: float

    @property
    def seconds(self) -> float:
        """About how long it takes."""
        runs = [run for cell in self.cells for run in cell.runs]
        each = sum(way.seconds + way.warm_up(python) + self.window for way, python in runs)
        return PLACE_SECONDS * len(self.cells) + self.rounds * each


def plan(given: argparse.Namespace) -> Plan:
    """The plan that a command line asks for. Raises KeyError for an unknown work, path or Python."""
    known = {**find_pythons(), **({PYPY: PYPY} if shutil.which(PYPY) else {})}
    pythons = {version: known[version] for version in given.pythons or _usual(known)}
    ways = [WAYS[name] for name in given.paths or WAYS]
    works = [NAMES[NAMES.index(name)] for name in given.works]
    main = main_shards(given.shards)
    made = (
        Cell(name, shards, tuple(_runs(_ways(ways, name), list(pythons), shards == main, given.full)))
        for name in works
        for shards in given.shards
    )
    return Plan(tuple(cell for cell in made if cell.runs), pythons, given.rounds, given.window)


def _ways(ways: list[Way], name: str) -> list[Way]:
    """The vendor's sample unfolds nothing."""
    return [way for way in ways if not (way.name == "hec" and work(name).unfold)]


def main_shards(counts: Collection[int]) -> int:
    """The number of shards that most is run with: 4, or the least there is."""
    return MAIN_SHARDS if MAIN_SHARDS in counts else min(counts)


def _usual(known: dict[str, str]) -> list[str]:
    return [version for version in (*SPLUNK_VERSIONS, PYPY) if version in known]


def _runs(ways: list[Way], pythons: list[str], main: bool, full: bool) -> Iterator[tuple[Way, str]]:
    """The paths of a cell; without `full` only those that tell something."""
    newest = max((version for version in pythons if version != PYPY), key=_number, default=PYPY)
    for python in pythons:
        for way in ways:
            if (way.on_pypy or python != PYPY) and (full or _tells(way, python, newest, main)):
                yield way, python


def _tells(way: Way, python: str, newest: str, main: bool) -> bool:
    """In cells of the `main` number of shards nearly all, in others the newest CPython's more important
    paths."""
    if python == PYPY or way.lesser:
        return main and python in (newest, PYPY)
    return main or python == newest


def _number(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that make a plan."""
    parser.add_argument("--works", type=_names, default=list(NAMES), help=f"default: {','.join(NAMES)}")
    parser.add_argument("--shards", type=_numbers, default=[1, 4, 16], help="default: 1,4,16")
    parser.add_argument("--pythons", type=_names, help="default: 3.9,3.13,pypy3, where they are installed")
    parser.add_argument("--paths", type=_names, help=f"default: {','.join(WAYS)}")
    parser.add_argument(
        "--full",
        action="store_true",
        help="every path by every Python in every cell: twice as long",
    )
    parser.add_argument("--rounds", type=int, default=3, help="runs of each path in each cell (3)")
    parser.add_argument("--window", type=float, default=3.0, help="seconds that are measured of each run (3)")


def _names(text: str) -> list[str]:
    return text.split(",")


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]
