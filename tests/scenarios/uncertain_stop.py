"""How Splunk stops an input and starts it again: what the stand-in assumes, asserted."""

from __future__ import annotations

import time

from tests.scenarios.probe import Note, ProbeStage, same, uncertain
from tests.scenarios.uncertain_start import processes

GRACE = (5.0, 20.0)
"""Seconds between which the grace period is taken for the ten of the stand-in."""


@uncertain("4", slow=True)
def how_a_disabled_input_is_stopped(stage: ProbeStage) -> None:
    """SIGTERM to the process alone, about ten seconds of grace, then SIGKILL."""
    name = stage.start("stubborn")
    stage.first(name, "beat")
    stage.disable(name)
    measure(stage, name, "knobs stop_signals, stop_grace, stop_target")


@uncertain("4", slow=True)
def how_an_input_is_stopped_when_splunk_stops(stage: ProbeStage) -> None:
    """The same as for a disabled one."""
    name = stage.start("stubborn")
    first = stage.first(name, "beat")
    stage.site.restart()
    measure(stage, name, "knobs stop_signals, shutdown_grace, stop_target", int(first["pid"]))


def measure(stage: ProbeStage, name: str, knobs: str, pid: int = 0) -> None:
    """What an input noted that takes note of every signal and goes on."""
    own = [
        note for note in stage.notes(name) if not pid or note["pid"] == pid or note["what"] == "child signal"
    ]
    if not pid:
        stage.until(lambda: not processes(stage), 40, "the process to be gone")
        own = stage.notes(name)
    signals = [note for note in own if note["what"] == "signal"]
    same(f"signals ({knobs})", [note["name"] for note in signals], ["SIGTERM"])
    last = max(float(note["t"]) for note in own if note["what"] == "beat")
    grace = last - float(signals[0]["t"])
    low, high = GRACE
    same(f"grace period of {grace:.1f} s is about ten ({knobs})", low <= grace <= high, True)
    child = [note["name"] for note in own if note["what"] == "child signal"]
    same(f"signals to a process of the same group ({knobs})", child, [])


@uncertain("5", slow=True)
def when_an_input_that_ended_is_started_again(stage: ProbeStage) -> None:
    """At the next tick of its interval, whatever its exit code or signal; with interval 0 at once; with none
    after 60 seconds; the only process of a scheme not at all.
    """
    for does, label in (("leave", "left"), ("die", "died")):
        stage.start(does, label, interval=5, size=1)
    stage.start("leave", "at_once", interval=0)
    stage.create(f"{stage.name}_unset", does="leave", index=stage.name, size=0)
    stage.inputs.append(("probe", f"{stage.name}_unset"))
    one = stage.start("leave", "one", scheme="probe_one", size=1)
    stage.first(one, scheme="probe_one")
    time.sleep(75)
    for label, low, high in (
        ("left", 4.0, 7.0),
        ("died", 4.0, 7.0),
        ("at_once", 0.0, 2.0),
        ("unset", 55, 65),
    ):
        gaps = between(stage, f"{stage.name}_{label}")
        told = f"seconds between starts of '{label}' (knob restart_after_failure): {gaps[:5]}"
        same(told, bool(gaps) and all(low <= gap <= high for gap in gaps), True)
    starts = len(stage.notes(one, "start", "probe_one"))
    same("starts of the only process of a scheme (knob single_instance_restart)", starts, 1)


def between(stage: ProbeStage, name: str) -> list[float]:
    """Seconds between two starts."""
    times = [float(note["t"]) for note in stage.notes(name, "start")]
    return [round(later - earlier, 1) for earlier, later in zip(times, times[1:])]


@uncertain("6")
def what_an_edit_restarts(stage: ProbeStage) -> None:
    """An edit stops the process of that stanza with SIGTERM and starts a new one when the old one has ended;
    the process of another stanza goes on; so does a disable.
    """
    edited, other = stage.start("polite", "edited", size=2), stage.start("polite", "other")
    stage.first(edited, "beat")
    before = stage.first(other, "beat")["pid"]
    stage.edit(edited, words="edited")
    starts = stage.until(lambda: two_starts(stage, edited), 30, "a second start")
    ends = stage.notes(edited, "end")
    same("signals before the new start", [n["name"] for n in stage.notes(edited, "signal")], ["SIGTERM"])
    overlap = not ends or float(ends[0]["t"]) > float(starts[1]["t"])
    same("the new process starts before the old one has ended (knob edit_overlap)", overlap, False)
    same("the other stanza's process", {n["pid"] for n in stage.notes(other)}, {before})
    stage.disable(edited)
    stage.until(lambda: len(stage.notes(edited, "end")) == 2, 30, "the disabled input to end")
    same("the other stanza's process", {n["pid"] for n in stage.notes(other)}, {before})


def two_starts(stage: ProbeStage, name: str) -> list[Note] | None:
    starts = stage.notes(name, "start")
    return starts if len(starts) >= 2 else None


@uncertain("9", slow=True)
def how_long_a_validation_may_take(stage: ProbeStage) -> None:
    """A validation that takes longer than 30 seconds is ended and refused."""
    began = time.monotonic()
    reply = stage.create(f"{stage.name}_slow", does="slow", size=45, index=stage.name)
    took = time.monotonic() - began
    same(f"status of a validation of 45 s, answered after {took:.0f} s", reply.status, 400)
    same(f"{took:.0f} s are about 30 (knob validation_timeout)", 25 <= took <= 40, True)


@uncertain("9", slow=True)
def how_long_an_introspection_may_take(stage: ProbeStage) -> None:
    """A scheme that takes longer than 30 seconds to describe itself is not known afterwards."""
    stage.site.write("etc/apps/TA_probe/local/slow", "")
    try:
        stage.site.restart()
        reply = stage.site.rest("GET", "/services/data/modular-inputs/probe_slow")
        same("status of a scheme that took 45 s (knob introspection_timeout)", reply.status, 404)
    finally:
        for path in stage.site.files("etc/apps/TA_probe/local/slow"):
            stage.site.remove(path)
        stage.site.restart()
