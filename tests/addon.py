"""Drives the installed add-on over REST exactly as its pages do: account, network settings, inputs.

Used on stand-ins and on a real Splunk alike. Field names are the add-on's public ones (globalConfig.json).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tests.standins.ledger import Arrival, number_in

if TYPE_CHECKING:
    from tests.standins.splunk import SplunkServer
    from tests.standins.splunk.server_reply import RestReply

APP = "TA_alibaba_sls"
SCHEME = "alibaba_sls"
ROOT = f"/servicesNS/nobody/{APP}/{APP}"
OURS = "sourcetype LIKE 'alibaba:%' AND instr(raw, 'demo_seq') > 0"
"""SQL condition on indexed events: records of the ledger, not the add-on's own notes."""
LOG_GLOB = "ta_alibaba_sls*.log"

# What the page sends for a new input when only the required fields were filled in.
INPUT_DEFAULTS = {
    "index": "default",
    "cursor_start_time": "-1h",
    "sourcetype": "auto",
    "event_format": "json",
    "unfold": "auto",
    "time_field": "auto",
    "event_id": "0",
    "heartbeat_interval": "20",
    "data_fetch_interval": "0.2",
    "fetch_threads": "auto",
    "fetch_buffer_mb": "64",
    "max_fetch_log_group_size": "1000",
    "in_order": "0",
    "compression": "lz4",
    "metrics_interval": "60",
    "interval": "60",
}


class RefusedError(AssertionError):
    """The add-on or splunkd refused a request; the message is what a user would read."""


class Management(Protocol):
    """The management port of a Splunk, whichever."""

    def rest(self, method: str, path: str, *, data: Mapping[str, Any] | None = None) -> RestReply:
        """One call as an administrator, answered in JSON."""


class Pages:
    """What the add-on's pages can do."""

    def __init__(self, splunk: Management) -> None:
        self._management = splunk

    def post(self, handler: str, fields: dict[str, Any]) -> Any:
        """POST to one of the add-on's handlers. Raises RefusedError unless it answers 200 or 201."""
        reply = self._management.rest(
            "POST", f"{ROOT}_{handler}", data={k: str(v) for k, v in fields.items()}
        )
        if reply.status not in (200, 201):
            raise RefusedError(f"{handler} was refused with {reply.status}: {message_of(reply)}")
        return reply

    def create_account(self, name: str = "account", **over: Any) -> Any:
        """A new account. Needs ``access_key_id`` and ``access_key_secret`` for access_key."""
        return self.post("account", {"name": name, "auth_type": "access_key", **over})

    def set_network(self, **over: Any) -> Any:
        """Settings of the tab "network", for example ``ca_bundle`` (a path)."""
        return self.post("settings/network", over)

    def set_proxy(self, **over: Any) -> Any:
        return self.post("settings/proxy", over)

    def set_log_level(self, level: str) -> Any:
        return self.post("settings/logging", {"loglevel": level})

    def create_input(self, name: str, **over: Any) -> Any:
        """A new input; it starts at once unless ``disabled`` is given."""
        return self.post(SCHEME, {"name": name, **INPUT_DEFAULTS, **over})

    def edit_input(self, name: str, **over: Any) -> Any:
        return self.post(f"{SCHEME}/{name}", over)

    def enable_input(self, name: str) -> Any:
        return self.edit_input(name, disabled="0")

    def disable_input(self, name: str) -> Any:
        return self.edit_input(name, disabled="1")

    def delete_input(self, name: str) -> Any:
        reply = self._management.rest("DELETE", f"{ROOT}_{SCHEME}/{name}")
        if reply.status != 200:
            raise RefusedError(f"deleting {name} was refused with {reply.status}: {message_of(reply)}")
        return reply


class AddOn(Pages):
    """The add-on on a Splunk stand-in, whose events and files are at hand."""

    def __init__(self, splunk: SplunkServer) -> None:
        super().__init__(splunk)
        self.splunk = splunk

    def arrivals(self) -> list[Arrival]:
        """Every indexed event that carries a ledger number, copies included."""
        found = [(number_in(event.raw), event) for event in self.splunk.events(OURS)]
        return [Arrival(number, event.sourcetype, event.arrived) for number, event in found if number]

    def log_files(self) -> list[Path]:
        """The add-on's own logs, oldest name first."""
        return sorted(self.splunk.splunkd_log.parent.glob(LOG_GLOB))

    def log_text(self) -> str:
        return "".join(path.read_text(encoding="utf-8", errors="replace") for path in self.log_files())

    def log_tail(self, lines: int = 20) -> str:
        """The end of the add-on's logs and of splunkd.log (without DEBUG), each under its file name."""
        tails = (_tail(path, lines) for path in [*self.log_files(), self.splunk.splunkd_log])
        return "\n".join(filter(None, tails))


def message_of(reply: Any) -> str:
    """The words of splunkd's answer: the first message, else the start of the body."""
    body = reply.json if isinstance(reply.json, dict) else {}
    texts = [str(message.get("text", "")) for message in body.get("messages", [])]
    return "; ".join(filter(None, texts)) or reply.text[:500]


def _tail(path: Path, lines: int) -> str:
    """Empty when the file is missing or has nothing to say."""
    if not path.is_file():
        return ""
    text = path.read_text(encoding="utf-8", errors="replace")
    kept = [line for line in text.splitlines() if " DEBUG " not in line]
    return "\n".join([f"--- end of {path.name} ---", *kept[-lines:]]) if kept else ""
