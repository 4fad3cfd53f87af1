"""The strict, incremental reader of a modular input's XML event stream: bytes in, events out."""

from __future__ import annotations

from xml.parsers import expat

from .fast_lane import END, FastLane
from .knobs import Knobs
from .xml_errors import Cleaner, classify
from .xml_handlers import EventHandlers, OutsideError, Report, XmlEvent

#: Several documents in a row parse as the children of a root that is never closed.
_ROOT = b"<standin>"
_TAIL = 4  # bytes kept to look at a character that was cut by a read


class StreamParser:
    """Feed it what read(2) returned, cut anywhere; it returns the events that are complete by then.

    `report(kind, text)` gets every violation. What does not parse costs what the knob `malformed_xml` says.
    """

    def __init__(self, knobs: Knobs, report: Report) -> None:
        self.bytes_read = 0
        self.lost = False  #: True once malformed XML has cost the rest of this run
        self.kill_wanted = False  #: True when the knob says that the process pays for malformed XML
        self._report = report
        self._policy = knobs.malformed_xml
        self._cleaner = Cleaner(report) if self._policy == "drop_char" else None
        self._fast = FastLane() if knobs.fast_lane else None
        self._handlers = EventHandlers(report, self._where)
        self._held = b""  # read, but not yet given to expat
        self._held_from = 0  # its place in the stream
        self._seeking = False  # looking for the next event after a malformed one
        self._begin(_ROOT)

    def feed(self, data: bytes) -> list[XmlEvent]:
        """Take some bytes and return the events that they complete."""
        self.bytes_read += len(data)
        if self._cleaner is not None:
            data = self._cleaner.clean(data)
        data, self._held = self._held + data, b""
        fast = self._fast if self._fast is not None and self._fast.usable(data) else None
        position = 0
        while position < len(data) and not self.lost:
            position = self._step(data, position, fast)
        self._held_from += len(data) - len(self._held)
        return self._drain()

    def close(self) -> tuple[list[XmlEvent], bool]:
        """The last events, and True when the input ended inside an event, which is lost then."""
        data, self._held = self._held, b""
        if data and not self.lost and not self._seeking:
            self._parse(data, 0, len(data))
        cut = not self.lost and not self._seeking and not (self._aligned or self._between_streams)
        return self._drain(), cut

    def _drain(self) -> list[XmlEvent]:
        events, self._handlers.events = self._handlers.events, []
        return events

    def _begin(self, prefix: bytes) -> None:
        """A new expat parser, for the start and for resuming after malformed XML."""
        parser = self._parser = expat.ParserCreate("UTF-8", intern={})
        parser.buffer_text = True
        parser.buffer_size = 1 << 16
        if hasattr(parser, "SetReparseDeferralEnabled"):
            parser.SetReparseDeferralEnabled(False)  # else newer versions sit on small reads
        parser.Parse(prefix, False)
        parser.StartElementHandler = self._handlers.start
        parser.EndElementHandler = self._handlers.end
        parser.CharacterDataHandler = self._handlers.text
        parser.CommentHandler = parser.ProcessingInstructionHandler = self._handlers.comment
        parser.StartCdataSectionHandler = self._handlers.start_cdata
        parser.EndCdataSectionHandler = self._handlers.end_cdata
        self._fed = len(prefix)
        self._tail = b""

    def _where(self) -> int:
        return self._parser.CurrentByteIndex

    @property
    def _no_token_open(self) -> bool:
        return bool(self._parser.CurrentByteIndex == self._fed)

    @property
    def _aligned(self) -> bool:
        """Exactly between two events of a stream."""
        return self._handlers.between_events and self._no_token_open

    @property
    def _between_streams(self) -> bool:
        handlers = self._handlers
        return handlers.level == 0 and not handlers.skipping and self._no_token_open

    def _step(self, data: bytes, position: int, fast: FastLane | None) -> int:
        """Use up one piece; returns the position behind it."""
        if self._seeking:
            return self._seek(data, position)
        if fast is not None and self._aligned:
            position = fast.scan(data, position, self._handlers.events)
            if position == len(data):
                return position
            if fast.may_wait(data, position):
                self._held = data[position:]
                return len(data)
        end = data.find(END, position) if fast is not None else -1
        return self._parse(data, position, len(data) if end < 0 else end + len(END))

    def _parse(self, data: bytes, start: int, end: int) -> int:
        piece = data[start:end]
        try:
            try:
                self._parser.Parse(piece, False)
            except expat.ExpatError as error:
                self._parser.buffer_text = False  # hands out the text before the error
                return self._bad_xml(error.code, data, start, piece)
        except OutsideError as error:
            self._report("malformed_xml", str(error))
            return self._recover(data, start + max(error.index - self._fed, 0))
        self._fed += len(piece)
        self._tail = (self._tail + piece)[-_TAIL:]
        return end

    def _bad_xml(self, code: int, data: bytes, start: int, piece: bytes) -> int:
        offset = self._parser.ErrorByteIndex - self._fed
        kind = classify(code, self._tail + piece, offset + len(self._tail))
        self._report(kind, f"{expat.ErrorString(code)} at byte {self._held_from + start + offset}")
        return self._recover(data, start + max(offset + 1, 0))

    def _recover(self, data: bytes, behind: int) -> int:
        """Do as the policy says; `behind` is where an intact event may begin at the earliest."""
        if self._policy == "skip_event":
            self._resume()
            return self._seek(data, behind)
        self.lost = True
        self.kill_wanted = self._policy == "kill_input"
        return len(data)

    def _resume(self) -> None:
        events = self._drain()
        self._handlers = EventHandlers(self._report, self._where)
        self._handlers.events, self._handlers.level = events, 1
        self._begin(_ROOT + b"<stream>")
        self._seeking = True

    def _seek(self, data: bytes, start: int) -> int:
        found = data.find(b"<event", start)
        self._seeking = found < 0
        if self._seeking:
            self._held = data[max(start, len(data) - 5) :]
            return len(data)
        return found
