"""GetHistograms and GetLogs, old and new form. Counts are by log time; needs an index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .boolean import Condition, ConditionError, search
from .call import Call, integer
from .errors import SlsError, bad, invalid
from .filtering import fields_of_log
from .message import Response, json_response
from .model import Logstore
from .wire import Log, LogGroup, WireError, compress, decode_group, decode_log, fields_of, read_varint

COUNT = re.compile(r"\s*select\s+count\(\s*[*1]\s*\)(?:\s+as\s+[\"']?(?P<name>\w+)[\"']?)?\s*", re.IGNORECASE)
HISTOGRAM_PARTS = 60


def get_histograms(call: Call) -> Response:
    """GetHistograms: counts per part of [from, to)."""
    start, stop = _range(call.query("from"), call.query("to"))
    times = list(_times(call, start, stop))
    step = max(1, -(-(stop - start) // HISTOGRAM_PARTS))
    edges = list(range(start, stop, step))
    counts = [0] * len(edges)
    for time in times:
        counts[(time - start) // step] += 1
    rows = [
        {"from": edge, "to": min(edge + step, stop), "count": count, "progress": "Complete"}
        for edge, count in zip(edges, counts)
    ]
    return json_response(rows, headers={"x-log-progress": "Complete", "x-log-count": str(len(times))})


def get_logs(call: Call) -> Response:
    """GetLogs, old form: parameters in the query, a bare array as answer."""
    rows, has_sql = _logs(call, dict(call.request.query))
    headers = {
        "x-log-progress": "Complete",
        "x-log-count": str(len(rows)),
        "x-log-processed-rows": str(len(rows)),
    }
    headers["x-log-has-sql"] = "true" if has_sql else "false"
    return json_response(rows, headers=headers)


def get_logs_v3(call: Call) -> Response:
    """GetLogs, POST form: {"meta": ..., "data": [...]}, compressed with lz4 where accepted."""
    body = call.json_object()
    rows, has_sql = _logs(call, body)
    meta = {
        "progress": "Complete",
        "count": len(rows),
        "processedRows": len(rows),
        "elapsedMillisecond": 1,
        "hasSQL": has_sql,
        "whereQuery": str(body.get("query", "")).partition("|")[0].strip() or "*",
        "aggQuery": str(body.get("query", "")).partition("|")[2].strip(),
        "cpuSec": 0.0,
        "cpuCores": 0,
        "mode": 0,
        "isAccurate": True,
        "keys": [],
        "terms": [],
    }
    response = json_response({"meta": meta, "data": rows})
    response.headers["x-log-bodyrawsize"] = str(len(response.body))
    offered = [part.strip() for part in call.request.header("accept-encoding").split(",")]
    codec = next((name for name in offered if name in ("lz4", "zstd", "deflate", "gzip")), "")
    if codec:
        response.headers["x-log-compresstype"] = codec
        response.body = compress(codec, response.body)
    return response


def _logs(call: Call, wanted: dict[str, Any]) -> tuple[list[dict[str, str]], bool]:
    """The rows of a GetLogs call, and whether it was an SQL statement."""
    start, stop = _range(wanted.get("from"), wanted.get("to"))
    line = integer("line", wanted.get("line"), 100, 0, 100)
    offset = integer("offset", wanted.get("offset"), 0, 0, 1 << 31)
    head, _, sql = str(wanted.get("query") or "").partition("|")
    condition = _condition(head)
    topic = wanted.get("topic")
    found = []
    for group, log in _scan(call, start, stop):
        row = fields_of_log(group, log)
        if (not topic or row["__topic__"] == topic) and condition(row):
            found.append(row)
    if sql.strip():
        return [{_count_name(sql): str(len(found))}], True
    reverse = str(wanted.get("reverse", "")).lower() == "true"
    found.sort(key=lambda row: int(row["__time__"]), reverse=reverse)
    return found[offset : offset + line], False


def _count_name(sql: str) -> str:
    statement = COUNT.fullmatch(sql)
    if not statement:
        raise bad("ParameterInvalid", f"unsupported statement: {sql.strip()}")
    return statement["name"] or "_col0"


def _condition(text: str) -> Condition:
    try:
        return search(text)
    except ConditionError as exc:
        raise bad("ParameterInvalid", f"ErrorType:SyntaxError. {exc}") from None


def _range(start: Any, stop: Any) -> tuple[int, int]:
    for name, value in (("from", start), ("to", stop)):
        if not str("" if value is None else value).isdigit():
            raise invalid(f"The parameter {name} must be a positive integer")
    if int(start) >= int(stop):
        raise invalid("The parameter from must be less than to")
    return int(start), int(stop)


def _groups(call: Call) -> Iterator[bytes]:
    """The serialized log groups of the logstore, or of the shard the query names."""
    logstore: Logstore = call.logstore()
    if logstore.index is None:
        raise bad("IndexConfigNotExist", "logstore without index config")
    only = call.query("shard")
    with logstore.open():
        shards = [shard for shard in logstore.shards.values() if not only or str(shard.id) == only]
        frames = [item for shard in shards for item in shard.frames]
    for item in frames:
        yield item[read_varint(item, 1)[1] :]


def _scan(call: Call, start: int, stop: int) -> Iterator[tuple[LogGroup, Log]]:
    for data in _groups(call):
        try:
            group = decode_group(data)
        except WireError:
            continue  # the indexer skips what it cannot read
        for log in group.logs:
            if start <= log.time < stop:
                yield group, log


def _times(call: Call, start: int, stop: int) -> Iterator[int]:
    """Times of matching logs; without a condition nothing but the times is decoded."""
    query, topic = call.query("query").strip(), call.query("topic")
    if "|" in query:
        raise SlsError(400, "ParameterInvalid", "a histogram takes no statement")
    if query in ("", "*") and not topic:
        for data in _groups(call):
            yield from (time for time in quick_times(data) if start <= time < stop)
        return
    condition = _condition(query)
    for group, log in _scan(call, start, stop):
        row = fields_of_log(group, log)
        if (not topic or row["__topic__"] == topic) and condition(row):
            yield log.time


def quick_times(data: bytes) -> list[int]:
    """The log times of a serialized log group; [] when it is damaged."""
    times = []
    try:
        for number, _kind, value in fields_of(data):
            if number == 1 and isinstance(value, bytes):
                times.append(read_varint(value, 1)[0] if value[:1] == b"\x08" else decode_log(value).time)
    except WireError:
        return []
    return times
