"""The demo's own writer: wire bytes and signature against values worked out by other means."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from tests.data_makers import LogGroup
from tests.data_makers.samples import sample_makers
from tests.demo.producer import MIX, plan
from tests.demo.put_logs import encode_group, signature

TEXT = st.text(st.characters(codec="utf-8"), max_size=200)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=5)


def test_bytes_of_a_small_group() -> None:
    group = LogGroup("t", "s", (("k", "v"),), [(300, [("a", "b")])])
    log = bytes.fromhex("08ac02" + "1206" + "0a0161" + "120162")
    assert encode_group(group) == (
        b"\x0a" + bytes([len(log)]) + log + b"\x1a\x01t" + b"\x22\x01s" + b"\x32\x06\x0a\x01k\x12\x01v"
    )


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _fields(data: bytes) -> list[tuple[int, int | bytes]]:
    """(field number, value) of a protobuf message; an own reader, so that writer and reader share nothing."""
    out: list[tuple[int, int | bytes]] = []
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        value, at = _varint(data, at)
        if tag & 7 == 0:
            out.append((tag >> 3, value))
        else:
            out.append((tag >> 3, data[at : at + value]))
            at += value
    return out


def _pair(data: int | bytes) -> tuple[str, str]:
    assert isinstance(data, bytes)
    parts = dict(_fields(data))
    return bytes(parts[1]).decode(), bytes(parts[2]).decode()


@given(TEXT, TEXT, PAIRS, st.lists(st.tuples(st.integers(0, 2**32 - 1), PAIRS), max_size=4))
def test_what_was_written_reads_back(
    topic: str, source: str, tags: list[tuple[str, str]], logs: list[tuple[int, list[tuple[str, str]]]]
) -> None:
    fields = _fields(encode_group(LogGroup(topic, source, tuple(tags), logs)))
    assert [value for number, value in fields if number in (3, 4)] == [topic.encode(), source.encode()]
    assert [_pair(value) for number, value in fields if number == 6] == tags
    read = [_fields(bytes(value)) for number, value in fields if number == 1 and isinstance(value, bytes)]
    assert [(log[0][1], [_pair(value) for _, value in log[1:]]) for log in read] == logs


def test_signature_of_the_documented_form() -> None:
    headers = {
        "Date": "Mon, 09 Nov 2015 06:11:16 GMT",
        "Content-Type": "application/x-protobuf",
        "Content-MD5": "1DD45FA4A70A9300CC9FE7305AF2C494",
        "x-log-signaturemethod": "hmac-sha1",
        "x-log-apiversion": "0.6.0",
        "x-log-bodyrawsize": "52",
        "Host": "not signed",
    }
    # Worked out with: printf '<string to sign>' | openssl dgst -sha1 -hmac secret -binary | base64
    assert signature("secret", "POST", "/logstores/test-logstore", headers) == "ItiMGWEVI9uPwFJEq1/h7BEgjGs="


def test_plan_keeps_the_mix_and_the_sizes() -> None:
    groups = plan(6000, random.Random(1))
    total = sum(group.size for group in groups)
    assert 5900 <= total <= 6000
    samples = [group for group in groups if "/" in group.maker.name]
    assert {group.maker for group in samples} == set(sample_makers())
    rest = 6000 - len(samples)
    for name, (logstore, share) in MIX.items():
        mine = [group for group in groups if group.maker.name == name]
        assert abs(sum(group.size for group in mine) - rest * share / 100) <= 1
        assert all(group.logstore == logstore for group in mine)
        assert max(group.size for group in mine) <= mine[0].maker.logs_per_group[1]


def test_plan_is_the_same_for_the_same_seed() -> None:
    assert plan(500, random.Random(3)) == plan(500, random.Random(3))
