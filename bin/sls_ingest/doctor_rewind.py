"""The doctor's --rewind: moves the checkpoints of a consumer group that nobody is at work in."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from pathlib import Path
from typing import NamedTuple, TextIO

from aliyun.log import LogException

from . import rewind
from .access import open_access
from .at_rest import must_be_disabled, must_rest_still, rows_at_rest
from .errors import ConfigError, NotMovedError, RetriableError
from .group_checkpoints import GroupCheckpoints, Row, is_newer
from .log_fields import Value, line
from .logs import DOCTOR, Redactor, open_log
from .moving import carry_out
from .processor import CHECKPOINT_INTERVAL
from .rewind import MOVED, UNKNOWN, Move, decided, left_alone, to_move
from .settings import InputSettings, parse_input
from .splunkd import Splunkd
from .timespec import ACCEPTED, Moment, TimeSpec, parse
from .transport import Access


class _Told(NamedTuple):
    """What came of it: each shard, one sentence, and the exit code."""

    moves: list[Move]
    sentence: str
    code: int


def rewind_group(
    options: argparse.Namespace, splunkd: Splunkd, redactor: Redactor, stdin: TextIO, stdout: TextIO
) -> int:
    """Show what --rewind moves where, ask, move, and show what came of it.

    Returns:
        0 when every shard is where it was to go, 1 when not.

    Raises:
        ConfigError, RetriableError: it could not even be tried, and nothing was moved.
    """
    if not options.yes and not stdin.isatty():
        raise RetriableError("nobody can be asked here; give --yes to move without a question")
    moment = _moment(options.rewind).resolve(time.time())
    wanted = parse_input(splunkd.input(options.stanza), options.stanza)
    user = splunkd.user()
    access, _ = open_access(wanted, splunkd, redactor, logging.getLogger(__name__))
    head = rewind.title(f"{wanted.project}/{wanted.logstore}", wanted.consumer_group, moment)
    told = _rewind(access, splunkd, moment, head, options, stdin)
    _note(wanted, told.moves, user, redactor)
    _print(head, told._replace(sentence=redactor.blank(told.sentence)), options.json, stdout)
    return told.code


def _rewind(
    access: Access, splunkd: Splunkd, moment: Moment, head: str, options: argparse.Namespace, stdin: TextIO
) -> _Told:
    group, wanted = GroupCheckpoints(access), access.settings
    moves: list[Move] = []
    try:
        must_be_disabled(wanted, splunkd)
        rows = rows_at_rest(group, wanted)
        moves = _plan(group, rows, wanted, moment, options)
        if not to_move(moves):
            return _Told(moves, "nothing to move", 0)
        _must_agree(moves, head, options, stdin)
        must_rest_still(group, wanted, splunkd, rows)
    except NotMovedError as error:
        return _Told(left_alone(moves), str(error), 1)
    except LogException as error:
        return _Told(left_alone(moves), access.explain(error), 1)
    saves_every = min(CHECKPOINT_INTERVAL, wanted.heartbeat_interval)
    moves, trouble = carry_out(group, moves, rows, access, saves_every)
    return _Told(moves, trouble, 1) if trouble else _Told(moves, _summary(moves), 0)


def _moment(text: str) -> TimeSpec:
    try:
        return parse(text)
    except (ValueError, OverflowError) as error:
        raise ConfigError("--rewind", text, ACCEPTED) from error


# -- what goes where


def _plan(
    group: GroupCheckpoints,
    rows: dict[int, Row],
    wanted: InputSettings,
    moment: Moment,
    options: argparse.Namespace,
) -> list[Move]:
    shards = group.shards()
    for shard in options.shard or ():
        if shard not in shards:
            known = ", ".join(map(str, shards))
            raise ConfigError("--shard", shard, f"logstore '{wanted.logstore}' has shards {known}")
    now = time.time()
    moves = []
    for shard in sorted(set(options.shard or shards)):
        saved = rows[shard].cursor if shard in rows else ""
        is_new = not saved and wanted.start.moves and is_newer(shard, shards, rows, now)
        start: Moment = "begin" if is_new else wanted.start.resolve(now)
        moves.append(decided(_move(group, shard, saved, start, moment), options.skip_ahead))
    return moves


def _move(group: GroupCheckpoints, shard: int, saved: str, start: Moment, moment: Moment) -> Move:
    """`start`: where an input would start to read the shard if it has no checkpoint."""
    old = group.position(shard, saved or group.cursor(shard, start))
    new = group.position(shard, group.cursor(shard, moment))
    oldest = isinstance(moment, int) and new.time is not None and new.time > moment
    is_oldest = oldest and new.cursor == group.cursor(shard, "begin") != group.cursor(shard, "end")
    return Move(shard, old, new, bool(saved), is_oldest)


def _must_agree(moves: list[Move], head: str, options: argparse.Namespace, stdin: TextIO) -> None:
    if options.yes:
        return
    lines = [head, "", *rewind.as_lines(moves), ""]
    sys.stderr.write("\n".join(lines))
    sys.stderr.write(f"\nMove {len(to_move(moves))} checkpoints? [y/N] ")
    sys.stderr.flush()
    if stdin.readline().strip().lower() not in ("y", "yes"):
        raise NotMovedError("nothing was moved")


# -- saying it


def _summary(moves: list[Move]) -> str:
    moved = sum(move.state == MOVED for move in moves)
    return f"{moved} of {len(moves)} checkpoints moved; enable the input, and it goes on from there"


def _print(head: str, told: _Told, json: bool, stdout: TextIO) -> None:
    moves, sentence, code = told
    if json:
        stdout.write(rewind.as_json(head, moves, sentence, code))
        return
    stdout.write("\n".join([head, "", *rewind.as_lines(moves), *([""] if moves else []), sentence, ""]))


def _note(wanted: InputSettings, moves: list[Move], user: str, redactor: Redactor) -> None:
    """Leave a trace in the add-on's logs, unless whoever runs this would own a file that splunkd needs."""
    noted = [move for move in moves if move.state in (MOVED, UNKNOWN)]
    if not noted:
        return
    home = os.environ.get("SPLUNK_HOME", "")
    folder = Path(home, "var", "log", "splunk")
    if not home or not folder.is_dir() or (hasattr(os, "geteuid") and folder.stat().st_uid != os.geteuid()):
        sys.stderr.write("Not noted in the add-on's log, which belongs to another user\n")
        return
    try:
        logger = open_log(DOCTOR, redactor)
    except OSError as error:
        sys.stderr.write(f"Not noted in the add-on's log, which cannot be written ({error})\n")
        return
    for move in noted:
        logger.info("%s", line("rewind", _fields(wanted, move, user)))


def _fields(wanted: InputSettings, move: Move, user: str) -> dict[str, Value]:
    return {
        "user": user,
        "project": wanted.project,
        "logstore": wanted.logstore,
        "consumer_group": wanted.consumer_group,
        "shard": move.shard,
        "state": move.state,
        "old_cursor": move.old.cursor if move.saved else None,
        "old_time": move.old.time,
        "new_cursor": move.new.cursor,
        "new_time": move.new.time,
    }
