"""Every point on which the real service is undocumented or contradictory, as one switch each.

Each field's comment says how well the default is founded: *documented* (vendor pages), *observed* (a client
relies on it), *inferred* (follows from something else), *unknown* (a guess; no test should depend on it).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any


@dataclass
class Knobs:
    """Switches of the stand-in; set at start, by `--knob name=value`, or later through the control API."""

    # -- addressing and transport
    region: str = "cn-hangzhou"
    """Region of the bare endpoint and default region of new projects."""
    extra_endpoints: str = "127.0.0.1,localhost"
    """Comma-separated further names under which the service answers (test addressing only)."""
    idle_seconds: float = 120.0
    """Seconds after which an idle kept-alive connection is closed. Unknown for the real service."""
    proxy_basic: str = ""
    """`user:password` that proxy requests must carry (Basic); empty: no proxy authentication."""
    server_header: str = "AliyunSLS"
    """Value of the Server header. Documented samples: nginx, Tengine, AliyunSLS."""
    trace_size: int = 200_000
    """Requests kept in the trace."""

    # -- time and signatures
    clock_window_seconds: int = 900
    """Largest |request time - server time| in seconds. Documented."""
    new_clock_codes: bool = True
    """True: RequestTimeExpired / InvalidRequestTime (current pages); False: RequestTimeTooSkewed /
    InvalidDateFormat (2021 pages)."""
    accept_v1_sha256: bool = True
    """v1 signatures with hmac-sha256. Observed in the OpenAPI SDKs; not documented for every API."""
    check_v4_region: bool = True
    """Reject a v4 scope whose region is not the project's. Unknown."""
    check_content_md5: bool = True
    """Compare Content-MD5 with the body. Documented as a duty of the client; check inferred."""
    access_denied_detail: bool = True
    """Add `accessDeniedDetail` to RAM denials. Observed in Java and OpenAPI clients; keys inferred."""
    sts_expired_code: str = "Unauthorized"
    """errorCode for an expired token. Documented; clients also know SecurityTokenExpired and others."""

    # -- HTTP statuses on which sources disagree
    shard_not_exist_status: int = 400
    """ShardNotExist on GetCursor and PullLogs: 400 in the pages, 404 in the C++ client."""
    consumer_not_match_status: int = 400
    """ConsumerNotMatch: code observed in clients, status unknown."""
    group_quota_status: int = 400
    """ConsumerGroupQuotaExceed: status unknown."""
    server_busy_status: int = 503
    """ServerBusy: 503 in the pages, 500 in the C++ client (used as the fault default)."""
    too_large_status: int = 413
    """PostBodyTooLarge: 400 in old pages, 413 in the common error table."""

    # -- cursors and pulls
    cursor_start: str = "creation_ns"
    """First cursor value of a shard: `creation_ns` (inferred from samples) or an integer as text."""
    accept_unpadded_cursor: bool = True
    """Accept base64 without `=`: samples show it, tolerance unknown."""
    stale_cursor: str = "error"
    """PullLogs outside [begin, end]: `error` InvalidCursor (observed in clients) or `move` silently.
    Unknown."""
    pull_max_bytes: int = 10 * 1024 * 1024
    """Raw bytes per PullLogs answer; always at least one log group. Inferred."""
    pull_scan_groups: int = 1000
    """Log groups scanned per PullLogs with query or processor. Unknown."""
    cursor_time_of: str = "next"
    """x-log-cursor-time is of the `next` cursor or of the `last` returned log group. Unknown."""
    send_end_of_cursor_zero: bool = True
    """Send `x-log-end-of-cursor: 0` when there is more; False leaves the header out. Unknown."""
    json_logs_key: str = "LogItems"
    """Name of the logs list in JSON pulls: `LogItems` (OpenAPI client) or `Logs` (a documented sample)."""
    ttl_extra_days: int = 1
    """Days a log group stays readable beyond the logstore's ttl. The documented example implies 1."""
    shard_read_per_second: int = 0
    """PullLogs per shard and second before ShardReadQuotaExceed; 0 = off. Documented soft limit: 100."""
    shard_read_bytes_per_second: int = 0
    """Raw bytes per shard and second before ShardReadQuotaExceed; 0 = off. Documented soft limits: 10-20
    MB."""
    project_read_per_minute: int = 0
    """Reads per project and minute before ReadQuotaExceed; 0 = off. Documented: 600,000."""
    shard_write_per_second: int = 0
    """PutLogs per shard and second before ShardWriteQuotaExceed; 0 = off. Documented soft limit: 500."""

    # -- writes
    put_time_window: bool = True
    """Refuse logs whose time is outside [-168 h, +15 min]. Documented in 2021; unknown today."""
    post_body_max_bytes: int = 10_485_760
    """Largest PutLogs body, raw. Documented twice: 3 MB (2021) and 10 MB (now)."""
    put_max_logs: int = 0
    """Most logs in one PutLogs; 0 = no limit. Documented in 2021: 4096."""
    lb_policy: str = "round_robin"
    """Shard choice of `shards/lb`: round_robin or random. Unknown."""
    logstore_ready_seconds: float = 0.0
    """Delay until a logstore created through the API can be used. Observed in SDK tests: tens of seconds."""
    logstores_per_project: int = 200
    """Quota behind ProjectQuotaExceed. Documented."""

    # -- consumer groups
    groups_per_logstore: int = 30
    """Quota behind ConsumerGroupQuotaExceed. Documented (10 and 20 on older pages)."""
    group_name_pattern: str = r"[A-Za-z0-9][A-Za-z0-9_\-]{0,127}"
    """Full match for consumer group names. Unknown; one report guesses [0-9a-z]{2,32}."""
    create_group_looks_first: bool = True
    """CreateConsumerGroup looks for the group and the quota before it looks at time-out and order.
    Inferred."""
    group_name_unique_in_project: bool = False
    """Refuse a name used in another logstore of the project. A page says so; not seen enforced."""
    assign_after_heartbeats: int = 0
    """Heartbeats a consumer must have sent before it is given shards. Unknown."""
    rebalance_interval_seconds: float = 0.0
    """0: shards are assigned inside each heartbeat; else at most once per so many seconds. Unknown."""
    rebalance_pick: str = "highest"
    """Which shard a consumer with too many gives up: highest or lowest id. Unknown."""
    checkpoint_list: str = "allocated"
    """GetCheckPoint lists shards that are `allocated` or have a checkpoint, or `all` known ones. Unknown."""
    checkpoint_consumer: str = "updater"
    """`consumer` in GetCheckPoint: who wrote it last (`updater`) or holds the shard (`owner`). Unknown."""
    empty_readonly_is_over: bool = False
    """A readonly shard without data counts as consumed without any checkpoint. Unknown."""

    # -- temporary credentials
    ecs_token_required: bool = False
    """The metadata server insists on its token (hardened mode). Documented as a choice per instance."""
    ecs_credential_seconds: int = 21_600
    """Life of the instance role's credentials. Observed: about six hours."""
    sts_credential_seconds: int = 0
    """Life of an assumed role's credentials, for tests that cannot wait; 0: what was asked for. Documented:
    0."""

    def set(self, name: str, value: Any) -> None:
        """Set one knob, converting text to the field's type; raises KeyError or ValueError."""
        current = self.as_dict()[name]
        setattr(self, name, convert(value, type(current)))

    def as_dict(self) -> dict[str, Any]:
        """All knobs and their values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def convert(value: Any, kind: type) -> Any:
    """`value` as `kind` (bool, int, float or str); text is read as JSON where the kind needs it."""
    if kind is str:
        return str(value)
    parsed = json.loads(value.lower()) if isinstance(value, str) else value
    if kind is bool and not isinstance(parsed, (bool, int)):
        raise ValueError(f"not a truth value: {value!r}")
    return kind(parsed)
