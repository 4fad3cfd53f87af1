from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from splunklib.modularinput import Event

from sls_ingest.errors import PipeClosedError
from sls_ingest.event_writer import BatchWriter


def read_to_end(fd: int, into: list[bytes]) -> None:
    while chunk := os.read(fd, 1000):
        into.append(chunk)


def test_a_batch_larger_than_the_pipe_is_written_whole(pipe: tuple[int, int]) -> None:
    read, write = pipe
    chunks: list[bytes] = []
    reader = threading.Thread(target=read_to_end, args=(read, chunks))
    reader.start()
    payload = b"<event><data>%s</data></event>" % (b"x" * 1_000_000)
    writer = BatchWriter(write)
    writer.write_batch(payload)
    writer.write_batch(b"<event><data>2</data></event>")
    writer.close()
    os.close(write)
    reader.join()
    assert b"".join(chunks) == b"<stream>" + payload + b"<event><data>2</data></event></stream>"


class Blocks:
    """Counts the writes that had to wait, and how many wait now."""

    def __init__(self) -> None:
        self.count = self.now = 0

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        self.count, self.now = self.count + 1, self.now + 1
        yield
        self.now -= 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much a pipe holds")
def test_only_a_write_that_waits_for_room_counts_as_blocked(pipe: tuple[int, int]) -> None:
    read, write = pipe
    writer, blocks = BatchWriter(write), Blocks()
    for _ in range(5):  # 64 KiB fit in
        writer.write_batch(b"x" * 10_000, blocks)
    assert blocks.count == 0
    stuck = threading.Thread(target=lambda: writer.write_batch(b"x" * 20_000, blocks))
    stuck.start()
    while not blocks.count:
        time.sleep(0.01)
    assert (blocks.now, writer.written) == (1, 50_008)
    os.read(read, 60_000)
    stuck.join(5)
    assert (blocks.count, blocks.now, writer.written) == (1, 0, 70_008)
    writer.write_batch(b"x" * 20_000, blocks)
    assert blocks.count == 1


def test_where_the_system_does_not_tell_each_write_counts(tmp_path: Path) -> None:
    blocks = Blocks()
    with (tmp_path / "file").open("wb") as file:
        BatchWriter(file.fileno()).write_batch(b"x", blocks)
    assert (blocks.count, blocks.now) == (1, 0)


def test_a_stream_without_events_is_empty(pipe: tuple[int, int]) -> None:
    read, write = pipe
    BatchWriter(write).close()
    os.close(write)
    assert os.read(read, 10) == b""


def test_splunklibs_own_event_goes_through_the_same_pipe(pipe: tuple[int, int]) -> None:
    read, write = pipe
    BatchWriter(write).write_event(Event(data="d"))
    assert os.read(read, 1000).startswith(b"<stream><event")


def test_a_closed_pipe_is_noticed_with_and_without_writing(pipe: tuple[int, int]) -> None:
    read, write = pipe
    writer = BatchWriter(write)
    assert not writer.is_closed_by_reader()
    os.close(read)
    assert writer.is_closed_by_reader()
    with pytest.raises(PipeClosedError):
        writer.write_batch(b"<event/>")
    writer.close()  # nobody reads the end tag any more: no error


def test_close_does_not_wait_for_a_stuck_writer(pipe: tuple[int, int]) -> None:
    read, write = pipe
    writer = BatchWriter(write)
    stuck = threading.Thread(target=lambda: writer.write_batch(b"x" * 1_000_000), daemon=True)
    stuck.start()
    os.read(read, 1)  # the writer has begun, and the pipe is full again before it is done
    writer.close()
    assert stuck.is_alive()
    reader = threading.Thread(target=read_to_end, args=(read, []))
    reader.start()
    stuck.join()
    os.close(write)
    reader.join()


def test_nothing_follows_a_write_that_failed_or_the_end_of_the_stream(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    read, write = pipe
    writer = BatchWriter(write)
    writer.write_batch(b"<event/>")

    def half(fd: int, data: bytes) -> int:
        monkeypatch.undo()
        os.write(fd, bytes(data)[:5])
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(PipeClosedError, match="Input/output error"):
        writer.write_batch(b"<event>torn</event>")
    with pytest.raises(PipeClosedError, match="has ended"):
        writer.write_batch(b"<event/>")
    writer.close()
    assert os.read(read, 1000) == b"<stream><event/><even"


def test_a_batch_that_waited_for_its_turn_is_not_written_behind_the_end(pipe: tuple[int, int]) -> None:
    read, write = pipe
    writer = BatchWriter(write)
    writer.write_batch(b"<event/>")
    writer.close()
    with pytest.raises(PipeClosedError):
        writer.write_batch(b"<event/>")
    assert os.read(read, 1000) == b"<stream><event/></stream>"


def test_prints_of_libraries_do_not_reach_the_event_stream() -> None:
    code = (
        "import os, sys; from sls_ingest.event_writer import *; w = BatchWriter(claim_stdout());"
        "w.write_batch(b'<event/>'); sys.stdout.write('stray\\n'); sys.stdout.flush();"
        "os.system('echo stray of a child'); w.write_batch(b'<event/>'); w.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": "bin"}, capture_output=True, check=True
    )
    assert done.stdout == b"<stream><event/><event/></stream>"
    assert done.stderr.split() == b"stray stray of a child".split()


def test_what_lies_in_the_pipe_is_not_read_yet(pipe: tuple[int, int]) -> None:
    read, write = pipe
    writer = BatchWriter(write)
    writer.write_batch(b"x" * 1000)
    assert (writer.written, writer.read_by_splunkd()) == (1008, 0)
    os.read(read, 508)
    assert writer.read_by_splunkd() == 508
    os.read(read, 1000)
    assert writer.read_by_splunkd() == 1008


def test_a_file_counts_as_read(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out:
        writer = BatchWriter(out.fileno())
        writer.write_batch(b"x")
        assert writer.read_by_splunkd() == writer.written == 9


CLAIM = """
import fcntl, os, sys
from sls_ingest.event_writer import claim_stdout
pipe = claim_stdout()
sys.stderr.write(str(fcntl.fcntl(pipe, 1032)) if sys.argv[1] == "pipe" else "file")
os.write(pipe, b"event")
"""


def claimed(kind: str, out: Any) -> tuple[bytes, bytes]:
    """Standard output, where it is a pipe, and standard error of a process that runs CLAIM."""
    ran = subprocess.run(
        [sys.executable, "-c", CLAIM, kind],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "bin")},
        stdout=out,
        stderr=subprocess.PIPE,
        check=True,
        timeout=30,
    )
    return ran.stdout, ran.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process widen a pipe")
def test_the_pipe_is_widened_as_far_as_the_system_lets_it() -> None:
    events, size = claimed("pipe", subprocess.PIPE)
    most = int(Path("/proc/sys/fs/pipe-max-size").read_text())
    assert (events, int(size)) == (b"event", min(1024 * 1024, most))


def test_standard_output_may_be_a_file(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out:
        claimed("file", out)
    assert (tmp_path / "out").read_bytes() == b"event"
