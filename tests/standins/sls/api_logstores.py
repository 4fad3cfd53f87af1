"""Logstore and index calls."""

from __future__ import annotations

import re
from typing import Any

from .call import Call, page
from .errors import bad, missing
from .message import Response, json_response
from .model import Logstore

NAME = re.compile(r"[a-z0-9][a-z0-9_\-]{1,61}[a-z0-9]")
CONFIG: dict[str, Any] = {
    "enable_tracking": False,
    "autoSplit": False,
    "maxSplitShard": 64,
    "appendMeta": False,
    "telemetryType": "",
    "mode": "standard",
    "encrypt_conf": {},
}


def describe(logstore: Logstore) -> dict[str, Any]:
    """A logstore as GetLogStore shows it."""
    return {
        **CONFIG,
        **logstore.config,
        "logstoreName": logstore.name,
        "ttl": logstore.ttl,
        "shardCount": len([s for s in logstore.shards.values() if not s.readonly]),
        "createTime": logstore.created,
        "lastModifyTime": logstore.modified,
    }


def _limit(body: dict[str, Any], name: str, default: int | None, most: int) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise bad("LogStoreInfoInvalid", f"logstore info is invalid: {name} {value}")
    return value


def list_logstores(call: Call) -> Response:
    """ListLogStores, optionally those whose name contains logstoreName."""
    wanted = call.query("logstoreName")
    names, total = page(call, sorted(name for name in list(call.project.logstores) if wanted in name))
    return json_response({"count": len(names), "total": total, "logstores": names})


def create_logstore(call: Call) -> Response:
    """CreateLogStore; it may take a while until it can be used (knob logstore_ready_seconds)."""
    body = call.json_object()
    name = body.get("logstoreName")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise bad("LogStoreInfoInvalid", f"logstore name {name} is invalid")
    ttl, shards = _limit(body, "ttl", None, 3650), _limit(body, "shardCount", None, 100)
    config = {k: v for k, v in body.items() if k not in ("logstoreName", "ttl", "shardCount")}
    call.store.create_logstore(call.project, name, ttl, shards, config, call.knobs.logstore_ready_seconds)
    return Response()


def get_logstore(call: Call) -> Response:
    """GetLogStore."""
    with call.project.logstore(call.params["logstore"]).open() as logstore:
        return json_response(describe(logstore))


def update_logstore(call: Call) -> Response:
    """UpdateLogStore: ttl and the configuration fields."""
    body = call.json_object()
    with call.project.logstore(call.params["logstore"]).open() as logstore:
        logstore.ttl = _limit(body, "ttl", logstore.ttl, 3650)
        logstore.config.update(
            {k: v for k, v in body.items() if k not in ("logstoreName", "ttl", "shardCount")}
        )
        logstore.modified = int(call.clock.now())
    return Response()


def delete_logstore(call: Call) -> Response:
    """DeleteLogStore."""
    with call.project.lock:
        call.project.logstore(call.params["logstore"])
        del call.project.logstores[call.params["logstore"]]
    return Response()


# -- index


def get_index(call: Call) -> Response:
    """GetIndex."""
    logstore = call.logstore()
    if logstore.index is None:
        raise missing("IndexConfigNotExist", "index config doesn't exist")
    return json_response({"index_mode": "v2", "storage": "pg", "ttl": logstore.ttl, **logstore.index})


def _index_body(call: Call) -> dict[str, Any]:
    body = call.json_object()
    if not body.get("line") and not body.get("keys"):
        raise bad("IndexInfoInvalid", "required index keys or line")
    return {**body, "lastModifyTime": int(call.clock.now())}


def create_index(call: Call) -> Response:
    """CreateIndex."""
    logstore = call.logstore()
    body = _index_body(call)
    if logstore.index is not None:
        raise bad("IndexAlreadyExist", "log store index is already created")
    logstore.index = body
    return Response()


def update_index(call: Call) -> Response:
    """UpdateIndex: replaces the whole configuration."""
    logstore = call.logstore()
    body = _index_body(call)
    if logstore.index is None:
        raise bad("IndexConfigNotExist", "index config doesn't exist")
    logstore.index = body
    return Response()


def delete_index(call: Call) -> Response:
    """DeleteIndex."""
    logstore = call.logstore()
    if logstore.index is None:
        raise bad("IndexConfigNotExist", "index config doesn't exist")
    logstore.index = None
    return Response()
