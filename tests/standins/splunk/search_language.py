"""Searches over ``_internal``, and those that use macros: answered by tests/knowledge, which is strict.

What it does not know, or what Splunk's documents leave open, fails the job. Events of the own logs and of
other indexes get their fields by the installed apps' props.conf.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .conf_file import Stanza
from .instance import Instance
from .search_terms import SearchError

if TYPE_CHECKING:
    from tests.knowledge.apply import Applier, Event
    from tests.knowledge.conf import Knowledge
    from tests.knowledge.spl import Row

INTERNAL = "_internal"
_PIPED = re.compile(r"\s*(?:search\s+)?(?P<first>[^|]*)")
_OWN_INDEX = re.compile(r"\bindex\s*=\s*_internal\b")
#: The time that a line of splunkd's own logs begins with.
_SPLUNKD_TIME = re.compile(r"(\d\d-\d\d-\d{4} \d\d:\d\d:\d\d\.\d{3} [+-]\d{4})")


def is_for_this(query: str) -> bool:
    """Whether a search is one of those that are answered here."""
    first = _PIPED.match(query)
    return "`" in query or (
        first is not None and bool(re.search(r"\bindex\s*=\s*_internal\b", first["first"]))
    )


class SearchLanguage:
    """Runs a search in the view of one app."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def run(self, query: str, app: str, earliest: str = "", latest: str = "") -> list[dict[str, Any]]:
        """Rows as results have them, the newest event first.

        Raises:
            SearchError: it cannot be run.
        """
        from tests.knowledge import spl, spl_text
        from tests.knowledge.errors import KnowledgeError

        now = time.time()
        knowledge = self._knowledge(app)
        try:
            context = _context(knowledge, self._instance.conf.merged("macros", app), now, earliest, latest)
            text = spl_text.expanded(query, context.macros)
            found = [
                row for row in self._rows(text, knowledge) if context.earliest <= _time(row) < context.latest
            ]
            found.sort(key=_time, reverse=True)
            answer = spl.answer(text, found, context)
            columns = dict.fromkeys(spl.columns(text, context) or _series(answer))
            return [{**columns, **_shown(row)} for row in answer]
        except KnowledgeError as error:
            raise SearchError(str(error)) from error

    def go_on(self, query: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows after the commands of a search that goes on with another one's results."""
        from tests.knowledge import spl, spl_text
        from tests.knowledge.errors import KnowledgeError

        try:
            found: list[Row] = [dict(row) for row in rows]
            for command in spl_text.commands(query.strip().removeprefix("|")):
                found = spl.post_process(command, found, spl.Context())
            return [_shown(row) for row in found]
        except KnowledgeError as error:
            raise SearchError(str(error)) from error

    # -- events

    def _knowledge(self, app: str) -> Knowledge:
        """What the app sees at search time: conf files of all layers, and its lookup files."""
        from tests.knowledge import conf

        merged = {name: self._instance.conf.merged(name.partition(".")[0], app) for name in conf.NAMES}
        lookups = self._instance.conf.app_dir(app).glob("lookups/*.csv")
        tables = {path.name: conf.table(path.name, path.read_text("utf-8")) for path in lookups}
        props, transforms, eventtypes, tags = (merged[name] for name in conf.NAMES)
        return conf.Knowledge(props, transforms, eventtypes, tags, tables)

    def _rows(self, query: str, knowledge: Knowledge) -> list[Row]:
        from tests.knowledge import search
        from tests.knowledge.apply import Applier

        first = _PIPED.match(query)
        terms = search.parse(first["first"].strip() if first else "", of_index=True).terms
        applier = Applier(knowledge)
        if ("index", "=", INTERNAL) in terms:
            return [_row(event, INTERNAL, applier) for event in self._log_lines(knowledge)]
        sourcetypes = [value for name, op, value in terms if (name, op) == ("sourcetype", "=")]
        like = " OR ".join("sourcetype LIKE ?" for _ in sourcetypes) or "1=1"
        stored = self._instance.store.events(like, [value.replace("*", "%") for value in sourcetypes])
        return [_row(_event_of(event), event.index, applier) for event in stored]

    def _log_lines(self, knowledge: Knowledge) -> Iterator[Event]:
        from tests.knowledge.apply import Event

        for path in sorted((self._instance.home / "var" / "log" / "splunk").glob("*.log*")):
            sourcetype, setting = _sourcetype(path, knowledge)
            for line in path.read_text("utf-8", "replace").splitlines():
                when = _time_of(line, setting)
                if when is not None:
                    yield Event(line, sourcetype, str(path), self._instance.server_name, f"{when:.3f}")


def _context(knowledge: Knowledge, macros: dict[str, Stanza], now: float, earliest: str, latest: str) -> Any:
    from tests.knowledge import spl_time
    from tests.knowledge.spl import Context

    first = spl_time.moment(earliest, now) if earliest else 0.0
    return Context(macros, knowledge, now, first, spl_time.moment(latest, now) if latest else now)


def _sourcetype(path: Path, knowledge: Knowledge) -> tuple[str, Stanza]:
    """The sourcetype of a monitored file and its settings: by [source::...], else by the file's name."""
    from tests.knowledge.apply import fits

    for name, setting in knowledge.props.items():
        if name.startswith("source::") and "sourcetype" in setting and fits(name[8:], str(path)):
            return setting["sourcetype"], knowledge.props.get(setting["sourcetype"], {})
    return path.name.partition(".")[0], {}


def _time_of(line: str, setting: Stanza) -> float | None:
    """The time that a line begins with, in local time where it names no zone; None where there is none."""
    form = setting.get("TIME_FORMAT", "")
    try:
        if form:
            start = line[: int(setting.get("MAX_TIMESTAMP_LOOKAHEAD", "128"))]
            return datetime.strptime(start, form.replace("%3N", "%f")).timestamp()
        found = _SPLUNKD_TIME.match(line)
        return datetime.strptime(found[1], "%m-%d-%Y %H:%M:%S.%f %z").timestamp() if found else None
    except ValueError:
        return None


def _event_of(event: Any) -> Event:
    from tests.knowledge.apply import Event

    return Event(event.raw, event.sourcetype, event.source, event.host, f"{event.time:.3f}")


def _row(event: Event, index: str, applier: Applier) -> Row:
    from tests.knowledge import spl

    return {**spl.view(event, applier.run(event)), "index": index, "_raw": event.raw}


def _series(rows: list[Row]) -> list[str]:
    """The columns of a timechart, which are in order though not every row has each."""
    names = {name for row in rows for name in row}
    if "_span" not in names:
        return []
    return ["_time", *sorted(names - {"_time", "_span"}, key=lambda name: (name == "OTHER", name)), "_span"]


def _time(row: Row) -> float:
    return float(str(row["_time"]))


def _shown(row: Row) -> dict[str, Any]:
    """As the results of a job have it: `_time` is written out, an event's fields follow its text."""
    found = {name: list(value) if isinstance(value, tuple) else value for name, value in row.items()}
    if re.fullmatch(r"-?\d+(?:\.\d+)?", str(found.get("_time", ""))):
        when = datetime.fromtimestamp(_time(row), timezone.utc)
        found["_time"] = when.isoformat(timespec="milliseconds")
    return {name: value for name, value in found.items() if value not in ([], "")}
