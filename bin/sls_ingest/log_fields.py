"""Lines of `name=value` pairs, which Splunk extracts as they are. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Union

Value = Union[int, float, str, None]
_MOST = 1000  # characters of a text; a list of 256 shards fits
# What would end a value, or start another pair, in the eyes of who reads the line.
_UNSAFE: Final = {ord('"'): "'", ord("\\"): "/"}


def quoted(text: str) -> str:
    """`text` in quotes, on one line and of bounded length; quotes in it become single ones."""
    printable = "".join(char if char.isprintable() else " " for char in text.translate(_UNSAFE))
    return f'"{" ".join(printable.split())[:_MOST]}"'


def line(action: str, fields: Mapping[str, Value]) -> str:
    """`action=` and the fields in their order; None leaves a field out. Floats are seconds, to three
    decimals."""
    known = {name: value for name, value in fields.items() if value is not None}
    return " ".join((f"action={action}", *(f"{name}={_shown(value)}" for name, value in known.items())))


def _shown(value: Value) -> str:
    if isinstance(value, str):
        return quoted(value)
    return f"{value:.3f}" if isinstance(value, float) else str(value)
