from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from sls_ingest.log_fields import line, quoted

PAIR = re.compile(r'(\w+)=("[^"\\]*"|[^\s"]+)(?: |$)')


def test_a_line_has_text_in_quotes_and_numbers_as_they_are() -> None:
    fields = {"project": "p", "shard": 0, "lag_s": 1.25, "cursor_time": None, "shards": ""}
    assert line("shard_metrics", fields) == 'action=shard_metrics project="p" shard=0 lag_s=1.250 shards=""'


@given(st.text())
def test_no_text_breaks_out_of_its_quotes(text: str) -> None:
    rest = line("a", {"x": text, "y": 1})
    assert [name for name, _ in PAIR.findall(rest)] == ["action", "x", "y"]
    assert "\n" not in rest
    assert PAIR.sub("", rest) == ""


def test_a_text_is_bounded() -> None:
    assert len(quoted("x" * 5000)) == 1002
