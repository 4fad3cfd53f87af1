"""Whether a consumer group is at rest: a consumer at work would go on where it is, and save that again."""

from __future__ import annotations

import sys
import time

from aliyun.log import LogException

from .errors import ConfigError, NotMovedError
from .group_checkpoints import GroupCheckpoints, Row
from .settings import InputSettings, parse_input
from .splunkd import Splunkd

_LOOK = 1.0  # seconds between two looks for consumers at work
_GRACE = 6.0  # seconds beyond the group's time-out: one that was told to stop may send heartbeats for 5 more
_NO_GROUP = "ConsumerGroupNotExist"


def must_be_disabled(wanted: InputSettings, splunkd: Splunkd) -> None:
    """
    Raises:
        NotMovedError: an input of this Splunk that reads the group is enabled.
    """
    ours = wanted.project, wanted.logstore, wanted.consumer_group
    for name, params in splunkd.active_inputs().items():
        try:
            other = parse_input(params, name)
        except ConfigError:  # it does not run either
            continue
        if (other.project, other.logstore, other.consumer_group) == ours:
            raise NotMovedError(
                f"input '{name}' is enabled on this Splunk and would go on where it is; "
                "disable it on the Inputs page, and rewind then"
            )


def rows_at_rest(group: GroupCheckpoints, wanted: InputSettings) -> dict[int, Row]:
    """The group's checkpoints, as soon as SLS knows of no consumer at work; one just stopped counts as such.

    Raises:
        NotMovedError: there is no group, or one stays at work for longer than the group's time-out.
    """
    rows = _rows(group, wanted)
    busy = group.at_work(rows)
    if not busy:
        return rows
    wait = group.timeout(2 * wanted.heartbeat_interval) + _GRACE
    sys.stderr.write(f"Waiting up to {wait:.0f} s for SLS to miss {_listed(busy)}...\n")
    until = time.monotonic() + wait
    while time.monotonic() < until:
        time.sleep(_LOOK)
        before, rows = rows, _rows(group, wanted)
        busy = _movers(before, rows) or group.at_work(rows)
        if not busy:
            return rows
    raise NotMovedError(
        f"still at work in consumer group '{wanted.consumer_group}': {_listed(busy)}; disable the "
        "input on that forwarder (a consumer is named <GUID of the forwarder>-<input>), and rewind "
        "then"
    )


def must_rest_still(
    group: GroupCheckpoints, wanted: InputSettings, splunkd: Splunkd, rows: dict[int, Row]
) -> None:
    """A person may have taken minutes for an answer.

    Raises:
        NotMovedError: somebody is at work by now, or has been since `rows`.
    """
    must_be_disabled(wanted, splunkd)
    if _movers(rows, rows_at_rest(group, wanted)):
        raise NotMovedError(
            f"consumer group '{wanted.consumer_group}' was at work meanwhile: its checkpoints are others "
            "than those shown, and were not moved; rewind again"
        )


def _movers(before: dict[int, Row], after: dict[int, Row]) -> list[str]:
    """Who has saved a checkpoint in between."""
    changed = (row for shard, row in after.items() if shard not in before or _differ(before[shard], row))
    return sorted({row.consumer or "one without a name" for row in changed})


def _differ(before: Row, after: Row) -> bool:
    """The time alone changes by a look for who is at work."""
    return (before.cursor, before.consumer) != (after.cursor, after.consumer)


def _rows(group: GroupCheckpoints, wanted: InputSettings) -> dict[int, Row]:
    try:
        return group.rows()
    except LogException as error:
        if error.get_error_code() != _NO_GROUP:
            raise
        raise NotMovedError(
            f"consumer group '{wanted.consumer_group}' does not exist: there is nothing to move, and the "
            "input starts at cursor_start_time"
        ) from error


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
