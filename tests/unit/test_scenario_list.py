"""The list of scenarios is complete, and docs/real-splunk.md names the test of each uncertain point."""

from __future__ import annotations

import re

import pytest

from tests.app_package import ROOT
from tests.scenarios import every
from tests.scenarios.__main__ import place, table
from tests.scenarios.registry import DOCKER, STAND_IN, Registry
from tests.standins.splunk.knobs import Knobs

ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
NOT_COVERED = "22"


def rows() -> dict[str, tuple[str, str]]:
    """Number -> what is assumed, and the tests."""
    text = (ROOT / "docs" / "real-splunk.md").read_text(encoding="utf-8")
    return {number: (assumed, tests) for number, _, assumed, tests in ROW.findall(text)}


def test_every_uncertain_point_names_its_tests_and_they_name_it() -> None:
    settled = {n: {one.name for one in every.UNCERTAIN if n in one.settles} for n in rows()}
    named = {n: set(re.findall(r"`(\w+)`", tests)) for n, (_, tests) in rows().items()}
    assert settled == named
    assert [n for n, names in named.items() if not names] == [NOT_COVERED]
    assert list(rows()) == [str(n) for n in range(1, 23)]


def test_the_knobs_that_the_document_names_exist() -> None:
    known = set(vars(Knobs()))
    cited = {
        name for _, (assumed, _) in rows().items() for name in re.findall(r"\(((?:`\w+`(?:, )?)+)\)", assumed)
    }
    names = {name for group in cited for name in re.findall(r"`(\w+)`", group)}
    assert len(names) > 15
    assert names - known == set()


def test_each_scenario_runs_on_both_or_says_why() -> None:
    for one in (*every.SCENARIOS, *every.UNCERTAIN):
        assert one.only in ("", STAND_IN, DOCKER)
        assert bool(one.only) == bool(one.why)
        assert one.about.endswith(".")
    assert all(one.runs_on(DOCKER) and one.runs_on(STAND_IN) for one in every.SCENARIOS)
    assert len({one.name for one in every.SCENARIOS}) == len(every.SCENARIOS) >= 15


def test_the_list_says_where_each_runs() -> None:
    lines = list(table("Scenario", every.UNCERTAIN))
    line = next(line for line in lines if "what_full_queues_do_to_an_input" in line)
    assert line.split()[-2:] == ["no", "yes"]
    slow = next(one for one in every.UNCERTAIN if one.slow and not one.only)
    assert (place(slow, STAND_IN), place(slow, DOCKER)) == ("asked", "yes")


def test_a_scenario_without_a_docstring_or_a_reason_is_refused() -> None:
    registry: Registry[int] = Registry("x")
    with pytest.raises(AssertionError, match="has to say what it shows"):
        registry()(lambda _: None)
    with pytest.raises(AssertionError, match="says why"):
        registry(only=DOCKER)
