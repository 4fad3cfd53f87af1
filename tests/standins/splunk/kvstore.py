"""KV store records: insert, query, update and delete with the operators that splunkd's clients use."""

from __future__ import annotations

import json
import threading
import uuid
from pathlib import Path
from typing import Any, Callable

Record = dict[str, Any]


class QueryError(ValueError):
    """The query uses an operator or a form that the KV store does not know."""


class DuplicateKeyError(ValueError):
    """A record with this ``_key`` is there already."""


class Collection:
    """Records of one collection by ``_key``; ``types`` are the declared fields (documented: number, ...)."""

    def __init__(self) -> None:
        self.types: dict[str, str] = {}
        self.records: dict[str, Record] = {}

    def insert(self, record: Record, owner: str) -> str:
        """Add a record; returns its key. Raises DuplicateKeyError."""
        key = str(record.get("_key") or uuid.uuid4().hex[:24])
        if key in self.records:
            raise DuplicateKeyError(key)
        self.put(key, record, owner)
        return key

    def put(self, key: str, record: Record, owner: str) -> None:
        """Write a whole record under a key, new or not."""
        typed = {name: _typed(value, self.types.get(name)) for name, value in record.items()}
        self.records[key] = {**typed, "_user": owner, "_key": key}

    def find(self, query: Record, owner: str) -> list[Record]:
        """Records of an owner that match a query. Raises QueryError."""
        mine = (record for record in self.records.values() if record["_user"] == owner)
        return [record for record in mine if matches(record, query)]

    def delete(self, query: Record, owner: str) -> None:
        for record in self.find(query, owner):
            del self.records[record["_key"]]


class KvStore:
    """All collections by app and name, written to one JSON file. Callers hold ``lock`` around a request."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.lock = threading.RLock()
        self._saved: dict[str, dict[str, Record]] = (
            json.loads(path.read_text("utf-8")) if path.is_file() else {}
        )
        self._collections: dict[str, Collection] = {}

    def collection(self, app: str, name: str, types: dict[str, str]) -> Collection:
        """The records of a collection; who may use it is the caller's business."""
        key = f"{app}/{name}"
        if key not in self._collections:
            self._collections[key] = Collection()
            self._collections[key].records = self._saved.get(key, {})
        self._collections[key].types = types
        return self._collections[key]

    def drop(self, app: str, name: str) -> None:
        self._collections.pop(f"{app}/{name}", None)
        self._saved.pop(f"{app}/{name}", None)
        self.save()

    def save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._saved.update({key: collection.records for key, collection in self._collections.items()})
        scratch = self._path.with_suffix(".tmp")
        scratch.write_text(json.dumps(self._saved), "utf-8")
        scratch.replace(self._path)


def _typed(value: Any, wanted: str | None) -> Any:
    if wanted == "number" and isinstance(value, str):
        try:
            return float(value) if "." in value else int(value)
        except ValueError:
            return value
    if wanted == "bool" and isinstance(value, str):
        return value.lower() in ("1", "true", "t")
    if wanted in ("string", "cidr") and isinstance(value, (int, float)):
        return str(value)
    return value


# -- queries

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "$gt": lambda have, want: _ordered(have, want) and have > want,
    "$gte": lambda have, want: _ordered(have, want) and have >= want,
    "$lt": lambda have, want: _ordered(have, want) and have < want,
    "$lte": lambda have, want: _ordered(have, want) and have <= want,
    "$ne": lambda have, want: bool(have != want),
}


def _ordered(have: Any, want: Any) -> bool:
    numbers = isinstance(have, (int, float)) and isinstance(want, (int, float))
    return numbers or (isinstance(have, str) and isinstance(want, str))


def matches(record: Record, query: Record) -> bool:
    """True when a record satisfies every part of a query. Raises QueryError."""
    return all(_matches_one(record, key, wanted) for key, wanted in query.items())


def _matches_one(record: Record, key: str, wanted: Any) -> bool:
    if key in ("$and", "$or"):
        parts = [matches(record, part) for part in wanted]
        return all(parts) if key == "$and" else any(parts)
    if key == "$not":
        return not matches(record, wanted)
    if key.startswith("$"):
        raise QueryError(f"unknown operator {key}")
    have = _dig(record, key)
    if isinstance(wanted, dict) and any(name.startswith("$") for name in wanted):
        return all(_compare(have, operator, value) for operator, value in wanted.items())
    return bool(have == wanted)


def _compare(have: Any, operator: str, value: Any) -> bool:
    if operator not in _COMPARE:
        raise QueryError(f"unknown operator {operator}")
    return _COMPARE[operator](have, value)


def _dig(record: Record, key: str) -> Any:
    value: Any = record
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def arranged(records: list[Record], sort: str, skip: int, limit: int, fields: str) -> list[Record]:
    """Sort (``f:1,g:-1``), cut and project (``a,b`` or ``_key:0``) a result."""
    for term in reversed([term for term in sort.split(",") if term]):
        name, _, direction = term.strip().partition(":")
        records = sorted(records, key=_by(name), reverse=direction == "-1")
    records = records[skip:]
    records = records[:limit] if limit > 0 else records
    return [_projected(record, fields) for record in records]


def _by(name: str) -> Callable[[Record], tuple[int, float, str]]:
    return lambda record: _sort_key(_dig(record, name))


def _sort_key(value: Any) -> tuple[int, float, str]:
    if value is None:
        return (0, 0.0, "")
    if isinstance(value, (int, float)):
        return (1, float(value), "")
    return (2, 0.0, str(value))


def _projected(record: Record, fields: str) -> Record:
    terms = [term.strip().partition(":") for term in fields.split(",") if term.strip()]
    # Clients still say _id where they mean _key (observed).
    shown = [name for name, _, flag in terms if flag != "0"]
    hidden = {"_key" if name == "_id" else name for name, _, flag in terms if flag == "0"}
    if not shown:
        return {name: value for name, value in record.items() if name not in hidden}
    kept = {name: record[name] for name in shown if name in record}
    if "_key" not in hidden:
        kept["_key"] = record["_key"]
    return kept
