"""The driving interface of the stand-in: works for one in this process and for one in its own alike."""

from __future__ import annotations

import http.client
import json
import struct
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from .log_input import LogLike, make_log
from .wire import LogGroup, Text, encode_group, raw


class ControlError(RuntimeError):
    """The control API refused a call."""


class SlsControl:
    """Client of the control API at `control_url`; thread-safe, one kept-alive connection per thread."""

    def __init__(self, control_url: str, timeout: float = 60.0) -> None:
        self.control_url = control_url
        self._address = urlsplit(control_url).netloc
        self._timeout = timeout
        self._local = threading.local()
        self._open: list[http.client.HTTPConnection] = []

    # -- keys, projects, logstores

    def add_access_key(
        self,
        id: str,
        secret: str,
        *,
        security_token: str | None = None,
        expires: float | None = None,
        enabled: bool = True,
        allow: Sequence[str | dict[str, Any]] | None = None,
        deny: Sequence[str | dict[str, Any]] | None = None,
        **more: Any,
    ) -> None:
        """Add or replace an AccessKey pair. `expires`: epoch seconds; `allow` None: everything; rules are
        action globs or RAM statements {"Action": ..., "Resource": ...}. More: account, service_opened."""
        known = {
            "security_token": security_token,
            "expires": expires,
            "enabled": enabled,
            "allow": allow,
            "deny": deny,
        }
        self.call("add_access_key", id=id, secret=secret, **known, **more)

    def add_role(self, name: str, **settings: Any) -> str:
        """A RAM role; returns its ARN. Settings: allow, deny, external_id, max_seconds, ecs, account."""
        return str(self.call("add_role", name=name, **settings))

    def remove_access_key(self, id: str) -> None:
        """Forget a key."""
        self.call("remove_access_key", id=id)

    def create_project(self, project: str, region: str = "", **more: Any) -> None:
        """A project. More: owner (account id)."""
        self.call("create_project", project=project, region=region, **more)

    def set_project_status(self, project: str, status: str) -> None:
        """`Normal` or `Forbidden`."""
        self.call("set_project_status", project=project, status=status)

    def delete_project(self, project: str) -> None:
        """Drop a project."""
        self.call("delete_project", project=project)

    def create_logstore(
        self, project: str, logstore: str, shards: int = 2, ttl: int = 30, **more: Any
    ) -> None:
        """A logstore, usable at once; ttl in days. More: index (bool), append_meta (bool)."""
        self.call("create_logstore", project=project, logstore=logstore, shards=shards, ttl=ttl, **more)

    def delete_logstore(self, project: str, logstore: str) -> None:
        """Drop a logstore."""
        self.call("delete_logstore", project=project, logstore=logstore)

    # -- data

    def put_logs(
        self,
        project: str,
        logstore: str,
        logs: Sequence[LogLike],
        *,
        topic: Text = "",
        source: Text = "",
        tags: Mapping[str, Text] | Iterable[tuple[Text, Text]] | None = None,
        shard: int | None = None,
        time_ns: int | Sequence[int] | None = None,
        receive_time: int | None = None,
    ) -> dict[str, Any]:
        """One LogGroup. A log is a dict (`__time__` in it: epoch seconds, else now) or (time, pairs); keys
        and values may be bytes, also invalid UTF-8. `time_ns`: nanosecond part of all logs, or of each.
        `receive_time`: epoch seconds at which the service is to have received it. Returns shard, cursor
        and logs."""
        parts = [time_ns] * len(logs) if time_ns is None or isinstance(time_ns, int) else list(time_ns)
        items = [make_log(log, part) for log, part in zip(logs, parts)]
        pairs = tags.items() if isinstance(tags, Mapping) else tags or ()
        group = LogGroup(items, raw(topic), raw(source), [(raw(key), raw(value)) for key, value in pairs])
        return self.put_raw_group(
            project,
            logstore,
            encode_group(group),
            shard=shard,
            count_logs=len(items),
            receive_time=receive_time,
        )

    def put_raw_group(
        self,
        project: str,
        logstore: str,
        raw: bytes,
        shard: int | None = None,
        count_logs: int | None = None,
        receive_time: int | None = None,
    ) -> dict[str, Any]:
        """Store bytes as one LogGroup, damaged or not. Returns shard, cursor and logs."""
        stored = self.put_raw_groups(project, logstore, [raw], shard, count_logs, receive_time)
        return stored[0]

    def put_raw_groups(
        self,
        project: str,
        logstore: str,
        groups: Sequence[bytes],
        shard: int | None = None,
        count_logs: int | None = None,
        receive_time: int | None = None,
        repeat: int | None = None,
    ) -> list[dict[str, Any]]:
        """Many serialized LogGroups in one call; `count_logs` logs each. With `repeat` they are stored so
        many times over, which needs a `shard`; the server holds their bytes once, and answers for the
        first round."""
        given = {"shard": shard, "count_logs": count_logs, "receive_time": receive_time, "repeat": repeat}
        query = {
            "project": project,
            "logstore": logstore,
            **{k: v for k, v in given.items() if v is not None},
        }
        body = b"".join(struct.pack(">I", len(group)) + group for group in groups)
        return rows(self._post("/put_raw_groups?" + urlencode(query), body))

    # -- shards and groups

    def shards(self, project: str, logstore: str) -> list[dict[str, Any]]:
        """All shards with cursors, parents and counts."""
        return rows(self.call("shards", project=project, logstore=logstore))

    def split(self, project: str, logstore: str, shard: int, key: str = "") -> list[dict[str, Any]]:
        """Split in the middle or at `key`; returns parent and children."""
        return rows(self.call("split", project=project, logstore=logstore, shard=shard, key=key))

    def merge(self, project: str, logstore: str, shard: int) -> list[dict[str, Any]]:
        """Merge with the right neighbour; returns the new shard and its parents."""
        return rows(self.call("merge", project=project, logstore=logstore, shard=shard))

    def expire(self, project: str, logstore: str, shard: int, keep_last: int = 0) -> int:
        """Retention passes; returns the number of log groups dropped."""
        return int(self.call("expire", project=project, logstore=logstore, shard=shard, keep_last=keep_last))

    def consumer_groups(self, project: str, logstore: str) -> dict[str, Any]:
        """{group: {timeout, order, consumers {name: last beat}, shards {id: {state, owner, next, checkpoint,
        update_time (us), updater}}}}; shard ids are integers."""
        groups: dict[str, Any] = self.call("consumer_groups", project=project, logstore=logstore)
        for group in groups.values():
            group["shards"] = {int(number): entry for number, entry in group["shards"].items()}
        return groups

    # -- behaviour

    def fault(self, endpoint: str = "*", **settings: Any) -> int:
        """Add a fault rule; returns its id. Settings: kind, status, code, message, body, content_type,
        delay, times, every, skip, phase, mode, size, headers, project, logstore, shard, consumer_group,
        consumer, access_key_id."""
        return int(self.call("fault", endpoint=endpoint, **settings))

    def faults(self) -> list[dict[str, Any]]:
        """All fault rules with their counters."""
        return rows(self.call("faults"))

    def clear_faults(self, id: int | None = None) -> None:
        """Remove one fault rule or all."""
        self.call("clear_faults", id=id)

    def set_clock_offset(self, seconds: float) -> None:
        """Shift the server's clock."""
        self.call("set_clock_offset", seconds=seconds)

    def set_knob(self, name: str, value: Any) -> None:
        """Set one knob."""
        self.call("set_knob", name=name, value=value)

    def knobs(self) -> dict[str, Any]:
        """All knobs."""
        return dict(self.call("knobs"))

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """The request trace after number `since`."""
        return rows(self.call("requests", since=since))

    def stats(self) -> dict[str, Any]:
        """Counters."""
        return dict(self.call("stats"))

    # -- plumbing

    def call(self, name: str, /, **arguments: Any) -> Any:
        """Any call of the control API; raises ControlError with the server's text."""
        return self._post("/" + quote(name), json.dumps(arguments).encode())

    def close(self) -> None:
        """Close all connections."""
        for connection in self._open:
            connection.close()
        self._open.clear()

    def _post(self, path: str, body: bytes) -> Any:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = http.client.HTTPConnection(
                self._address, timeout=self._timeout
            )
            self._open.append(connection)
        try:
            connection.request("POST", path, body)
            reply = connection.getresponse()
            answer = json.loads(reply.read())
        except (OSError, http.client.HTTPException):
            connection.close()
            raise
        if reply.status != 200:
            raise ControlError(answer["error"])
        return answer["result"]


def rows(answer: Any) -> list[dict[str, Any]]:
    """A JSON answer that is an array of objects."""
    return list(answer)
