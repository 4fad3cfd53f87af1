"""One batch in slices: bounded in memory, and together exactly the batch."""

from __future__ import annotations

import tracemalloc

import pytest

from sls_ingest.errors import BadBatchError
from sls_ingest.pipeline import Pipeline, Rendered
from sls_ingest.record import Origin
from tests.unit.core.inputs import parsed
from tests.unit.core.log_groups import batch, one_log
from tests.unit.core.test_render import events_of

MB = 1024 * 1024
ORIGIN = Origin(3, "c", 1000, 1)


def test_tags_that_each_log_repeats_do_not_fill_the_memory() -> None:
    raw = batch({"tags": [("k", "v" * MB)], "logs": [(1, [])] * 100})
    pipeline, done = Pipeline(parsed()), Rendered()
    tracemalloc.start()
    try:
        sizes = [len(payload) for payload in pipeline.run(raw, ORIGIN, done)]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(sizes) == done.written > 100 * MB
    assert max(sizes) < 9 * MB
    assert peak < 100 * MB
    assert done.events == 100


def test_slices_are_whole_events_and_leave_none_out() -> None:
    groups = [
        {"logs": [(1, [("n", f"{g}.{n}"), ("fill", "x" * 1000)]) for n in range(3000)]} for g in range(4)
    ]
    slices = list(Pipeline(parsed(event_id="1")).run(batch(*groups), Origin(3, "c", 1000, 4), Rendered()))
    assert len(slices) > 1
    found = [event.findtext("data") or "" for payload in slices for event in events_of(payload)]
    assert [text.split('"')[3] for text in found] == [f"{g}.{n}" for g in range(4) for n in range(3000)]
    assert len({text.partition("__event_id__")[2] for text in found}) == 12_000


def test_a_batch_that_does_not_parse_is_refused_before_its_first_slice() -> None:
    with pytest.raises(BadBatchError):
        next(Pipeline(parsed()).run(one_log() + b"\xff", ORIGIN, Rendered()))
