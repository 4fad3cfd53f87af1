"""Values of Splunk's eval and how they compare, count as numbers and print.

A value is None (null), a number (int or float), a `Raw` (text of an event's field: counts as a number when it
looks like one), a str (text that the expression made, also by split() and spath(): never a number), or a
tuple (multivalue).

Documented: fields hold text and are tried as numbers; comparisons are numeric when both sides are numbers and
lexicographic otherwise; null in an operator gives null. Not documented, so it raises UncertainError here:
text that only some readers take for a number (" 5", "1e5", "0x1F"), made text compared with a number, < and >
on text, a multivalue in a scalar function, and numbers that a double does not hold or print exactly.
"""

from __future__ import annotations

import re
from typing import Any, Union

from tests.knowledge.errors import UncertainError

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\Z")
_ODD_NUMBER = re.compile(
    r"\s*[+-]?(?:[0-9]+\.?[0-9]*(?:e[+-]?[0-9]+)?|\.[0-9]+(?:e[+-]?[0-9]+)?|0x[0-9a-f]+|inf|infinity|nan)\s*\Z",
    re.IGNORECASE,
)
_EXACT = 2**53  # from here on a double skips whole numbers

Number = Union[int, float]


class Raw(str):
    """Text of an event's field."""

    __slots__ = ()


class Moment(float):
    """A time of strptime(): how many decimals it prints is not sure."""


class Shown(str):
    """A result to be read: how exactly Splunk prints it is not sure, so nothing may go on with it."""

    __slots__ = ()


Scalar = Union[None, Number, str]
Value = Any  # Scalar, a tuple of scalars, or a bool


def _no_shown(value: Value) -> None:
    if isinstance(value, Shown):
        raise UncertainError(f"{value!r} is for a person to read: how it prints is not sure")


def looks_numeric(text: str) -> bool:
    """Is it a plain number; True or False where all readers agree, else UncertainError."""
    if _NUMBER.match(text):
        return True
    if _ODD_NUMBER.match(text):
        raise UncertainError(f"{text!r} may or may not count as a number")
    return False


def number_of(value: Value) -> Number | None:
    """The number that an expression sees in `value`; None for text that is none."""
    if isinstance(value, (bool, tuple)):
        raise UncertainError(f"{value!r} where a number is needed")
    if value is None or isinstance(value, (int, float)):
        return value
    _no_shown(value)
    if not looks_numeric(value):
        return None
    if not isinstance(value, Raw):
        raise UncertainError(f"made text {value!r} as a number: use tonumber()")
    return exact(value)


def exact(text: str) -> Number:
    """The number written in `text`, which must fit a double."""
    if "." in text:
        return float(text)
    whole = int(text)
    if abs(whole) >= _EXACT:
        raise UncertainError(f"{text} has more digits than eval's numbers hold")
    return whole


def text_of(value: Value) -> str:
    """How a value that is not null prints."""
    if isinstance(value, str):
        _no_shown(value)
        return value
    if isinstance(value, (bool, tuple)) or value is None:
        raise UncertainError(f"{value!r} where text is needed")
    if isinstance(value, Moment):
        raise UncertainError("how strptime() prints is not sure: use floor() or round()")
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise UncertainError("a result that is no number")
        if value.is_integer():
            value = int(value)
        else:
            shown = repr(value)
            if "e" in shown or len(shown.partition(".")[2]) > 6:
                raise UncertainError(f"{shown}: how many digits Splunk prints is not sure; use round()")
            return shown
    if abs(value) >= _EXACT:
        raise UncertainError(f"{value} has more digits than eval's numbers hold")
    return str(value)


def equal(left: Value, right: Value) -> bool | None:
    """left == right; None where either is null."""
    if left is None or right is None:
        return None
    if isinstance(left, (tuple, bool)) or isinstance(right, (tuple, bool)):
        raise UncertainError("== on a multivalue or a truth value")
    _no_shown(left)
    _no_shown(right)
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left == right
    if isinstance(left, (int, float)) or isinstance(right, (int, float)):
        text, number = (left, right) if isinstance(left, str) else (right, left)
        found = number_of(text)
        return found is not None and found == number
    if left == right:
        return True
    if (isinstance(left, Raw) or isinstance(right, Raw)) and _same_number(left, right):
        raise UncertainError(f"{left!r} == {right!r}: as text or as numbers?")
    return False


def _same_number(left: str, right: str) -> bool:
    if not (_ODD_NUMBER.match(left) and _ODD_NUMBER.match(right)):
        return False
    try:
        return float(left) == float(right)
    except ValueError:  # 0x1F
        return True


def compare(left: Value, right: Value) -> int | None:
    """-1, 0 or 1; None where either is null."""
    if left is None or right is None:
        return None
    first, second = number_of(left), number_of(right)
    if first is None or second is None:
        raise UncertainError(f"< or > with text ({left!r}, {right!r}): guard it with isnum() or tonumber()")
    return (first > second) - (first < second)


def as_fields(value: Value) -> str | tuple[str, ...] | None:
    """What the event's field is after this value was assigned to it."""
    if value is None:
        return None
    if isinstance(value, tuple):
        return tuple(text_of(part) for part in value) if len(value) > 1 else text_of(value[0])
    return str(text_of(value))
