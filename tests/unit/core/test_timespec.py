from __future__ import annotations

from datetime import datetime

import pytest

from sls_ingest import timespec


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("begin", "begin"),
        ("END", "end"),
        ("1735689600", 1735689600),
        ("2025-01-01T00:00:00Z", 1735689600),
        ("2025-01-01 08:00:00+08:00", 1735689600),
        ("2025-01-01T00:00Z", 1735689600),
        ("2025-01-01T00:00:00.5Z", 1735689600),
        ("-90s", 999_910),
        ("-1h", 996_400),
        ("-0h", 1_000_000),
        ("- 1 D", 913_600),
        ("-9w", 0),
    ],
)
def test_accepted_forms(text: str, moment: str | int) -> None:
    assert timespec.parse(text).resolve(1_000_000.9) == moment


def test_a_time_without_zone_is_the_forwarders_local_time() -> None:
    assert timespec.parse("2018-12-26 0:0:0").fixed == int(datetime(2018, 12, 26).timestamp())


@pytest.mark.parametrize(
    "text",
    ["", "now", "1h", "+1h", "-1y", "10", "2025", "2025-02-30", "2025-01-01Z", "1735689600000", "-1h ago"],
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        timespec.parse(text)


def test_what_moves_with_time() -> None:
    assert [timespec.parse(text).moves for text in ("begin", "end", "-1h", "-0h", "1735689600")] == [
        False,
        True,
        True,
        True,
        False,
    ]
