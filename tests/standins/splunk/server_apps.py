"""Which apps an instance has, and the modular input schemes they bring."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Callable

from . import app_install
from .conf import ConfStore
from .interpreters import InterpreterError
from .introspect import Scheme, introspect, validate_arguments
from .knobs import Knobs
from .runner import Runner
from .splunkd_log import SplunkdLog


class AppRegistry:
    """Installs and removes apps; knows every scheme. ``changed`` hears of each scheme that came or went."""

    def __init__(
        self,
        home: Path,
        conf: ConfStore,
        runner: Runner,
        log: SplunkdLog,
        mgmt_url: Callable[[], str],
        changed: Callable[[str, str | None], None],
        knobs: Knobs,
    ) -> None:
        self._home = home
        self._conf = conf
        self._runner = runner
        self._log = log
        self._mgmt_url = mgmt_url
        self._changed = changed
        self._knobs = knobs
        self._lock = threading.Lock()
        #: False until the instance runs: apps that come earlier are introspected by ``start``.
        self.running = False
        self.schemes: dict[str, Scheme] = {}

    def start(self) -> None:
        """Introspect every app, as an instance does when it starts."""
        with self._lock:
            self.schemes = {}
            for app in self._conf.apps():
                self._introspect(app)
            self.running = True

    def install(self, spl: Path) -> str:
        """Unpack a package; returns the app's id. Raises AppPackageError."""
        app = app_install.install(self._home, spl, keep_old_files=self._knobs.upgrade_keeps_old_files)
        self._registered(app)
        return app

    def install_dir(self, source: Path) -> str:
        """Copy an unpacked app; returns its id."""
        target = self._home / "etc" / "apps" / source.name
        shutil.copytree(source, target, dirs_exist_ok=True)
        self._registered(target.name)
        return target.name

    def remove(self, app: str) -> None:
        """Delete an app; its inputs stop."""
        app_install.remove(self._home, app)
        self._conf.reload()
        with self._lock:
            gone = self._drop(app)
        for name in gone:
            self._changed(name, None)

    def checkpoint_dir(self, scheme: str) -> Path:
        """The folder that all stanzas of a scheme share."""
        return self._home / "var" / "lib" / "splunk" / "modinputs" / scheme

    def validate(self, scheme: Scheme, name: str, params: Mapping[str, str], key: str) -> str | None:
        """Ask a scheme's script about arguments; None = accepted, else the refusal's text."""
        folder = self.checkpoint_dir(scheme.name)
        url = self._mgmt_url()
        try:
            return validate_arguments(scheme, name, params, key, url, self._runner, folder, self._log)
        except InterpreterError as error:
            return str(error)

    def _registered(self, app: str) -> None:
        self._conf.reload()
        if not self.running:
            return
        with self._lock:
            self._drop(app)
            found = self._introspect(app)
        for scheme in found:
            self._changed(scheme.name, None)

    def _drop(self, app: str) -> list[str]:
        gone = [name for name, scheme in self.schemes.items() if scheme.app == app]
        self.schemes = {name: scheme for name, scheme in self.schemes.items() if name not in gone}
        return gone

    def _introspect(self, app: str) -> list[Scheme]:
        found = introspect(self._home, app, self._runner, self._conf, self._log)
        for scheme in found:
            self.checkpoint_dir(scheme.name).mkdir(parents=True, exist_ok=True)
        self.schemes = {**self.schemes, **{scheme.name: scheme for scheme in found}}
        return found
