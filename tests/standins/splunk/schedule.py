"""When an input is due: `interval` as seconds or as a five-field cron expression. No clocks in here."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta


class ScheduleError(ValueError):
    """An interval that is neither a number of seconds nor a cron expression."""


@dataclass(frozen=True)
class Schedule:
    """Seconds >= 0, or -1 for once at start, or `cron`, which does not run at the start (documented)."""

    seconds: float = 60.0
    cron: Cron | None = None

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """Raises ScheduleError."""
        if len(text.split()) == 5:
            return cls(0.0, Cron.parse(text))
        if not re.fullmatch(r"-1|\d+(\.\d*)?|\.\d+", text.strip()):
            raise ScheduleError(f"interval={text[:40]!r} is neither seconds nor a cron expression")
        return cls(float(text))

    @property
    def once(self) -> bool:
        return self.cron is None and self.seconds < 0

    @property
    def at_once(self) -> bool:
        """Interval 0: due again as soon as it has ended."""
        return self.cron is None and self.seconds == 0

    def first(self, now: float) -> float:
        """Due time of the first run, seconds since the epoch."""
        return self.cron.after(now) if self.cron is not None else now

    def next(self, start: float, now: float) -> float | None:
        """The first tick after `now` on the grid that began at `start`; None = never again, 0 s = now."""
        if self.cron is not None:
            return self.cron.after(now)
        if self.once:
            return None
        if self.at_once:
            return now
        return start + self.seconds * (math.floor((now - start) / self.seconds) + 1)


@dataclass(frozen=True)
class Cron:
    """minute, hour, day of month, month, day of week: numbers, `*`, `a-b`, `/n` and lists; no names."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    any_day: bool
    any_weekday: bool

    @classmethod
    def parse(cls, text: str) -> Cron:
        """Raises ScheduleError."""
        fields = text.split()
        bounds = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
        if len(fields) != 5:
            raise ScheduleError(f"{text!r} has not five fields")
        sets = [_field(field, *bound) for field, bound in zip(fields, bounds)]
        weekdays = frozenset(day % 7 for day in sets[4])
        return cls(sets[0], sets[1], sets[2], sets[3], weekdays, fields[2] == "*", fields[4] == "*")

    def after(self, now: float) -> float:
        """The first matching minute after `now`, in local time. Raises ScheduleError when there is none."""
        moment = datetime.fromtimestamp(now).replace(second=0, microsecond=0) + timedelta(minutes=1)
        limit = moment + timedelta(days=366 * 8)
        while moment < limit:
            if moment.month not in self.months or not self._day_matches(moment):
                moment = moment.replace(hour=0, minute=0) + timedelta(days=1)
            elif moment.hour not in self.hours:
                moment = moment.replace(minute=0) + timedelta(hours=1)
            elif moment.minute not in self.minutes:
                moment += timedelta(minutes=1)
            else:
                return moment.timestamp()
        raise ScheduleError("the cron expression never matches")

    def _day_matches(self, moment: datetime) -> bool:
        day = moment.day in self.days
        weekday = moment.isoweekday() % 7 in self.weekdays
        if self.any_day or self.any_weekday:
            return day and weekday
        return day or weekday  # as cron does when both are restricted


def _field(text: str, low: int, high: int) -> frozenset[int]:
    values: set[int] = set()
    for part in text.split(","):
        found = re.fullmatch(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?", part)
        if not found:
            raise ScheduleError(f"cron field {text!r}")
        first = int(found.group(1) or low)
        open_end = found.group(1) is None or (found.group(3) and not found.group(2))
        last = high if open_end else int(found.group(2) or first)
        step = int(found.group(3) or 1)
        if not low <= first <= last <= high or step < 1:
            raise ScheduleError(f"cron field {text!r} is out of range")
        values.update(range(first, last + 1, step))
    return frozenset(values)
