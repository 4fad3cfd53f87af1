"""Reading a shard: GetCursor, GetCursorTime, PullLogs."""

from __future__ import annotations

import json
from typing import Any

from .call import Call
from .errors import SlsError, bad, invalid
from .filtering import Filter, filter_for
from .message import Response, json_response
from .model import Logstore
from .packing import pack
from .shard import Shard, Slice, cursor_text, cursor_value
from .wire import LogGroup, WireError, compress, decode_list

CODECS = ("lz4", "zstd", "deflate", "gzip")


def get_cursor(call: Call) -> Response:
    """GetCursor: begin, end, or the first log group received at or after an epoch second."""
    with call.logstore().open() as logstore:
        shard = _shard(call, logstore)
        start = call.query("from")
        if start == "begin":
            value = shard.begin
        elif start == "end":
            value = shard.end
        elif start.isdigit():
            value = shard.at_time(int(start))
        else:
            raise invalid("Parameter From is not valid")
    return json_response({"cursor": cursor_text(value)})


def get_cursor_time(call: Call) -> Response:
    """GetCursorTime: receive time of the log group at a cursor, the server's time at the end."""
    with call.logstore().open() as logstore:
        shard = _shard(call, logstore)
        value = _parse(call, call.query("cursor"))
        if not shard.begin <= value <= shard.end:
            raise bad("InvalidCursor", f"cursor {call.query('cursor')} is out of range")
        return json_response({"cursor_time": shard.time_at(value, int(call.clock.now()))})


def pull_logs(call: Call) -> Response:
    """PullLogs, GET and HEAD."""
    logstore = call.logstore()
    with logstore.open():
        shard = _shard(call, logstore)
        call.quotas.read(call.project.name, logstore.name, shard.id)
        got = _slice(call, shard)
        chosen = filter_for(call.project.processors, call.query("query"), call.query("processor"))
        headers = _headers(call, shard, got)
    call.quotas.read_bytes(call.project.name, logstore.name, shard.id, got.size)
    frames = got.frames if chosen is None else _filtered(chosen, got.frames, headers)
    headers["x-log-count"] = str(len(frames))
    accept, codec = call.request.header("accept"), _codec(call)
    if "application/json" in accept and "protobuf" not in accept:
        headers["content-type"] = "application/json"
        body = _json(decode_list(b"".join(frames)), call.knobs.json_logs_key)
        return _answer(compress(codec, body) if codec else body, len(body), codec, headers)
    packed = call.store.packs.pack(frames, codec) if chosen is None else pack(frames, codec)
    return _answer(packed.body, packed.raw_size, codec, headers)


def _shard(call: Call, logstore: Logstore) -> Shard:
    if not logstore.shards:
        raise bad("LogStoreWithoutShard", "the logstore has no shard")
    return logstore.shard(call.params["shard"], call.knobs.shard_not_exist_status)


def _parse(call: Call, text: str) -> int:
    try:
        return cursor_value(text, unpadded=call.knobs.accept_unpadded_cursor)
    except ValueError:
        raise invalid(f"Invalid cursor {text}") from None


def _slice(call: Call, shard: Shard) -> Slice:
    """What this pull returns before any filter."""
    count = call.query("count")
    if not count.isdigit() or not 1 <= int(count) <= 1000:
        raise invalid("Invalid loggroup count, (0,1000]")
    cursor, stop = _parse(call, call.query("cursor")), call.query("end_cursor")
    if not shard.begin <= cursor <= shard.end:
        if call.knobs.stale_cursor == "error":
            raise bad("InvalidCursor", f"invalidCursor: {call.query('cursor')} is out of range")
        cursor = max(shard.begin, min(cursor, shard.end))
    filtered = call.query("query") or call.query("processor")
    wanted = call.knobs.pull_scan_groups if filtered else int(count)
    return shard.read(cursor, wanted, call.knobs.pull_max_bytes, _parse(call, stop) if stop else None)


def _headers(call: Call, shard: Shard, got: Slice) -> dict[str, str]:
    now = int(call.clock.now())
    position = got.next if call.knobs.cursor_time_of == "next" or not got.frames else got.next - 1
    headers = {
        "content-type": "application/x-protobuf",
        "x-log-cursor": cursor_text(got.next),
        "x-log-read-last-cursor": str(got.next - 1),
        "x-log-cursor-time": str(shard.time_at(position, now)),
    }
    if got.next >= got.end:
        headers["x-log-end-of-cursor"] = "1"
    elif call.knobs.send_end_of_cursor_zero:
        headers["x-log-end-of-cursor"] = "0"
    return headers


def _filtered(chosen: Filter, frames: list[bytes], headers: dict[str, str]) -> list[bytes]:
    try:
        kept, lines, results = chosen.frames(frames)
    except WireError as exc:
        raise SlsError(500, "InternalServerError", "stored data cannot be read") from exc
    headers["x-log-rawdatasize"] = str(sum(map(len, frames)))
    headers["x-log-rawdatacount"] = str(len(frames))
    headers["x-log-rawdatalines"] = str(lines)
    headers["x-log-resultlines"] = str(results)
    headers["x-log-failedlines"] = "0"
    return kept


def _codec(call: Call) -> str:
    """The first codec the caller accepts, "" when there is none."""
    offered = [
        part.split(";")[0].strip().lower() for part in call.request.header("accept-encoding").split(",")
    ]
    return next((name for name in offered if name in CODECS), "")


def _answer(body: bytes, raw_size: int, codec: str, headers: dict[str, str]) -> Response:
    """Raw size and codec are named on empty answers too."""
    headers["x-log-bodyrawsize"] = str(raw_size)
    if codec:
        headers["x-log-compresstype"] = codec
    return Response(200, body, headers)


# -- JSON form


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _json(groups: list[LogGroup], logs_key: str) -> bytes:
    rows = [_json_group(group, logs_key) for group in groups]
    return json.dumps({"logGroupList": rows}, ensure_ascii=False).encode()


def _json_group(group: LogGroup, logs_key: str) -> dict[str, Any]:
    logs = []
    for log in group.logs:
        row: dict[str, Any] = {"Time": log.time, "Contents": _pairs(log.contents)}
        if log.time_ns is not None:
            row["TimeNs"] = log.time_ns
        logs.append(row)
    return {
        "Topic": _text(group.topic),
        "Source": _text(group.source),
        "LogTags": _pairs(group.tags),
        logs_key: logs,
    }


def _pairs(pairs: list[tuple[bytes, bytes]]) -> list[dict[str, str]]:
    return [{"Key": _text(key), "Value": _text(value)} for key, value in pairs]
