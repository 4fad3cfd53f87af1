"""The add-on against the library it is built on, briefly: `make bench` measures it properly."""

from __future__ import annotations

from pathlib import Path

from tests.bench.measure import measure
from tests.bench.paths import WAYS
from tests.bench.stage import Stage
from tests.bench.works import work
from tests.pythons import pythons_for_splunk

WINDOW = 2.0  # seconds
LEAST = 3.0


def test_a_cpu_second_delivers_three_times_what_the_library_does(app_folder: Path, tmp_path: Path) -> None:
    _, python = max(pythons_for_splunk().items(), key=lambda item: tuple(map(int, item[0].split("."))))
    with Stage(tmp_path, app_folder) as stage, stage.filled(work("C"), 4, WINDOW) as place:
        library, addon = (measure(stage, place, WAYS[name], python, WINDOW) for name in ("a02", "addon"))
        assert stage.problems() == []
    ratio = addon.mb_per_cpu_s / library.mb_per_cpu_s
    assert ratio >= LEAST, f"{addon.mb_per_cpu_s:.1f} to {library.mb_per_cpu_s:.1f} MB per CPU-second"
