"""From a day's volume to inputs, cores, memory, shards and bandwidth: the formulas of docs/sizing.md."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tests.bench.side.measurement import Figures, Table, number

DAY = 86_400  # seconds
PEAK, COMPRESSION = 2.0, 5.0
SAFETY = 0.5  # of the measured MB per CPU-second: other logs, slower cores, a core that is not ours alone
SHARD_READ, SHARD_WRITE = 10.0, 5.0  # MB/s of raw logs, of one shard (SLS's documented limits)
INPUTS_PER_FORWARDER = 8  # half the cores of a forwarder with 16; the other half is splunkd's
SPARE_FORWARDERS = 1  # so that one may fail
VOLUMES = {"10 GB": 1e10, "100 GB": 1e11, "1 TB": 1e12, "10 TB": 1e13, "100 TB": 1e14}  # bytes a day, raw


@dataclass(frozen=True)
class Basis:
    """What was measured: MB per CPU-second, MB of memory for an input, event bytes per raw byte."""

    mb_per_cpu_s: float
    input_mb: float
    rendered: float

    @classmethod
    def of(cls, results: Figures) -> Basis:
        """From the figures of shards16 and licence (application logs)."""
        rows = results["licence"]["rows"]
        usual = next(row for row in rows if row["work"] == "application logs")
        many = results["shards16"]
        return cls(many["mb_per_cpu_s"], many["rss_most_mb"], usual["event_bytes_per_raw_byte"])

    @property
    def core_mb_s(self) -> float:
        """What is planned for a core, in MB/s."""
        return self.mb_per_cpu_s * SAFETY


@dataclass(frozen=True)
class Plan:
    """What a day's volume (raw bytes) needs. Rates in MB/s (10^6 bytes)."""

    volume: float
    basis: Basis

    @property
    def mean(self) -> float:
        """Raw MB/s over the day."""
        return self.volume / DAY / 1e6

    @property
    def peak(self) -> float:
        """Raw MB/s in the busiest time."""
        return self.mean * PEAK

    @property
    def network(self) -> float:
        """MB/s on the line in the busiest time."""
        return self.peak / COMPRESSION

    @property
    def shards(self) -> int:
        """The fewest shards that SLS lets one read this much from."""
        return math.ceil(self.peak / SHARD_READ)

    @property
    def writing_shards(self) -> int:
        """The fewest shards that SLS lets producers write this much to."""
        return math.ceil(self.peak / SHARD_WRITE)

    @property
    def inputs(self) -> int:
        """Inputs, which are cores: an input is one process and uses one core at most."""
        return math.ceil(self.peak / self.basis.core_mb_s)

    @property
    def forwarders(self) -> int:
        """Forwarders of 16 cores, one of them to spare."""
        return math.ceil(self.inputs / INPUTS_PER_FORWARDER) + SPARE_FORWARDERS

    @property
    def memory_gb(self) -> float:
        """Of all inputs."""
        return self.inputs * self.basis.input_mb / 1e3

    @property
    def licence_gb(self) -> float:
        """What Splunk counts in a day, in GB."""
        return self.volume * self.basis.rendered / 1e9


def network_table(basis: Basis) -> Table:
    """Bandwidth by volume."""
    heads = ("raw a day", "mean, raw MB/s", "peak, raw MB/s", "network, MB/s", "network, Mbit/s")
    rows = []
    for name, volume in VOLUMES.items():
        plan = Plan(volume, basis)
        cells = (plan.mean, plan.peak, plan.network, plan.network * 8)
        rows.append([name, *map(number, cells)])
    return Table(heads, rows)


def machine_table(basis: Basis) -> Table:
    """Shards, inputs, forwarders and licence by volume."""
    heads = (
        "raw a day",
        "shards to read",
        "shards to write",
        "inputs (cores)",
        "memory of the inputs, GB",
        "forwarders",
        "licence, GB a day",
    )
    rows = []
    for name, volume in VOLUMES.items():
        plan = Plan(volume, basis)
        counts = (plan.shards, plan.writing_shards, plan.inputs)
        cells = [*(f"{count:,}" for count in counts), number(plan.memory_gb), str(plan.forwarders)]
        rows.append([name, *cells, f"{plan.licence_gb:,.0f}"])
    return Table(heads, rows)


def basis_table(basis: Basis) -> Table:
    """What the other tables stand on."""
    return Table(
        ("measured", "value"),
        [
            ["raw MB per CPU-second, 16 busy shards", number(basis.mb_per_cpu_s)],
            [f"planned for a core: times {SAFETY:g}, MB/s", number(basis.core_mb_s)],
            ["most memory of an input with 16 busy shards, MB", number(basis.input_mb)],
            ["event bytes per raw byte, application logs", number(basis.rendered)],
        ],
    )
