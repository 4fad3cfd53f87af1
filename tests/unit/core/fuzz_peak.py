"""`python -m tests.unit.core.fuzz_peak`: one full batch; prints input, output and resident peak in bytes.

A process of its own, because a peak never falls again and protobuf's memory is not Python's.
"""

from __future__ import annotations

import random
import resource
import sys

from sls_ingest.pipeline import Pipeline
from sls_ingest.record import Origin
from tests.unit.core.fuzz_wire import Encoder, Group, Log
from tests.unit.core.inputs import parsed
from tests.unit.core.log_groups import whole

GROUPS, LOGS, FIELDS = 330, 30, 20  # about 10 MB, the most that SLS puts into one answer


def peak() -> int:
    """The largest resident set of this process so far, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main() -> None:
    pairs = tuple((b"field%02d" % number, b"value <&> %02d" % number + b"x" * 25) for number in range(FIELDS))
    group = Group(b"topic", b"10.0.0.1", ((b"x", b"y"),), (Log(1_700_000_000, 5, pairs),) * LOGS)
    raw = Encoder(random.Random(1)).batch((group,) * GROUPS)
    pipeline = Pipeline(parsed())
    whole(
        pipeline, Encoder(random.Random(1)).batch((group,)), Origin(3, "c", 1000, 1)
    )  # load what loads late
    before = peak()
    done = whole(pipeline, raw, Origin(3, "c", 1000, GROUPS))
    sys.stdout.write(f"{len(raw)} {len(done.payload)} {peak() - before}\n")


if __name__ == "__main__":
    main()
