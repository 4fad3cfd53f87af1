"""From `<event>` to what is indexed: defaults of the stanza, the time, joining of unbroken pieces, limits."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .knobs import Knobs
from .props import Props
from .xml_handlers import Report, XmlEvent

#: time (s), index, host, source, sourcetype, raw, stanza, pid, arrived (s): the columns of the event store.
Row = tuple[float, str, str, str, str, str, str, int, float]

_TIME = re.compile(r"\d{1,11}(?:\.(\d+))?")


@dataclass(frozen=True)
class StanzaDefaults:
    """What an event gets that does not say otherwise."""

    stanza: str
    index: str
    host: str
    source: str
    sourcetype: str

    @classmethod
    def of(cls, scheme: str, stanza: str, params: Mapping[str, str], server_name: str) -> StanzaDefaults:
        """From a stanza's parameters; resolves the literal values `default` and `$decideOnStartup`."""
        host = params.get("host") or "$decideOnStartup"
        return cls(
            stanza,
            real_index(params.get("index") or "default"),
            server_name if host == "$decideOnStartup" else host,
            params.get("source") or stanza,
            params.get("sourcetype") or scheme,
        )


def real_index(name: str) -> str:
    return "main" if name == "default" else name


class RecordBuilder:
    """Turns the events of one run into rows.

    `stanzas` are those of the run document by name; `own` is for events without a stanza attribute.
    `props(sourcetype, source, host)` is asked only when a knob makes props.conf matter.
    """

    def __init__(
        self,
        stanzas: Mapping[str, StanzaDefaults],
        own: StanzaDefaults,
        needs_stanza: bool,
        pid: int,
        knobs: Knobs,
        report: Report,
        props: Callable[[str, str, str], Props],
    ) -> None:
        self._stanzas = dict(stanzas)
        self._own = own
        self._needs_stanza = needs_stanza
        self._pid = pid
        self._knobs = knobs
        self._report = report
        self._props = props
        self._pieces: dict[tuple[str, ...], tuple[Row, list[str]]] = {}
        decimals = knobs.time_decimals
        self._decimals = decimals if decimals is not None else 99
        self._uses_props = knobs.line_breaking != "literal" or knobs.time_from != "element"

    def build(self, events: Iterable[XmlEvent]) -> list[Row]:
        """Rows that are complete; unbroken pieces wait for their <done/>."""
        rows: list[Row] = []
        now = time.time()
        for event in events:
            row = self._row(event, now)
            if row is None:
                continue
            if event.unbroken and (self._pieces or not event.done):
                row = self._join(row, event.done)
            if row is not None:
                self._finish(row, event.unbroken, rows)
        return rows

    def flush(self) -> list[Row]:
        """Rows of the pieces that never got their <done/>, as at the end of a run."""
        rows: list[Row] = []
        for row, texts in self._pieces.values():
            self._finish((*row[:5], "".join(texts), *row[6:]), True, rows)
        self._pieces.clear()
        return rows

    def _row(self, event: XmlEvent, now: float) -> Row | None:
        own = self._own if event.stanza == self._own.stanza else self._defaults(event.stanza)
        if own is None or not (event.data or self._accept_empty(event)):
            return None
        return (
            now if event.time is None else self._seconds(event.time, now),
            real_index(event.index) if event.index else own.index,
            event.host or own.host,
            event.source or own.source,
            event.sourcetype or own.sourcetype,
            event.data or "",
            own.stanza,
            self._pid,
            now,
        )

    def _defaults(self, stanza: str | None) -> StanzaDefaults | None:
        if stanza is None:
            if self._needs_stanza:
                self._report("missing_stanza", "<event> without a stanza attribute in single-instance mode")
            return self._own
        found = self._stanzas.get(stanza)
        if found is None:
            self._report("unknown_stanza", f"stanza={stanza[:80]!r}")
            return self._own if self._knobs.unknown_stanza == "keep" else None
        return found

    def _accept_empty(self, event: XmlEvent) -> bool:
        if event.data is None:
            # A lone <done/> is a legal way to finish what came in pieces.
            if not (event.done and event.unbroken):
                self._report("missing_data", "<event> without <data>")
                return self._knobs.empty_data == "keep"
            return True
        if event.unbroken and event.done and self._pieces:
            return True
        self._report("empty_data", "<event> with empty <data>")
        return self._knobs.empty_data == "keep"

    def _seconds(self, text: str, now: float) -> float:
        found = _TIME.fullmatch(text)
        if found is None or len(found.group(1) or "") > self._decimals:
            self._report("bad_time", f"<time>{text[:40]!r}")
            return now
        return float(text)

    def _join(self, row: Row, done: bool) -> Row | None:
        key = (row[6], *row[1:5])
        first, texts = self._pieces.setdefault(key, (row, []))
        texts.append(row[5])
        if not done:
            return None
        del self._pieces[key]
        return (*first[:5], "".join(texts), *first[6:])

    def _finish(self, row: Row, unbroken: bool, rows: list[Row]) -> None:
        if not row[5] and self._knobs.empty_data == "drop":
            return
        if self._uses_props:
            rows.extend(self._by_props(row, unbroken))
            return
        self._check_lines(row[5], unbroken)
        limit = self._knobs.max_event_bytes
        rows.append(self._cut(row, limit) if limit is not None else row)

    def _check_lines(self, raw: str, unbroken: bool) -> None:
        check = self._knobs.newline_check
        if ("\n" in raw or "\r" in raw) and (check == "all" or (check == "unbroken" and unbroken)):
            self._report("newline_in_record", f"CR or LF in {raw[:60]!r}")

    def _cut(self, row: Row, limit: int) -> Row:
        if len(row[5]) * 4 <= limit:
            return row
        encoded = row[5].encode()
        if len(encoded) <= limit:
            return row
        self._report("oversize", f"{len(encoded)} bytes, limit {limit}")
        return (*row[:5], encoded[:limit].decode(errors="ignore"), *row[6:])

    def _by_props(self, row: Row, unbroken: bool) -> Iterable[Row]:
        props = self._props(row[4], row[3], row[2])
        breaking = self._knobs.line_breaking
        breaks = breaking == "all" or (breaking == "unbroken" and unbroken)
        for raw in props.break_lines(row[5]) if breaks else [row[5]]:
            self._check_lines(raw, unbroken)
            when: float | None = None
            if self._knobs.time_from == "extraction":
                when = props.time_of(raw, row[0], row[8])
            cut = (row[0] if when is None else when, *row[1:5], raw, *row[6:])
            limits = [x for x in (self._knobs.max_event_bytes, props.truncate if breaks else 0) if x]
            yield self._cut(cut, min(limits)) if limits else cut
