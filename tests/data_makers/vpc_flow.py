"""VPC flow logs: one record per flow, network interface and capture window. Field names carry hyphens."""

from __future__ import annotations

import random

from tests.data_makers import base

INTERFACES = (
    ("eni-bp1f9rjbjqauktz00001", "i-bp1web0000000000001", "vsw-bp1iqqmaj41noh2c8001"),
    ("eni-bp1f9rjbjqauktz00002", "i-bp1db00000000000002", "vsw-bp1iqqmaj41noh2c8001"),
    ("eni-bp1f9rjbjqauktz00003", "", "vsw-bp1iqqmaj41noh2c8002"),
)
PROTOCOLS = {"6": ("443", "80", "22", "3306"), "17": ("53", "123"), "1": ("0",)}
WINDOW = 60
"""Length of a capture window in seconds."""


def make(rng: random.Random, t: int) -> base.Pairs:
    status = base.pick(rng, OK=96, NODATA=3, SKIPDATA=1)
    eni, instance, switch = rng.choice(INTERFACES)
    flow = _flow(rng) if status == "OK" else _no_flow()
    return [
        ("version", "1"),
        ("account-id", base.ACCOUNT),
        ("eni-id", eni),
        ("vm-id", instance),
        ("vswitch-id", switch),
        ("vpc-id", "vpc-bp1aevy8sofi8mh1qc5cm"),
        ("region", "cn-hangzhou"),
        *flow,
        ("start", str(t - WINDOW)),
        ("end", str(t)),
        ("log-status", status),
    ]


def _flow(rng: random.Random) -> base.Pairs:
    protocol = base.pick(rng, **{"6": 80, "17": 17, "1": 3})
    direction = rng.choice(("in", "out"))
    outside = (base.public_ip(rng), str(rng.randint(1024, 65535)))
    inside = (base.private_ip(rng), rng.choice(PROTOCOLS[protocol]))
    source, destination = (outside, inside) if direction == "in" else (inside, outside)
    packets = rng.randint(1, 5000)
    return [
        ("srcaddr", source[0]),
        ("srcport", source[1]),
        ("dstaddr", destination[0]),
        ("dstport", destination[1]),
        ("protocol", protocol),
        ("direction", direction),
        ("packets", str(packets)),
        ("bytes", str(packets * rng.randint(40, 1400))),
        ("action", "REJECT" if rng.random() < 0.08 else "ACCEPT"),
        ("tcp-flags", str(rng.choice((2, 18, 19, 24))) if protocol == "6" else "0"),
        ("traffic_path", rng.choice(("-", "7", "8"))),
    ]


def _no_flow() -> base.Pairs:
    """NODATA and SKIPDATA carry no flow: dashes."""
    names = (
        "srcaddr",
        "srcport",
        "dstaddr",
        "dstport",
        "protocol",
        "direction",
        "packets",
        "bytes",
        "action",
    )
    return [(name, "-") for name in names]


# Topic: documented. Source and group size: inferred (flow logs come in large groups).
MAKER = base.LogMaker("vpc_flow", "flow_log", "log_service", make, logs_per_group=(50, 300))
