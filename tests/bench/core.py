"""`python -m tests.bench.core`: what log types cost in the core alone, one thread, no sockets.

With everything chosen by log type (sourcetype, fields to unfold, time) against one fixed sourcetype and text
left as it is. Rounds alternate, so that both see the same machine; the best of each counts.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bin"))

from sls_ingest.pipeline import Pipeline, Rendered
from sls_ingest.record import Origin
from sls_ingest.settings import parse_input
from tests.bench.works import Work, work
from tests.standins.sls.wire import frame

ROUNDS, SECONDS = 5, 0.4
WITHOUT = {"sourcetype": "alibaba:sls", "unfold": "none", "time_field": "none"}
_STANZA = {"account": "a", "endpoint": "e.example.com", "project": "bench", "logstore": "logs"}


def cpu_rate(given: Work, over: dict[str, str]) -> float:
    """MB (10^6 bytes raw) per CPU-second of the pipeline over one pull of `given`."""
    pipeline = Pipeline(parse_input({**_STANZA, **over}, "bench"))
    body, origin = b"".join(map(frame, given.groups)), Origin(0, "cursor", None, len(given.groups))
    size, started = 0, time.process_time()
    while time.process_time() - started < SECONDS:
        for _ in pipeline.run(body, origin, Rendered()):
            pass
        size += len(body)
    return size / 1e6 / (time.process_time() - started)


def kept(given: Work) -> tuple[float, float]:
    """Best rates: by log type, and without."""
    pairs = [(cpu_rate(given, {}), cpu_rate(given, WITHOUT)) for _ in range(ROUNDS)]
    return max(pair[0] for pair in pairs), max(pair[1] for pair in pairs)


def main() -> None:
    for name in ("A", "B", "C"):
        by_type, without = kept(work(name))
        print(f"{work(name).title}: {by_type:.0f} of {without:.0f} MB/CPU-s, {by_type / without:.0%}")  # noqa: T201


if __name__ == "__main__":
    main()
