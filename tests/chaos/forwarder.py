"""One forwarder of a cell: a Splunk stand-in with the add-on on it and an AccessKey of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.addon import SCHEME
from tests.functional.harness import ACCOUNT, Forwarder, create_account, create_input, wait_for
from tests.standins.sls import SlsServer
from tests.standins.splunk.knobs import Knobs

HEARTBEAT = 2  # seconds
GROUP_TIMEOUT = 2 * HEARTBEAT
READ_TIMEOUT = 5  # seconds
GROUP, INPUT = "chaos", "central"
STANZA = f"{SCHEME}://{INPUT}"
_ENDED = ("stopped", "done", "failed")


class Member(Forwarder):
    """A forwarder that takes part in the consumer group, and what can be done to it."""

    def __init__(
        self, home: Path, sls: SlsServer, number: int, take: Callable[[Any], None], pythons: dict[str, str]
    ) -> None:
        knobs = Knobs(store="tap", exec_debug=False)
        super().__init__(home, sls, server_name=home.name, knobs=knobs, pythons=pythons)
        self.number = number
        self.generation = 0
        self.is_away = False  #: its input is disabled
        self.tap(take)

    # -- identity

    @property
    def key_id(self) -> str:
        """The AccessKey id that its account has; another after each rotation."""
        return f"LTAI5tChaos{self.number}x{self.generation}"

    @property
    def key_secret(self) -> str:
        return f"chaos-secret-{self.number}-{self.generation}-b5d9"

    @cached_property
    def consumer(self) -> str:
        """The name under which its input takes part in the consumer group."""
        reply = self.rest("GET", "/services/server/info", expect=200)
        return f"{reply.json['entry'][0]['content']['guid']}-{INPUT}"

    # -- set-up

    def join(self) -> None:
        """Start, with account, network settings and input made over REST as the pages do."""
        self.start()
        self.sls.control.add_access_key(self.key_id, self.key_secret)
        self.addon.set_network(ca_bundle=self.sls.ca_file, read_timeout=READ_TIMEOUT)
        create_account(self, access_key_id=self.key_id, access_key_secret=self.key_secret)
        create_input(self, INPUT, consumer_group=GROUP, heartbeat_interval=HEARTBEAT)

    def enter_key(self) -> None:
        """Edit the account so that it has the present key."""
        fields = {"access_key_id": self.key_id, "access_key_secret": self.key_secret}
        self.addon.post(f"account/{ACCOUNT}", fields)

    def go_away(self) -> None:
        """Disable the input; its consumer leaves the group."""
        self.addon.disable_input(INPUT)
        self.is_away = True

    def await_stop(self) -> None:
        """Wait for the end of a disabled input; raises AssertionError."""
        wait_for(lambda: all(row.state in _ENDED for row in self.inputs()), 15, "the input to stop")

    def come_back(self) -> None:
        """Enable the input again."""
        self.addon.enable_input(INPUT)
        self.is_away = False

    # -- the input's process

    @property
    def pid(self) -> int | None:
        """Process id of the running input."""
        return next((row.pid for row in self.inputs() if row.state == "running"), None)

    def running_pid(self) -> int:
        """The same, waiting for a start that is under way; raises AssertionError when none comes."""
        return wait_for(lambda: self.pid, 20, f"an input to run on {self.home.name}")

    def signal(self, number: int) -> None:
        """Signal the running input; raises ProcessLookupError when it has just ended."""
        self.running_pid()
        self.signal_input(STANZA, number)

    # -- logs

    def log_lines(self, begin: float, end: float) -> list[str]:
        """Lines of the add-on's logs and splunkd.log between two epoch seconds."""
        lines = []
        for path in [*self.addon.log_files(), self.splunkd_log]:
            text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
            lines += [f"{path.name}: {line}" for line in text.splitlines() if begin <= _stamp(line) <= end]
        return lines


def _stamp(line: str) -> float:
    """Epoch second of a log line, 0 when it has none."""
    for form, size in (("%Y-%m-%d %H:%M:%S", 19), ("%m-%d-%Y %H:%M:%S", 19)):
        try:
            return time.mktime(time.strptime(line[:size], form))
        except ValueError:
            continue
    return 0.0
