"""Sets the scene: both stand-ins running, a project with logs in it, the add-on installed and configured."""

from __future__ import annotations

import contextlib
import secrets
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.addon import APP, OURS, AddOn
from tests.demo import questions
from tests.demo.producer import AUDIT, CLUSTER, FLOW, Producer
from tests.demo.put_logs import LogWriter
from tests.demo.sls_process import SlsProcess
from tests.standins.ledger import Ledger, Reconciliation
from tests.standins.sls import SlsControl
from tests.standins.splunk import SplunkServer

PROJECT = "audit"
SHARDS = {AUDIT: 4, FLOW: 2, CLUSTER: 1}
ACCOUNT = "demo"
RESOLVED = {"sls.test": "127.0.0.1", "*.sls.test": "127.0.0.1"}


class DemoError(Exception):
    """Something a person can put right; the message is one sentence."""


@dataclass
class Stage:
    """Everything that runs while the demo runs."""

    spl: Path
    sls: SlsProcess
    splunk: SplunkServer
    addon: AddOn
    ledger: Ledger
    producer: Producer
    lock: threading.Lock
    pythons: dict[str, str]
    reader: tuple[str, str]
    """Access key id and secret that the add-on gets."""

    def connect_addon(self) -> None:
        """What a person does on the pages: trust the CA, add the account, add one input per logstore."""
        self.addon.set_network(ca_bundle=self.sls.ca_file)
        key_id, secret = self.reader
        self.addon.create_account(ACCOUNT, access_key_id=key_id, access_key_secret=secret)
        for logstore in SHARDS:
            self.addon.create_input(
                logstore.replace("-", "_"),
                account=ACCOUNT,
                endpoint=self.sls.https_endpoint,
                project=PROJECT,
                logstore=logstore,
            )

    def reconcile(self) -> Reconciliation:
        """Match everything indexed so far with everything produced so far."""
        arrivals = self.addon.arrivals()
        with self.lock:
            return self.ledger.reconcile(arrivals)

    def answers(self) -> Iterator[tuple[questions.Question, list[questions.Row]]]:
        """What a SOC asks first, over all that is indexed."""
        found = self.splunk.events(OURS)
        return questions.answers(
            self.spl, [questions.Event(e.raw, e.sourcetype, e.source, e.host, f"{e.time:.3f}") for e in found]
        )

    def indexed(self) -> int:
        return self.splunk.event_count(OURS)


@contextlib.contextmanager
def running_stage(home: Path, spl: Path, pythons: dict[str, str], web_port: int) -> Iterator[Stage]:
    """Start both stand-ins, create project and logstores, install the add-on; stop all of it at the end."""
    check_port(web_port)
    with contextlib.ExitStack() as stack:
        sls = stack.enter_context(SlsProcess(home / "sls"))
        writer_key, reader = (new_access_key(sls.control) for _ in range(2))
        sls.control.create_project(PROJECT)
        for logstore, shards in SHARDS.items():
            sls.control.create_logstore(PROJECT, logstore, shards=shards)
        splunk = SplunkServer(home / "splunk", pythons=pythons, resolve=RESOLVED, web_port=web_port)
        stack.enter_context(splunk)
        splunk.install(spl)
        check_installed(splunk)
        lock, ledger = threading.Lock(), Ledger()
        writer = LogWriter(f"{PROJECT}.sls.test", sls.https_port, sls.ca_file, *writer_key)
        producer = Producer(writer, ledger, lock)
        stack.callback(producer.stop)
        yield Stage(spl, sls, splunk, AddOn(splunk), ledger, producer, lock, pythons, reader)


def new_access_key(control: SlsControl) -> tuple[str, str]:
    """A random access key, known to SLS; (id, secret)."""
    key = ("LTAI5t" + secrets.token_hex(9), secrets.token_urlsafe(24))
    control.add_access_key(*key)
    return key


def check_installed(splunk: SplunkServer) -> None:
    """Splunk must know the scheme now; when it does not, splunkd.log says why."""
    if splunk.rest("GET", "/services/data/modular-inputs/alibaba_sls").status != 200:
        raise DemoError(f"Splunk did not accept the input type of {APP}; see {splunk.splunkd_log}.")


def check_port(port: int) -> None:
    """Raises DemoError when a port that was asked for is in use."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            reason = error.strerror or str(error)
            raise DemoError(f"Port {port} cannot be used for the pages ({reason}); choose another.") from None
