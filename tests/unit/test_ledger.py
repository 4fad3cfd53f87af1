"""The ledger: every loss and every surplus copy is found and named, whatever the order of arrival."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data_makers import SEQ_FIELD
from tests.standins.ledger import NUMBER_FIELD, Arrival, Ledger, number_in

NUMBERS = st.lists(st.integers(0, 10_000).map(str), unique=True, max_size=40)


def _ledger(numbers: list[str], topic: str = "t", logstore: str = "l") -> Ledger:
    ledger = Ledger()
    for number in numbers:
        ledger.produced(topic, logstore, number)
    return ledger


@given(NUMBERS, st.data())
def test_missing_and_duplicate_are_exact(numbers: list[str], data: st.DataObject) -> None:
    copies = {number: data.draw(st.integers(0, 3)) for number in numbers}
    arrivals = [Arrival(number) for number, count in copies.items() for _ in range(count)]
    random.Random(data.draw(st.integers(0, 99))).shuffle(arrivals)
    total = _ledger(numbers).reconcile(arrivals).total
    assert total.produced == len(numbers)
    assert total.indexed == sum(count > 0 for count in copies.values())
    assert sorted(total.missing_numbers) == sorted(n for n, count in copies.items() if count == 0)
    assert sorted(total.duplicate_numbers) == sorted(n for n, count in copies.items() if count > 1)
    assert total.duplicate == sum(max(0, count - 1) for count in copies.values())


@given(NUMBERS, NUMBERS)
def test_strangers_are_told_apart(produced: list[str], arrived: list[str]) -> None:
    result = _ledger(produced).reconcile(Arrival(number) for number in arrived)
    assert result.unknown_numbers == sorted(set(arrived) - set(produced))
    assert result.complete == (set(produced) <= set(arrived))


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=50))
def test_lag_is_that_of_the_first_copy(lags: list[float]) -> None:
    ledger = Ledger()
    arrivals = []
    for number, lag in enumerate(lags):
        ledger.produced("t", "l", str(number), at=1000.0)
        arrivals += [Arrival(str(number), at=3000.0), Arrival(str(number), at=1000.0 + lag)]
    result = ledger.reconcile(arrivals)
    assert result.lags == pytest.approx(sorted(lags))
    assert result.lag(0.0) == pytest.approx(min(lags))
    assert result.lag(1.0) == pytest.approx(max(lags))


def test_backlog_has_no_lag() -> None:
    ledger = _ledger(["1", "2", "3"])
    result = ledger.reconcile([Arrival("1", at=99.0), Arrival("2", at=98.0), Arrival("1", at=97.0)])
    assert result.lag(0.5) is None
    assert result.backlog == [97.0, 98.0]


def test_one_row_per_topic_and_logstore() -> None:
    ledger = Ledger()
    for number, (topic, logstore) in enumerate([("a", "x"), ("a", "y"), ("b", "x"), ("a", "x")]):
        ledger.produced(topic, logstore, str(number))
    result = ledger.reconcile(
        [Arrival("0", "alibaba:a"), Arrival("3", "alibaba:sls"), Arrival("2", "alibaba:b")]
    )
    rows = {(row.topic, row.logstore): (row.produced, row.indexed, row.missing) for row in result.rows}
    assert rows == {("a", "x"): (2, 2, 0), ("a", "y"): (1, 0, 1), ("b", "x"): (1, 1, 0)}
    assert result.rows[0].sourcetypes == {"alibaba:a", "alibaba:sls"}
    assert not result.complete


def test_a_number_can_be_used_once() -> None:
    ledger = _ledger(["1"])
    with pytest.raises(ValueError, match="produced twice"):
        ledger.produced("other", "l", "1")


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"x": 1, NUMBER_FIELD: "00000042"}),
        json.dumps({NUMBER_FIELD: "00000042"}, separators=(",", ":")),
        json.dumps({"inner": json.dumps({NUMBER_FIELD: "00000042"})}),
        f"a=b {NUMBER_FIELD}=00000042 c=d",
    ],
)
def test_number_is_found_in_the_text(text: str) -> None:
    assert number_in(text) == "00000042"


def test_no_number_no_match() -> None:
    assert number_in('{"event": "x"}') is None


def test_makers_and_ledger_agree_on_the_field() -> None:
    assert SEQ_FIELD == NUMBER_FIELD
