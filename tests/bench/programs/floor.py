"""Fetch, decompress, count, forget: what is left when nothing is done with the logs.

Prints the number of log groups so far after each pull.
"""

from __future__ import annotations

import sys
import threading

from aliyun.log import LogClient
from place import GIVEN


class Reader(threading.Thread):
    """Reads one shard from its beginning, over a connection of its own."""

    total = 0
    lock = threading.Lock()

    def __init__(self, shard: int) -> None:
        super().__init__(name=f"shard-{shard}")
        self._where = (GIVEN["project"], GIVEN["logstore"], shard)

    def run(self) -> None:
        client = LogClient(GIVEN["endpoint"], GIVEN["key_id"], GIVEN["key_secret"])
        cursor = client.get_begin_cursor(*self._where).get_cursor()
        while True:
            answer = client.pull_logs(*self._where, cursor, 1000)  # decompresses, and parses nothing
            cursor = answer.get_next_cursor()
            self._count(answer.get_loggroup_count())

    @classmethod
    def _count(cls, groups: int) -> None:
        with cls.lock:
            cls.total += groups
            sys.stdout.write(f"{cls.total}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    for number in range(GIVEN["shards"]):
        Reader(number).start()
