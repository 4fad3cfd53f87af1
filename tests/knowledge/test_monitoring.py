"""The searches of the dashboard and of the alerts, over what a run has written (tests/incidents)."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.app_package import ROOT
from tests.knowledge import conf, own_log, spl, spl_text
from tests.standins.splunk import conf_file

FOLDER = ROOT / "tests" / "data" / "monitoring"
MACROS = conf_file.parse((ROOT / "default" / "macros.conf").read_text(encoding="utf-8"))
ALERTS = conf_file.parse((ROOT / "default" / "savedsearches.conf").read_text(encoding="utf-8"))
DASHBOARD: dict[str, Any] = json.loads((ROOT / "custom_dashboard.json").read_text(encoding="utf-8"))
PANELS = {name: source["options"]["query"] for name, source in DASHBOARD["dataSources"].items()}
EVENTS_OF_OURS = {"notices_ds"}  # these look at indexed events, not at the log
KNOWLEDGE = conf.from_source()
MINUTES = {"m": 60, "h": 3600}


@pytest.fixture(scope="module")
def recorded() -> dict[str, list[spl.Row]]:
    """For each moment of the run all lines until then."""
    found: dict[str, list[spl.Row]] = {}
    so_far: list[spl.Row] = []
    for name in ("healthy", "incidents", "lasting", "stopped"):
        so_far = [*own_log.rows(FOLDER / f"{name}.log", KNOWLEDGE), *so_far]
        found[name] = sorted(so_far, key=own_log.when, reverse=True)
    return found


def holding(
    rows: list[spl.Row], later: float = 1, limits: dict[str, str] | None = None
) -> dict[str, list[spl.Row]]:
    """What the alerts find that many seconds after the last line, with other limits where given."""
    now = max(map(own_log.when, rows)) + later
    macros = {**MACROS, **{name: {"definition": value} for name, value in (limits or {}).items()}}
    context = spl.Context(macros, KNOWLEDGE, now)
    found = {}
    for name, setting in ALERTS.items():
        amount, unit = re.fullmatch(r"-(\d+)(\w)", setting["dispatch.earliest_time"]).groups()  # type: ignore[union-attr]
        earliest = now - int(amount) * MINUTES[unit]
        within = [row for row in rows if own_log.when(row) >= earliest]
        answer = spl.answer(setting["search"], within, replace(context, earliest=earliest, latest=now))
        found[name.partition(" - ")[2]] = answer
    return {name: answer for name, answer in found.items() if answer}


# -- the alerts


def test_nothing_holds_while_all_is_well(recorded: dict[str, list[spl.Row]]) -> None:
    assert set(holding(recorded["healthy"])) <= {"backfill has finished"}


def test_a_lag_a_gap_a_quarantine_and_a_disabled_key(recorded: dict[str, list[spl.Row]]) -> None:
    found = holding(recorded["incidents"])
    assert set(found) == {
        "shard is far behind",
        "logs were lost",
        "log group cannot be read",
        "account is refused",
        "backfill has finished",
    }
    (behind,) = found["shard is far behind"]
    assert (behind["logstore"], behind["shard"], behind["stanza"]) == ("audit", "0", "audit")
    assert int(str(behind["minutes"])) == 20
    (refused,) = found["account is refused"]
    assert (refused["trouble"], refused["stanza"]) == ("authentication", "oss")
    assert refused["remedy"] == "Enable the AccessKey in the RAM console, or enter another"


def test_what_lasts(recorded: dict[str, list[spl.Row]]) -> None:
    """A stranger holds a shard, splunkd takes nothing from one input, and SLS had throttled it before."""
    found = holding(recorded["lasting"])
    (nobody,) = found["nobody holds a shard"]
    assert (nobody["logstore"], nobody["consumer_group"]) == ("audit", "splunk-audit")
    (brake,) = found["splunkd is the brake"]
    assert brake["stanza"] == "waf"
    assert int(str(brake["percent"])) > 50
    (quota,) = found["quota is exceeded"]
    assert quota["stanza"] == "waf"
    assert "input is silent" not in found


def test_silence_is_told_unless_it_was_wanted(recorded: dict[str, list[spl.Row]]) -> None:
    twenty_minutes = 1200.0
    silent = holding(recorded["incidents"], later=twenty_minutes)["input is silent"]
    assert sorted(str(row["stanza"]) for row in silent) == [
        "audit",
        "oss",
        "waf",
    ]  # the backfill has finished
    assert "input is silent" not in holding(recorded["stopped"], later=twenty_minutes)


def test_a_start_that_never_comes_to_reports_is_silence(recorded: dict[str, list[spl.Row]]) -> None:
    rows = recorded["stopped"]
    started = next(row for row in recorded["incidents"] if "SLS failed inside" in str(row.get("message")))
    again = max(map(own_log.when, rows)) + 120
    found = holding([{**started, "_time": f"{again:.3f}"}, *rows], later=700)["input is silent"]
    assert [row["stanza"] for row in found] == [started["stanza"]]


def test_a_quiet_logstore(recorded: dict[str, list[spl.Row]]) -> None:
    found = holding(recorded["incidents"], limits={"alibaba_sls_quiet_limit": "5"})["logstore has gone quiet"]
    assert "oss-access" in {row["logstore"] for row in found}
    assert "logstore has gone quiet" not in holding(recorded["incidents"])


def test_every_alert_has_its_situation_here() -> None:
    told = re.findall(r'"([a-z ]+)"', Path(__file__).read_text(encoding="utf-8"))
    assert {name.partition(" - ")[2] for name in ALERTS} <= set(told)


def test_alerts_are_off_scheduled_and_throttled_by_fields_that_they_have() -> None:
    for name, setting in ALERTS.items():
        assert (setting["disabled"], setting["enableSched"], setting["alert.digest_mode"]) == (
            "1",
            "1",
            "0",
        ), name
        assert not [key for key in setting if key.startswith("action.")], name
        columns = spl.columns(setting["search"], spl.Context(MACROS))
        assert {"message", *setting["alert.suppress.fields"].split(",")} <= set(columns), name
        assert re.fullmatch(r"\d+-59/(5|15) \* \* \* \*", setting["cron_schedule"]), name


# -- the dashboard


def panel_answer(query: str, rows: list[spl.Row], now: float) -> list[spl.Row]:
    return spl.answer(query, rows, spl.Context(MACROS, KNOWLEDGE, now, now - 3600, now))


@pytest.mark.parametrize("panel", sorted(PANELS))
def test_every_panel_answers_over_a_run(recorded: dict[str, list[spl.Row]], panel: str) -> None:
    rows = recorded["incidents"]
    if panel in EVENTS_OF_OURS:
        rows = own_log.events(FOLDER / "events.json", KNOWLEDGE)
    answer = panel_answer(PANELS[panel], rows, max(map(own_log.when, rows)) + 1)
    assert answer
    assert all(len(row) > 1 for row in answer) or len(answer) == 1


@pytest.mark.parametrize("panel", sorted(PANELS))
def test_every_panel_can_do_with_nothing(panel: str) -> None:
    now = 1_800_000_000.0
    answer = panel_answer(PANELS[panel], [], now)
    assert len(answer) <= 1 or set(answer[0]) <= {"_time", "_span"}


@pytest.mark.parametrize("panel", sorted(PANELS))
def test_every_panel_begins_with_a_macro_and_has_a_place(panel: str) -> None:
    assert PANELS[panel].startswith("`alibaba_sls_")
    name = panel.removesuffix("_ds")
    assert DASHBOARD["visualizations"][name]["title"]
    assert [place for place in DASHBOARD["layout"]["structure"] if place["item"] == name]


def test_who_holds_a_shard_and_who_does_not(recorded: dict[str, list[spl.Row]]) -> None:
    rows = recorded["lasting"]
    now = max(map(own_log.when, rows)) + 1
    notes = {
        (row["Logstore"], row["Shard"]): row["Note"] for row in panel_answer(PANELS["owners_ds"], rows, now)
    }
    assert sorted(notes[f"{'shop/audit'}", shard] for shard in "01") == ["held", "held by nobody"]


def test_two_that_hold_a_shard_for_long_are_told_apart_from_a_move(
    recorded: dict[str, list[spl.Row]],
) -> None:
    def on(host: str, rows: list[spl.Row]) -> list[spl.Row]:
        return [{**row, "host": host, "consumer": host} for row in rows if row.get("logstore") == "waf"]

    rows = recorded["lasting"]
    last = max(map(own_log.when, rows))
    recent = [row for row in rows if own_log.when(row) > last - 200]
    both = panel_answer(PANELS["owners_ds"], [*on("hf1", recent), *on("hf2", recent)], last + 1)
    assert [row["Note"] for row in both] == ["held by 2"]
    old = [row for row in recent if own_log.when(row) < last - 60]
    new = [row for row in recent if own_log.when(row) >= last - 60]
    moved = panel_answer(PANELS["owners_ds"], [*on("hf1", old), *on("hf2", new)], last + 1)
    assert [row["Note"] for row in moved] == ["has moved"]


# -- the fields

_WORDS_OF_SPL = {"AS", "BY", "IN", "AND", "OR", "NOT", "count", "index", "value", "limit"}
_METADATA = {"sourcetype", "source", "host"}


def read_by(search: str) -> set[str]:
    """The names in a search that are no values, no words of the language, and not made by the search."""
    text = spl_text.expanded(search, MACROS)
    made = set(re.findall(r'\bAS "?(\w+)', text)) | set(re.findall(r"[ ,](\w+)=(?=\w+\(|\w+\.)", text))
    text = re.sub(r'"(?:[^"\\]|\\.)*"', " ", text)
    text = re.sub(r"(?<=[a-z_])=[\w:*.]+", " ", text)
    text = re.sub(r"\b\w+\(|\|\s*\w+", " ", text)
    return {
        name for name in re.findall(r"[A-Za-z_]\w*", text) if name not in made | _WORDS_OF_SPL | _METADATA
    }


def test_every_field_that_is_read_is_sure_on_the_lines_of_a_run() -> None:
    known: set[str] = {"_time"}
    unsure: set[str] = set()
    for path in FOLDER.glob("*.log"):
        for _, outcome in own_log.outcomes(path, KNOWLEDGE):
            assert outcome.problems == []
            known |= outcome.fields.keys()
            unsure |= outcome.unsure
    searches = [*(setting["search"] for setting in ALERTS.values())]
    searches += [query for name, query in PANELS.items() if name not in EVENTS_OF_OURS]
    for search in searches:
        assert read_by(search) - known == set(), search
        assert read_by(search) & unsure == set(), search


def test_the_names_that_a_search_reads_are_found() -> None:
    search = "`alibaba_sls_log` action=x | stats sum(typo) AS s BY stanza wrong | eval y=if(odd=1, s, null())"
    assert read_by(search) == {"action", "typo", "stanza", "wrong", "odd"}
