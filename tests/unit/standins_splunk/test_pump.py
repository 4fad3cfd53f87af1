"""What splunkd has read of a pipe, and what becomes of it when its queues block at that very moment."""

from __future__ import annotations

import os

import pytest

from tests.standins.splunk.pump import Pump, ReadGate


@pytest.mark.parametrize(("hold", "arrived"), [(False, [b"<event>"]), (True, [])])
def test_what_was_read_just_before_the_queues_blocked(hold: bool, arrived: list[bytes]) -> None:
    """It arrives, even if splunkd is killed next; only with `hold` it is in splunkd's memory, and is lost."""
    reader, writer = os.pipe()
    os.write(writer, b"<event>")
    taken: list[bytes] = []
    done: list[bool] = []
    pump: Pump

    class BlocksAfterOneLook(ReadGate):
        looks = 0

        @property
        def blocked(self) -> bool:
            self.looks += 1
            if self.looks > 1:
                pump.close()
            return self.looks > 1

    gate = BlocksAfterOneLook()
    pump = Pump("p", os.fdopen(reader, "rb", 0), 100, taken.append, lambda: done.append(True), gate, hold)
    pump.start()
    pump.join(5)
    os.close(writer)
    assert (taken, done) == (arrived, [True])
