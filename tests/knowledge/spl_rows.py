"""Rows of a search, and what its commands share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from tests.knowledge.conf import Knowledge
from tests.knowledge.evalexpr import NOW
from tests.knowledge.values import Shown, Value, as_fields
from tests.standins.splunk.conf_file import Stanza

FieldValue = Union[str, tuple[str, ...]]
Row = dict[str, FieldValue]


@dataclass(frozen=True)
class Context:
    """What a search knows beside the events: macros, lookups, and its times in epoch seconds.

    `earliest` is 0 for a search over all time.
    """

    macros: Mapping[str, Stanza] = field(default_factory=dict)
    knowledge: Knowledge | None = None
    now: float = 0.0
    earliest: float = 0.0
    latest: float = 0.0


def fields_for_eval(row: Row, context: Context) -> Mapping[str, FieldValue]:
    """The row as an expression reads it."""
    return {**row, NOW: f"{int(context.now)}"} if context.now else row


def evaluated(value: Value) -> FieldValue | None:
    """What a field holds after an expression: here also what is only there to be read by a person."""
    if isinstance(value, tuple):
        return tuple(str(part) if isinstance(part, Shown) else str(as_fields(part)) for part in value)
    return str(value) if isinstance(value, Shown) else as_fields(value)


def several(value: Any) -> tuple[str, ...]:
    """The values of a field; none where it is absent."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def order(value: FieldValue) -> tuple[int, float, str]:
    """Numbers by their value and before all text, as sort does it."""
    text = value if isinstance(value, str) else ",".join(value)
    is_number = re.fullmatch(r"-?\d+(?:\.\d+)?", text)
    return (0, float(text), "") if is_number else (1, 0.0, text)
