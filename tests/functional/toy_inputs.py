"""Tiny modular inputs to test the Splunk stand-in with, and a rig that runs them without its REST side."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from tests.standins.splunk.conf import ConfStore
from tests.standins.splunk.exec import InputInfo, InputSupervisor
from tests.standins.splunk.index import EventStore
from tests.standins.splunk.introspect import introspect
from tests.standins.splunk.knobs import Knobs
from tests.standins.splunk.runner import Runner
from tests.standins.splunk.scheme import Scheme
from tests.standins.splunk.splunkd_log import SplunkdLog

APP = "TA_toy"
SESSION_KEY = "a-key-that-must-stay-on-stdin"

_SCRIPT = '''
import os, signal, subprocess, sys, time
import xml.etree.ElementTree as ET
SCHEME = """<scheme><title>Toy</title><description>d</description>
<use_external_validation>true</use_external_validation>
<use_single_instance>{single}</use_single_instance>
<streaming_mode>{mode}</streaming_mode><endpoint><args>
<arg name="word"><title>Word</title><required_on_create>true</required_on_create></arg>
</args></endpoint></scheme>"""
def say(data):
    os.write(1, data if isinstance(data, bytes) else data.encode())
def event(data, stanza="", rest=""):
    attribute = ' stanza="%s"' % stanza if stanza else ""
    say("<event%s><time>1700000000.500</time><data>%s</data>%s</event>" % (attribute, data, rest))
def validate():
    root = ET.fromstring(sys.stdin.buffer.read())
    word = root.find("item/param[@name='word']").text
    if word == "slow":
        time.sleep(60)
    if word != "good":
        say("<error><message>word is %s &lt;bad&gt;</message></error>" % word)
        sys.exit(1)
{extra}
def run():
    text = sys.stdin.buffer.read()
    root = ET.fromstring(text)
    names = [s.get("name") for s in root.iter("stanza")]
{body}
if len(sys.argv) == 1:
    run()
elif sys.argv[1] == "--scheme":
    say(SCHEME)
else:
    validate()
'''


def script(body: str, *, single: bool = False, mode: str = "xml", extra: str = "") -> str:
    """A toy input that runs `body` (statements that may use text, root, names, say and event)."""
    lines = "\n".join("    " + line for line in body.strip("\n").splitlines())
    return _SCRIPT.format(single=str(single).lower(), mode=mode, extra=extra, body=lines)


class Rig:
    """Configuration, store, log and supervisor around one toy scheme, `toy`."""

    def __init__(self, home: Path, source: str, inputs: str, knobs: Knobs | None = None) -> None:
        self.home, self.knobs = home, knobs or Knobs(stop_grace=5.0)
        self.app_dir = home / "etc" / "apps" / APP
        self.write("bin/toy.py", source)
        self.write("README/inputs.conf.spec", "[toy://<name>]\nword = <string>\n")
        self.write("default/inputs.conf", inputs)
        self._write(
            home / "etc/system/default/inputs.conf", "[default]\nindex = default\nhost = $decideOnStartup\n"
        )
        self.log = SplunkdLog(home / "var/log/splunk/splunkd.log")
        self.store = EventStore(home / "events.db", lambda: {"main", "_internal"}, self.knobs)
        self.conf = ConfStore(home)
        server = {"server_name": "hf1"}
        self.runner = Runner(home, {"3.9": sys.executable}, self.knobs, None, server)
        self.schemes: dict[str, Scheme] = {}
        self.inputs = InputSupervisor(
            home, self.conf, lambda: self.schemes, self.runner, self.store,
            lambda: SESSION_KEY, lambda: "https://127.0.0.1:8089", self.log, self.knobs,
        )  # fmt: skip

    def write(self, name: str, text: str) -> None:
        self._write(self.app_dir / name, text)

    @staticmethod
    def _write(path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def introspect(self) -> dict[str, Scheme]:
        found = introspect(self.home, APP, self.runner, self.conf, self.log)
        self.schemes = {scheme.name: scheme for scheme in found}
        return self.schemes

    def __enter__(self) -> Rig:
        self.introspect()
        self.inputs.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.inputs.resume_reading()
        self.inputs.stop()
        self.inputs.kill_leftovers()
        self.close()

    def close(self) -> None:
        self.store.close()
        self.log.close()

    def info(self, name: str = "a") -> InputInfo:
        return next(info for info in self.inputs.inputs() if info.stanza == f"toy://{name}")

    def state(self, name: str = "a") -> str:
        return next((i.state for i in self.inputs.inputs() if i.stanza == f"toy://{name}"), "absent")

    def raws(self) -> list[str]:
        return [event.raw for event in self.store.events()]

    def log_text(self) -> str:
        return self.log.path.read_text()

    def edit(self, stanza: str, **params: str) -> None:
        self.conf.write(APP, "inputs", f"toy://{stanza}", params)
        self.inputs.changed("toy", stanza)


def eventually(holds: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait until `holds()` is true; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """True while the process runs; a zombie does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
