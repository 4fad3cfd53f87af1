"""Looks at how Splunk runs a modular input: notes what it was given and what happened to it, line by line in
JSON.

The notes of stanza x are in `<checkpoint_dir>/x.jsonl`. `does` in the stanza chooses what a run does.
Standard library only, and nothing newer than Python 3.7, so that it runs on whatever Splunk starts it with.
"""

import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import probe_corpora

SCHEME = """<scheme><title>{title}</title><description>probe</description>
<use_external_validation>true</use_external_validation><use_single_instance>{single}</use_single_instance>
<streaming_mode>xml</streaming_mode><endpoint><args>{args}</args></endpoint></scheme>
"""
ARG = '<arg name="{}"><title>{}</title><required_on_create>{}</required_on_create></arg>'
OPTIONAL = ("corpus", "size", "words", "quoted", "continued", "equals", "markup", "unicode", "blank")
BEAT = 0.1  # seconds


def scheme(title, single="false", optional=OPTIONAL):
    args = ARG.format("does", "does", "true") + "".join(ARG.format(n, n, "false") for n in optional)
    write(SCHEME.format(title=title, single=single, args=args).encode())


def write(data):
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


class Notes:
    """Appends to the notes of one stanza."""

    def __init__(self, root):
        stanzas = list(root.iter("stanza"))
        name = stanzas[0].get("name").partition("://")[2] if stanzas else "none"
        self.path = Path(root.findtext("checkpoint_dir")) / f"{name}.jsonl"
        self.params = {p.get("name"): p.text or "" for s in stanzas[:1] for p in s.iter("param")}

    def note(self, what, **more):
        line = json.dumps(dict(more, what=what, t=time.time(), pid=os.getpid())) + "\n"
        with self.path.open("a") as out:
            out.write(line)


def note_start(notes, document, root):
    notes.note(
        "start",
        cwd=str(Path.cwd()),
        argv=sys.argv,
        executable=sys.executable,
        version=".".join(map(str, sys.version_info[:2])),
        flags=[name for name in ("isolated", "no_site", "ignore_environment") if getattr(sys.flags, name)],
        path=sys.path,
        environ=dict(os.environ),
        ppid=os.getppid(),
        group_leader=os.getpgrp() == os.getpid(),
        pipe=pipe_size(),
        key=root.findtext("session_key"),
        document=document.replace(root.findtext("session_key"), "KEY"),
    )


def pipe_size():
    """Capacity of the pipe to splunkd in bytes; None where the system does not tell."""
    import fcntl

    try:
        return fcntl.fcntl(1, 1032)  # F_GETPIPE_SZ
    except OSError:
        return None


def report(notes):
    write(b"<stream><event><data>reported</data></event></stream>")


def polite(notes):
    """Goes on until SIGTERM, and ends `size` seconds after it."""

    def end(number, _frame):
        notes.note("signal", name=signal.Signals(number).name)
        time.sleep(float(notes.params.get("size") or 0))
        notes.note("end")
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    linger_on(notes)


def stubborn(notes):
    """Takes note of every signal and goes on; so does a child in the same process group."""
    own = [sys.executable, str(Path(__file__).with_name("probe_child.py")), str(notes.path)]
    nowhere = subprocess.DEVNULL
    subprocess.Popen(own, stdin=nowhere, stdout=nowhere, stderr=nowhere, close_fds=True)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1):
        signal.signal(number, lambda n, _frame: notes.note("signal", name=signal.Signals(n).name))
    linger_on(notes)


def linger_on(notes):
    while True:
        notes.note("beat")
        time.sleep(BEAT)


def leave(notes):
    sys.exit(int(notes.params.get("size") or 0))


def die(notes):
    os.kill(os.getpid(), signal.SIGKILL)


def emit(notes):
    for piece in probe_corpora.pieces(notes.params["corpus"]):
        write(piece)
    notes.note("emitted")
    time.sleep(0.5)


def flood(notes):
    """Writes events of 1,000 bytes and notes after each 64 KiB how much was taken."""
    write(b"<stream>")
    taken, noted = 0, 0
    event = b"<event><data>" + b"f" * 974 + b"</data></event>"
    while taken < int(notes.params["size"]):
        write(event)
        taken += len(event)
        if taken - noted >= 65536:
            noted = taken
            notes.note("taken", bytes=taken)
    notes.note("all taken", bytes=taken)


DOES = {
    "report": report,
    "polite": polite,
    "stubborn": stubborn,
    "leave": leave,
    "die": die,
    "emit": emit,
    "flood": flood,
}


def validate():
    item = ET.fromstring(sys.stdin.buffer.read()).find("item")
    params = {p.get("name"): p.text or "" for p in item.iter("param")}
    if params.get("does") == "slow":
        time.sleep(float(params["size"]))
    if params.get("does") not in (*DOES, "slow"):
        write(b"<error><message>does: this probe cannot do that &lt;at all&gt;</message></error>")
        sys.exit(1)


def run():
    document = sys.stdin.buffer.read().decode("utf-8")
    root = ET.fromstring(document)
    notes = Notes(root)
    note_start(notes, document, root)
    DOES[notes.params.get("does", "report")](notes)


def main(title, single="false", optional=OPTIONAL):
    if len(sys.argv) == 1:
        run()
    elif sys.argv[1] == "--scheme":
        scheme(title, single, optional)
    else:
        validate()


if __name__ == "__main__":
    main("probe")
