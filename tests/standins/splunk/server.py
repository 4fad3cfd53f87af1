"""The instance as a whole: configuration, REST over HTTPS, modular inputs, events, pages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from . import system_defaults, tls
from .auth import Auth
from .conf import ConfStore
from .exec import InputInfo, InputSupervisor
from .handlers import HandlerHost
from .index import Event, EventStore
from .instance import Instance
from .interpreters import default_pythons
from .knobs import Knobs
from .records import Row
from .rest_messages import Messages
from .runner import Runner
from .server_apps import AppRegistry
from .server_reply import RestReply, UnexpectedStatusError
from .server_rest import ManagementPort
from .splunkd_log import SplunkdLog
from .web import WebPort

ADMIN, PASSWORD = "admin", "changeme"


class SplunkServer:
    """A Splunk stand-in in threads of this process; a context manager.

    ``home`` becomes SPLUNK_HOME. ``pythons`` maps versions to interpreters, ``resolve`` host name patterns to
    addresses (with a port or without) for the child processes. ``mgmt_port`` 0 takes a free port,
    ``web_port`` None serves no pages.
    """

    def __init__(
        self,
        home: Path,
        *,
        pythons: dict[str, str] | None = None,
        knobs: Knobs | None = None,
        resolve: dict[str, str] | None = None,
        server_name: str = "hf1",
        mgmt_port: int = 0,
        web_port: int | None = None,
        host: str = "127.0.0.1",
        password: str = PASSWORD,
    ) -> None:
        self.home = Path(home).resolve()
        self.knobs = knobs or Knobs()
        self.server_name = server_name
        self.db_path = self.home / "var" / "lib" / "splunk" / "standin" / "events.sqlite"
        self.splunkd_log = self.home / "var" / "log" / "splunk" / "splunkd.log"
        self._address, self._mgmt_port, self._web_port = host, mgmt_port, web_port
        self._lock = threading.RLock()
        self._running = False
        self._supervisor: InputSupervisor | None = None
        system_defaults.seed(self.home, mgmt_port, web_port or 8000, server_name)
        self.conf = ConfStore(self.home)
        self.auth = Auth(self.knobs, password)
        self._log = SplunkdLog(self.splunkd_log)
        self._store = EventStore(self.db_path, self._known_indexes, self.knobs)
        names = {"server_name": server_name, "host": server_name}
        self._runner = Runner(self.home, pythons or default_pythons(), self.knobs, resolve, names)
        self._apps = AppRegistry(
            self.home,
            self.conf,
            self._runner,
            self._log,
            lambda: self.mgmt_url,
            self._inputs_changed,
            self.knobs,
        )
        self._instance = self._build_instance()
        self._messages = Messages(self._instance)
        self._mgmt = ManagementPort(self._instance, self._messages, HandlerHost(self._instance))
        self._web = WebPort(self._instance, self._mgmt.call) if web_port is not None else None

    def _build_instance(self) -> Instance:
        instance = Instance(
            self.home,
            self.conf,
            self.auth,
            self.knobs,
            self.server_name,
            self._log,
            self._store,
            self._runner,
        )
        instance.schemes = lambda: self._apps.schemes
        instance.inputs_changed = self._inputs_changed
        instance.validate = self._apps.validate
        instance.mgmt_url = lambda: self.mgmt_url
        instance.install = self._apps.install
        instance.remove_app = self._apps.remove
        instance.restart = lambda: threading.Thread(target=self.restart, name="restart", daemon=True).start()
        return instance

    # -- life

    def start(self) -> SplunkServer:
        """Open the ports, introspect every app, start the enabled inputs."""
        with self._lock:
            if self._running:
                return self
            self.conf.reload()
            self._mgmt_port = self._mgmt.start(
                (self._address, self._mgmt_port), tls.context(self.home / "etc" / "auth")
            )
            system_defaults.seed(self.home, self._mgmt_port, self._web_port or 8000, self.server_name)
            if self._web is not None:
                self._web_port = self._web.start((self._address, self._web_port or 0))
            self.conf.reload()
            self._apps.start()
            self._supervisor = self._new_supervisor()
            self._supervisor.start()
            self._running = True
        return self

    def stop(self) -> None:
        """Stop as splunkd does: inputs first, with signal and grace period, then the ports."""
        self._halt(kill=False)

    def kill(self) -> None:
        """End as if splunkd got SIGKILL: pipes close, no process is signalled."""
        self._halt(kill=True)

    def restart(self) -> None:
        """Stop and start on the same ports; sessions end unless a knob keeps them."""
        self.stop()
        self.start()

    def _halt(self, kill: bool) -> None:
        with self._lock:
            if not self._running:
                return
            self._running = self._apps.running = False
            if self._supervisor is not None:
                (self._supervisor.kill if kill else self._supervisor.stop)()
            self._mgmt.stop()
            if self._web is not None:
                self._web.stop()
            if not self.knobs.session_keys_survive_restart:
                self.auth.forget_keys()
            self._messages.clear()
            self._store.flush()

    def __enter__(self) -> SplunkServer:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop and give up the files; the object cannot start again."""
        self.stop()
        self._store.close()
        self._log.close()

    # -- apps and inputs

    def install(self, spl: Path) -> None:
        """Unpack an app package. While running, its schemes are introspected and its inputs start at once."""
        self._apps.install(Path(spl))

    def install_dir(self, source: Path) -> None:
        """Copy an unpacked app, for example one that is under development."""
        self._apps.install_dir(Path(source))

    def checkpoint_dir(self, scheme: str) -> Path:
        """The folder that all stanzas of a scheme share."""
        return self._apps.checkpoint_dir(scheme)

    def _new_supervisor(self) -> InputSupervisor:
        return InputSupervisor(
            self.home,
            self.conf,
            lambda: self._apps.schemes,
            self._runner,
            self._store,
            lambda: self.auth.new_key(of_process=True),
            lambda: self.mgmt_url,
            self._log,
            self.knobs,
        )

    def _inputs_changed(self, scheme: str, stanza: str | None) -> None:
        if self._supervisor is not None and self._running:
            self._supervisor.changed(scheme, stanza)

    def _known_indexes(self) -> set[str]:
        return self._instance.known_indexes()

    # -- for tests

    @property
    def mgmt_url(self) -> str:
        return f"https://{self._address}:{self._mgmt_port}"

    @property
    def web_url(self) -> str:
        """Base address of the pages. Raises RuntimeError when none are served."""
        if self._web is None:
            raise RuntimeError("started without web_port")
        return f"http://{self._address}:{self._web_port}"

    def session_key(self, user: str = ADMIN) -> str:
        """A new session key of a user."""
        return self.auth.new_key(user)

    def rest(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | bytes | None = None,
        expect: int | None = None,
        user: str = ADMIN,
    ) -> RestReply:
        """One call as `user` with ``output_mode=json``, past the socket but through everything behind it.

        Raises UnexpectedStatusError when ``expect`` is given and the status is another.
        """
        query = urlencode({"output_mode": "json", **(params or {})}, doseq=True)
        body = data if isinstance(data, bytes) else urlencode(data or {}, doseq=True).encode()
        headers = {
            "authorization": f"Splunk {self.session_key(user)}",
            "host": f"localhost:{self._mgmt_port}",
        }
        joined = f"{path}{'&' if '?' in path else '?'}{query}"
        reply = RestReply.of(self._mgmt.call(method, joined, body, headers))
        if expect is not None and reply.status != expect:
            raise UnexpectedStatusError(f"{method} {path}: {reply.status} instead of {expect}: {reply.text}")
        return reply

    def events(self, where: str = "1=1", args: Iterable[Any] = ()) -> list[Event]:
        """Indexed events; ``where`` is SQL over the columns of the events table."""
        return self._store.events(where, args)

    def event_count(self, where: str = "1=1", args: Iterable[Any] = ()) -> int:
        return self._store.count(where, args)

    def tap(self, take: Callable[[Sequence[Row]], None]) -> None:
        """Where events go while knob `store` is "tap": `take` gets rows as they arrive, in reader threads.

        Its time is the pipeline's: while it works, nothing is read from that input.
        """
        self._store.tap = take

    def tap_bytes(self, take: Callable[[str, bytes], None]) -> None:
        """The same for knob `store` "bytes": `take` gets the stanza and what was read from its input."""
        self._store.byte_tap = take

    def problems(self) -> list[str]:
        """Complaints of the strict reader of input processes' output; tests want none."""
        return self._store.problems.all()

    def inputs(self) -> list[InputInfo]:
        """State of every input: stanza, pid, start time, number of runs, exit code."""
        return self._supervisor.inputs() if self._supervisor is not None else []

    def signal_input(self, stanza: str, sig: int) -> None:
        """Send a signal to the running process of a stanza."""
        self._need_supervisor().signal_input(stanza, sig)

    def pause_reading(self, stanza: str | None = None, seconds: float | None = None) -> None:
        """Stop reading the output of one input or all, as splunkd does while its queues are full."""
        self._need_supervisor().pause_reading(stanza, seconds)

    def resume_reading(self, stanza: str | None = None) -> None:
        self._need_supervisor().resume_reading(stanza)

    def close_pipe(self, stanza: str) -> None:
        """Close splunkd's end of a running input's stdout; the input's next write gets EPIPE."""
        self._need_supervisor().close_pipe(stanza)

    def unread_bytes(self, stanza: str) -> int | None:
        """Bytes that the input of a stanza has written and splunkd has not read; None: the pipe is closed."""
        return self._need_supervisor().unread_bytes(stanza)

    def trace(self) -> list[dict[str, Any]]:
        """Requests so far: n, t, method, path, query, user, status, ms; no secrets."""
        return self._mgmt.trace()

    def _need_supervisor(self) -> InputSupervisor:
        if self._supervisor is None:
            raise RuntimeError("not started")
        return self._supervisor
