"""Generated batches through the whole core: what comes out is XML, and holds what went in.

FUZZ_EXAMPLES is how many batches are rendered in all, a quarter of them whole and the others damaged;
FUZZ_SEED chooses which. A failure with a damaged batch names it and shows its bytes.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
from google.protobuf.message import DecodeError
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as hypothesis_seed
from hypothesis import strategies as st

from sls_ingest.errors import BadBatchError
from sls_ingest.pipeline import Pipeline
from sls_ingest.record import Origin
from tests.unit.core import fuzz_groups
from tests.unit.core.fuzz_check import PIPELINES, Over, check, is_kept
from tests.unit.core.fuzz_reader import NANOS, StreamReader, is_damaged
from tests.unit.core.fuzz_wire import Encoder, Group, Log, WireError, decode
from tests.unit.core.inputs import parsed
from tests.unit.core.log_groups import whole

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2500"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
MEMORY_FACTOR = 16  # bytes at the peak for each byte of input and output; the JSON writer alone takes 8
RESIDENT_FACTOR = 3  # the same for a full answer of ordinary logs, with all that the process holds
MEMORY_FLOOR = 1_000_000  # bytes that even an empty batch may take: the cache of routes grows by doubling
KEPT = 5_000_000  # bytes that may stay behind after any number of batches
TIME_LIMIT = 2.0  # seconds of the processor for one batch of at most some MB

# -- whole batches -----------------------------------------------------------------------------------------


@hypothesis_seed(SEED)
@settings(max_examples=EXAMPLES // 4, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(fuzz_groups.batches, st.integers(0, 2**32), st.sampled_from(PIPELINES))
def test_every_value_comes_through(
    groups: tuple[Group, ...], layout: int, variant: tuple[Over, Pipeline]
) -> None:
    over, pipeline = variant
    raw = Encoder(random.Random(layout)).batch(groups)
    done = whole(pipeline, raw, Origin(3, "c", 1000, len(groups)))
    check(done, groups, over)
    if "event_format" not in over:
        logs = [log for g in groups if is_kept(g, over) for log in g.logs]
        assert done.repaired == sum(map(is_damaged, logs))


def test_a_log_cannot_claim_the_name_of_the_nanoseconds() -> None:
    group = Group(b"", b"", (), (Log(1, 5, ((NANOS.encode(), b"forged"),)),))
    done = whole(PIPELINES[0][1], Encoder(random.Random(0)).batch((group,)), Origin(3, "c", 1000, 1))
    (event,) = StreamReader(done.payload).events
    assert json.loads(event["data"])[NANOS] == "5"


# -- damaged batches ---------------------------------------------------------------------------------------


def _damaged_case(number: int) -> tuple[bytes, Over, Pipeline]:
    rng = random.Random(SEED * 10**9 + number)
    whole, other = (Encoder(rng).batch(fuzz_groups.random_batch(rng)) for _ in range(2))
    over, pipeline = rng.choice(PIPELINES)
    return fuzz_groups.damaged(whole, other, rng), over, pipeline


def _run_damaged(raw: bytes, over: Over, pipeline: Pipeline) -> str:
    """Render a damaged batch; "refused", "exact" (it still means something) or "lenient" (only protobuf
    says so)."""
    try:
        groups: tuple[Group, ...] | None = decode(raw)
    except WireError:
        groups = None
    started = time.process_time()
    try:
        done = whole(pipeline, raw, Origin(3, "c", 1000, 1 if groups is None else len(groups)))
        assert time.process_time() - started < TIME_LIMIT, f"slow: {len(raw)} bytes"
    except BadBatchError as error:
        assert error.__cause__ is None or isinstance(error.__cause__, DecodeError), "our own mistake"
        assert groups is None, "refused, though it can be read"
        return "refused"
    if groups is None:
        for event in StreamReader(done.payload).events:
            if "event_format" not in over:
                assert isinstance(json.loads(event["data"]), dict)
        return "lenient"
    check(done, groups, over)
    return "exact"


def test_a_damaged_batch_is_refused_or_rendered_well() -> None:
    seen = {"refused": 0, "exact": 0, "lenient": 0}
    for number in range(EXAMPLES * 3 // 4):
        raw, over, pipeline = _damaged_case(number)
        try:
            seen[_run_damaged(raw, over, pipeline)] += 1
        except Exception as error:
            which = f"FUZZ_SEED={SEED}, damaged batch {number}, {over}"
            raise AssertionError(f"{which}: {raw[:200].hex()}...") from error
    sys.stdout.write(f"damaged batches: {seen}\n")  # `make fuzz` shows it
    assert min(seen["refused"], seen["exact"]) > EXAMPLES // 20, seen


# -- memory and time ---------------------------------------------------------------------------------------


def test_memory_is_bounded_by_what_goes_in_and_out() -> None:
    pipeline = Pipeline(parsed())
    tracemalloc.start()
    try:
        for number in range(max(100, EXAMPLES // 20)):
            raw, _, _ = _damaged_case(number)
            _assert_peak(raw, pipeline, number)
    finally:
        tracemalloc.stop()


def _assert_peak(raw: bytes, pipeline: Pipeline, number: int) -> None:
    """Peak of Python's memory; what protobuf holds outside of it is a fixed multiple of the input."""
    try:
        groups = len(decode(raw))
    except WireError:
        groups = 1
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    try:
        out = len(whole(pipeline, raw, Origin(3, "c", 1000, groups)).payload)
    except BadBatchError:
        out = 0
    peak = tracemalloc.get_traced_memory()[1] - before
    allowed = MEMORY_FLOOR + MEMORY_FACTOR * (len(raw) + out)
    assert peak < allowed, f"FUZZ_SEED={SEED}, damaged batch {number}: {peak} bytes, allowed {allowed}"


@pytest.mark.parametrize("place", ["topic", "source"])
def test_long_names_from_outside_do_not_pile_up(place: str) -> None:
    pipeline = Pipeline(parsed())
    tracemalloc.start()
    try:
        for number in range(200):
            names = {"topic": b"t", "source": b"s", place: b"%d" % number + b"x" * 100_000}
            group = Group(names["topic"], names["source"], (), (Log(1, None, ()),))
            whole(pipeline, Encoder(random.Random(0)).batch((group,)), Origin(3, "c", 1000, 1))
        assert tracemalloc.get_traced_memory()[0] < KEPT
    finally:
        tracemalloc.stop()


def test_a_full_answer_takes_a_few_times_its_size() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.unit.core.fuzz_peak"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "bin")},
        stdout=subprocess.PIPE,
        check=True,
        timeout=60,
    )
    read, written, peak = map(int, ran.stdout.split())
    assert read > 10_000_000
    assert peak < RESIDENT_FACTOR * (read + written)
