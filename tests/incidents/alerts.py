"""Which alerts of the add-on would be raised now: their searches, run as a Splunk would run them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.addon import APP, message_of
from tests.standins.splunk import SplunkServer

_SEARCHES = f"/servicesNS/nobody/{APP}/configs/conf-savedsearches"
_JOBS = f"/servicesNS/nobody/{APP}/search/jobs"


@dataclass(frozen=True)
class Alert:
    """One saved search and its results."""

    name: str
    setting: dict[str, Any]
    rows: list[dict[str, Any]]

    @property
    def messages(self) -> list[str]:
        return [str(row["message"]) for row in self.rows]


def alerts(splunk: SplunkServer) -> list[Alert]:
    """Every alert of the add-on with what it finds."""
    reply = splunk.rest("GET", _SEARCHES, params={"count": "-1"}, expect=200)
    own = [entry for entry in reply.json["entry"] if entry["acl"]["app"] == APP]
    return [Alert(entry["name"], entry["content"], _results(splunk, entry["content"])) for entry in own]


def _results(splunk: SplunkServer, setting: dict[str, Any]) -> list[dict[str, Any]]:
    times = {name: setting[f"dispatch.{name}"] for name in ("earliest_time", "latest_time")}
    asked = {"search": f"search {setting['search']}", "exec_mode": "oneshot", "count": "0", **times}
    reply = splunk.rest("POST", _JOBS, data=asked)
    assert reply.status == 200, f"{message_of(reply)}: {setting['search']}"
    found: list[dict[str, Any]] = reply.json["results"]
    return found
