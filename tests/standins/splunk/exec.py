"""ExecProcessor: keeps the processes of all modular inputs as inputs.conf wants them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from .conf import ConfStore
from .index import EventStore
from .knobs import Knobs
from .plans import Launcher, Plan, plans
from .process import InputProcess, Launch
from .pump import ReadGate
from .runner import Runner, kill_group
from .schedule import Schedule, ScheduleError
from .scheme import Scheme
from .splunkd_log import SplunkdLog
from .unit import ExecUnit, InputInfo

__all__ = ["InputInfo", "InputSupervisor"]


class InputSupervisor:
    """Starts, watches and stops inputs. `schemes` and the other callables are asked whenever they matter.

    Methods that name a `stanza` take the full name `scheme://name` and raise KeyError for an unknown one.
    """

    def __init__(
        self,
        home: Path,
        conf: ConfStore,
        schemes: Callable[[], dict[str, Scheme]],
        runner: Runner,
        store: EventStore,
        session_keys: Callable[[], str],
        server_uri: Callable[[], str],
        log: SplunkdLog,
        knobs: Knobs,
    ) -> None:
        self._conf = conf
        self._schemes = schemes
        self._runner = runner
        self._log = log
        self._knobs = knobs
        self._launcher = Launcher(home, conf, runner, store, session_keys, server_uri)
        self._gate = ReadGate()
        self._lock = threading.RLock()
        self._units: dict[str, tuple[Plan, ExecUnit]] = {}
        self._replaced: list[ExecUnit] = []  # may still be stopping
        self._running = False
        self._pids: list[int] = []
        store.problems.on_add = self._log_problem

    def start(self) -> None:
        """Start every enabled input of every registered scheme."""
        with self._lock:
            self._running = True
            self._units.clear()
            for scheme in list(self._schemes()):
                self.changed(scheme, None)

    def stop(self) -> None:
        """Stop all processes, all at the same time; returns when they are gone."""
        knobs = self._knobs
        grace = knobs.stop_grace if knobs.shutdown_grace is None else knobs.shutdown_grace
        units = self._shut_down()
        for unit in units:
            unit.retire(grace)
        for unit in units:
            unit.join()

    def kill(self) -> None:
        """As if splunkd had been killed: pipes close, no signal is sent, nobody waits."""
        for unit in self._shut_down():
            unit.abandon()

    def _shut_down(self) -> list[ExecUnit]:
        with self._lock:
            self._running = False
            return [*self._replaced, *(unit for _, unit in self._units.values())]

    def kill_leftovers(self) -> list[int]:
        """Clean up after a test: SIGKILL what is left of the process groups; returns those pids."""
        return [pid for pid in self._pids if kill_group(pid)]

    # -- changes

    def changed(self, scheme: str, stanza: str | None) -> None:
        """inputs.conf changed: one stanza (bare or full name), which is restarted, or anywhere in a scheme.

        Without a stanza only processes whose settings differ are restarted. Returns at once; does nothing
        before start().
        """
        with self._lock:
            if not self._running:
                return
            known = self._schemes().get(scheme)
            wanted = plans(known, self._conf) if known is not None else {}
            present = {key: plan for key, (plan, _) in self._units.items() if plan.scheme.name == scheme}
            if stanza is None or (known is not None and known.use_single_instance):
                keys = [
                    key for key in {**present, **wanted} if stanza is not None or self._differs(key, wanted)
                ]
            else:
                keys = [stanza if stanza.startswith(f"{scheme}://") else f"{scheme}://{stanza}"]
            for key in keys:
                self._replace(key, wanted.get(key))

    def _differs(self, key: str, wanted: dict[str, Plan]) -> bool:
        plan, unit = self._units.get(key, (None, None))
        return wanted.get(key) != (None if unit is None or unit.retired else plan)

    def _replace(self, key: str, plan: Plan | None) -> None:
        old = self._units[key][1] if key in self._units else None
        if old is not None:
            old.retire(self._knobs.stop_grace)
            self._replaced = [unit for unit in (*self._replaced, old) if unit.is_alive()]
        if plan is not None:
            self._start(plan, old)

    def _start(self, plan: Plan, old: ExecUnit | None) -> None:
        try:
            schedule = Schedule.parse(plan.interval or self._knobs.default_interval)
        except ScheduleError as error:
            self._log.write("ERROR", "ExecProcessor", f"Ignoring {plan.key}: {error}")
            return
        unit = ExecUnit(
            plan.key,
            Schedule(-1) if plan.single else schedule,
            plan.single,
            lambda: self._launcher.launch(plan),
            self._begin,
            old.gate if old is not None else ReadGate(self._gate),
            self._knobs,
            self._log,
            old,
        )
        self._units[plan.key] = (plan, unit)
        self._log_schedule(plan, schedule)
        unit.start()

    def _begin(self, launch: Launch, gate: ReadGate, on_end: Callable[[], None]) -> InputProcess:
        process = InputProcess(launch, self._runner, self._log, gate, on_end)
        self._pids.append(process.pid)
        return process

    def _log_schedule(self, plan: Plan, schedule: Schedule) -> None:
        command = f"{plan.scheme.script} ({plan.key})"
        self._log.write("INFO", "ExecProcessor", f"New scheduled exec process: {command}", "ExecProcessor")
        rhythm = "run once" if plan.single or schedule.once else plan.interval or self._knobs.default_interval
        self._log.write("INFO", "ExecProcessor", f"interval: {rhythm}", "ExecProcessor")

    def _log_problem(self, kind: str, text: str) -> None:
        self._log.write("ERROR", "StandInReader", f"{kind}: {text}")

    # -- what tests look at and do

    def inputs(self) -> list[InputInfo]:
        """State of every input that ran or runs and is still in inputs.conf; one process may have several."""
        with self._lock:
            return [info for plan, unit in self._units.values() for info in self._infos(plan, unit)]

    def _infos(self, plan: Plan, unit: ExecUnit) -> Iterator[InputInfo]:
        known = {name for name, _, _ in self._conf.stanzas_of_scheme(plan.scheme.name)}
        for stanza in plan.stanzas:
            if stanza.name in known or unit.is_alive():
                yield replace(unit.info, stanza=stanza.name)

    def _unit(self, stanza: str) -> ExecUnit:
        with self._lock:
            for plan, unit in self._units.values():
                if any(stanza == member.name for member in plan.stanzas):
                    return unit
        raise KeyError(stanza)

    def _process(self, stanza: str) -> InputProcess:
        process = self._unit(stanza).process
        if process is None or process.ended.is_set():
            raise ProcessLookupError(f"{stanza} is not running")
        return process

    def signal_input(self, stanza: str, sig: int) -> None:
        """Signal the direct child. Raises ProcessLookupError when it is not running."""
        self._process(stanza).send(sig)

    def pause_reading(self, stanza: str | None = None, seconds: float | None = None) -> None:
        """Block the queues behind one input, or behind all; None = until resume_reading()."""
        (self._gate if stanza is None else self._unit(stanza).gate).pause(seconds)

    def resume_reading(self, stanza: str | None = None) -> None:
        (self._gate if stanza is None else self._unit(stanza).gate).resume()

    def close_pipe(self, stanza: str) -> None:
        """Close splunkd's end of the input's stdout; its next write gets EPIPE."""
        self._process(stanza).close_pipe()

    def unread_bytes(self, stanza: str) -> int | None:
        """Bytes in the stdout pipe of the stanza's latest process; None when that is closed."""
        process = self._unit(stanza).process
        return process.unread_bytes() if process is not None else None
