"""What every log maker is, and the small vocabulary they share.

A maker imitates one kind of log as it lies in an SLS logstore: the documented topic and field names with
values of the documented form. What the documents do not state (``__source__``, tags, how many logs come in
one group) is marked "inferred" where it is set.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

SEQ_FIELD = "demo_seq"
"""Extra field on every record: its number in the ledger. No product uses the name."""

Pairs = list[tuple[str, str]]
Make = Callable[[random.Random, int], Pairs]


@dataclass(frozen=True)
class LogMaker:
    """One kind of log: ``make(rng, t)`` returns the fields of a record of epoch second ``t``, in order."""

    name: str
    topic: str
    source: str
    make: Make
    tags: tuple[tuple[str, str], ...] = ()
    logs_per_group: tuple[int, int] = (1, 1)
    """How many logs the service usually writes at once: (fewest, most)."""


@dataclass(frozen=True)
class LogGroup:
    """One log group as PutLogs takes it. Times are epoch seconds."""

    topic: str
    source: str
    tags: tuple[tuple[str, str], ...]
    logs: list[tuple[int, Pairs]] = field(default_factory=list)

    def numbers(self) -> list[str]:
        """The ledger numbers of the records, in order."""
        return [value for _, pairs in self.logs for key, value in pairs if key == SEQ_FIELD]


def make_record(maker: LogMaker, rng: random.Random, t: int, number: int) -> Pairs:
    """One record with its ledger number as the last field."""
    return [*maker.make(rng, t), (SEQ_FIELD, f"{number:08d}")]


def make_group(
    maker: LogMaker, rng: random.Random, t: int, numbers: Iterator[int], size: int | None = None
) -> LogGroup:
    """One group of ``size`` records; without a size, of as many as the product is used to."""
    count = rng.randint(*maker.logs_per_group) if size is None else size
    logs = [(t, make_record(maker, rng, t, next(numbers))) for _ in range(count)]
    return LogGroup(maker.topic, maker.source, maker.tags, logs)


REGIONS = ("cn-hangzhou", "cn-shanghai", "cn-beijing", "ap-southeast-1", "eu-central-1")
ACCOUNT = "1234567890123456"
"""Account id (16 digits, as Alibaba Cloud numbers its accounts)."""

USER_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36",
    "curl/7.88.1",
    "aliyun-sdk-python/2.18.4(Linux/5.10.134-16.al8.x86_64/x86_64;3.9.18)",
    "Go-http-client/1.1",
    'Mozilla/5.0 "quoted" <b>&amp;</b> ]]> 中文浏览器',
    "-",
)


def public_ip(rng: random.Random) -> str:
    """An address of the ranges reserved for documentation (RFC 5737)."""
    return f"{rng.choice(('192.0.2', '198.51.100', '203.0.113'))}.{rng.randint(1, 254)}"


def private_ip(rng: random.Random) -> str:
    return f"10.{rng.randint(0, 31)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}"


def hex_id(rng: random.Random, length: int) -> str:
    return f"{rng.getrandbits(4 * length):0{length}x}"


def guid(rng: random.Random) -> str:
    """An upper-case GUID, the form of event ids and request ids."""
    text = hex_id(rng, 32).upper()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def resource_id(rng: random.Random, kind: str) -> str:
    """An id such as ``vpc-bp1...``: a prefix and 20 letters and digits."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    return f"{kind}-bp1{''.join(rng.choice(letters) for _ in range(17))}"


def access_key_id(rng: random.Random) -> str:
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789"
    return "LTAI5t" + "".join(rng.choice(letters) for _ in range(18))


def iso_utc(t: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))


def iso_china(t: int) -> str:
    """Local time of the mainland regions (UTC+8, no summer time)."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+08:00", time.gmtime(t + 8 * 3600))


def pick(rng: random.Random, **weights: int) -> str:
    """One of the names, in proportion to its weight."""
    return rng.choices(list(weights), list(weights.values()))[0]
