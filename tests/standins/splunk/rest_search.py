"""``search/jobs``: jobs that are done as soon as they exist, over the event store and the log files."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from . import search_language, search_pages, search_terms
from .envelopes import Acl, Entry, Feed, entity_path
from .errors import RestError, no_endpoint
from .instance import Instance
from .listing import paged
from .request import Reply, Request
from .router import Routes
from .search_language import SearchLanguage
from .search_results import JSON, Row, results
from .search_terms import SearchError


@dataclass
class Job:
    """A finished search."""

    sid: str
    query: str
    rows: list[Row]
    born: float = field(default_factory=time.time)


class SearchJobs:
    """POST creates (or answers at once for ``exec_mode=oneshot``), GET lists and reads results."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._language = SearchLanguage(instance)
        self._jobs: dict[str, Job] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def routes(self) -> Routes:
        return {"search/jobs": self.handle, "search/v2/jobs": self.handle}

    def handle(self, request: Request, rest: list[str]) -> Feed | Reply:
        if not rest:
            return self._create(request) if request.method == "POST" else self._list(request)
        if rest == ["export"]:
            return results(request, self._run(request), stream=True)
        job = self._jobs.get(rest[0])
        if job is None:
            raise RestError(404, "Unknown sid.", kind="FATAL")
        if rest[1:] == ["control"] or request.method == "DELETE":
            return self._control(request, job)
        if rest[1:] in (["results"], ["events"], ["results_preview"]):
            return results(request, self._go_on(request.arg("search"), job.rows))
        if len(rest) > 1:
            raise no_endpoint()
        feed = self._feed([_entry(job)])
        feed.bare = True
        return feed

    def _create(self, request: Request) -> Reply:
        rows = self._run(request)
        if request.arg("exec_mode") == "oneshot":
            return results(request, rows)
        with self._lock:
            job = Job(f"{time.time():.0f}.{next(self._numbers)}", request.arg("search"), rows)
            self._jobs[job.sid] = job
        if request.wants_json:
            return Reply(201, json.dumps({"sid": job.sid}), JSON)
        return Reply(201, f"<response>\n  <sid>{job.sid}</sid>\n</response>\n")

    def _list(self, request: Request) -> Feed:
        """All jobs, or those whose ``id`` is asked for, as pages do (observed)."""
        wanted = set(request.args.get("id", ()))
        with self._lock:
            jobs = [job for job in self._jobs.values() if not wanted or job.sid in wanted]
        return paged(self._feed([_entry(job) for job in jobs]), request)

    def _control(self, request: Request, job: Job) -> Reply:
        if request.method == "DELETE" or request.arg("action") in ("cancel", "finalize"):
            with self._lock:
                self._jobs.pop(job.sid, None)
        if request.wants_json:
            return Reply(
                200, json.dumps({"messages": [{"type": "INFO", "text": "Search job cancelled."}]}), JSON
            )
        return Reply(200, "<response>\n  <messages/>\n</response>\n")

    def _feed(self, entries: list[Entry]) -> Feed:
        return Feed("jobs", "/services/search/jobs", entries)

    # -- running

    def _run(self, request: Request) -> list[Row]:
        """The rows of a search.

        One that cannot be run is refused, as by Splunk where it cannot be read; where it fails only while it
        runs, Splunk has a job that failed instead (inferred: the same to who asked).
        """
        query = request.arg("search")
        if search_pages.is_let_off(query):
            return []
        try:
            if search_language.is_for_this(query):
                times = request.arg("earliest_time"), request.arg("latest_time")
                return self._language.run(query, request.context_app, *times)
            return self._run_small(search_terms.parse(query))
        except SearchError as error:
            raise RestError(400, str(error), kind="FATAL") from error

    def _go_on(self, query: str, rows: list[Row]) -> list[Row]:
        """What a page makes of the rows of a job."""
        if not query or search_pages.is_let_off(query):
            return rows
        try:
            return self._language.go_on(query, rows)
        except SearchError as error:
            raise RestError(400, str(error), kind="FATAL") from error

    def _run_small(self, search: search_terms.Search) -> list[Row]:
        rows = self._stored(search)
        for command in search.commands:
            rows = self._command(command, rows)
        return rows

    def _stored(self, search: search_terms.Search) -> list[Row]:
        if not search.args:
            return []
        events = self._instance.store.events(f"{search.where}", search.args)
        return [_event_row(event) for event in reversed(events)]

    def _command(self, command: list[str], rows: list[Row]) -> list[Row]:
        name, rest = command[0].lower(), command[1:]
        if name == "head":
            return rows[: int(rest[0]) if rest and rest[0].isdigit() else 10]
        if name == "rest":
            return self._rest(rest[0])
        if name == "stats" and rest[:1] == ["count"]:
            return _count(rows, [term.strip(",") for term in rest[2:]])
        if name in ("sort", "fields", "table", "dedup", "search"):
            return rows
        raise SearchError(f"Unknown search command '{name}'.")

    def _rest(self, path: str) -> list[Row]:
        for app in self._instance.conf.apps():
            if path.rstrip("/").endswith(f"apps/local/{app}"):
                stanzas = self._instance.conf.merged("app", app)
                wanted = (("version", "launcher"), ("build", "install"), ("label", "ui"))
                return [
                    {"title": app, **{key: stanzas.get(stanza, {}).get(key, "") for key, stanza in wanted}}
                ]
        return []


def _event_row(event: Any) -> Row:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(event.time))
    row = {"_raw": event.raw, "_time": f"{stamp}.{int(event.time % 1 * 1000):03d}+00:00"}
    names = ("index", "host", "source", "sourcetype")
    return {**row, **{name: getattr(event, name) for name in names}}


def _count(rows: list[Row], by: list[str]) -> list[Row]:
    if not by:
        return [{"count": str(len(rows))}]
    groups = Counter(tuple(str(row.get(name, "")) for name in by) for row in rows)
    return [{**dict(zip(by, key)), "count": str(count)} for key, count in sorted(groups.items())]


def _entry(job: Job) -> Entry:
    count = len(job.rows)
    content: Row = {
        "sid": job.sid,
        "isDone": True,
        "isFailed": False,
        "isFinalized": False,
        "dispatchState": "DONE",
        "doneProgress": 1,
        "eventCount": count,
        "resultCount": count,
        "scanCount": count,
        "eventSearch": job.query,
        "messages": {},
        "ttl": 600,
    }
    path = entity_path("nobody", "search", "search/jobs", job.sid)
    return Entry(job.query, path, content, Acl("search", "admin", "global"))
