"""What has to run: one plan per enabled stanza, or one per single-instance scheme."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .conf import ConfStore
from .document import Header, StanzaParams, run_document
from .index import EventStore
from .process import Launch
from .records import StanzaDefaults
from .runner import Runner
from .scheme import Scheme
from .sink import EventSink


@dataclass(frozen=True)
class Plan:
    """One process: its key (full stanza name, or the scheme's) and the stanzas it is given."""

    key: str
    scheme: Scheme
    stanzas: tuple[StanzaParams, ...]

    @property
    def single(self) -> bool:
        return self.scheme.use_single_instance

    @property
    def interval(self) -> str | None:
        return None if self.single else self.stanzas[0].params.get("interval")


def plans(scheme: Scheme, conf: ConfStore) -> dict[str, Plan]:
    """Plans of a scheme by key; an empty dict when nothing of it is enabled."""
    enabled = []
    for name, _, disabled in conf.stanzas_of_scheme(scheme.name):
        if not disabled:
            app, params = conf.stanza_params(scheme.name, name)
            enabled.append(StanzaParams(name, app, params))
    if scheme.use_single_instance:
        return {scheme.name: Plan(scheme.name, scheme, tuple(enabled))} if enabled else {}
    return {stanza.name: Plan(stanza.name, scheme, (stanza,)) for stanza in enabled}


@dataclass(frozen=True)
class Launcher:
    """Makes the Launch of a plan, with a fresh session key each time."""

    home: Path
    conf: ConfStore
    runner: Runner
    store: EventStore
    session_keys: Callable[[], str]
    server_uri: Callable[[], str]

    def checkpoint_dir(self, scheme: str) -> Path:
        """The directory that all stanzas of a scheme share; exists when this returns."""
        path = self.home / "var" / "lib" / "splunk" / "modinputs" / scheme
        path.mkdir(parents=True, exist_ok=True)
        return path

    def launch(self, plan: Plan) -> Launch:
        """Raises InterpreterError."""
        scheme, runner = plan.scheme, self.runner
        checkpoint_dir = str(self.checkpoint_dir(scheme.name))
        header = Header(runner.host, self.server_uri(), self.session_keys(), checkpoint_dir)
        document = run_document(header, plan.stanzas, runner.knobs.params_sorted)
        # A single instance has no stanza of its own whose settings could count (documented).
        settings = self.conf.merged("inputs").get(scheme.name, {}) if plan.single else plan.stanzas[0].params
        argv = runner.argv(scheme.script, python=runner.interpreters.for_run(settings))
        argv = runner.through_shell(argv, settings.get("start_by_shell"))
        cwd = runner.cwd(scheme.script)
        return Launch(argv, cwd, document, lambda pid, kill: self._sink(plan, pid, kill))

    def _sink(self, plan: Plan, pid: int, kill: Callable[[], None]) -> EventSink:
        scheme, server = plan.scheme, self.runner.server_name
        stanzas = {
            stanza.name: StanzaDefaults.of(scheme.name, stanza.name, stanza.params, server)
            for stanza in plan.stanzas
        }
        settings = self.conf.merged("inputs")
        common = {**settings.get("default", {}), **settings.get(scheme.name, {})}
        unnamed = StanzaDefaults.of(scheme.name, scheme.name, common, server)
        return EventSink(
            scheme.streaming_mode,
            unnamed if plan.single else stanzas[plan.key],
            stanzas,
            plan.single,
            pid,
            self.store,
            self.runner.knobs,
            lambda: self.conf.merged("props"),
            kill,
        )
