"""One batch: decode -> route -> render, to bytes for the pipe and the counts of what was done. Pure.

The bytes come in slices. A log group's tags are repeated in each of its logs, so a hostile one of 1 MB can
mean gigabytes of events; a slice bounds what is in memory at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from . import decode, render
from .errors import BadBatchError
from .event_id import FIELD, EventIds
from .record import Fields, Group, Origin, Record
from .route import Route, Router
from .settings import InputSettings

# What a mistake of ours could raise on a log that nobody thought of: the same log would raise it at each
# fetch.
_OUR_MISTAKES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_SLICE = 4 * 1024 * 1024  # bytes of events, about; an ordinary batch is one to three slices
_LOG = 256  # bytes that a log is taken for beside its tags
_CACHED_HOST = 1024  # characters; longer ones come from a hostile producer and would fill the memory


@dataclass
class Rendered:
    """What was rendered of one batch, counted in logs; `written` in bytes."""

    written: int = 0
    events: int = 0
    filtered: int = 0
    repaired: int = 0  # events in which damaged UTF-8 was replaced
    without_raw_field: int = 0  # raw format: the log lacks the field or has it empty, so it went out as JSON
    by_sourcetype: dict[str, int] = field(default_factory=dict)


class Pipeline:
    """The pure middle of the data path, compiled from the settings of one input."""

    def __init__(self, settings: InputSettings) -> None:
        self._router = Router(settings)
        self._raw_field = settings.raw_field
        self._ids = EventIds(settings.project, settings.logstore) if settings.event_id else None
        self._header = lru_cache(maxsize=4096)(_header)

    def run(self, raw: bytes, origin: Origin, done: Rendered) -> Iterator[bytes]:
        """Render a decompressed LogGroupList to slices of XML without the stream tag, counted in `done`.

        Raises:
            BadBatchError: `raw` is not a LogGroupList of so many log groups, which is known before the first
                slice; or holds what we cannot render.
        """
        try:
            yield from self._slices(raw, origin, done)
        except _OUR_MISTAKES as error:
            raise BadBatchError(f"{type(error).__name__} while rendering {len(raw)} bytes") from error

    def _slices(self, raw: bytes, origin: Origin, done: Rendered) -> Iterator[bytes]:
        parts: list[bytes] = []
        size = 0
        for number, group in enumerate(decode.groups(raw, origin.groups)):
            for part in self._group(group, origin, number, done):
                parts.append(part)
                size += len(part)
                if size >= _SLICE:
                    done.written += size
                    yield b"".join(parts)
                    parts, size = [], 0
        if parts:
            done.written += size
            yield b"".join(parts)

    def _group(self, group: Group, origin: Origin, number: int, done: Rendered) -> Iterator[bytes]:
        route = self._router.route(group.topic, group.source)
        count = len(group.logs)
        if route is None:
            done.filtered += count
            return
        done.events += count
        done.by_sourcetype[route.sourcetype] = done.by_sourcetype.get(route.sourcetype, 0) + count
        header = _header(route) if len(route.host) > _CACHED_HOST else self._header(route)
        ids = self._ids.of_group(origin, number) if self._ids else ""
        tags = sum(len(name) + len(value) for name, value in group.meta.items())
        logs = enumerate(decode.records(group))
        while count > 0:
            step = min(count, max(1, _SLICE // (tags + _LOG)))
            yield self._logs(islice(logs, step), header, ids, done)
            count -= step

    def _logs(self, logs: Iterable[tuple[int, Record]], header: bytes, ids: str, done: Rendered) -> bytes:
        openings: list[bytes] = []
        bodies: list[bytes] = []
        for number, record in logs:
            if ids:
                decode.put_own(record.fields, FIELD, f"{ids}{number:x}")
            openings.append(render.event_time(record))
            bodies.append(self._body(record.fields, done))
        return render.events(openings, header, bodies)

    def _body(self, fields: Fields, done: Rendered) -> bytes:
        if self._raw_field:
            value = fields.get(self._raw_field)
            if value:
                return render.raw_event(value)
            done.without_raw_field += 1
        body, repaired = render.json_event(fields)
        done.repaired += repaired
        return body


def _header(route: Route) -> bytes:
    return render.header(route.source, route.sourcetype, route.index, route.host)
