from __future__ import annotations

import zlib

import lz4.block
import pytest
from aliyun.log import LogException

from sls_ingest.pulled import PulledBatch, decompressed

RAW = b"raw body " * 100


def answer(codec: str, size: int = len(RAW)) -> PulledBatch:
    return PulledBatch({"X-Log-Compresstype": codec, "x-log-bodyrawsize": str(size)}, None)


@pytest.mark.parametrize(
    ("codec", "body"),
    [("lz4", lz4.block.compress(RAW, store_size=False)), ("deflate", zlib.compress(RAW)), ("", RAW)],
)
def test_each_codec_gives_the_raw_body(codec: str, body: bytes) -> None:
    assert decompressed(answer(codec), body, 0, "c") == RAW


@pytest.mark.parametrize(
    ("batch", "body"),
    [
        (answer("lz4"), b"\x00" * 50),
        (answer("lz4"), lz4.block.compress(RAW, store_size=False)[:-3]),
        (answer("lz4", 10), lz4.block.compress(RAW, store_size=False)),
        (answer("lz4", len(RAW) + 1), lz4.block.compress(RAW, store_size=False)),
        (answer("lz4", 1 << 40), b"x"),
        (answer("deflate"), b"no zlib"),
        (answer("zstd"), b"(\xb5/\xfd"),
        (answer(""), RAW[:-1]),
    ],
)
def test_a_damaged_body_is_an_error_without_any_of_the_body(batch: PulledBatch, body: bytes) -> None:
    with pytest.raises(LogException, match="damaged answer from shard 7 at cursor MTIz") as caught:
        decompressed(batch, body, 7, "MTIz")
    assert "raw body" not in str(caught.value)


def test_missing_headers_mean_nothing_came() -> None:
    batch = PulledBatch({}, None)
    assert batch.is_empty
    assert (batch.get_next_cursor(), batch.get_raw_size(), batch.get_raw_size_before_query()) == ("", 0, 0)
