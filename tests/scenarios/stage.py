"""The surroundings of one scenario on a Splunk that it shares: its own logstore, index and inputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeVar

from tests.addon import APP, SCHEME, RefusedError
from tests.scenarios.on_machine import Process
from tests.scenarios.registry import Registry
from tests.scenarios.site import ACCOUNT, PROJECT, Found, Site, View, Where
from tests.standins.ledger import Arrival, Reconciliation, number_in
from tests.traffic import Producer, wait_for

T = TypeVar("T")
SCRIPT = f"etc/apps/{APP}/bin/{SCHEME}.py"
OWN_LOGS = "var/log/splunk/ta_alibaba_sls*.log"
HEARTBEAT_SECONDS = 1


class Stage:
    """A scenario's own part of a site. `name` names its logstore, its index and its input."""

    def __init__(self, site: Site, name: str) -> None:
        self.site, self.name = site, name
        self.logstores = [name]
        self.inputs: list[str] = []
        self.traffic = Producer(site.sls, PROJECT, name)
        self.put = self.traffic.put

    # -- before and after

    def open(self) -> None:
        self.site.sls.create_logstore(PROJECT, self.name, shards=2)
        self.site.rest("POST", "/services/data/indexes", data={"name": self.name}, expect=201)

    def close(self) -> None:
        """Leave nothing running that others would meet."""
        self.site.sls.clear_faults()
        for name in list(self.inputs):
            self.delete_input(name)

    def add_logstore(self, name: str) -> str:
        self.site.sls.create_logstore(PROJECT, name, shards=1)
        self.logstores.append(name)
        return name

    # -- inputs

    def create_input(self, name: str = "", **over: Any) -> str:
        """An input as the page would make it, with quick timing; it starts at once. Returns its name."""
        own = name or self.name
        fields = {
            "account": ACCOUNT,
            "endpoint": self.site.sls_address.endpoint,
            "project": PROJECT,
            "logstore": self.name,
            "index": self.name,
            "heartbeat_interval": HEARTBEAT_SECONDS,
            "cursor_start_time": "begin",
            "interval": 1,
            **over,
        }
        self.site.pages.create_input(own, **fields)
        self.inputs.append(own)
        return own

    def delete_input(self, name: str) -> None:
        self.site.pages.delete_input(name)
        self.inputs.remove(name)

    def process(self) -> Process | None:
        """The process of the input that runs, if one does; the newest of two, should they overlap."""
        found = self.processes()
        return found[-1] if found else None

    def processes(self) -> list[Process]:
        """The processes of running inputs; those that only check or describe are left out."""
        return [one for one in self.site.processes(SCRIPT) if one.argv[-1].endswith(SCRIPT)]

    def refusal(self, attempt: Callable[[], object]) -> str:
        """What a person reads whose settings are refused; fails when they are not."""
        try:
            attempt()
        except RefusedError as refused:
            return str(refused)
        raise AssertionError("was not refused")

    # -- what came of it

    def where(self, sourcetype: str = "", logstore: str = "") -> Where:
        return Where(self.name, sourcetype, f"sls://{PROJECT}/{logstore}" if logstore else "")

    def events(self, sourcetype: str = "", logstore: str = "") -> list[Found]:
        return self.site.events(self.where(sourcetype, logstore))

    def views(self, sourcetype: str = "", logstore: str = "") -> list[View]:
        return self.site.views(self.where(sourcetype, logstore))

    def reconcile(self) -> Reconciliation:
        """What arrived in the index against what was written; the add-on's own notes are not counted."""
        numbers = ((number_in(event.raw), event.sourcetype) for event in self.events())
        return self.traffic.ledger.reconcile(Arrival(n, sourcetype) for n, sourcetype in numbers if n)

    def arrived(self, seconds: float = 30) -> Reconciliation:
        """Wait until nothing is missing."""

        def complete() -> Reconciliation | None:
            result = self.reconcile()
            return result if result.complete else None

        return self.until(complete, seconds, "all events to arrive")

    def until(self, holds: Callable[[], T | None], seconds: float, what: str) -> T:
        """The first true value, within that time on the stand-in and more on a slower site."""
        pace = self.site.pace
        return wait_for(holds, seconds * pace.factor, what, pace.poll)

    # -- SLS's side

    def groups(self) -> dict[str, Any]:
        return self.site.sls.consumer_groups(PROJECT, self.name)

    def owners(self, group: str) -> Counter[str]:
        """How many shards each consumer holds for good."""
        shards = self.groups().get(group, {}).get("shards", {})
        return Counter(row["owner"] for row in shards.values() if row["state"] == "already_alloc")

    def all_saved(self) -> bool:
        """Whether the checkpoint of every shard is its end."""
        ends = {row["shardID"]: row["end"] for row in self.site.sls.shards(PROJECT, self.name)}
        shards = [group["shards"] for group in self.groups().values()]
        return [{n: row["checkpoint"] for n, row in group.items()} for group in shards] == [ends]

    # -- logs

    def own_log(self) -> str:
        return "".join(self.site.files(OWN_LOGS).values())

    def splunkd_log(self) -> str:
        return "".join(self.site.files("var/log/splunk/splunkd.log").values())


@contextmanager
def staged(site: Site, name: str) -> Iterator[Stage]:
    """A stage of that name, with its logstore and index; its inputs are deleted afterwards."""
    stage = Stage(site, name)
    stage.open()
    with closing(stage):
        yield stage


scenario: Registry[Stage] = Registry("scene")
