"""The end of the event pipe: bytes of one run become rows of the event store."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from .events import StreamParser
from .index import EventStore
from .knobs import Knobs
from .props import Stanzas, props_for
from .records import RecordBuilder, StanzaDefaults
from .xml_handlers import Report, XmlEvent

_LINE_END = re.compile(rb"[\r\n]+")


class LineParser:
    """Streaming mode "simple": each line is an event with the metadata of its stanza."""

    lost = kill_wanted = False

    def __init__(self, report: Report) -> None:
        self._report = report
        self._rest = b""

    def feed(self, data: bytes) -> list[XmlEvent]:
        *lines, self._rest = _LINE_END.split(self._rest + data)
        return [self._event(line) for line in lines if line]

    def close(self) -> tuple[list[XmlEvent], bool]:
        rest, self._rest = self._rest, b""
        return ([self._event(rest)] if rest else []), False

    def _event(self, line: bytes) -> XmlEvent:
        text = line.decode("utf-8", "replace")
        if "\ufffd" in text and b"\xef\xbf\xbd" not in line:
            self._report("invalid_utf8", "a line that is not UTF-8")
        return XmlEvent(None, False, None, None, None, None, None, text, False)


class EventSink:
    """Parser, record builder and store in a row, for one run of one process."""

    def __init__(
        self,
        mode: str,
        own: StanzaDefaults,
        stanzas: Mapping[str, StanzaDefaults],
        needs_stanza: bool,
        pid: int,
        store: EventStore,
        knobs: Knobs,
        props: Callable[[], Stanzas],
        kill: Callable[[], None],
    ) -> None:
        self.bytes_read = 0
        self.events_read = 0
        self.cut = False  #: True when the stream ended inside an event
        self._store = store
        self._kill = kill
        self._stanza = own.stanza
        self._unparsed = knobs.store == "bytes"
        self._where = f"{own.stanza} pid {pid}"
        simple = mode == "simple"
        self._parser = LineParser(self._report) if simple else StreamParser(knobs, self._report)
        # Asked per record, so remember; a sourcetype's settings do not change during a run.
        props_of = lru_cache(maxsize=1000)(
            lambda sourcetype, source, host: props_for(props(), sourcetype, source, host)
        )
        self._builder = RecordBuilder(
            stanzas, own, needs_stanza and not simple, pid, knobs, self._report, props_of
        )

    def feed(self, data: bytes) -> None:
        self.bytes_read += len(data)
        if self._unparsed:
            if self._store.byte_tap is not None:
                self._store.byte_tap(self._stanza, data)
            return
        was_lost = self._parser.lost
        self._store_all(self._parser.feed(data))
        if was_lost:
            self._store.problems.count_only("lost_bytes", len(data))
        elif self._parser.kill_wanted:
            self._kill()

    def close(self) -> None:
        """End of file: what is complete but was waiting is flushed, as splunkd's done key does."""
        events, self.cut = self._parser.close()
        self._store_all(events)
        rows = self._builder.flush()
        self._store.add_many(rows)

    def cut_event(self) -> None:
        """Report that a process ended on its own in the middle of an event."""
        self._report("cut_event", "the process ended inside an <event>")

    def _store_all(self, events: list[XmlEvent]) -> None:
        if events:
            self.events_read += len(events)
            self._store.add_many(self._builder.build(events))

    def _report(self, kind: str, text: str) -> None:
        self._store.problems.add(kind, f"{self._where}: {text}")
