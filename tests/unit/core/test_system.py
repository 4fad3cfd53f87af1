"""What another operating system lacks is taken away from this one; nothing here runs on that other system."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import types
from collections.abc import Iterator

import pytest

from sls_ingest import consumer, system
from sls_ingest.event_writer import BatchWriter


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """What msvcrt.setmode was told; POSIX's own calls are gone."""
    told: list[tuple[int, int]] = []
    msvcrt = types.ModuleType("msvcrt")
    vars(msvcrt)["setmode"] = lambda fd, mode: told.append((fd, mode))
    monkeypatch.setitem(sys.modules, "msvcrt", msvcrt)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(os, "O_BINARY", 0x8000, raising=False)
    monkeypatch.delattr(os, "set_blocking")
    monkeypatch.delattr(select, "poll")
    monkeypatch.setattr(system, "fcntl", None)
    monkeypatch.setattr(system, "termios", None)
    return told


def test_events_pass_through_a_windows_pipe_byte_for_byte(
    pipe: tuple[int, int], windows: list[tuple[int, int]]
) -> None:
    read, write = pipe
    system.prepare_event_pipe(write)
    assert windows == [(write, 0x8000)]
    writer = BatchWriter(write)
    writer.write_batch(b"<event>1\n2</event>")
    assert os.read(read, 1000) == b"<stream><event>1\n2</event>"


def test_where_a_pipe_cannot_be_asked_all_is_read_and_its_reader_is_there(
    pipe: tuple[int, int], windows: list[tuple[int, int]]
) -> None:
    read, write = pipe
    writer = BatchWriter(write)
    writer.write_batch(b"<event/>")
    assert writer.read_by_splunkd() == writer.written
    os.close(read)
    assert not writer.is_closed_by_reader()


def test_a_pipe_that_did_not_wait_does(pipe: tuple[int, int]) -> None:
    _, write = pipe
    os.set_blocking(write, False)
    system.prepare_event_pipe(write)
    assert os.get_blocking(write)


def test_a_file_that_windows_cannot_make_wait_is_left_as_it_is(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(fd: int, blocking: bool) -> None:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(os, "set_blocking", refuse)
    system.set_blocking(pipe[1], True)


class Control:
    def __init__(self) -> None:
        self.asked = threading.Event()

    def ask_to_stop(self) -> None:
        self.asked.set()


@pytest.fixture
def handlers() -> Iterator[None]:
    """The process's own signals as they were."""
    numbers = (*system.STOP_SIGNALS, signal.SIGUSR1)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    signal.set_wakeup_fd(-1)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
def test_ctrl_break_asks_for_the_stop_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGBREAK is Windows's; here SIGUSR1 stands for it."""
    assert signal.SIGTERM in system.STOP_SIGNALS
    monkeypatch.setattr(system, "STOP_SIGNALS", (*system.STOP_SIGNALS, signal.SIGUSR1))
    control = Control()
    consumer.stop_on_signals(control)  # type: ignore[arg-type]
    signal.raise_signal(signal.SIGUSR1)
    assert control.asked.wait(5)
