"""Consume processors: named SPL filters a pull can use."""

from __future__ import annotations

import re
from typing import Any

from .call import Call, page
from .errors import bad, missing
from .filtering import compile_spl
from .message import Response, json_response


def _find(call: Call) -> dict[str, Any]:
    found = call.project.processors.get(call.params["processor"])
    if found is None:
        name = call.params["processor"]
        raise missing("ConsumeProcessorNotExist", f"consume processor {name} does not exist")
    return found


def put_processor(call: Call) -> Response:
    """PutConsumeProcessor: create or replace."""
    name, body = call.params["processor"], call.json_object()
    spl = (body.get("configuration") or {}).get("spl")
    if (
        not re.fullmatch(r"[a-z0-9][a-z0-9_\-]{2,62}", name)
        or not body.get("displayName")
        or not isinstance(spl, str)
    ):
        raise bad("ParameterInvalid", "processor name, displayName and configuration.spl are required")
    compile_spl(spl)
    now = int(call.clock.now())
    old = call.project.processors.get(name, {})
    call.project.processors[name] = {
        "processorName": name,
        "displayName": str(body["displayName"]),
        "description": str(body.get("description", "")),
        "configuration": {"spl": spl},
        "createTime": old.get("createTime", now),
        "updateTime": now,
    }
    return Response()


def get_processor(call: Call) -> Response:
    """GetConsumeProcessor."""
    return json_response(_find(call))


def delete_processor(call: Call) -> Response:
    """DeleteConsumeProcessor."""
    del call.project.processors[_find(call)["processorName"]]
    return Response()


def list_processors(call: Call) -> Response:
    """ListConsumeProcessors, filtered by parts of name and display name."""
    name, shown = call.query("processorName"), call.query("displayName")
    every = call.project.processors
    names = sorted(n for n, p in every.items() if name in n and shown in p["displayName"])
    chosen, total = page(call, names)
    return json_response({"count": len(chosen), "total": total, "processors": [every[n] for n in chosen]})
