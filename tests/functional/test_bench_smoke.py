"""The add-on against the library it is built on, briefly: `make bench` measures it properly."""

from __future__ import annotations

from pathlib import Path

from tests.bench import core
from tests.bench.measure import measure
from tests.bench.paths import WAYS
from tests.bench.stage import Stage
from tests.bench.works import work
from tests.pythons import pythons_for_splunk

WINDOW = 2.0  # seconds
LEAST = 3.0
LEAST_BY_TYPE = 0.5  # of the rate without; `make bench-types` has the figure


def test_a_cpu_second_delivers_three_times_what_the_library_does(app_folder: Path, tmp_path: Path) -> None:
    _, python = max(pythons_for_splunk().items(), key=lambda item: tuple(map(int, item[0].split("."))))
    with Stage(tmp_path, app_folder) as stage, stage.filled(work("C"), 4, WINDOW) as place:
        library, addon = (measure(stage, place, WAYS[name], python, WINDOW) for name in ("a02", "addon"))
        assert stage.problems() == []
    ratio = addon.mb_per_cpu_s / library.mb_per_cpu_s
    assert ratio >= LEAST, f"{addon.mb_per_cpu_s:.1f} to {library.mb_per_cpu_s:.1f} MB per CPU-second"


def test_choosing_by_log_type_costs_no_half_of_the_core() -> None:
    by_type, without = core.kept(work("A"))
    assert by_type >= LEAST_BY_TYPE * without, f"{by_type:.1f} to {without:.1f} MB per CPU-second"
