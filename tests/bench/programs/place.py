"""What the measured programs are told, and the consumer they share: the SDK's own, with its defaults.

They run on their own, with the add-on's libraries on PYTHONPATH and nothing else of this repository.
"""

from __future__ import annotations

import json
import sys
from typing import Any

GIVEN: dict[str, Any] = json.loads(sys.argv[1])
"""endpoint, key_id, key_secret, project, logstore, group, shards; where they apply fetch_interval (seconds),
sink (a URL) and token."""


def consume(processor: type, *args: Any) -> None:
    """Run the library's consumer until the process is killed: lz4, heartbeat 20 s, two threads."""
    from aliyun.log.consumer import ConsumerWorker, CursorPosition, LogHubConfig

    config = LogHubConfig(
        GIVEN["endpoint"],
        GIVEN["key_id"],
        GIVEN["key_secret"],
        GIVEN["project"],
        GIVEN["logstore"],
        GIVEN["group"],
        GIVEN["group"] + "-1",
        cursor_position=CursorPosition.BEGIN_CURSOR,
        data_fetch_interval=GIVEN["fetch_interval"],
    )
    ConsumerWorker(processor, config, args=args).start(join=True)
