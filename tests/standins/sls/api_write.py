"""PutLogs: load-balanced, by hash key, and the legacy form on the logstore itself."""

from __future__ import annotations

import re

from .call import Call
from .errors import SlsError, bad, invalid
from .message import Response
from .model import Logstore
from .shard import Shard
from .wire import LogGroup, WireError, decode_group, decompress, encode_tags

WINDOW_BACK, WINDOW_AHEAD = 168 * 3600, 15 * 60
MAX_KEY = 128


def put_logs(call: Call) -> Response:
    """PutLogs to any readwrite shard."""
    return _put(call, None)


def put_logs_route(call: Call) -> Response:
    """PutLogs to the shard whose range holds `key`, hex and right-padded with 0."""
    text = call.query("key")
    if not re.fullmatch(r"[0-9a-fA-F]{1,32}", text):
        raise invalid(f"invalid hash key {text}")
    return _put(call, int(text.ljust(32, "0"), 16))


def _put(call: Call, key: int | None) -> Response:
    logstore = call.logstore()
    if call.query("mode"):
        raise invalid(f"mode {call.query('mode')} is not supported")
    body = _body(call)
    group = parse(body)
    validate(group, call.clock.now() if call.knobs.put_time_window else None)
    if call.knobs.put_max_logs and len(group.logs) > call.knobs.put_max_logs:
        raise SlsError(
            call.knobs.too_large_status, "PostBodyTooLarge", f"log count {len(group.logs)} is too large"
        )
    if not group.logs:
        return Response()
    with logstore.open():
        shard = logstore.writable(key)
        call.quotas.write(call.project.name, logstore.name, shard.id)
        store(logstore, shard, body, len(group.logs), call.request.peer)
    return Response()


def _body(call: Call) -> bytes:
    """The raw LogGroup; raises PostBodyTooLarge or PostBodyUncompressError."""
    codec = call.request.header("x-log-compresstype")
    size = int(call.request.header("x-log-bodyrawsize") or len(call.request.body))
    most = call.knobs.post_body_max_bytes
    if max(size, len(call.request.body)) > most:
        text = f"Body size {size} must little than {most}"
        raise SlsError(call.knobs.too_large_status, "PostBodyTooLarge", text)
    if not codec:
        return call.request.body
    try:
        return decompress(codec, call.request.body, size)
    except WireError as exc:
        raise bad("PostBodyUncompressError", f"body uncompress failed: {exc}") from None


def parse(body: bytes) -> LogGroup:
    """One LogGroup; raises PostBodyInvalid."""
    try:
        return decode_group(body)
    except WireError as exc:
        raise bad("PostBodyInvalid", f"Protobuf content cannot parse: {exc}") from None


def validate(group: LogGroup, now: float | None) -> None:
    """The checks on a log group; `now` None leaves out the time window."""
    texts = [group.topic, group.source, *(text for pair in group.tags for text in pair)]
    for log in group.logs:
        if log.time_ns is not None and log.time_ns > 999_999_999:
            raise bad("InvalidTimestamp", f"log time ns {log.time_ns} is invalid")
        if now is not None and not -WINDOW_BACK <= log.time - now <= WINDOW_AHEAD:
            raise bad("PostBodyInvalid", "The post data time is out of range")
        for key, value in log.contents:
            if not key or len(key) > MAX_KEY:
                raise bad("InvalidKey", "The log key is empty or longer than 128 bytes")
            texts += (key, value)
    try:
        b"\n".join(texts).decode("utf-8")
    except UnicodeDecodeError:
        raise bad("InvalidEncoding", "Request does not use UTF-8 encoding") from None


def store(logstore: Logstore, shard: Shard, body: bytes, logs: int, peer: str) -> int:
    """Append a log group, with client address and receive time as tags where appendMeta is on."""
    now = int(logstore.clock.now())
    if logstore.config.get("appendMeta"):
        tags = [(b"__client_ip__", peer.encode()), (b"__receive_time__", str(now).encode())]
        body += encode_tags(tags)
    return shard.append(body, now, logs)
