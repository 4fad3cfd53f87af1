from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sls_ingest import decode
from sls_ingest.errors import BadBatchError
from sls_ingest.record import FreeNames
from tests.unit.core.log_groups import batch, groups_in, one_log


def fields_of(raw: bytes) -> list[dict[str, Any]]:
    found = decode.groups(raw, groups_in(raw))
    return [fields for group in found for _, fields in decode.records(group, group.logs[:], 0)]


def test_fields_come_first_then_what_sls_says_of_the_group() -> None:
    raw = batch(
        {"topic": "t", "source": "s", "tags": [("k", "v")], "logs": [(1, 7, [("b", "1"), ("a", "2")])]}
    )
    (fields,) = fields_of(raw)
    assert list(fields) == ["b", "a", "__topic__", "__source__", "__tag__:k", "__time_ns_part__"]
    assert fields["__time_ns_part__"] == "7"


def test_a_log_field_does_not_overwrite_the_topic_and_is_kept() -> None:
    (fields,) = fields_of(one_log(("__topic__", "forged"), topic="real"))
    assert fields["__topic__"] == "real"
    assert fields["__topic____2"] == "forged"


def test_duplicate_keys_are_all_kept_in_order() -> None:
    (fields,) = fields_of(one_log(("a", "1"), ("a__2", "x"), ("a", "2"), ("a", "3")))
    assert [fields["a"], fields["a__2"], fields["a__3"], fields["a__4"]] == ["1", "x", "2", "3"]


class Counted(set[str]):
    """A set that counts how often it is asked."""

    asked = 0

    def __contains__(self, item: object) -> bool:
        self.asked += 1
        return super().__contains__(item)


def test_a_hostile_log_of_one_name_does_not_make_each_further_field_dearer() -> None:
    taken = Counted()
    names = FreeNames(taken)
    for _ in range(5000):
        taken.add(names.of("a"))
    assert (len(taken), taken.asked <= 10_000) == (5000, True)


def test_duplicate_tags_are_all_kept() -> None:
    (fields,) = fields_of(batch({"tags": [("k", "1"), ("k", "2")], "logs": [(1, [])]}))
    assert (fields["__tag__:k"], fields["__tag__:k__2"]) == ("1", "2")


def test_damaged_topic_is_replaced_visibly() -> None:
    raw = one_log(topic="abc").replace(b"abc", b"a\xffc")
    assert fields_of(raw)[0]["__topic__"] == "a\ufffdc"


@pytest.mark.parametrize("raw", [b"\xff", b"\x0a\x05ab", b"\x0b\x0b"])
def test_bytes_that_are_no_log_group_list_are_refused(raw: bytes) -> None:
    with pytest.raises(BadBatchError):
        list(decode.groups(raw, 1))


@pytest.mark.parametrize("announced", [0, 2])
def test_a_batch_of_another_number_of_log_groups_is_refused(announced: int) -> None:
    with pytest.raises(BadBatchError, match=f"1 log groups where {announced} were announced"):
        list(decode.groups(one_log(), announced))


def test_nanoseconds_out_of_range_are_folded_back() -> None:
    raw = batch({"logs": [(1, 4_002_000_007, []), (1, 1_000_000_000, [])]})
    ((group),) = decode.groups(raw, 1)
    assert [stamp for stamp, _ in decode.records(group, group.logs, 0)] == [1002, 1000]
    assert [fields.get("__time_ns_part__") for fields in fields_of(raw)] == ["2000007", None]


def _pair(*parts: tuple[int, bytes]) -> bytes:
    return _delimited(2, b"".join(_delimited(number, data) for number, data in parts))


def _log_of(*pairs: bytes) -> bytes:
    return _delimited(1, _delimited(1, b"\x08\x01" + b"".join(pairs)))


def _delimited(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2, len(data)]) + data


@pytest.mark.parametrize(
    ("odd", "name", "value"),
    [
        (_pair((1, b"k")), "k", ""),
        (_pair((2, b"v")), "", "v"),
        (_pair((1, b"old"), (2, b"v"), (1, b"k")), "k", "v"),
        (_pair((2, b"old"), (1, b"k"), (2, b"v")), "k", "v"),
    ],
)
def test_a_pair_that_breaks_the_schema_does_not_shift_the_names_of_the_others(
    odd: bytes, name: str, value: str
) -> None:
    raw = _log_of(_pair((1, b"a"), (2, b"1")), odd, _pair((2, b"2"), (1, b"b")))
    (fields,) = fields_of(raw)
    assert (fields["a"], fields["b"]) == ("1", "2")
    if name:
        assert fields[name] == value


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(
    st.lists(st.tuples(st.sampled_from(["a", "a__2", "__topic__", "__source__", "", "é"]), texts), max_size=8)
)
def test_no_value_is_ever_lost(pairs: list[tuple[str, str]]) -> None:
    (fields,) = fields_of(one_log(*pairs, topic="T", source="S"))
    assert len(fields) == len(pairs) + 2
    assert sorted([*(value for _, value in pairs), "T", "S"]) == sorted(fields.values())
