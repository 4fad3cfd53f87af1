"""A stage for looking at what Splunk does: the app of tests/docker/probe_app, and what its inputs note."""

from __future__ import annotations

import json
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.app_package import ROOT
from tests.scenarios.registry import Registry
from tests.scenarios.site import Found, Site, View, Where
from tests.standins.splunk.server_reply import RestReply
from tests.traffic import wait_for

T = TypeVar("T")
APP = "TA_probe"
SOURCE = ROOT / "tests" / "docker" / "probe_app"
INPUTS = f"/servicesNS/nobody/{APP}/data/inputs"
Note = dict[str, Any]


def package(folder: Path) -> Path:
    """The probe as an app package in `folder`."""
    path = folder / f"{APP}.spl"
    with tarfile.open(path, "w:gz") as archive:
        archive.add(SOURCE, APP, filter=lambda one: None if "__pycache__" in one.name else one)
    return path


def same(what: str, measured: object, assumed: object) -> None:
    """Fails with both when Splunk does otherwise than the stand-in assumes."""
    assert measured == assumed, (
        f"{what}\n  measured here:         {measured!r}\n  the stand-in assumes:  {assumed!r}"
    )


class ProbeStage:
    """Inputs of the probe for one question; `name` is their index and how their names begin."""

    def __init__(self, site: Site, name: str) -> None:
        self.site, self.name = site, name
        self.inputs: list[tuple[str, str]] = []

    def open(self) -> None:
        self.site.rest("POST", "/services/data/indexes", data={"name": self.name}, expect=201)

    def close(self) -> None:
        for scheme, name in self.inputs:
            self.site.rest("DELETE", f"{INPUTS}/{scheme}/{name}")

    # -- inputs

    def start(self, does: str, name: str = "", scheme: str = "probe", **over: Any) -> str:
        """An input that does that, started; returns its name. Raises AssertionError when it is refused."""
        own = f"{self.name}_{name or does}"
        usual = {"index": self.name, **({"interval": 3600} if scheme == "probe" else {})}
        reply = self.create(own, scheme, does=does, **{**usual, **over})
        assert reply.status == 201, reply.text
        self.inputs.append((scheme, own))
        return own

    def create(self, name: str, scheme: str = "probe", **fields: Any) -> RestReply:
        return self.site.rest("POST", f"{INPUTS}/{scheme}", data={"name": name, **fields})

    def edit(self, name: str, **fields: Any) -> None:
        self.site.rest("POST", f"{INPUTS}/probe/{name}", data=fields, expect=200)

    def disable(self, name: str) -> None:
        self.site.rest("POST", f"{INPUTS}/probe/{name}/disable", expect=200)

    # -- what they noted

    def notes(self, name: str, what: str = "", scheme: str = "probe") -> list[Note]:
        """The notes of one input in their order, or those of one kind."""
        text = "".join(self.site.files(f"var/lib/splunk/modinputs/{scheme}/{name}.jsonl").values())
        found = [json.loads(line) for line in text.splitlines() if line.endswith("}")]
        return sorted((n for n in found if what in ("", n["what"])), key=lambda note: float(note["t"]))

    def first(self, name: str, what: str = "start", seconds: float = 20, scheme: str = "probe") -> Note:
        """Wait for the first note of a kind."""
        return self.until(lambda: self.notes(name, what, scheme), seconds, f"{name} to note '{what}'")[0]

    def events(self, sourcetype: str = "") -> list[Found]:
        return self.site.events(Where(self.name, sourcetype))

    def views(self) -> list[View]:
        return self.site.views(Where(self.name))

    def settled(self, look: Callable[[], T], seconds: float = 5) -> T:
        """What there is once nothing more comes for that long on the stand-in, and longer on a slower
        site.
        """
        before, since = look(), time.monotonic()
        while time.monotonic() - since < seconds * min(self.site.pace.factor, 3) / 2:
            time.sleep(max(self.site.pace.poll, 0.2))
            now = look()
            if now != before:
                before, since = now, time.monotonic()
        return before

    def until(self, holds: Callable[[], T | None], seconds: float, what: str) -> T:
        pace = self.site.pace
        return wait_for(holds, seconds * pace.factor, what, pace.poll)

    def emitted(self, *corpora: str) -> list[Found]:
        """What is indexed of corpora, each written by an input of its own."""
        names = [self.start("emit", name.replace(" ", "_").lower(), corpus=name) for name in corpora]
        for name in names:
            self.first(name, "emitted", 60)
        return self.settled(self.events, 2)


@contextmanager
def probing(site: Site, name: str) -> Iterator[ProbeStage]:
    """A stage of that name; its inputs are deleted afterwards."""
    stage = ProbeStage(site, name)
    stage.open()
    with closing(stage):
        yield stage


uncertain: Registry[ProbeStage] = Registry("probe")
