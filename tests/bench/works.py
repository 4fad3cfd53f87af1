"""The works: what lies in the shards. Each is a template of about one pull, the same at every run."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tests.bench import records
from tests.data_makers import MAKERS, Pairs
from tests.standins.sls.wire import Log, LogGroup, compress, encode_group, frame

SEED = 1
TIME = 1_767_225_600  # epoch seconds of the first log
PULL_BYTES = 3_000_000  # about what one pull returns, where log groups are large
PULL_GROUPS = 1000  # the most that one pull returns
_AGENT = (
    (b"__hostname__", b"iZbp1f9rjbjqauktz5k8Z"),
    (b"__path__", b"/var/log/shop/app.log"),
    (b"__pack_id__", b"5A3C1B2D4E6F7081-1a"),
)


@dataclass(frozen=True)
class Work:
    """`groups` are encoded log groups; `pull_bytes` is what a pull of all of them returns. `unfold` is the
    field whose JSON text is to become JSON in the event, where there is one."""

    name: str
    title: str
    groups: tuple[bytes, ...]
    logs_per_group: int
    fields: int
    unfold: str = ""

    @property
    def pull_bytes(self) -> int:
        return sum(len(frame(group)) for group in self.groups)

    @property
    def bytes_per_log(self) -> float:
        """Raw bytes, with a log's share of the log group around it."""
        return sum(map(len, self.groups)) / len(self.groups) / self.logs_per_group

    @property
    def compression(self) -> float:
        """How many times smaller lz4 makes a pull."""
        return self.pull_bytes / len(compress("lz4", b"".join(map(frame, self.groups))))

    def facts(self) -> dict[str, float | str]:
        """What a report says of it."""
        return {
            "title": self.title,
            "bytes_per_log": round(self.bytes_per_log, 1),
            "fields": self.fields,
            "logs_per_group": self.logs_per_group,
            "groups_per_pull": len(self.groups),
            "pull_mb": round(self.pull_bytes / 1e6, 2),
            "lz4_ratio": round(self.compression, 2),
        }


@dataclass(frozen=True)
class _Recipe:
    title: str
    make: Callable[[random.Random, int], Pairs]
    logs_per_group: int
    topic: bytes
    source: bytes
    tags: tuple[tuple[bytes, bytes], ...] = ()
    unfold: str = ""


_ACTIONTRAIL = _Recipe(
    "ActionTrail: nested JSON in one field, a log group for each log",
    MAKERS["actiontrail"].make,
    1,
    b"actiontrail_event",
    b"actiontrail_internal",
)
_RECIPES: Mapping[str, _Recipe] = {
    "A": _ACTIONTRAIL,
    "B": _Recipe("WAF: wide records", records.waf, 40, b"waf_access_log", b"log_service"),
    "C": _Recipe("application logs", records.application, 30, b"", b"10.0.0.1", _AGENT),
    "D": _Recipe("access lines: short records", records.access, 200, b"nginx", b"10.0.0.2", _AGENT),
    "E": replace(_ACTIONTRAIL, title="unfolded: as A, its JSON becomes JSON in the event", unfold="event"),
}
NAMES = tuple(_RECIPES)


@functools.cache
def work(name: str) -> Work:
    """The work of that name ("A" to "E"). Raises KeyError."""
    recipe = _RECIPES[name]
    rng = random.Random(f"{SEED} {name}")
    groups: list[bytes] = []
    size = fields = 0
    while size < PULL_BYTES and len(groups) < PULL_GROUPS:
        made = _group(recipe, rng, TIME + len(groups))
        fields = len(made.logs[0].contents)
        groups.append(encode_group(made))
        size += len(groups[-1])
    return Work(name, recipe.title, tuple(groups), recipe.logs_per_group, fields, recipe.unfold)


def _group(recipe: _Recipe, rng: random.Random, when: int) -> LogGroup:
    logs = [_log(recipe.make(rng, when), when) for _ in range(recipe.logs_per_group)]
    return LogGroup(logs, recipe.topic, recipe.source, list(recipe.tags))


def _log(pairs: Pairs, when: int) -> Log:
    return Log(when, [(key.encode(), value.encode()) for key, value in pairs])
