"""One request from first check to answer.

Order: host and route, faults, headers (400), key and signature (401), project (404), RAM (401), then the
call itself (logstore, shard or group, parameters). The order is inferred.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import partial
from typing import Any

from . import auth, ram
from .call import Call
from .clock import Clock
from .errors import SlsError, bad, quota, unauthorized
from .faults import Fault, Faults, strike_after, strike_before
from .knobs import Knobs
from .message import Request, Response, json_response
from .model import Project, Store
from .quota import Quotas
from .routes import Route, find
from .temporary import Temporary
from .trace import Trace

LOG = logging.getLogger("standin.sls")
SECRET_PARAMETERS = ("Signature", "SecurityToken")


class Service:
    """The service behind every port."""

    def __init__(self, endpoint: str, knobs: Knobs, clock: Clock | None = None) -> None:
        self.endpoint = endpoint.lower()
        self.knobs = knobs
        self.clock = clock or Clock()
        self.store = Store(knobs, self.clock)
        self.faults = Faults(knobs)
        self.quotas = Quotas(knobs, self.clock)
        self.trace = Trace(knobs.trace_size)
        self.temporary = Temporary(self.store, self.clock, knobs)

    # -- hosts

    def endpoints(self) -> list[str]:
        """All names the service answers under, the longest first."""
        extra = [name.strip().lower() for name in self.knobs.extra_endpoints.split(",") if name.strip()]
        return sorted([self.endpoint, *extra], key=len, reverse=True)

    def project_of(self, host: str) -> str | None:
        """The project a host name means, "" for the bare endpoint, None for a foreign host."""
        name = host.rsplit(":", 1)[0] if ":" in host else host
        for endpoint in self.endpoints():
            if name.lower() == endpoint:
                return ""
            if name.lower().endswith("." + endpoint):
                return name[: -len(endpoint) - 1].lower()
        return None

    # -- requests

    def handle(self, request: Request) -> Response:
        """Serve one request; never raises."""
        started = time.perf_counter()
        request_id = os.urandom(12).hex().upper()
        project = self.project_of(request.header("host"))
        found = find(request, bool(project))
        side = self.temporary.endpoint_of(request, project)
        facts = self._facts(request, project, found)
        facts["endpoint"] = side or facts["endpoint"]
        fault = self.faults.pick(facts)
        serve = self.temporary.serve if side else partial(self._serve, host=project, found=found)
        response = self._guarded(request, fault, serve)
        self._finish(response, request_id)
        self._note(request, facts, fault, response, time.perf_counter() - started)
        return response

    def _guarded(
        self, request: Request, fault: Fault | None, serve: Callable[[Request], Response]
    ) -> Response:
        try:
            early = strike_before(fault) if fault else None
            if early is not None:
                return early
            response = serve(request)
            return strike_after(fault, request, response) if fault else response
        except SlsError as exc:
            return _error(exc)
        except Exception:  # the process boundary: a bug must answer like a broken server
            LOG.exception("request failed: %s %s", request.method, request.raw_path)
            return _error(SlsError(500, "InternalServerError", "Internal server error message."))

    def _serve(
        self, request: Request, host: str | None, found: tuple[Route, dict[str, str]] | None
    ) -> Response:
        if host is None:
            raise bad("InvalidHost", f"Host {request.header('host')} is invalid")
        now = self.clock.now()
        claim = auth.check_headers(request, self.knobs, now)
        key = auth.check_key(request, claim, self.store.keys, self.knobs, now)
        known = self.store.projects.get(host)
        region = known.region if known else self.knobs.region
        auth.check_signature(request, claim, key.secret, region, self.knobs)
        if found is None:
            raise SlsError(405, "InvalidMethod", f"invalid request method : {request.path}")
        route, params = found
        project = self._project(host, route, key)
        self._permit(key, route, request, params, project)
        call = Call(request, self.store, self.quotas, region, params, key, project)
        return route.handler(call)

    def _project(self, name: str, route: Route, key: ram.AccessKey) -> Project | None:
        if not route.project:
            return None
        if not name:
            raise bad("InvalidHost", "the host names no project")
        project = self.store.project(name)
        if project.owner != key.account:
            raise unauthorized("The project does not belong to you.")
        if project.status == "Forbidden":
            raise quota("ProjectForbidden")
        return project

    def _permit(
        self,
        key: ram.AccessKey,
        route: Route,
        request: Request,
        params: dict[str, str],
        project: Project | None,
    ) -> None:
        if key.allow is None and not key.deny:
            return
        new = _new_group(request) if "{new_group}" in route.resource else ""
        path = route.resource.format(project=project.name if project else "*", new_group=new or "*", **params)
        region = project.region if project else self.knobs.region
        resource = f"acs:log:{region}:{key.account}:{path}"
        if not key.may(route.action, resource):
            raise ram.denied(key, route.action, resource, detail=self.knobs.access_denied_detail)

    # -- answers and trace

    def _finish(self, response: Response, request_id: str) -> None:
        response.headers.update(
            {
                "date": formatdate(self.clock.now(), usegmt=True),
                "server": self.knobs.server_header,
                "access-control-allow-origin": "*",
                "x-log-requestid": request_id,
                "x-log-time": str(int(self.clock.now())),
            }
        )

    def _facts(
        self, request: Request, project: str | None, found: tuple[Route, dict[str, str]] | None
    ) -> dict[str, Any]:
        claim = auth.claim_of(request)
        params = found[1] if found else {}
        return {
            "endpoint": found[0].endpoint if found else "?",
            "project": project or "",
            "logstore": params.get("logstore"),
            "shard": params.get("shard") or request.query.get("shard"),
            "consumer_group": params.get("group"),
            "consumer": request.query.get("consumer"),
            "access_key_id": claim.key_id if claim else None,
            "sigver": claim.version if claim else None,
        }

    def _note(
        self, request: Request, facts: dict[str, Any], fault: Fault | None, response: Response, took: float
    ) -> None:
        entry = {
            "t": self.clock.now(),
            "method": request.method,
            "host": request.header("host"),
            "path": request.path,
            "query": {k: v for k, v in request.query.items() if k not in SECRET_PARAMETERS},
            **facts,
            "status": response.status,
            "code": response.code,
            "tls": request.tls,
            "via": request.via,
            "bytes_in": len(request.body),
            "bytes_out": len(response.body),
            "seconds": round(took, 6),
            "fault": fault.id if fault else None,
            "request_id": response.headers.get("x-log-requestid"),
            "user_agent": request.header("user-agent"),
            "compress": response.headers.get("x-log-compresstype", ""),
            "log_groups": response.headers.get("x-log-count"),
        }
        self.trace.add(entry)


def _error(exc: SlsError) -> Response:
    response = json_response(exc.body(), exc.status)
    response.code = exc.code
    return response


def _new_group(request: Request) -> str:
    """The group a CreateConsumerGroup body names; RAM resources carry it (documented since 2024)."""
    try:
        return str(json.loads(request.body)["consumerGroup"])
    except (ValueError, KeyError, TypeError):
        return "*"
