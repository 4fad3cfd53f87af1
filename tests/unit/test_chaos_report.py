"""The verdict: what makes a run fail, and that nothing else does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chaos.outcome import QUARANTINE_BOUND, RECOVERY_BOUND, Outcome, tally
from tests.chaos.report import Report


def outcome(*kinds: str, **over: Any) -> Outcome:
    facts = {"struck": [True] * len(kinds), "recovery": 1.0, **over}
    return Outcome(0, list(kinds), 100.0, 103.0, **facts)


def result(*outcomes: Outcome, **over: Any) -> dict[str, Any]:
    """A cell in which all went well, but for `over`."""
    return {
        "cell": 0,
        "seed": "1/0",
        "forwarders": 2,
        "home": "/nowhere",
        **dict.fromkeys(("events", "missing", "duplicates", "dropped", "unwritten"), 0),
        **{name: [] for name in ("unknown", "unexpected_notices", "evidence")},
        "producer_error": "",
        "problems": {},
        "outcomes": [one.as_dict() for one in outcomes],
        **over,
    }


def failures(*results: dict[str, Any], demanded: tuple[str, ...] = (), slack: float = 1.0) -> list[str]:
    return Report(results, demanded, slack).failures()


def test_a_good_run_has_no_failures() -> None:
    assert failures(result(outcome("a"), outcome("b", "c", duplicates=9)), demanded=("a", "b", "c")) == []


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"missing": 1}, "1 logs are missing"),
        ({"unknown": ["77"]}, "nobody produced"),
        ({"unwritten": 5}, "5 logs were not written"),
        ({"producer_error": "OSError: gone"}, "OSError: gone"),
        ({"unexpected_notices": ["gap: {}"]}, "without reason: gap"),
        ({"problems": {"malformed_xml": ["hf1: x"]}}, "event stream, malformed_xml"),
    ],
)
def test_whatever_is_wrong_with_a_cell_is_a_failure(over: dict[str, Any], said: str) -> None:
    (text,) = failures(result(outcome("a"), **over))
    assert said in text
    assert "seed 1/0" in text


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"recovery": RECOVERY_BOUND + 0.1}, "recovery took"),
        ({"recovery": None}, "never recovered"),
        ({"quarantine": QUARANTINE_BOUND + 1}, "quarantine took"),
        ({"excess": 0.1, "window": 4.1, "allowed": 4.0}, "repeated 0.1 s more"),
        ({"stale": 3}, "3 copies"),
        ({"complaints": ["it was restarted"]}, "it was restarted"),
    ],
)
def test_whatever_is_wrong_with_an_episode_is_a_failure(over: dict[str, Any], said: str) -> None:
    (text,) = failures(result(outcome("a", "b", **over)))
    assert said in text
    assert "(a+b)" in text


def test_a_fault_that_never_struck_does_not_count() -> None:
    idle = outcome("a", "b", struck=[True, False])
    assert failures(result(idle), demanded=("a", "b")) == ["kind b was demanded and never struck"]


def test_half_an_event_of_a_killed_input_is_expected_and_counted() -> None:
    report = Report([result(problems={"cut_event": ["hf1: x", "hf2: y"]})], (), 1.0)
    assert report.failures() == []
    assert report.problems() == {"cut_event": 2}
    assert "2 x cut_event (expected)" in report.table()


def test_slack_widens_the_bounds() -> None:
    slow = result(outcome("a", recovery=RECOVERY_BOUND * 3))
    assert failures(slow)
    assert failures(slow, slack=4.0) == []


def test_figures_of_a_kind_are_those_of_its_worst_fault() -> None:
    rows = tally([outcome("a", recovery=2.0, duplicates=5, lag=1.0), outcome("a", "b", lag=8.0)])
    assert (rows["a"].count, max(rows["a"].recoveries), rows["a"].duplicates, rows["a"].lag) == (
        2,
        2.0,
        5,
        8.0,
    )
    assert rows["b"].count == 1


def test_the_figures_for_json_hold_the_verdict() -> None:
    figures = Report([result(outcome("a", recovery=2.0), events=7)], ("a", "z"), 1.0).as_dict()
    assert (figures["ok"], figures["uncovered"], figures["events"]) == (False, ["z"], 7)
    assert figures["kinds"]["a"]["recovery_max"] == 2.0
