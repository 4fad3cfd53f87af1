"""The scheme's arguments, as splunkd shows them. Pure data.

splunkd's own parameters (index, host, source, sourcetype, interval, disabled) are not listed: it adds them.
"""

from __future__ import annotations

from typing import Final

NAME: Final = "alibaba_sls"
TITLE: Final = "Alibaba Cloud SLS"
DESCRIPTION: Final = "Consumes logstores of Alibaba Cloud Simple Log Service (SLS) through consumer groups."

ARGUMENTS: Final[tuple[tuple[str, str, bool], ...]] = (
    ("account", "Name of the account to sign in with.", True),
    ("endpoint", "SLS endpoint of the project's region.", True),
    ("project", "SLS project.", True),
    ("logstore", "Logstore to consume.", True),
    ("consumer_group", "Consumer group; inputs with the same one share the shards.", False),
    ("cursor_start_time", "Where a new consumer group starts: begin, end, a time, or -4h.", False),
    ("cursor_end_time", "Time to stop at and to disable the input; empty to go on for ever.", False),
    ("heartbeat_interval", "Seconds between heartbeats to SLS.", False),
    ("data_fetch_interval", "Seconds between fetches of a shard.", False),
    ("fetch_threads", "Most threads for fetching and delivering, or auto.", False),
    ("fetch_buffer_mb", "Most fetched data that waits in memory, 1 to 4096 MB.", False),
    ("max_fetch_log_group_size", "Most log groups in one fetch, 1 to 1000.", False),
    ("in_order", "1: a split shard is finished before its children start.", False),
    ("compression", "Codec on the wire: lz4, deflate or none.", False),
    ("metrics_interval", "Seconds between two lines of metrics in the log.", False),
    ("query", "SPL that SLS runs over the logs before it sends them.", False),
    ("processor", "Name of an SLS consume processor.", False),
    ("topics_include", "Topics to keep, separated by semicolons, with * as wildcard.", False),
    ("topics_exclude", "Topics to drop, separated by semicolons, with * as wildcard.", False),
    ("unfold", "JSON fields to unfold: auto, none, or a JSON map of topics to fields.", False),
    ("time_field", "Field with the event's time: auto, none, or its name.", False),
    ("event_format", "json, or raw:<field>.", False),
    ("event_id", "1: add a field __event_id__ that is the same at each delivery of a log.", False),
    ("index_routes", "topic=index pairs separated by semicolons.", False),
)
