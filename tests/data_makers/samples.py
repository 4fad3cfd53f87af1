"""Makers of the sample records in tests/data/samples, moved to the time of writing."""

from __future__ import annotations

import json
import random
import re
from functools import cache
from pathlib import Path
from typing import Any

from tests.data_makers import base

FOLDER = Path(__file__).resolve().parents[1] / "data" / "samples"


@cache
def sample_makers() -> tuple[base.LogMaker, ...]:
    """One maker for each sample of a log type with a topic: the same record at each new time."""
    paths = sorted(FOLDER.glob("*/[!_]*.json"))
    samples = [(path, json.loads(path.read_text(encoding="utf-8"))) for path in paths]
    return tuple(_maker(path, sample) for path, sample in samples if sample["topic"])


def _maker(path: Path, sample: dict[str, Any]) -> base.LogMaker:
    def make(rng: random.Random, t: int) -> base.Pairs:
        return [(name, _moved(value, sample["time"], t)) for name, value in sample["log"].items()]

    tags = tuple(sample.get("tags", {}).items())
    return base.LogMaker(f"{path.parent.name}/{path.stem}", sample["topic"], sample["source"], make, tags)


def _moved(value: str, was: int, now: int) -> str:
    """The text with each writing of the sample's time (ISO 8601, epoch) replaced by that of `now`."""
    for old, new in (
        (base.iso_utc(was), base.iso_utc(now)),
        (base.iso_china(was), base.iso_china(now)),
        (base.iso_utc(was)[:-1], base.iso_utc(now)[:-1]),
    ):
        value = value.replace(old, new)
    return re.sub(rf"(?<!\d){was}(?=\d{{0,9}}(?!\d))", str(now), value)
