"""The answer of an HTTP service that is not SLS, apart from sockets. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple


class Answer(NamedTuple):
    """`date` is the Date header, "" where there is none."""

    status: int
    body: bytes
    date: str = ""

    @property
    def text(self) -> str:
        return self.body.decode("latin-1").strip()

    @property
    def json(self) -> Mapping[str, Any]:
        """The body as a JSON object; empty when it is none."""
        try:
            return as_object(json.loads(self.body))
        except (ValueError, RecursionError):
            return {}


def as_object(value: object) -> Mapping[str, Any]:
    """A JSON value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}
