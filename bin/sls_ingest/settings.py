"""One stanza: strings in, a frozen typed object out. Every default and bound of an input stands here. Pure.

A bad value raises ConfigError with one sentence; the UI, --validate-arguments and the run show the same one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable, Final

from . import timespec
from .connection import AccountSettings
from .errors import ConfigError
from .values import Values

AUTO: Final = "auto"
# Splunk hands these over where nobody chose an index or a host.
DEFAULT_INDEX: Final = "default"
DEFAULT_HOST: Final = "$decideOnStartup"

INPUT_DEFAULTS: Final[Mapping[str, str]] = {
    "cursor_start_time": "-1h",
    "cursor_end_time": "",
    "heartbeat_interval": "20",
    "data_fetch_interval": "0.2",
    "fetch_threads": AUTO,
    "fetch_buffer_mb": "64",
    "max_fetch_log_group_size": "1000",
    "in_order": "0",
    "compression": "lz4",
    "metrics_interval": "60",
    "query": "",
    "processor": "",
    "topics_include": "",
    "topics_exclude": "",
    "unfold": AUTO,
    "time_field": AUTO,
    "event_format": "json",
    "event_id": "0",
    "host": "",
    "sourcetype": AUTO,
    "index": DEFAULT_INDEX,
    "index_routes": "",
}
COMPRESSIONS: Final = ("lz4", "deflate", "none")
AUTO_FETCH_THREADS: Final = 64  # an upper bound: threads start as shards need them

_PROJECT = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
_LOGSTORE = re.compile(r"[a-z0-9][a-z0-9_-]{1,62}")
_GROUP = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,127}")
_INDEX = re.compile(r"_?[a-z0-9][a-z0-9_-]{0,2047}")
_SOURCETYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:.-]{0,254}")
_ENDPOINT = re.compile(
    r"(?:(https?)://)?([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::(\d{1,5}))?/?", re.IGNORECASE
)
_MB = 1024 * 1024
_NAMES = "lower-case letters, digits and '-', 2 to 63 of them"


Unfold = tuple[tuple[str, tuple[str, ...]], ...]  # (topic, fields that hold JSON text), in order


@dataclass(frozen=True)
class Endpoint:
    """Where SLS is served: `url` is scheme://host:port without a path."""

    scheme: str
    host: str
    port: int

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


@dataclass(frozen=True)
class InputSettings:
    """One stanza. Intervals are in seconds, `fetch_buffer` in bytes; empty text = not set."""

    stanza: str
    account: str
    endpoint: Endpoint
    project: str
    logstore: str
    consumer_group: str
    start: timespec.TimeSpec
    end: int | None
    """Epoch seconds; then `start` does not move with time."""
    heartbeat_interval: int
    data_fetch_interval: float
    fetch_threads: int
    fetch_buffer: int
    max_fetch_log_group_size: int
    in_order: bool
    compression: str
    metrics_interval: int
    query: str
    processor: str
    topics_include: tuple[str, ...]
    topics_exclude: tuple[str, ...]
    unfold: Unfold | None
    """None = by log type."""
    time_field: str
    """auto = by log type; empty = the time that SLS has of a log."""
    raw_field: str
    event_id: bool
    host: str
    source: str
    sourcetype: str
    index: str
    index_routes: tuple[tuple[str, str], ...]


def parse_input(params: Mapping[str, str], stanza: str) -> InputSettings:
    """Read the parameters of `alibaba_sls://<stanza>`; missing ones take their defaults.

    Raises:
        ConfigError: a value is missing or not accepted.
    """
    values = Values({**INPUT_DEFAULTS, **{k: v for k, v in params.items() if (v or "").strip()}})
    project = values.matching("project", _PROJECT, f"give the SLS project's name: {_NAMES}")
    logstore = values.matching("logstore", _LOGSTORE, f"give the logstore's name: {_NAMES} or '_'")
    start, end = _window(values)
    return InputSettings(
        stanza=stanza,
        account=values.required("account", "give the name of an account of the Configuration page"),
        endpoint=_endpoint(values),
        project=project,
        logstore=logstore,
        consumer_group=_consumer_group(values, stanza),
        start=start,
        end=end,
        heartbeat_interval=values.whole("heartbeat_interval", 1, 300, "seconds"),
        data_fetch_interval=values.number("data_fetch_interval", 0.01, 60, "seconds"),
        fetch_threads=_fetch_threads(values),
        fetch_buffer=values.whole("fetch_buffer_mb", 1, 4096, "MB") * _MB,
        max_fetch_log_group_size=values.whole("max_fetch_log_group_size", 1, 1000, "log groups"),
        in_order=values.flag("in_order"),
        compression=values.one_of("compression", COMPRESSIONS),
        metrics_interval=values.whole("metrics_interval", 1, 3600, "seconds"),
        query=values.text("query"),
        processor=values.text("processor"),
        topics_include=values.many("topics_include"),
        topics_exclude=values.many("topics_exclude"),
        unfold=_unfold(values),
        time_field="" if values.text("time_field") == "none" else values.text("time_field"),
        raw_field=_raw_field(values),
        event_id=_event_id(values),
        host="" if values.text("host") == DEFAULT_HOST else values.text("host"),
        source=values.text("source") or f"sls://{project}/{logstore}",
        sourcetype=values.matching("sourcetype", _SOURCETYPE, "give auto or a sourcetype's name"),
        index=_index(values),
        index_routes=_index_routes(values),
    )


