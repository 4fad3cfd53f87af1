"""``search/jobs``: jobs that are done as soon as they exist, over the event store and the log files."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from . import search_terms
from .envelopes import Acl, Entry, Feed, entity_path, value_xml
from .errors import RestError, no_endpoint
from .instance import Instance
from .listing import paged
from .request import Reply, Request
from .router import Routes

Row = dict[str, Any]
_JSON = "application/json; charset=UTF-8"
_INTERNAL_LOGS = ("splunkd.log", "splunkd_access.log")


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
        self._jobs: dict[str, Job] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def routes(self) -> Routes:
        return {"search/jobs": self.handle, "search/v2/jobs": self.handle}

    def handle(self, request: Request, rest: list[str]) -> Feed | Reply:
        if not rest:
            return self._create(request) if request.method == "POST" else self._list(request)
        if rest == ["export"]:
            return _results(request, self._run(request.arg("search")), stream=True)
        job = self._jobs.get(rest[0])
        if job is None:
            raise RestError(404, "Unknown sid.", kind="FATAL")
        if rest[1:] == ["control"] or request.method == "DELETE":
            return self._control(request, job)
        if rest[1:] in (["results"], ["events"], ["results_preview"]):
            return _results(request, job.rows)
        if len(rest) > 1:
            raise no_endpoint()
        feed = self._feed([_entry(job)])
        feed.bare = True
        return feed

    def _create(self, request: Request) -> Reply:
        rows = self._run(request.arg("search"))
        if request.arg("exec_mode") == "oneshot":
            return _results(request, rows)
        with self._lock:
            job = Job(f"{time.time():.0f}.{next(self._numbers)}", request.arg("search"), rows)
            self._jobs[job.sid] = job
        if request.wants_json:
            return Reply(201, json.dumps({"sid": job.sid}), _JSON)
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
                200, json.dumps({"messages": [{"type": "INFO", "text": "Search job cancelled."}]}), _JSON
            )
        return Reply(200, "<response>\n  <messages/>\n</response>\n")

    def _feed(self, entries: list[Entry]) -> Feed:
        return Feed("jobs", "/services/search/jobs", entries)

    # -- running

    def _run(self, query: str) -> list[Row]:
        try:
            search = search_terms.parse(query)
        except search_terms.SearchError as error:
            raise RestError(400, str(error), kind="FATAL") from error
        rows = self._internal(search) if search.index == "_internal" else self._stored(search)
        if search.commands and search.where == "1=1" and not search.args:
            rows = []
        for command in search.commands:
            rows = self._command(command, rows)
        return rows

    def _stored(self, search: search_terms.Search) -> list[Row]:
        if not search.args:
            return []
        events = self._instance.store.events(f"{search.where}", search.args)
        return [_event_row(event) for event in reversed(events)]

    def _internal(self, search: search_terms.Search) -> list[Row]:
        folder, rows = self._instance.home / "var" / "log" / "splunk", []
        for path in sorted(folder.glob("*.log")):
            for line in path.read_text("utf-8", "replace").splitlines():
                if all(word.lower() in line.lower() for word in _loose(search.words)):
                    rows.append(
                        {"_raw": line, "source": str(path), "sourcetype": path.stem, "index": "_internal"}
                    )
        return rows

    def _command(self, command: list[str], rows: list[Row]) -> list[Row]:
        name, rest = command[0].lower(), command[1:]
        if name == "head":
            return rows[: int(rest[0]) if rest and rest[0].isdigit() else 10]
        if name == "rest":
            return self._rest(rest[0])
        if name == "stats" and rest[:1] == ["count"]:
            return _count(rows, [term.strip(",") for term in rest[2:]])
        # Reports of the pages use far more of the language; an empty result is what a fresh index gives.
        return rows if name in ("sort", "fields", "table", "dedup", "search") else []

    def _rest(self, path: str) -> list[Row]:
        for app in self._instance.conf.apps():
            if path.rstrip("/").endswith(f"apps/local/{app}"):
                stanzas = self._instance.conf.merged("app", app)
                wanted = (("version", "launcher"), ("build", "install"), ("label", "ui"))
                return [
                    {"title": app, **{key: stanzas.get(stanza, {}).get(key, "") for key, stanza in wanted}}
                ]
        return []


def _loose(words: list[str]) -> list[str]:
    return [piece for word in words for piece in word.split("*") if piece]


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


def _results(request: Request, rows: list[Row], stream: bool = False) -> Reply:
    offset, count = int(request.arg("offset") or 0), int(request.arg("count") or 100)
    shown = rows[offset : offset + count] if count > 0 else rows[offset:]
    names = list(dict.fromkeys(name for row in shown for name in row))
    mode = request.arg("output_mode", "xml")
    if mode == "csv":
        lines = [",".join(names), *(",".join(_quoted(row.get(name, "")) for name in names) for row in shown)]
        return Reply(200, "\n".join(lines) + "\n", "text/csv; charset=UTF-8")
    if mode.startswith("json"):
        return Reply(200, _results_json(names, shown, stream), _JSON)
    return Reply(200, _results_xml(names, shown))


def _results_json(names: list[str], rows: list[Row], stream: bool) -> str:
    if stream:
        return "".join(
            json.dumps({"preview": False, "offset": n, "result": row}) + "\n" for n, row in enumerate(rows)
        )
    fields = [{"name": name} for name in names]
    return json.dumps(
        {
            "preview": False,
            "init_offset": 0,
            "messages": [],
            "fields": fields,
            "results": rows,
            "highlighted": {},
        }
    )


def _results_xml(names: list[str], rows: list[Row]) -> str:
    order = "".join(f"<field>{value_xml(name)}</field>" for name in names)
    body = "".join(
        f"<result offset='{number}'>"
        + "".join(
            f"<field k='{value_xml(name)}'><value><text>{value_xml(value)}</text></value></field>"
            for name, value in row.items()
        )
        + "</result>\n"
        for number, row in enumerate(rows)
    )
    meta = f"<meta>\n<fieldOrder>\n{order}\n</fieldOrder>\n</meta>\n"
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<results preview='0'>\n{meta}{body}</results>\n"


def _quoted(value: Any) -> str:
    return '"' + str(value).replace('"', '""') + '"'


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
