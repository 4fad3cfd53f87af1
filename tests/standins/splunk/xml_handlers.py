"""The grammar of the event stream, as expat callbacks.

Any number of `<stream>` elements one after the other; in them `<event stanza unbroken>` with time, source,
sourcetype, index, host, data and done in any order, each at most once. Violations that XML itself allows are
reported and parsing goes on: what does not belong is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

Report = Callable[[str, str], None]

#: Element names by level: 0 outside, 1 in a stream, 2 in an event, 3 in a child of an event.
_EXPECTED = (
    frozenset({"stream"}),
    frozenset({"event"}),
    frozenset({"time", "source", "sourcetype", "index", "host", "data", "done"}),
    frozenset[str](),
)
_BLANK = " \t\r\n"


class XmlEvent(NamedTuple):
    """One `<event>` as written; None = no such attribute or element."""

    stanza: str | None
    unbroken: bool
    time: str | None
    source: str | None
    sourcetype: str | None
    index: str | None  # type: ignore[assignment]  # hides tuple.index, which nobody needs here
    host: str | None
    data: str | None
    done: bool


class OutsideError(Exception):
    """Something outside of any `<stream>`, where a parser of one document after the other would fail.

    `index` is the byte that expat had come to.
    """

    def __init__(self, text: str, index: int) -> None:
        super().__init__(text)
        self.index = index


class EventHandlers:
    """State of the grammar; `events` collects what is complete, the reader empties it.

    `where()` is the place of the parser in its input.
    """

    def __init__(self, report: Report, where: Callable[[], int]) -> None:
        self.events: list[XmlEvent] = []
        self.level = 0
        self.skipping = 0
        self.in_cdata = False
        self._report = report
        self._where = where
        self._attributes: dict[str, str] = {}
        self._fields: dict[str, str] = {}
        self._text: list[str] = []

    @property
    def between_events(self) -> bool:
        """True in a stream and outside of everything else."""
        return self.level == 1 and not self.skipping and not self.in_cdata

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self.skipping or name not in _EXPECTED[self.level]:
            self._skip(name)
            return
        if self.level == 1:
            self._begin_event(attributes)
        elif attributes:
            self._report("unknown_attribute", f"<{name}> has {sorted(attributes)}")
        self._text = []
        self.level += 1

    def end(self, name: str) -> None:
        if self.skipping:
            self.skipping -= 1
            return
        if self.level == 0:
            raise OutsideError(f"</{name}> outside of its start", self._where())
        self.level -= 1
        if self.level == 2:
            self._end_child(name)
        elif self.level == 1:
            self._end_event()

    def text(self, text: str) -> None:
        if self.skipping:
            return
        if self.level == 3:
            self._text.append(text)
        elif text.strip(_BLANK):
            if self.level == 0:
                raise OutsideError("text outside <stream>", self._where())
            self._report("stray_text", "text between elements")

    def comment(self, *_: object) -> None:
        self._report("comment", "a comment or processing instruction")

    def start_cdata(self) -> None:
        self.in_cdata = True
        if self.level != 3 and not self.skipping:
            self._report("stray_text", "CDATA between elements")

    def end_cdata(self) -> None:
        self.in_cdata = False

    def _skip(self, name: str) -> None:
        if not self.skipping:
            where = ("outside", "in a stream", "in an event", "in a child of an event")[self.level]
            self._report("unknown_element", f"<{name}> {where}")
        self.skipping += 1

    def _begin_event(self, attributes: dict[str, str]) -> None:
        self._attributes, self._fields = attributes, {}
        unknown = attributes.keys() - {"stanza", "unbroken"}
        if unknown:
            self._report("unknown_attribute", f"<event> has {sorted(unknown)}")
        if attributes.get("unbroken", "0") not in ("0", "1"):
            self._report("bad_unbroken", f"unbroken={attributes['unbroken'][:20]!r}")

    def _end_child(self, name: str) -> None:
        text = "".join(self._text)
        if name in self._fields:
            self._report("duplicate_child", f"<{name}> twice in one event")
            return
        if name == "done" and text:
            self._report("done_not_empty", "<done> has content")
        self._fields[name] = text

    def _end_event(self) -> None:
        get = self._fields.get
        self.events.append(
            XmlEvent(
                self._attributes.get("stanza"),
                self._attributes.get("unbroken") == "1",
                get("time"),
                get("source"),
                get("sourcetype"),
                get("index"),
                get("host"),
                get("data"),
                "done" in self._fields,
            )
        )
