"""Project calls."""

from __future__ import annotations

import re
from typing import Any

from .call import Call, page
from .errors import SlsError, bad
from .message import Response, json_response
from .model import DEFAULT_OWNER, Project

NAME = re.compile(r"[a-z0-9][a-z0-9\-]{1,61}[a-z0-9]")


def describe(project: Project) -> dict[str, Any]:
    """A project as GetProject shows it; times are texts."""
    return {
        "projectName": project.name,
        "status": project.status,
        "description": project.description,
        "region": project.region,
        "owner": project.owner,
        "createTime": str(project.created),
        "lastModifyTime": str(project.modified),
    }


def get_project(call: Call) -> Response:
    """GetProject."""
    return json_response(describe(call.project))


def list_projects(call: Call) -> Response:
    """ListProject: the caller's own projects, optionally those whose name contains projectName."""
    owner = call.key.account if call.key else DEFAULT_OWNER
    wanted = call.query("projectName")
    every = sorted(
        p.name for p in list(call.store.projects.values()) if p.owner == owner and wanted in p.name
    )
    names, total = page(call, every)
    rows = [describe(call.store.projects[name]) for name in names]
    return json_response({"count": len(rows), "total": total, "projects": rows})


def create_project(call: Call) -> Response:
    """CreateProject; the name is in the body, the host may be the bare endpoint or the project's own."""
    body = call.json_object()
    name = body.get("projectName")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise bad("ParameterInvalid", f"The project name is invalid: {name}")
    owner = call.key.account if call.key else DEFAULT_OWNER
    call.store.create_project(name, call.region, owner, str(body.get("description", "")))
    return Response()


def update_project(call: Call) -> Response:
    """UpdateProject: the description."""
    body = call.json_object()
    call.project.description = str(body.get("description", call.project.description))
    call.project.modified = int(call.clock.now())
    return Response()


def delete_project(call: Call) -> Response:
    """DeleteProject with everything in it."""
    with call.store.lock:
        if call.store.projects.pop(call.project.name, None) is None:
            raise SlsError(404, "ProjectNotExist", f"The Project does not exist : {call.project.name}")
    return Response()
