from __future__ import annotations

import threading

from sls_ingest.metrics import Counts, InputMetrics, delivered
from sls_ingest.pipeline import Rendered


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_counts_are_taken_once() -> None:
    metrics = InputMetrics(0.2, Clock())
    shard = metrics.shard(3)
    rendered = Rendered(written=50, events=2, filtered=1, destinations={("alibaba:waf", ""): 2})
    shard.add(delivered(40, rendered, 0.5, 0.25))
    shard.add(delivered(40, rendered, 0.5, 0.25))
    shard.add(Counts(retries=1))
    shard.fetched(0.125, 1000, None)
    counts = metrics.take()[0][3]
    assert (counts.batches, counts.events, counts.filtered, counts.retries) == (2, 4, 2, 1)
    assert (counts.raw_bytes, counts.written_bytes, counts.render_s, counts.write_s) == (80, 100, 1.0, 0.5)
    assert (counts.fetches, counts.fetch_s) == (1, 0.125)
    assert counts.destinations == {("alibaba:waf", ""): 4}
    assert not metrics.take()[0][3]


def test_retries_of_the_whole_input_stand_beside_those_of_shards() -> None:
    metrics = InputMetrics(0.2, Clock())
    metrics.retried()
    assert metrics.take() == ({}, 1)
    assert metrics.take() == ({}, 0)


def test_a_block_is_told_while_it_lasts_and_never_twice() -> None:
    clock = Clock()
    shard = InputMetrics(0.2, clock).shard(0)
    with shard.blocked():
        clock.now += 60
        assert shard.take().blocked_s == 60
        clock.now += 60
        assert shard.take().blocked_s == 60
        clock.now += 5
    clock.now += 100
    assert shard.take().blocked_s == 5
    assert shard.take().blocked_s == 0


def test_a_block_ends_with_an_error_too() -> None:
    clock = Clock()
    shard = InputMetrics(0.2, clock).shard(0)
    try:
        with shard.blocked():
            clock.now += 1
            raise BrokenPipeError
    except BrokenPipeError:
        clock.now += 10
    assert shard.take().blocked_s == 1


def test_a_shard_that_comes_back_starts_with_an_unknown_lag() -> None:
    """Its checkpoint may be behind what was written here before it was lost."""
    shard = InputMetrics(0.2, Clock()).shard(0)
    shard.fetched(0.1, 1000, "c9")
    assert shard.lag("c9") == 0
    shard.begun()
    assert shard.lag("c9") is None


def test_a_shard_that_is_given_up_keeps_the_lag_of_that_moment() -> None:
    clock = Clock()
    shard = InputMetrics(0.2, clock).shard(0)
    shard.fetched(0.1, 1000, "c9")
    shard.given_up("c9")
    clock.now += 60
    assert shard.last_lag == 0
    shard.begun()
    assert shard.last_lag is None


def test_only_a_shard_that_is_given_up_and_told_of_is_forgotten() -> None:
    metrics = InputMetrics(0.2, Clock())
    for shard_id in (0, 1):
        metrics.begun(shard_id)
        metrics.shard(shard_id).add(Counts(events=1))
    metrics.shard(0).given_up("c9")
    metrics.forget()
    assert sorted(metrics.take()[0]) == [0, 1]
    metrics.forget()
    assert sorted(metrics.take()[0]) == [1]


def test_a_shard_that_comes_back_before_it_is_told_of_is_not_forgotten() -> None:
    metrics = InputMetrics(0.2, Clock())
    metrics.begun(0)
    metrics.shard(0).given_up("c9")
    metrics.begun(0)
    metrics.forget()
    assert sorted(metrics.take()[0]) == [0]


def test_no_count_is_lost_between_threads() -> None:
    metrics = InputMetrics(0.2)
    taken = Counts()

    def count() -> None:
        for number in range(2000):
            metrics.shard(number % 3).add(Counts(events=1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for counts in metrics.take()[0].values():
            taken.add(counts)
    for counts in metrics.take()[0].values():
        taken.add(counts)
    assert taken.events == 8000
