"""What the Splunk stand-in assumes of Splunk, on the stand-in itself; tests/docker asks a real one the same.

What takes long is left out unless SCENARIOS=all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pythons import pythons_for_splunk
from tests.scenarios import probe
from tests.scenarios.every import uncertain
from tests.scenarios.probe import ProbeStage, probing
from tests.scenarios.registry import STAND_IN, Scenario
from tests.scenarios.standin_site import StandInSite
from tests.standins.sls import SlsServer
from tests.standins.splunk import SplunkServer

SLOW = os.environ.get("SCENARIOS") == "all"


@pytest.fixture(scope="module")
def site(spl: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandInSite]:
    """A Splunk with the probe alone; what the probe writes is meant to be complained about."""
    folder = tmp_path_factory.mktemp("probe")
    home, pythons = folder / "splunk", pythons_for_splunk()
    with SlsServer(workdir=folder / "sls") as sls, SplunkServer(home, pythons=pythons) as splunk:
        splunk.install(probe.package(folder))
        yield StandInSite(splunk, sls, spl)


@pytest.mark.parametrize(
    ("name", "one"),
    [pytest.param(name, one, id=one.name) for name, one in uncertain.on(STAND_IN, SLOW).items()],
)
def test_assumption(site: StandInSite, name: str, one: Scenario[ProbeStage]) -> None:
    with probing(site, name) as stage:
        one.run(stage)


OTHERWISE: list[tuple[str, object, str]] = [
    ("cwd", "/", "how_an_input_is_started"),
    ("environment", "minimal", "how_an_input_is_started"),
    ("shell", "sh_stays", "how_an_input_is_started"),
    ("params_sorted", False, "how_settings_are_handed_over"),
    ("edit_overlap", True, "what_an_edit_restarts"),
    ("session_keys_survive_restart", True, "whose_session_key_an_input_gets"),
    ("line_breaking", "all", "where_events_are_broken_and_what_time_they_get"),
    ("time_from", "extraction", "where_events_are_broken_and_what_time_they_get"),
    ("malformed_xml", "skip_event", "what_malformed_output_costs"),
    ("unknown_stanza", "drop", "what_becomes_of_events_that_belong_nowhere"),
    ("max_event_bytes", 1_000_000, "how_long_an_event_may_be"),
]


QUICK = 6


@pytest.mark.parametrize(
    ("knob", "value", "asked"),
    [pytest.param(*row, id=row[0]) for row in OTHERWISE[: None if SLOW else QUICK]],
)
def test_a_splunk_that_does_otherwise_is_noticed(
    site: StandInSite, knob: str, value: object, asked: str
) -> None:
    """What passes on any Splunk settles nothing: each fails on one that differs, and names the knob."""
    usual = getattr(site.splunk.knobs, knob)
    (one,) = (one for one in uncertain.all if one.name == asked)
    setattr(site.splunk.knobs, knob, value)
    try:
        with (
            pytest.raises(AssertionError, match=rf"\b{knob}\b(?s:.*)measured here"),
            probing(site, f"otherwise{OTHERWISE.index((knob, value, asked))}") as stage,
        ):
            one.run(stage)
    finally:
        setattr(site.splunk.knobs, knob, usual)
