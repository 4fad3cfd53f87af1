"""Where events end up: one SQLite file per instance, written in batches."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .knobs import Knobs
from .problems import Problems
from .records import Row

_COLUMNS = 'time,"index",host,source,sourcetype,raw,stanza,pid,arrived'
_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, time REAL, "index" TEXT, host TEXT, source TEXT, sourcetype TEXT, raw TEXT,
    stanza TEXT, pid INTEGER, arrived REAL)
"""
#: Rows per INSERT. One statement for many rows, because each one costs a hand-over of the interpreter lock,
#: and SQLite allows 32766 parameters.
_ROWS_PER_INSERT = 1000
_FLUSH_SECONDS = 0.1
_FLUSH_ROWS = 5000
_MOST_PENDING = 200_000
_MOST_PENDING_CHARACTERS = 64_000_000
_REREAD_INDEXES_SECONDS = 1.0


@dataclass(frozen=True)
class Event:
    """One indexed event; `time` and `arrived` in seconds since the epoch, `pid` of its writer."""

    id: int
    time: float
    index: str
    host: str
    source: str
    sourcetype: str
    raw: str
    stanza: str
    pid: int
    arrived: float


class EventStore:
    """Takes rows from any thread; readers see everything that add_many() took before they asked.

    Rows for an index that `known_indexes()` does not name are a problem; the knob says what becomes of them.
    """

    def __init__(self, path: Path, known_indexes: Callable[[], set[str]], knobs: Knobs) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.problems = Problems()
        self.counted: Counter[str] = Counter()  #: events by stanza that the knob only lets us count
        self.tap: Callable[[Sequence[Row]], None] | None = None  #: gets the rows when the knob says "tap"
        #: Gets stanza and bytes of each read, unparsed, when the knob says "bytes".
        self.byte_tap: Callable[[str, bytes], None] | None = None
        self._known_indexes = known_indexes
        self._indexes: set[str] = set()
        self._indexes_read = 0.0
        self._knobs = knobs
        self._pending: list[Row] = []
        self._pending_characters = 0
        self._room = threading.Condition()
        self._write_lock = threading.Lock()
        self._wake = threading.Event()
        self._closed = False
        self._db = self._open()
        self._thread = threading.Thread(target=self._write_on, name="indexer", daemon=True)
        self._thread.start()

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=OFF")
        db.execute(_SCHEMA)
        return db

    def add_many(self, rows: Sequence[Row]) -> None:
        """Take rows; waits while too many are unwritten, as a blocked queue would."""
        rows = self._for_known_indexes(rows)
        if self._knobs.store == "count":
            self.counted.update(row[6] for row in rows)
            return
        if self._knobs.store == "tap":
            if self.tap is not None:
                self.tap(rows)
            return
        with self._room:
            while self._is_full() and not self._closed:
                self._room.wait(1.0)
            self._pending.extend(rows)
            self._pending_characters += sum(len(row[5]) for row in rows)
            full = len(self._pending) >= _FLUSH_ROWS
        if full:
            self._wake.set()

    def _is_full(self) -> bool:
        return len(self._pending) > _MOST_PENDING or self._pending_characters > _MOST_PENDING_CHARACTERS

    def events(self, where: str = "1=1", args: Iterable[Any] = ()) -> list[Event]:
        """Events in the order of their arrival; `where` is SQL over the columns. Raises sqlite3.Error."""
        return [
            Event(*row)
            for row in self._query(f"SELECT id,{_COLUMNS} FROM events WHERE {where} ORDER BY id", args)
        ]

    def count(self, where: str = "1=1", args: Iterable[Any] = ()) -> int:
        """How many events match; those that were only counted know nothing but their number."""
        if self._knobs.store == "count" and where == "1=1":
            return sum(self.counted.values())
        return int(self._query(f"SELECT count(*) FROM events WHERE {where}", args)[0][0])

    def flush(self) -> None:
        """Write what is pending, now."""
        with self._write_lock:
            with self._room:
                rows, self._pending, self._pending_characters = self._pending, [], 0
                self._room.notify_all()
            if rows and not self._closed:
                self._insert(rows)

    def close(self) -> None:
        """Write the rest and close the file; rows that come later are dropped."""
        self.flush()
        self._closed = True
        self._wake.set()
        self._thread.join()
        with self._write_lock:
            self._db.close()

    def _query(self, sql: str, args: Iterable[Any]) -> list[tuple[Any, ...]]:
        self.flush()
        with self._write_lock:
            return self._db.execute(sql, tuple(args)).fetchall()

    def _write_on(self) -> None:
        while not self._closed:
            self._wake.wait(_FLUSH_SECONDS)
            self._wake.clear()
            self.flush()

    def _insert(self, rows: list[Row]) -> None:
        self._db.execute("BEGIN")
        for start in range(0, len(rows), _ROWS_PER_INSERT):
            part = rows[start : start + _ROWS_PER_INSERT]
            values = ",".join(["(?,?,?,?,?,?,?,?,?)"] * len(part))
            flat = [value for row in part for value in row]
            self._db.execute(f"INSERT INTO events ({_COLUMNS}) VALUES {values}", flat)
        self._db.execute("COMMIT")

    def _for_known_indexes(self, rows: Sequence[Row]) -> Sequence[Row]:
        used = {row[1] for row in rows}
        now = time.monotonic()
        if not used <= self._indexes or now - self._indexes_read > _REREAD_INDEXES_SECONDS:
            self._indexes, self._indexes_read = set(self._known_indexes()), now
        for index in used - self._indexes:
            count = sum(row[1] == index for row in rows)
            self.problems.add("unknown_index", f"events for unconfigured index={index[:80]!r}", count)
        if used <= self._indexes or self._knobs.unknown_index == "keep":
            return rows
        return [row for row in rows if row[1] in self._indexes]
