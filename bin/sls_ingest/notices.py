"""Events of the add-on's own: what was lost before it could be read, and what cannot be read. Pure.

They go where the input's logs go (index, host, source), so that who searches those finds the hole in them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from . import render
from .settings import InputSettings

GAP_SOURCETYPE: Final = "alibaba:sls:gap"
QUARANTINE_SOURCETYPE: Final = "alibaba:sls:quarantine"
_PART = 48 * 1024  # bytes in one event; 64 KiB as base64
_MOST_KEPT = 16 * 1024 * 1024  # bytes of one damaged log group; SLS takes none above 10 MB


@dataclass(frozen=True)
class Gap:
    """Logs that SLS dropped unread. Times are epoch seconds, None where SLS does not tell."""

    shard: int
    reason: str
    lost_checkpoint: str
    checkpoint_saved: float | None = None
    first_cursor: str = ""
    first_time: float | None = None


@dataclass(frozen=True)
class Damaged:
    """One log group that cannot be read: `data` is the body as SLS sent it, `encoding` its codec."""

    shard: int
    cursor: str
    next_cursor: str
    error: str
    encoding: str
    data: bytes


def gap_event(gap: Gap, settings: InputSettings, now: float) -> bytes:
    """The event that announces a gap; `now` in epoch seconds."""
    fields = {
        **_where(settings, "gap", gap.shard),
        "reason": gap.reason,
        "lost_checkpoint": gap.lost_checkpoint,
        "lost_checkpoint_saved_time": gap.checkpoint_saved,
        "first_available_cursor": gap.first_cursor,
        "first_available_time": gap.first_time,
    }
    return _events(GAP_SOURCETYPE, [orjson.dumps(fields)], settings, now)


def quarantine_events(damaged: Damaged, settings: InputSettings, now: float) -> bytes:
    """The damaged log group as events of bounded size, which `part` and `parts` put in order again."""
    return _events(QUARANTINE_SOURCETYPE, list(_parts(damaged, settings)), settings, now)


def _parts(damaged: Damaged, settings: InputSettings) -> Iterator[bytes]:
    kept = damaged.data[:_MOST_KEPT]
    pieces = [kept[start : start + _PART] for start in range(0, len(kept), _PART)] or [b""]
    for number, piece in enumerate(pieces, 1):
        fields = {
            **_where(settings, "quarantine", damaged.shard),
            "cursor": damaged.cursor,
            "next_cursor": damaged.next_cursor,
            "error": damaged.error,
            "encoding": damaged.encoding,
            "bytes": len(damaged.data),
            "bytes_kept": len(kept),
            "sha256": hashlib.sha256(damaged.data).hexdigest(),
            "part": number,
            "parts": len(pieces),
            # Last, as Splunk extracts fields from the first few thousand characters only.
            "data_base64": base64.b64encode(piece).decode("ascii"),
        }
        yield orjson.dumps(fields)


def _where(settings: InputSettings, kind: str, shard: int) -> dict[str, Any]:
    return {
        "notice": kind,
        "project": settings.project,
        "logstore": settings.logstore,
        "shard": shard,
        "consumer_group": settings.consumer_group,
        "stanza": settings.stanza,
    }


def _events(sourcetype: str, bodies: list[bytes], settings: InputSettings, now: float) -> bytes:
    header = render.header(settings.source, sourcetype, settings.index, settings.host)
    return render.events([render.event_prefix(now, header)] * len(bodies), bodies)
