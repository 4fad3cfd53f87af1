"""What a test gets back from a call of the management port."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .request import Reply


@dataclass(frozen=True)
class RestReply:
    """An answer of the management port; ``json`` is None when the body is none."""

    status: int
    text: str
    json: Any

    @classmethod
    def of(cls, reply: Reply) -> RestReply:
        text = reply.raw().decode("utf-8", "replace")
        is_json = reply.content_type.startswith("application/json") and text
        return cls(reply.status, text, json.loads(text) if is_json else None)


class UnexpectedStatusError(AssertionError):
    """``rest(expect=...)`` got another status; the text says which, and what the server answered."""