def _endpoint(values: Values) -> Endpoint:
    accepted = (
        "give the SLS endpoint of the project's region, such as cn-hangzhou.log.aliyuncs.com, without a path"
    )
    match = values.match("endpoint", _ENDPOINT, accepted)
    scheme = (match.group(1) or "https").lower()
    port = int(match.group(3) or (443 if scheme == "https" else 80))
    if not 0 < port < 65536:
        raise ConfigError("endpoint", values.text("endpoint"), "the port is a number from 1 to 65535")
    return Endpoint(scheme, match.group(2).lower(), port)


def _consumer_group(values: Values, stanza: str) -> str:
    if not values.text("consumer_group"):
        return "splunk-" + re.sub(r"[^A-Za-z0-9_-]", "-", stanza)[:120]
    accepted = "give letters, digits, '-' and '_', 2 to 128 of them, a letter or digit first"
    return values.matching("consumer_group", _GROUP, accepted)


def _window(values: Values) -> tuple[timespec.TimeSpec, int | None]:
    """Start and end. With an end both stand still: a window that moves at each start has no end to get to."""
    start = _moment(values, "cursor_start_time", timespec.parse, timespec.ACCEPTED)
    value = values.text("cursor_end_time")
    if not value:
        return start, None
    end: int = _moment(values, "cursor_end_time", timespec.parse_fixed, f"give {timespec.FIXED}")
    given = values.text("cursor_start_time")
    if start.moves:
        raise ConfigError("cursor_start_time", given, f"with cursor_end_time give begin, {timespec.FIXED}")
    if isinstance(start.fixed, int) and end <= start.fixed:
        raise ConfigError("cursor_end_time", value, f"give a time after cursor_start_time ({given})")
    return start, end


def _moment(values: Values, setting: str, parse: Callable[[str], Any], accepted: str) -> Any:
    value = values.text(setting)
    try:
        return parse(value)
    except (ValueError, OverflowError) as error:
        raise ConfigError(setting, value, accepted) from error


def _fetch_threads(values: Values) -> int:
    if values.text("fetch_threads").lower() == AUTO:
        return AUTO_FETCH_THREADS
    return values.whole("fetch_threads", 2, 512, "threads, or auto")


def _raw_field(values: Values) -> str:
    value = values.text("event_format")
    kind, _, field = value.partition(":")
    if value != "json" and not (kind == "raw" and field):
        raise ConfigError(
            "event_format", value, "give json, or raw:<field> with the field that holds the text"
        )
    return field


def _unfold(values: Values) -> Unfold | None:
    value = values.text("unfold")
    if value in (AUTO, "none"):
        return None if value == AUTO else ()
    try:
        given = json.loads(value)
    except ValueError:
        given = None
    if not isinstance(given, dict) or not all(map(_are_names, given.values())):
        accepted = (
            'give auto, none, or a JSON map of topics to lists of fields, such as {"my_topic": ["event"]}'
        )
        raise ConfigError("unfold", value, accepted)
    return tuple((topic, tuple(fields)) for topic, fields in given.items())


def _are_names(given: Any) -> bool:
    return isinstance(given, list) and all(isinstance(name, str) and name for name in given)


def _event_id(values: Values) -> bool:
    wanted = values.flag("event_id")
    if wanted and _raw_field(values):
        raise ConfigError(
            "event_id", "1", "give 0 with event_format raw:<field>, or set event_format to json"
        )
    return wanted


def _index(values: Values) -> str:
    if values.text("index") == DEFAULT_INDEX:
        return ""
    return values.matching(
        "index", _INDEX, "give the name of an index: lower-case letters, digits, '_' and '-'"
    )


def _index_routes(values: Values) -> tuple[tuple[str, str], ...]:
    routes = []
    for part in values.many("index_routes"):
        topic, separator, index = (piece.strip() for piece in part.partition("="))
        if not separator or not topic or not _INDEX.fullmatch(index):
            accepted = "give topic=index pairs separated by ';', such as waf_*=waf;flow_log=netflow"
            raise ConfigError("index_routes", part, accepted)
        routes.append((topic, index))
    return tuple(routes)


def check_transport(settings: InputSettings, account: AccountSettings) -> None:
    """Plain HTTP only where the account allows it.

    Raises:
        ConfigError: the endpoint says http:// and the account does not allow it.
    """
    if settings.endpoint.scheme == "http" and not account.allow_http:
        raise ConfigError(
            "endpoint",
            settings.endpoint.url,
            f"give an https endpoint, or allow http in account '{account.name}'",
        )
