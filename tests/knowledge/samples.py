"""Sample logs: loaded, sent through the add-on's own pipeline, and the events that come out of it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.app_package import ROOT
from tests.knowledge.apply import Event
from tests.knowledge.errors import KnowledgeError

if str(ROOT / "bin") not in sys.path:
    sys.path.insert(0, str(ROOT / "bin"))

SAMPLES = ROOT / "tests/data/samples"
_DEFAULT_HOST = "forwarder"
_KEYS = frozenset({"about", "topic", "source", "logstore", "time", "tags", "log", "expect"})
_EXPECT = frozenset({"models", "tags", "fields", "not_in_log"})
_TYPE_KEYS = frozenset({"product", "topics", "logstores", "models", "not_given", "gaps"})


@dataclass(frozen=True)
class Sample:
    """One sample record and what is to come of it; `logstore` where that tells the log type."""

    path: Path
    sourcetype: str
    about: str
    topic: str
    source: str
    time: int
    tags: dict[str, str]
    log: dict[str, str]
    models: tuple[str, ...]
    expected_tags: tuple[str, ...]
    expected_fields: dict[str, Any]
    not_in_log: dict[str, str]
    logstore: str = ""

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"


@dataclass(frozen=True)
class TypeInfo:
    """_type.json of a sourcetype."""

    path: Path
    sourcetype: str
    product: str = ""
    topics: tuple[str, ...] = ()
    logstores: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    not_given: dict[str, dict[str, str]] = field(default_factory=dict)
    gaps: tuple[str, ...] = ()


def sourcetype_of(folder: Path) -> str:
    return folder.name.replace("-", ":")


def folders(prefix: str = "", root: Path = SAMPLES) -> list[Path]:
    """The folders of the sourcetypes that begin with `prefix`."""
    wanted = prefix.replace(":", "-")
    return sorted(path for path in root.iterdir() if path.is_dir() and path.name.startswith(wanted))


def sample_paths(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.json") if path.name != "_type.json")


def load(path: Path) -> Sample:
    """One sample.

    Raises:
        KnowledgeError: the file is not in the form of a sample.
    """
    data = _object(path, _KEYS)
    expect = data.get("expect", {})
    _need(path, isinstance(expect, dict) and expect.keys() <= _EXPECT, f"expect has only {sorted(_EXPECT)}")
    _need(path, {"models", "tags", "fields"} <= expect.keys(), "expect needs models, tags and fields")
    _need(path, {"about", "topic", "source", "time", "log"} <= data.keys(), "about, topic, source, time, log")
    _need(path, bool(str(data["about"]).strip()), "about is empty")
    for name in ("log", "tags"):
        for key, value in data.get(name, {}).items():
            _need(path, isinstance(value, str), f"{name}.{key} is no text: SLS has text only")
    for name, value in expect["fields"].items():
        fine = value is None or isinstance(value, str) or _are_texts(value)
        _need(path, fine, f"expect.fields.{name} is text, null or a list of texts")
    for name, reason in expect.get("not_in_log", {}).items():
        _need(path, isinstance(reason, str) and bool(reason.strip()), f"not_in_log.{name} needs a reason")
    return Sample(
        path,
        sourcetype_of(path.parent),
        data["about"],
        data["topic"],
        data["source"],
        data["time"],
        data.get("tags", {}),
        data["log"],
        tuple(sorted(expect["models"])),
        tuple(sorted(expect["tags"])),
        expect["fields"],
        expect.get("not_in_log", {}),
        data.get("logstore", ""),
    )


def load_type(folder: Path) -> TypeInfo:
    """_type.json of a folder.

    Raises:
        KnowledgeError: it is missing or not in its form.
    """
    path = folder / "_type.json"
    _need(path, path.is_file(), "is missing")
    data = _object(path, _TYPE_KEYS)
    _need(path, {"product", "models", "not_given", "gaps"} <= data.keys(), "product, models, not_given, gaps")
    _need(
        path,
        bool(data.get("topics")) or bool(data.get("logstores")) or bool(data["gaps"]),
        "no topic, no gap",
    )
    for model, fields in data["not_given"].items():
        _need(path, isinstance(fields, dict), f"not_given.{model} is a map of fields to reasons")
        for name, reason in fields.items():
            _need(path, isinstance(reason, str) and bool(reason.strip()), f"{model}.{name} needs a reason")
    return TypeInfo(
        path,
        sourcetype_of(folder),
        data["product"],
        tuple(data.get("topics", ())),
        tuple(data.get("logstores", ())),
        tuple(data["models"]),
        data["not_given"],
        tuple(data["gaps"]),
    )


def _object(path: Path, keys: frozenset[str]) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_no_doubles)
    except ValueError as error:
        raise KnowledgeError(f"{path.parent.name}/{path.name}: {error}") from error
    _need(path, isinstance(data, dict) and data.keys() <= keys, f"an object with only {sorted(keys)}")
    return dict(data)


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in one object")
    return found


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1 and all(isinstance(part, str) for part in value)


def _need(path: Path, fine: bool, message: str) -> None:
    if not fine:
        raise KnowledgeError(f"{path.parent.name}/{path.name}: {message}")


def event_of(sample: Sample) -> Event:
    """The event that the add-on writes for a sample.

    Raises:
        KnowledgeError: it gives no event, or one of another sourcetype.
    """
    from tests.unit.core.log_groups import batch, rendered

    group = {
        "topic": sample.topic,
        "source": sample.source,
        "tags": list(sample.tags.items()),
        "logs": [(sample.time, list(sample.log.items()))],
    }
    payload = rendered(batch(group), 1000, **_settings(sample)).payload
    events = list(ElementTree.fromstring(b"<stream>" + payload + b"</stream>"))
    if len(events) != 1:
        raise KnowledgeError(f"{len(events)} events")
    text = {part.tag: part.text or "" for part in events[0]}
    if text.get("sourcetype") != sample.sourcetype:
        raise KnowledgeError(
            f"topic {sample.topic!r} gives sourcetype {text.get('sourcetype')}, not {sample.sourcetype}"
        )
    return Event(
        text["data"],
        text["sourcetype"],
        text["source"],
        text.get("host", _DEFAULT_HOST),
        text.get("time", ""),
    )


def _settings(sample: Sample) -> dict[str, str]:
    """The input's settings: where the topic says nothing, the logstore or else the sourcetype does."""
    if row_of(sample.topic) is not None:
        return {}
    row = row_for(sample)
    return (
        {"logstore": row.logstore} if row is not None and row.logstore else {"sourcetype": sample.sourcetype}
    )


def row_for(sample: Sample) -> Any | None:
    """The row of LOG_TYPES that a sample is of: by topic, else by logstore or sourcetype."""
    rows = [row for row in log_types() if not row.topic and row.sourcetype == sample.sourcetype]
    named = [row for row in rows if row.logstore == sample.logstore]
    return row_of(sample.topic) or next(iter(named or rows), None)


@cache
def log_types() -> tuple[Any, ...]:
    """The rows of LOG_TYPES."""
    from sls_ingest.log_types import LOG_TYPES

    return tuple(LOG_TYPES)


@cache
def row_of(topic: str) -> Any | None:
    """The row of LOG_TYPES that a topic belongs to."""
    from sls_ingest.route import glob_matcher

    return next((row for row in log_types() if row.topic and glob_matcher((row.topic,))(topic)), None)
