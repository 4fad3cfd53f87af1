"""One stop in each situation of the stop suite (`make stops` does a hundred)."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.stop_cases import CASES
from tests.chaos.stops import BOUND, LANES, Suite
from tests.demo.sls_process import SlsProcess


def test_a_stop_in_each_situation_is_quick_and_loses_nothing(app_folder: Path, tmp_path: Path) -> None:
    with SlsProcess(tmp_path / "sls") as sls:
        outcome = Suite(sls, app_folder, tmp_path, seed=1).run(list(CASES), LANES)
    assert outcome.trouble == []
    assert {stop.case for stop in outcome.stops} == set(CASES)
    assert [stop for stop in outcome.stops if stop.seconds > BOUND] == []
    assert outcome.produced > 100 * LANES
    assert outcome.missing == 0
    for case in ("idle", "in full flow"):  # nothing hangs, so the checkpoint is saved
        assert [stop.duplicates for stop in outcome.stops if stop.case == case] == [0]
