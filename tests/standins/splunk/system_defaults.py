"""What a fresh instance has on disk: ``etc/system/default`` and the apps that are always there."""

from __future__ import annotations

from pathlib import Path

from . import conf_file
from .conf_file import Stanzas

_INDEXES = (
    "main",
    "history",
    "summary",
    "_internal",
    "_audit",
    "_introspection",
    "_telemetry",
    "_thefishbucket",
)


def _confs(mgmt_port: int, web_port: int, server_name: str) -> dict[str, Stanzas]:
    return {
        # The two settings that every modular input gets to see (documented defaults).
        "inputs": {
            "default": {"index": "default", "_rcvbuf": "1572864", "host": "$decideOnStartup"},
            "monitor://$SPLUNK_HOME/var/log/splunk": {"index": "_internal"},
            "monitor://$SPLUNK_HOME/var/log/introspection": {"index": "_introspection"},
        },
        "indexes": {
            "default": {"maxTotalDataSizeMB": "500000", "frozenTimePeriodInSecs": "188697600"},
            **{name: _paths(name) for name in _INDEXES},
        },
        "server": {
            "general": {"serverName": server_name},
            "sslConfig": {"enableSplunkdSSL": "true"},
            "kvstore": {"disabled": "false"},
        },
        "web": {
            "settings": {
                "mgmtHostPort": f"127.0.0.1:{mgmt_port}",
                "httpport": str(web_port),
                "startwebserver": "1",
                "enableSplunkWebSSL": "false",
            }
        },
        "props": {
            "default": {
                "LINE_BREAKER": r"([\r\n]+)",
                "SHOULD_LINEMERGE": "True",
                "TRUNCATE": "10000",
                "MAX_EVENTS": "256",
                "MAX_TIMESTAMP_LOOKAHEAD": "128",
                "MAX_DAYS_AGO": "2000",
                "MAX_DAYS_HENCE": "2",
                "BREAK_ONLY_BEFORE_DATE": "True",
            }
        },
        "limits": {"http_input": {"max_content_length": "838860800"}},
        "transforms": {},
        "eventtypes": {},
        "savedsearches": {},
    }


def _paths(index: str) -> dict[str, str]:
    return {"homePath": f"$SPLUNK_DB/{index}/db", "coldPath": f"$SPLUNK_DB/{index}/colddb"}


def seed(home: Path, mgmt_port: int, web_port: int, server_name: str) -> None:
    """Write ``etc/system/default`` anew, and the built-in apps where they are missing."""
    for conf, stanzas in _confs(mgmt_port, web_port, server_name).items():
        conf_file.write(home / "etc" / "system" / "default" / f"{conf}.conf", stanzas)
    apps = home / "etc" / "apps"
    for app in ("search", "splunk_httpinput"):
        if not (apps / app).is_dir():
            conf_file.write(apps / app / "default" / "app.conf", {"ui": {"label": app, "is_visible": "1"}})
            export = {"export": "system"} if app == "splunk_httpinput" else {}
            conf_file.write(
                apps / app / "metadata" / "default.meta", {"": {"access": "read : [ * ]", **export}}
            )
    saved = {"Errors in the last 24 hours": {"search": "error OR failed", "dispatch.earliest_time": "-1d"}}
    conf_file.write(apps / "search" / "default" / "savedsearches.conf", saved)
    http = {"http": {"disabled": "1", "port": "8088", "enableSSL": "1", "dedicatedIoThreads": "2"}}
    if not (apps / "splunk_httpinput" / "default" / "inputs.conf").is_file():
        conf_file.write(apps / "splunk_httpinput" / "default" / "inputs.conf", http)
    for folder in ("var/log/splunk", "var/lib/splunk/modinputs", "var/run/splunk", "bin"):
        (home / folder).mkdir(parents=True, exist_ok=True)
