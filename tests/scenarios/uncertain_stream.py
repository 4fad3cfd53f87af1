"""What Splunk makes of what an input writes: what the stand-in assumes, asserted."""

from __future__ import annotations

import importlib.util
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from tests.scenarios.probe import SOURCE, ProbeStage, same, uncertain
from tests.scenarios.site import Found


def _corpora() -> ModuleType:
    """The probe's own list of what it writes."""
    spec = importlib.util.spec_from_file_location("probe_corpora", SOURCE / "bin" / "probe_corpora.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CORPORA = _corpora()


@uncertain("7")
def where_events_are_broken_and_what_time_they_get(stage: ProbeStage) -> None:
    """For four sourcetypes and four kinds of event: an event is one, whatever props.conf says, pieces are
    joined, and `<time>` wins over the time in the text.
    """
    found = stage.emitted("breaking")
    assumed = sorted(
        (CORPORA.LINES.format(kind=kind), timed) for kind, (_, timed, _) in CORPORA.KINDS.items()
    )
    for sourcetype in CORPORA.SOURCETYPES:
        told = f"events of {sourcetype}, and whether <time> won (knobs line_breaking, time_from)"
        same(told, kinds(found, sourcetype), assumed)


def kinds(found: list[Found], sourcetype: str) -> list[tuple[str, bool]]:
    """Text of each event and whether its time is that of `<time>`."""
    stamp = float(CORPORA.MOMENT)
    return sorted((event.raw, event.time == stamp) for event in found if event.sourcetype == sourcetype)


@uncertain("8")
def what_malformed_output_costs(stage: ProbeStage) -> None:
    """After XML that does not parse, the rest of the run is lost; so it is after text outside of a stream."""
    corpora = (*CORPORA.BAD, "outside")
    found = stage.emitted(*corpora)
    for name in corpora:
        texts = sorted(event.raw for event in found if event.raw.endswith(f"of {name}"))
        same(f"what arrives around: {name} (knob malformed_xml)", texts, [f"one of {name}"])


@uncertain("12")
def how_long_an_event_may_be(stage: ProbeStage) -> None:
    """With TRUNCATE = 0, as the add-on sets it, events of 10 kB to 50 MB arrive whole."""
    found = sorted(len(event.raw) for event in stage.emitted("long"))
    same("lengths in characters (knob max_event_bytes)", found, list(CORPORA.SIZES))


@uncertain("17")
def what_becomes_of_events_that_belong_nowhere(stage: ProbeStage) -> None:
    """An event that names an unknown stanza is kept with the defaults of its own; one for an unknown index is
    lost; one without text is no event.
    """
    found = stage.emitted("lost")
    texts = sorted(event.raw for event in found)
    same(
        "events (knobs unknown_stanza, unknown_index, empty_data)", texts, ["last", "plain", "unknown stanza"]
    )
    sources = {event.source for event in found}
    same("their source", sources, {f"probe://{stage.name}_lost"})
    same("their sourcetype", {event.sourcetype for event in found}, {"probe"})


@uncertain(
    "11",
    "13",
    only="docker",
    why="fills Splunk's queues by forwarding to someone who does not read",
    slow=True,
)
def what_full_queues_do_to_an_input(stage: ProbeStage) -> None:
    """While the queues are full splunkd stops reading, so that an input that writes without end is held up; a
    persistentQueueSize in its stanza changes nothing.
    """
    size = 40_000_000
    conf = "etc/system/local/outputs.conf"
    with deaf_receiver() as port:
        target = f"{stage.site.sls_address.host}:{port}"
        text = f"[tcpout]\ndefaultGroup = deaf\nindexAndForward = true\n[tcpout:deaf]\nserver = {target}\n"
        stage.site.write(conf, text)
        stage.site.restart()
        plain = stage.start("flood", "plain", size=size)
        queued = stage.start("flood", "queued", size=size, persistentQueueSize="100MB")
        taken = stage.settled(lambda: [last_taken(stage, name) for name in (plain, queued)], 20)
        stage.site.remove(conf)
        stage.site.restart()
    held = [count < size for count in taken]
    same(f"held up after {taken} bytes (knob stop_reading_when_blocked)", held, [True, True])


def last_taken(stage: ProbeStage, name: str) -> int:
    """Bytes that splunkd has taken from a flood so far."""
    return max((int(note["bytes"]) for note in stage.notes(name) if "bytes" in note), default=0)


@contextmanager
def deaf_receiver() -> Iterator[int]:
    """Takes connections on a port of this machine and reads nothing."""
    with socket.create_server(("0.0.0.0", 0)) as server:
        kept: list[socket.socket] = []
        server.settimeout(0.2)
        done = threading.Event()

        def accept() -> None:
            while not done.is_set():
                try:
                    kept.append(server.accept()[0])
                except OSError:
                    continue

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield int(server.getsockname()[1])
        done.set()
        thread.join()
        for connection in kept:
            connection.close()
