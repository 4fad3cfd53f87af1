"""Which call a method, path and query mean, and which RAM action and resource it needs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import (
    api_groups,
    api_logstores,
    api_processors,
    api_projects,
    api_query,
    api_read,
    api_shards,
    api_write,
)
from .call import Handler
from .message import Request


@dataclass(frozen=True)
class Route:
    """One call. `condition` (name, values): a query parameter that must have one of the values."""

    endpoint: str
    method: str
    pattern: re.Pattern[str]
    handler: Handler
    action: str
    resource: str
    condition: tuple[str, tuple[str, ...]] | None = None
    project: bool = True

    def match(self, method: str, request: Request, has_project: bool) -> dict[str, str] | None:
        """The path parameters when this route serves the request."""
        if method != self.method or (self.pattern.pattern == "/" and self.project and not has_project):
            return None
        if self.condition and request.query.get(self.condition[0], "") not in self.condition[1]:
            return None
        found = self.pattern.fullmatch(request.path)
        return found.groupdict() if found else None


PROJECT, STORE, GROUP = "project/{project}", "project/{project}/logstore/{logstore}", "/consumergroup/"
LS, SHARD = r"/logstores/(?P<logstore>[^/]+)", r"/shards/(?P<shard>[^/]+)"
CG, CP = r"/consumergroups/(?P<group>[^/]+)", r"/consumeprocessors/(?P<processor>[^/]+)"


def _route(
    endpoint: str,
    call: str,
    handler: Handler,
    action: str,
    resource: str,
    when: str = "",
    project: bool = True,
) -> Route:
    method, path = call.split(" ", 1)
    name, _, values = when.partition("=")
    condition = (name, tuple(values.split("|"))) if when else None
    return Route(endpoint, method, re.compile(path), handler, f"log:{action}", resource, condition, project)


ROUTES = (
    # projects
    _route("GetProject", "GET /", api_projects.get_project, "GetProject", PROJECT),
    _route("ListProject", "GET /", api_projects.list_projects, "ListProject", "project/*", project=False),
    _route(
        "CreateProject", "POST /", api_projects.create_project, "CreateProject", "project/*", project=False
    ),
    _route("UpdateProject", "PUT /", api_projects.update_project, "UpdateProject", PROJECT),
    _route("DeleteProject", "DELETE /", api_projects.delete_project, "DeleteProject", PROJECT),
    # logstores
    _route(
        "ListLogStores",
        "GET /logstores",
        api_logstores.list_logstores,
        "ListLogStores",
        PROJECT + "/logstore/*",
    ),
    _route(
        "CreateLogStore",
        "POST /logstores",
        api_logstores.create_logstore,
        "CreateLogStore",
        PROJECT + "/logstore/*",
    ),
    _route(
        "GetHistograms",
        f"GET {LS}(?:/index)?",
        api_query.get_histograms,
        "GetLogStoreHistogram",
        STORE,
        "type=histogram",
    ),
    _route("GetLogs", f"GET {LS}(?:/index)?", api_query.get_logs, "GetLogStoreLogs", STORE, "type=log"),
    _route("GetLogsV3", f"POST {LS}/logs", api_query.get_logs_v3, "GetLogStoreLogs", STORE),
    _route("GetLogStore", f"GET {LS}", api_logstores.get_logstore, "GetLogStore", STORE, "type="),
    _route("PutLogs", f"POST {LS}", api_write.put_logs, "PostLogStoreLogs", STORE),
    _route("UpdateLogStore", f"PUT {LS}", api_logstores.update_logstore, "UpdateLogStore", STORE),
    _route("DeleteLogStore", f"DELETE {LS}", api_logstores.delete_logstore, "DeleteLogStore", STORE),
    _route("GetIndex", f"GET {LS}/index", api_logstores.get_index, "GetIndex", STORE, "type="),
    _route("CreateIndex", f"POST {LS}/index", api_logstores.create_index, "CreateIndex", STORE),
    _route("UpdateIndex", f"PUT {LS}/index", api_logstores.update_index, "UpdateIndex", STORE),
    _route("DeleteIndex", f"DELETE {LS}/index", api_logstores.delete_index, "DeleteIndex", STORE),
    # shards
    _route("ListShards", f"GET {LS}/shards", api_shards.list_shards, "ListShards", STORE),
    _route("PutLogs", f"POST {LS}/shards/lb", api_write.put_logs, "PostLogStoreLogs", STORE),
    _route("PutLogs", f"POST {LS}/shards/route", api_write.put_logs_route, "PostLogStoreLogs", STORE),
    _route("GetCursor", f"GET {LS}{SHARD}", api_read.get_cursor, "GetCursorOrData", STORE, "type=cursor"),
    _route(
        "GetCursorTime",
        f"GET {LS}{SHARD}",
        api_read.get_cursor_time,
        "GetCursorOrData",
        STORE,
        "type=cursor_time",
    ),
    _route("PullLogs", f"GET {LS}{SHARD}", api_read.pull_logs, "GetCursorOrData", STORE, "type=log|logs"),
    _route("SplitShard", f"POST {LS}{SHARD}", api_shards.change_shard, "SplitShard", STORE, "action=split"),
    _route("MergeShards", f"POST {LS}{SHARD}", api_shards.change_shard, "MergeShards", STORE, "action=merge"),
    _route("DeleteShard", f"DELETE {LS}{SHARD}", api_shards.delete_shard, "DeleteShard", STORE),
    # consumer groups
    _route(
        "CreateConsumerGroup",
        f"POST {LS}/consumergroups",
        api_groups.create_group,
        "CreateConsumerGroup",
        STORE + GROUP + "{new_group}",
    ),
    _route(
        "ListConsumerGroup",
        f"GET {LS}/consumergroups",
        api_groups.list_groups,
        "ListConsumerGroup",
        STORE + GROUP + "*",
    ),
    _route(
        "UpdateConsumerGroup",
        f"PUT {LS}{CG}",
        api_groups.update_group,
        "UpdateConsumerGroup",
        STORE + GROUP + "{group}",
    ),
    _route(
        "DeleteConsumerGroup",
        f"DELETE {LS}{CG}",
        api_groups.delete_group,
        "DeleteConsumerGroup",
        STORE + GROUP + "{group}",
    ),
    _route(
        "GetConsumerGroupCheckPoint",
        f"GET {LS}{CG}",
        api_groups.get_checkpoints,
        "GetConsumerGroupCheckPoint",
        STORE + GROUP + "{group}",
    ),
    _route(
        "ConsumerGroupHeartBeat",
        f"POST {LS}{CG}",
        api_groups.heartbeat,
        "ConsumerGroupHeartBeat",
        STORE + GROUP + "{group}",
        "type=heartbeat",
    ),
    _route(
        "ConsumerGroupUpdateCheckPoint",
        f"POST {LS}{CG}",
        api_groups.update_checkpoint,
        "ConsumerGroupUpdateCheckPoint",
        STORE + GROUP + "{group}",
        "type=checkpoint",
    ),
    # consume processors
    _route(
        "ListConsumeProcessors",
        "GET /consumeprocessors",
        api_processors.list_processors,
        "ListConsumeProcessors",
        PROJECT + "/consumeprocessor/*",
    ),
    _route(
        "PutConsumeProcessor",
        f"PUT {CP}",
        api_processors.put_processor,
        "PutConsumeProcessor",
        PROJECT + "/consumeprocessor/{processor}",
    ),
    _route(
        "GetConsumeProcessor",
        f"GET {CP}",
        api_processors.get_processor,
        "GetConsumeProcessor",
        PROJECT + "/consumeprocessor/{processor}",
    ),
    _route(
        "DeleteConsumeProcessor",
        f"DELETE {CP}",
        api_processors.delete_processor,
        "DeleteConsumeProcessor",
        PROJECT + "/consumeprocessor/{processor}",
    ),
)


def find(request: Request, has_project: bool) -> tuple[Route, dict[str, str]] | None:
    """The route of a request and its path parameters. HEAD is served as GET."""
    method = "GET" if request.method == "HEAD" else request.method
    for route in ROUTES:
        params = route.match(method, request, has_project)
        if params is not None:
            return route, params
    return None
