"""Builds LogGroupList bytes for the tests of the core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sls_ingest.pipeline import Pipeline, Rendered
from sls_ingest.record import Origin
from sls_ingest.wire import LogGroupList
from tests.unit.core.inputs import parsed

Pairs = Sequence[tuple[str, str]]


def batch(*groups: dict[str, Any]) -> bytes:
    """Serialize groups given as dict(topic, source, tags, logs=[(time, pairs) or (time, nanos, pairs)])."""
    message = LogGroupList()
    for group in groups:
        target = message.LogGroups.add(Topic=group.get("topic", ""), Source=group.get("source", ""))
        for key, value in group.get("tags", ()):
            target.LogTags.add(Key=key, Value=value)
        for log in group["logs"]:
            _add_log(target, log)
    return bytes(message.SerializeToString())


def _add_log(target: Any, log: tuple[Any, ...]) -> None:
    seconds, *nanos, pairs = log
    added = target.Logs.add(Time=seconds)
    if nanos:
        added.Time_ns = nanos[0]
    for key, value in pairs:
        added.Contents.add(Key=key, Value=value)


def one_log(
    *pairs: tuple[str, str], topic: str = "t", source: str = "10.0.0.1", seconds: int = 1_700_000_000
) -> bytes:
    """A batch of one log."""
    return batch({"topic": topic, "source": source, "logs": [(seconds, pairs)]})


def groups_in(raw: bytes) -> int:
    """The x-log-count of a well-formed batch."""
    return len(LogGroupList.FromString(raw).LogGroups)


@dataclass
class Whole(Rendered):
    """A batch with all of its slices joined."""

    payload: bytes = b""


def whole(pipeline: Pipeline, raw: bytes, origin: Origin) -> Whole:
    """Run one batch through the core."""
    done = Whole()
    done.payload = b"".join(pipeline.run(raw, origin, done))
    return done


def rendered(raw: bytes, first: int | None = 1000, **over: str) -> Whole:
    """The whole core over one batch from shard 3, at cursor "c", of an input with the settings `over`."""
    return whole(Pipeline(parsed(**over)), raw, Origin(3, "c", first, groups_in(raw)))
