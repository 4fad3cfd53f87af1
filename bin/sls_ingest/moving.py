"""Moves the checkpoints of a consumer group, and tells what came of each, whatever happens meanwhile."""

from __future__ import annotations

import time
from collections.abc import Sequence

from aliyun.log import LogException

from .errors import RetriableError
from .group_checkpoints import GroupCheckpoints, Row
from .rewind import UNMOVED, Move, as_found, to_move
from .transport import Access

_Failure = (LogException, RetriableError, OSError, KeyboardInterrupt)
_MARGIN = 1.5  # seconds that a consumer may need for its next save, beyond the time between two


def carry_out(
    group: GroupCheckpoints, moves: Sequence[Move], rows: dict[int, Row], access: Access, saves_every: float
) -> tuple[list[Move], str]:
    """Move what is PLANNED; an interruption by the person at the terminal is one of the troubles.

    `rows`: what SLS has. `saves_every`: seconds between two checkpoints of a consumer; the new ones have to
    stand still for so long.

    Returns:
        The moves with what came of them, as SLS shows it then; and what went wrong, "" when nothing did.
    """
    told: set[int] = set()
    trouble = ""
    try:
        for move in to_move(moves):
            told.add(move.shard)
            group.move(move.shard, move.new.cursor, rows[move.shard].consumer if move.shard in rows else "")
        time.sleep(saves_every + _MARGIN)
    except _Failure as error:
        trouble = _explained(error, access)
    after, also = _look(group, access)
    done = [_outcome(move, told, after) for move in moves]
    return done, trouble or also or _undone(done, after)


def _look(group: GroupCheckpoints, access: Access) -> tuple[dict[int, Row] | None, str]:
    try:
        return group.rows(), ""
    except _Failure as error:
        return None, f"SLS does not say where the checkpoints are: {_explained(error, access)}"


def _outcome(move: Move, told: set[int], after: dict[int, Row] | None) -> Move:
    row = after.get(move.shard) if after is not None else None
    found = None if after is None else row.cursor if row is not None else ""
    return as_found(move, move.shard in told, found)


def _undone(done: Sequence[Move], after: dict[int, Row] | None) -> str:
    """Which shard has been taken away from where it was put, though SLS took it."""
    for move in done:
        if move.state == UNMOVED:
            who = after[move.shard].consumer if after and move.shard in after else ""
            return (
                f"shard {move.shard} did not stay where it was moved: consumer '{who}' is at work; disable "
                "its input, and rewind again"
            )
    return ""


def _explained(error: BaseException, access: Access) -> str:
    if isinstance(error, LogException):
        return access.explain(error)
    return "it was interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
