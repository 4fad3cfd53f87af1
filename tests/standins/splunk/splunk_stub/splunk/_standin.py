"""The wire between the stand-in and a handler's process: a JSON request on stdin, a JSON answer.

The answer has a descriptor of its own, because handlers may print.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from typing import Any


@functools.lru_cache(maxsize=1)
def call() -> dict[str, Any]:
    """The request: action, id, args, session_key, user, owner, app. Empty outside of the stand-in."""
    if "SPLUNK_STANDIN_ANSWER_FD" not in os.environ:
        return {}
    return dict(json.load(sys.stdin))


def answer(value: dict[str, Any]) -> None:
    """Send the answer and close the pipe."""
    with os.fdopen(int(os.environ["SPLUNK_STANDIN_ANSWER_FD"]), "w", encoding="utf-8") as out:
        json.dump(value, out)
