from __future__ import annotations

import json

import pytest

from sls_ingest import doctor_rewind, rewind
from sls_ingest.doctor_options import options_of
from sls_ingest.errors import ConfigError
from sls_ingest.rewind import MOVED, PLANNED, STAYS, UNKNOWN, UNMOVED, Move, Position, as_found, decided
from tests.unit.core.test_backfill import cursor

THEN, LATER = 1735689600.0, 1735693200.0


def move(old: int, new: int, saved: bool = True, oldest: bool = False) -> Move:
    return Move(3, Position(cursor(old), LATER), Position(cursor(new), THEN), saved, oldest)


def test_a_move_back_is_made() -> None:
    made = decided(move(9, 5), skip_ahead=False)
    assert (made.state, made.note) == (PLANNED, "")
    assert rewind.to_move([made]) == [made]
    assert rewind.as_lines([made]) == [
        f"shard 3 from {cursor(9)} (2025-01-01T01:00:00Z) to {cursor(5)} (2025-01-01T00:00:00Z)"
    ]


def test_a_move_forward_skips_logs_and_is_made_only_when_asked_for() -> None:
    kept, made = (decided(move(5, 9), skip_ahead=wanted) for wanted in (False, True))
    assert (kept.state, made.state) == (STAYS, PLANNED)
    assert "only --skip-ahead goes forward" in rewind.as_lines([kept])[0]
    told = "LOGS RECEIVED BETWEEN 2025-01-01T01:00:00Z AND 2025-01-01T00:00:00Z WILL NOT BE READ"
    assert told in rewind.as_lines([made])[1]


def test_what_stands_there_stays_but_where_nothing_is_saved_it_is_saved() -> None:
    assert decided(move(5, 5), skip_ahead=False).state == STAYS
    made = decided(move(5, 5, saved=False), skip_ahead=False)
    assert made.state == PLANNED
    assert rewind.as_lines([made])[0].startswith("shard 3 from no checkpoint, it would start at ")


def test_where_nothing_is_saved_and_it_would_be_passed_over_its_start_is_saved() -> None:
    """Whether it is newer than the group shows in the age of the other checkpoints, which are moved."""
    kept, made = (decided(move(5, 9, saved=False), skip_ahead=wanted) for wanted in (False, True))
    assert (kept.state, kept.new, made.state) == (PLANNED, kept.old, PLANNED)
    assert made.new.cursor == cursor(9)


@pytest.mark.parametrize(
    ("old", "new", "skips"),
    [
        (Position("opaque-1", 100.0), Position("opaque-2", 900.0), True),
        (Position("opaque-1", 900.0), Position("opaque-2", 100.0), False),
        (Position("opaque-1", 900.0), Position("opaque-2", 900.0), True),  # somewhere within that second
        (Position("opaque-1", None), Position("opaque-2", 900.0), True),
        (Position("opaque-1", 900.0), Position("opaque-2", None), True),
        (Position(cursor(5), 100.0), Position("opaque-2", 900.0), True),
        (Position(cursor(9), 100.0), Position(cursor(5), 100.0), False),
        (Position("opaque-1", 900.0), Position("opaque-1", 900.0), False),
    ],
)
def test_cursors_that_are_no_numbers_are_told_apart_by_their_times(
    old: Position, new: Position, skips: bool
) -> None:
    assert Move(3, old, new, saved=True, oldest=False).skips is skips


def test_what_came_of_it_is_told_for_each_shard() -> None:
    planned = decided(move(9, 5), skip_ahead=False)
    cases = {
        (True, cursor(5)): MOVED,
        (True, cursor(9)): UNMOVED,
        (True, None): UNKNOWN,
        (False, None): UNMOVED,
    }
    assert {case: as_found(planned, *case).state for case in cases} == cases
    lines = {row.state: rewind.as_lines([row])[0] for row in (as_found(planned, *case) for case in cases)}
    assert {state: text.split(" from ")[0] for state, text in lines.items()} == {
        MOVED: "shard 3 moved",
        UNMOVED: "shard 3 NOT moved",
        UNKNOWN: "shard 3 PERHAPS moved",
    }
    done = as_found(planned, True, cursor(5))
    assert [row.state for row in rewind.left_alone([planned, done])] == [UNMOVED, MOVED]


def test_a_time_before_what_is_retained_is_told() -> None:
    assert decided(move(9, 5, oldest=True), skip_ahead=False).note == "as far back as SLS keeps logs"


def test_a_position_that_sls_has_dropped_is_told() -> None:
    assert str(Position("abc", None)) == "abc (dropped by SLS)"


def test_json() -> None:
    done = move(9, 5)._replace(state=MOVED)
    told = json.loads(rewind.as_json("head", [done, move(1, 0, saved=False)], "said", 0))
    assert (told["target"], told["sentence"], told["exit_code"]) == ("head", "said", 0)
    assert told["shards"][0] == {
        "shard": 3,
        "state": "moved",
        "old_cursor": cursor(9),
        "old_time": LATER,
        "new_cursor": cursor(5),
        "new_time": THEN,
        "note": "",
    }
    assert told["shards"][1]["old_cursor"] == ""


def test_title() -> None:
    assert rewind.title("p/l", "g", int(THEN)) == "Consumer group 'g' of p/l, to 2025-01-01T00:00:00Z"
    assert rewind.title("p/l", "g", "begin") == "Consumer group 'g' of p/l, to the oldest log"


@pytest.mark.parametrize("words", [["--rewind", "-4h"], ["--rewind=-4h"], ["--rewind", "- 4h"]])
def test_a_time_ago_is_no_option(words: list[str]) -> None:
    options = options_of(["--stanza", "s", *words, "--shard", "0", "1", "--yes"])
    assert (options.rewind.replace(" ", ""), options.shard, options.yes) == ("-4h", [0, 1], True)


@pytest.mark.parametrize(
    "words",
    [
        ["--account", "a", "--rewind", "end"],
        ["--stanza", "s", "--yes"],
        ["--stanza", "s", "--shard", "1"],
        ["--stanza", "s", "--rewind", "end", "--consumer-group", "another"],
        ["--stanza", "s", "--project", "another"],
    ],
)
def test_options_that_do_not_go_together(words: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        options_of(words)
    assert left.value.code == 2


def test_a_time_that_is_none_gets_the_sentence_of_the_settings() -> None:
    with pytest.raises(ConfigError, match="--rewind: 'yesterday' is not accepted; give begin, end, epoch"):
        doctor_rewind._moment("yesterday")
