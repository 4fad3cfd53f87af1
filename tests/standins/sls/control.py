"""The control API: JSON over plain HTTP on its own port, for tests only (no signatures).

`POST /<call>` with a JSON object of arguments answers `{"result": ...}`, or `{"error": text}` with status
400. Calls and arguments are those of `Control`'s public methods. One call takes bytes instead:
`POST /put_raw_groups?project=&logstore=&shard=&count_logs=&receive_time=&repeat=` with a body of 4-byte
big-endian lengths, each followed by one serialized (possibly damaged) LogGroup. `GET /health` answers
200 when the service is up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .api_query import quick_times
from .api_shards import merge, split
from .model import DEFAULT_OWNER, Logstore
from .ram import AccessKey, statements
from .shard import Shard, cursor_text
from .temporary import Role

if TYPE_CHECKING:
    from .service import Service

DEFAULT_INDEX: dict[str, Any] = {
    "line": {
        "token": [",", " ", "'", '"', ";", "=", "(", ")", "\n", "\t"],
        "caseSensitive": False,
        "chn": False,
    },
    "keys": {},
}


class Control:
    """What a test can do to the service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._store = service.store

    # -- keys, projects, logstores

    def add_access_key(
        self,
        id: str,
        secret: str,
        security_token: str | None = None,
        expires: float | None = None,
        enabled: bool = True,
        allow: list[Any] | None = None,
        deny: list[Any] | None = None,
        account: str = DEFAULT_OWNER,
        service_opened: bool = True,
    ) -> None:
        """Add or replace an AccessKey pair; `expires` in epoch seconds; rules as in `ram.statements`."""
        self._store.keys[id] = AccessKey(
            id,
            secret,
            account,
            security_token,
            expires,
            enabled,
            service_opened,
            statements(allow),
            statements(deny) or (),
        )

    def add_role(
        self,
        name: str,
        allow: list[Any] | None = None,
        deny: list[Any] | None = None,
        external_id: str = "",
        max_seconds: int = 3600,
        ecs: bool = False,
        account: str = DEFAULT_OWNER,
    ) -> str:
        """Add or replace a RAM role for AssumeRole, or the instance's own with `ecs`; returns its ARN."""
        role = Role(name, account, statements(allow), statements(deny) or (), external_id, max_seconds, ecs)
        self._service.temporary.roles[name] = role
        return role.arn

    def remove_access_key(self, id: str) -> None:
        """Forget a key."""
        self._store.keys.pop(id, None)

    def create_project(self, project: str, region: str = "", owner: str = DEFAULT_OWNER) -> None:
        """A project; region defaults to the knob."""
        self._store.create_project(project, region or self._service.knobs.region, owner)

    def set_project_status(self, project: str, status: str) -> None:
        """`Normal`, or `Forbidden` for 403 ProjectForbidden."""
        self._store.project(project).status = status

    def delete_project(self, project: str) -> None:
        """Drop a project."""
        self._store.projects.pop(project, None)

    def create_logstore(
        self,
        project: str,
        logstore: str,
        shards: int = 2,
        ttl: int = 30,
        index: bool = True,
        append_meta: bool = False,
    ) -> None:
        """A logstore, usable at once, with a full-text index unless told otherwise."""
        config = {"appendMeta": append_meta}
        made = self._store.create_logstore(self._store.project(project), logstore, ttl, shards, config)
        made.index = dict(DEFAULT_INDEX) if index else None

    def delete_logstore(self, project: str, logstore: str) -> None:
        """Drop a logstore."""
        self._store.project(project).logstores.pop(logstore, None)

    # -- shards and data

    def shards(self, project: str, logstore: str) -> list[dict[str, Any]]:
        """All shards with cursors and counts."""
        with self._logstore(project, logstore).open() as store:
            return [_shard(store.shards[number]) for number in sorted(store.shards)]

    def split(self, project: str, logstore: str, shard: int, key: str = "") -> list[dict[str, Any]]:
        """Split in the middle or at `key`; returns parent and children."""
        with self._logstore(project, logstore).open() as store:
            return [_shard(item) for item in split(store, store.shards[shard], key, 0 if key else 2)]

    def merge(self, project: str, logstore: str, shard: int) -> list[dict[str, Any]]:
        """Merge with the right neighbour; returns the new shard and its parents."""
        with self._logstore(project, logstore).open() as store:
            return [_shard(item) for item in merge(store, store.shards[shard])]

    def expire(self, project: str, logstore: str, shard: int, keep_last: int = 0) -> int:
        """Retention passes: only the last groups stay; an empty readonly shard vanishes. Returns the number
        dropped."""
        with self._logstore(project, logstore).open() as store:
            found = store.shards[shard]
            dropped = found.drop(len(found.frames) - keep_last)
            if found.readonly and not found.frames:
                del store.shards[shard]
            return dropped

    def put_raw(
        self,
        project: str,
        logstore: str,
        groups: list[bytes],
        shard: int | None = None,
        count_logs: int | None = None,
        receive_time: int | None = None,
        repeat: int = 1,
    ) -> list[dict[str, Any]]:
        """Store serialized groups as they are, without any check; shard and cursor of each. `repeat` stores
        them all so many times over in the one shard that is named; the answer tells the first round."""
        if repeat != 1 and (shard is None or repeat < 1 or not groups):
            raise ValueError("repeat is at least 1, and needs groups and a shard")
        stored: list[dict[str, Any]] = []
        with self._logstore(project, logstore).open() as store:
            for group in groups:
                target = store.writable() if shard is None else store.shards[shard]
                now = int(self._service.clock.now()) if receive_time is None else receive_time
                logs = len(quick_times(group)) if count_logs is None else count_logs
                value = target.append(group, now, logs)
                stored.append({"shard": target.id, "cursor": cursor_text(value), "logs": logs})
            if repeat > 1:
                round_logs, round_size = sum(row["logs"] for row in stored), sum(map(len, groups))
                target.repeat(len(groups), repeat - 1, logs=round_logs, size=round_size)
        return stored

    def consumer_groups(self, project: str, logstore: str) -> dict[str, Any]:
        """The full state of every consumer group; beat times in epoch seconds."""
        clock = self._service.clock
        with self._logstore(project, logstore).open() as store:
            for group in store.groups.values():
                group.expire(clock.monotonic())
                group.refresh(store.views())
            age = clock.now() - clock.monotonic()
            return {name: group.describe(age) for name, group in store.groups.items()}

    def _logstore(self, project: str, logstore: str) -> Logstore:
        return self._store.project(project).logstore(logstore)

    # -- behaviour

    def fault(self, endpoint: str = "*", **settings: Any) -> int:
        """Add a fault rule (see `faults`); returns its id."""
        return self._service.faults.add(endpoint=endpoint, **settings)

    def faults(self) -> list[dict[str, Any]]:
        """All fault rules with their counters."""
        return self._service.faults.describe()

    def clear_faults(self, id: int | None = None) -> None:
        """Remove one fault rule or all; hanging requests end."""
        self._service.faults.clear(id)

    def set_clock_offset(self, seconds: float) -> None:
        """Shift the server's clock; heartbeat time-outs are not shifted."""
        self._service.clock.offset = seconds

    def set_knob(self, name: str, value: Any) -> None:
        """Set one knob."""
        self._service.knobs.set(name, value)

    def knobs(self) -> dict[str, Any]:
        """All knobs."""
        return self._service.knobs.as_dict()

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """The request trace after number `since`."""
        return self._service.trace.since(since)

    def stats(self) -> dict[str, Any]:
        """Counters: answers by call, status and code; groups, logs and bytes by logstore."""
        totals = {}
        for project in list(self._store.projects.values()):
            for store in list(project.logstores.values()):
                with store.lock:
                    shards = list(store.shards.values())
                    totals[f"{project.name}/{store.name}"] = {
                        "log_groups": sum(len(s.frames) for s in shards),
                        "logs_written": sum(s.logs_written for s in shards),
                        "bytes_written": sum(s.bytes_written for s in shards),
                    }
        return {"answers": self._service.trace.counts(), "logstores": totals}


def _shard(shard: Shard) -> dict[str, Any]:
    return {
        **shard.describe(),
        "parents": list(shard.parents),
        "begin": cursor_text(shard.begin),
        "end": cursor_text(shard.end),
        "log_groups": len(shard.frames),
    }
