"""One batch: decode -> route -> render, to the bytes of one write and the counts of what was done. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from . import decode, render
from .errors import BadBatchError
from .event_id import FIELD, EventIds
from .record import Fields, Group, Origin
from .route import Route, Router
from .settings import InputSettings

# What a mistake of ours could raise on a log that nobody thought of: the same log would raise it at each
# fetch.
_OUR_MISTAKES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_CACHED_HOST = 1024  # characters; longer ones come from a hostile producer and would fill the memory


@dataclass
class Rendered:
    """The outcome of one batch. `payload` is XML without the stream tag; counts are in logs."""

    payload: bytes = b""
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

    def run(self, raw: bytes, origin: Origin) -> Rendered:
        """Render a decompressed LogGroupList.

        Raises:
            BadBatchError: `raw` is not a LogGroupList of so many log groups, or holds what we cannot render.
        """
        try:
            return self._run(raw, origin)
        except _OUR_MISTAKES as error:
            raise BadBatchError(f"{type(error).__name__} while rendering {len(raw)} bytes") from error

    def _run(self, raw: bytes, origin: Origin) -> Rendered:
        done = Rendered()
        parts: list[bytes] = []
        for number, group in enumerate(decode.groups(raw, origin.groups)):
            route = self._router.route(group.topic, group.source)
            count = len(group.logs)
            if route is None:
                done.filtered += count
                continue
            done.events += count
            done.by_sourcetype[route.sourcetype] = done.by_sourcetype.get(route.sourcetype, 0) + count
            header = _header(route) if len(route.host) > _CACHED_HOST else self._header(route)
            ids = self._ids.of_group(origin, number) if self._ids else ""
            parts.append(self._group(group, header, ids, done))
        done.payload = b"".join(parts)
        return done

    def _group(self, group: Group, header: bytes, ids: str, done: Rendered) -> bytes:
        openings: list[bytes] = []
        bodies: list[bytes] = []
        for number, record in enumerate(decode.records(group)):
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
