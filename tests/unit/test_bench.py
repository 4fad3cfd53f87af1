"""The parts of the bench that count and tell."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from tests.bench import outcome, tables
from tests.bench.children import EventTags, Totals
from tests.bench.plan import add_options, plan
from tests.bench.works import NAMES, PULL_GROUPS, work
from tests.standins.sls.wire import decode_group


@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 50])
def test_events_are_counted_however_they_are_cut(size: int) -> None:
    data = b"<stream>" + b"<event><data>x</data></event>" * 5 + b"</event"
    tags, totals = EventTags(), Totals(30)
    for start in range(0, len(data), size):
        tags.take(data[start : start + size])
    assert tags.events() == 5
    lines = b"108\n216\n3240\n99"
    for start in range(0, len(lines), size):
        totals.take(lines[start : start + size])
    assert totals.events() == 3240 * 30


@pytest.mark.parametrize("name", NAMES)
def test_a_work_is_about_one_pull_and_the_same_at_every_run(name: str) -> None:
    made, again = work(name), work.__wrapped__(name)
    assert made.groups == again.groups
    assert len(made.groups) == PULL_GROUPS or 2.9e6 < made.pull_bytes < 3.2e6
    assert 3 < made.compression < 6
    for group in map(decode_group, made.groups[:3]):
        assert len(group.logs) == made.logs_per_group
        assert {len(log.contents) for log in group.logs} == {made.fields}


def options(*given: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_options(parser)
    return parser.parse_args(given)


def test_a_path_without_a_partner_has_no_ratio() -> None:
    runs = [run("addon", 1, 40.0), run("addon", 2, 60.0), run("a02", 1, 10.0), run("floor", 1, 400.0)]
    row = outcome.find(outcome.rows({"runs": runs}), path="addon")
    assert row is not None and row.mb_per_cpu_s == outcome.Spread(50.0, 40.0, 60.0)
    assert row.to_base == outcome.Spread(4.0, 4.0, 4.0), "only rounds that both had"
    assert row.to_floor is not None and row.to_floor.median == 0.1
    alone = outcome.rows({"runs": runs[:2]})[0]
    assert (alone.to_base, alone.to_floor) == (None, None)


def test_the_page_holds_every_path_that_was_run() -> None:
    todo = plan(options("--works", "C", "--paths", "a02,addon,floor", "--pythons", _own()))
    about = outcome.about(_app(), todo, ["--works", "C"])
    result = {
        **about,
        "runs": [run("a02", 1, 10.0), run("addon", 1, 40.0)],
        "ceiling_mb_s": {},
        "failures": [],
    }
    page = tables.markdown(result)
    assert "`python -m tests.bench --works C`" in page
    assert "| **addon** | 3.13 | **40.0** (40.0 to 40.0) | 4.00 x | - |" in page
    assert outcome.to_json(result).count('"path": "addon"') == 1


def run(path: str, number: int, mb_per_cpu_s: float) -> outcome.Run:
    """A run of work C at 4 shards that took one CPU-second."""
    where = {"work": "C", "shards": 4, "python": "3.13", "path": path, "round": number}
    return {**where, "seconds": 2.0, "cpu_s": 1.0, "events": 100, "mb": mb_per_cpu_s, "peak_rss_mb": 50.0}


def _own() -> str:
    from tests.pythons import own_version

    return own_version()


def _app() -> Path:
    """What stands for an unpacked add-on."""
    return Path(__file__).resolve().parents[2]
