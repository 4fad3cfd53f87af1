"""Room for fetched bodies: bounded, first come first served, and never lost."""

from __future__ import annotations

import gc
import threading
import time

from sls_ingest.memory import Memory, Room


def in_thread(memory: Memory, size: int) -> tuple[threading.Thread, list[Room]]:
    """Asks for room in a thread of its own; the list gets it."""
    got: list[Room] = []
    thread = threading.Thread(target=lambda: got.append(memory.room(size)), daemon=True)
    thread.start()
    return thread, got


def waiting(memory: Memory, count: int) -> bool:
    deadline = time.monotonic() + 5
    while len(memory._waiting) != count and time.monotonic() < deadline:
        time.sleep(0.001)
    return len(memory._waiting) == count


def test_what_finds_no_room_waits_until_some_is_left() -> None:
    memory = Memory(100, threading.Event())
    first = memory.room(60)
    thread, got = in_thread(memory, 50)
    assert waiting(memory, 1)
    assert got == []
    first.leave()
    first.leave()
    thread.join(5)
    assert (len(got), memory.held) == (1, 50)


def test_a_body_larger_than_all_the_memory_is_let_in_alone() -> None:
    memory = Memory(100, threading.Event())
    room = memory.room(1000)
    thread, got = in_thread(memory, 1)
    assert waiting(memory, 1)
    room.leave()
    thread.join(5)
    assert (len(got), memory.held) == (1, 1)


def test_a_small_body_does_not_overtake_a_large_one_for_ever() -> None:
    memory = Memory(100, threading.Event())
    first = memory.room(50)
    large, got_large = in_thread(memory, 90)
    assert waiting(memory, 1)
    small, got_small = in_thread(memory, 5)
    assert waiting(memory, 2)
    first.leave()
    large.join(5)
    small.join(5)
    assert (len(got_large), len(got_small), memory.held) == (1, 1, 95)


def test_room_that_nobody_holds_any_more_is_free() -> None:
    memory = Memory(100, threading.Event())
    rooms = [memory.room(60)]
    rooms.clear()
    gc.collect()
    assert memory.held == 0


def test_a_stop_lets_everybody_in() -> None:
    stop = threading.Event()
    memory = Memory(100, stop)
    rooms = [memory.room(100)]
    thread, got = in_thread(memory, 100)
    assert waiting(memory, 1)
    stop.set()
    thread.join(5)
    assert (len(got), len(rooms)) == (1, 1)


def test_many_threads_never_hold_more_than_the_limit() -> None:
    memory, most = Memory(100, threading.Event()), []

    def work() -> None:
        for _ in range(50):
            room = memory.room(30)
            most.append(memory.held)
            room.leave()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (len(most), max(most) <= 100, memory.held) == (400, True, 0)


def test_an_empty_answer_waits_for_nobody() -> None:
    memory = Memory(100, threading.Event())
    rooms = [memory.room(100)]
    thread, got = in_thread(memory, 50)
    assert waiting(memory, 1)
    memory.room(0)
    rooms.clear()
    thread.join(5)
    assert len(got) == 1
