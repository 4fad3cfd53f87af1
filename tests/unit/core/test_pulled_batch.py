from __future__ import annotations

import base64
import zlib
from typing import Any

import lz4.block
import pytest
from aliyun.log import LogException

from sls_ingest.cursors import position
from sls_ingest.errors import BadBatchError
from sls_ingest.pulled import read_answer

RAW = b"raw body " * 100
PACKED = lz4.block.compress(RAW, store_size=False)


def headers(codec: str = "lz4", size: Any = 900, **over: Any) -> dict[str, str]:
    given = {
        "X-Log-Compresstype": codec,
        "x-log-bodyrawsize": size,
        "x-log-count": 3,
        "x-log-cursor": "next",
        "x-log-read-last-cursor": 1002,
        **{name.replace("_", "-"): value for name, value in over.items()},
    }
    return {name: str(value) for name, value in given.items() if value is not None}


@pytest.mark.parametrize(("codec", "body"), [("lz4", PACKED), ("deflate", zlib.compress(RAW)), ("", RAW)])
def test_each_codec_gives_the_raw_body(codec: str, body: bytes) -> None:
    batch = read_answer("c", headers(codec), body)
    assert (batch.unpacked(), batch.groups, batch.first) == (RAW, 3, 1000)


@pytest.mark.parametrize(
    ("given", "body"),
    [
        (headers(), b"\x00" * 50),
        (headers(), PACKED[:-3]),
        (headers(size=10), PACKED),
        (headers(size=len(RAW) + 1), PACKED),
        (headers(size=1 << 40), b"x"),
        (headers(size=0), b""),
        (headers(x_log_count=0), PACKED),
        (headers("deflate"), b"no zlib"),
        (headers("deflate", 10), zlib.compress(RAW)),
        (headers("zstd"), b"(\xb5/\xfd"),
        (headers(""), RAW[:-1]),
    ],
)
def test_a_body_that_cannot_be_read_is_the_processors_to_find(given: dict[str, str], body: bytes) -> None:
    batch = read_answer("c", given, body)
    with pytest.raises(BadBatchError) as caught:
        batch.unpacked()
    assert "raw body" not in str(caught.value)
    assert (batch.body, batch.next_cursor) == (body, "next")
    assert batch.get_loggroup_count() > 0  # or the library would not hand it on


@pytest.mark.parametrize(
    "over",
    [
        {"x_log_count": None},
        {"x_log_count": "many"},
        {"x_log_count": "-1"},
        {"x_log_bodyrawsize": None},
        {"x_log_cursor": None},
        {"x_log_cursor": "c"},  # log groups, and no step forward
        {"content_length": len(PACKED) + 1},  # cut on its way
    ],
)
def test_what_is_no_whole_answer_to_pulllogs_is_an_error_that_is_fetched_again(over: dict[str, Any]) -> None:
    with pytest.raises(LogException, match="PullLogs at cursor c is damaged") as caught:
        read_answer("c", headers(**over), PACKED)
    assert caught.value.get_error_code() == "BadResponse"
    assert "raw body" not in str(caught.value)


CURSOR, BEHIND, AHEAD = (base64.b64encode(number).decode() for number in (b"1000", b"999", b"1003"))


@pytest.mark.parametrize("wrong", ["not-a-number", CURSOR, BEHIND])
def test_a_next_cursor_that_leads_nowhere_is_not_followed(wrong: str) -> None:
    assert read_answer(CURSOR, headers(x_log_cursor=AHEAD), PACKED).next_cursor == AHEAD
    with pytest.raises(LogException, match="does not say where to go on"):
        read_answer(CURSOR, headers(x_log_cursor=wrong), PACKED)


def test_the_end_of_a_shard_is_empty() -> None:
    batch = read_answer("c", headers(size=0, x_log_count=0, x_log_cursor="c"), b"")
    assert batch.is_empty
    assert batch.first is None


@pytest.mark.parametrize(("said", "at_end"), [("1", True), ("0", False), (None, None), ("?", None)])
def test_the_end_of_the_shard_is_what_sls_says_it_is(said: str | None, at_end: bool | None) -> None:
    assert read_answer("c", headers(x_log_end_of_cursor=said), PACKED).at_end is at_end


def test_a_query_leaves_the_first_position_unknown() -> None:
    assert read_answer("c", headers(x_log_rawdatacount=9), PACKED).first is None


def test_a_cursor_is_a_number_where_it_looks_like_one() -> None:
    text = base64.b64encode(b"1729070618428044655").decode()
    assert position(text) == position(text.rstrip("=")) == 1729070618428044655
    assert position("not base64!") is None
    assert position(base64.b64encode(b"letters").decode()) is None
