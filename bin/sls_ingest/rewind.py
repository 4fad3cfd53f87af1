"""Which checkpoints of a consumer group go where when it is moved to a time, and how that is said. Pure.

Times are SLS's receive times, in epoch seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from .cursors import position
from .timespec import utc

STAYS, PLANNED, MOVED, UNMOVED, UNKNOWN = "stays", "planned", "moved", "not moved", "not confirmed"
_WORDS: Final = {"begin": "the oldest log", "end": "the end"}


class Position(NamedTuple):
    """`time` is when SLS received the log at the cursor; None where it has dropped that."""

    cursor: str
    time: float | None

    def __str__(self) -> str:
        return f"{self.cursor} ({utc(self.time) if self.time is not None else 'dropped by SLS'})"


class Move(NamedTuple):
    """What becomes of one shard.

    `saved` says whether `old` is its checkpoint; else it has none, and `old` is where an input would start to
    read it. `oldest`: SLS has no log as old as was asked for, and `new` is the oldest it has. `state` is one
    of STAYS and PLANNED, and, once it was tried, of MOVED, UNMOVED, and UNKNOWN, when SLS was told to move it
    and does not say where it is.
    """

    shard: int
    old: Position
    new: Position
    saved: bool
    oldest: bool
    state: str = PLANNED
    note: str = ""

    @property
    def skips(self) -> bool:
        """Whether it goes forward, or may: what lies between will not be read."""
        if self.new.cursor == self.old.cursor:
            return False
        new, old = position(self.new.cursor), position(self.old.cursor)
        if new is not None and old is not None:
            return new > old
        return self.new.time is None or self.old.time is None or self.new.time >= self.old.time


def decided(move: Move, skip_ahead: bool) -> Move:
    """The move with what is to be done: nothing where it stands there already, or would skip logs unasked."""
    if move.saved and move.new.cursor == move.old.cursor:
        return move._replace(state=STAYS, note="stands there already")
    if move.skips and not skip_ahead:
        note = "stands before that time; only --skip-ahead goes forward"
        if move.saved:
            return move._replace(state=STAYS, note=note)
        # Where it starts is read off the checkpoints of the others, whose age changes when they are moved.
        return move._replace(new=move.old, oldest=False, note=f"{note}, so where it would start is saved")
    notes = []
    if move.skips:
        notes.append(f"LOGS RECEIVED BETWEEN {_time(move.old)} AND {_time(move.new)} WILL NOT BE READ")
    if move.oldest:
        notes.append("as far back as SLS keeps logs")
    return move._replace(note="; ".join(notes))


def _time(position: Position) -> str:
    return "the oldest log" if position.time is None else utc(position.time)


def to_move(moves: Iterable[Move]) -> list[Move]:
    """Those that are to be made."""
    return [move for move in moves if move.state == PLANNED]


def left_alone(moves: Iterable[Move]) -> list[Move]:
    """The same when nothing came of the plan."""
    return [move._replace(state=UNMOVED) if move.state == PLANNED else move for move in moves]


def as_found(move: Move, is_told: bool, found: str | None) -> Move:
    """What came of it. `is_told`: SLS was told to move it; `found`: the checkpoint it has by now, None where
    it does not say."""
    if move.state != PLANNED:
        return move
    if found is None and is_told:
        return move._replace(state=UNKNOWN)
    return move._replace(state=MOVED if found == move.new.cursor else UNMOVED)


def title(target: str, group: str, moment: str | int) -> str:
    """One line: what is moved where."""
    where = utc(moment) if isinstance(moment, int) else _WORDS[moment]
    return f"Consumer group '{group}' of {target}, to {where}"


def as_lines(moves: Iterable[Move]) -> list[str]:
    """Each shard with its old and its new position."""
    return [line for move in moves for line in _lines(move)]


def _lines(move: Move) -> list[str]:
    old = str(move.old) if move.saved else f"no checkpoint, it would start at {move.old}"
    if move.state == STAYS:
        return [f"shard {move.shard} stays at {move.old}: {move.note}"]
    done = {PLANNED: "", MOVED: " moved", UNMOVED: " NOT moved", UNKNOWN: " PERHAPS moved"}[move.state]
    first = f"shard {move.shard}{done} from {old} to {move.new}"
    return [first, f"  {move.note}"] if move.note else [first]


def as_json(head: str, moves: Iterable[Move], sentence: str, exit_code: int) -> str:
    """The same for programs."""
    answer = {
        "target": head,
        "exit_code": exit_code,
        "sentence": sentence,
        "shards": [_row(move) for move in moves],
    }
    return json.dumps(answer, indent=2) + "\n"


def _row(move: Move) -> dict[str, Any]:
    return {
        "shard": move.shard,
        "state": move.state,
        "old_cursor": move.old.cursor if move.saved else "",
        "old_time": move.old.time,
        "new_cursor": move.new.cursor,
        "new_time": move.new.time,
        "note": move.note,
    }
