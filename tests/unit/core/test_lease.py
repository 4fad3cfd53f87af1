from __future__ import annotations

from sls_ingest.lease import Lease


def test_a_lease_counts_from_the_sending_of_the_last_answered_heartbeat() -> None:
    now = 100.0
    lease = Lease(40, lambda: now)
    now = 130.0
    lease.renewed(125.0)
    now = 164.9
    assert not lease.lapsed
    now = 165.0
    assert lease.lapsed


def test_a_lost_lease_comes_back_with_the_next_answer() -> None:
    now = 100.0
    lease = Lease(40, lambda: now)
    lease.lost()
    assert lease.lapsed and lease.is_lost
    lease.renewed(now)
    assert not (lease.lapsed or lease.is_lost)
