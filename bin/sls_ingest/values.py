"""Typed access to the text values of a stanza, with one sentence for each thing that can be wrong. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from .errors import ConfigError

_TRUE = frozenset(("1", "true", "t", "yes", "y", "on"))
_FALSE = frozenset(("0", "false", "f", "no", "n", "off", ""))


def is_true(text: str) -> bool:
    """Whether `text` is one of the words that Splunk takes for true."""
    return text.strip().lower() in _TRUE


class Values:
    """Reads settings by name; every method raises ConfigError on a value it does not accept."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, setting: str) -> str:
        return (self._values.get(setting) or "").strip()

    def required(self, setting: str, accepted: str) -> str:
        value = self.text(setting)
        if not value:
            raise ConfigError(setting, value, accepted)
        return value

    def match(self, setting: str, pattern: re.Pattern[str], accepted: str) -> re.Match[str]:
        value = self.text(setting)
        match = pattern.fullmatch(value)
        if not match:
            raise ConfigError(setting, value, accepted)
        return match

    def matching(self, setting: str, pattern: re.Pattern[str], accepted: str) -> str:
        return self.match(setting, pattern, accepted).group()

    def one_of(self, setting: str, accepted: tuple[str, ...]) -> str:
        value = self.text(setting).lower()
        if value not in accepted:
            raise ConfigError(setting, self.text(setting), f"give one of {', '.join(accepted)}")
        return value

    def flag(self, setting: str) -> bool:
        value = self.text(setting).lower()
        if value not in _TRUE and value not in _FALSE:
            raise ConfigError(setting, self.text(setting), "give 1 or 0")
        return value in _TRUE

    def whole(self, setting: str, low: int, high: int, unit: str) -> int:
        value = self.text(setting)
        if not re.fullmatch(r"[0-9]{1,9}", value) or not low <= int(value) <= high:
            raise ConfigError(setting, value, f"give a whole number from {low} to {high} {unit}")
        return int(value)

    def number(self, setting: str, low: float, high: float, unit: str) -> float:
        value = self.text(setting)
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not low <= number <= high:  # false for nan, too
            raise ConfigError(setting, value, f"give a number from {low:g} to {high:g} {unit}")
        return number

    def many(self, setting: str) -> tuple[str, ...]:
        """The `;`-separated parts of a value, without empty ones."""
        return tuple(part.strip() for part in self.text(setting).split(";") if part.strip())
