"""The subset of the search language and of SPL."""

from __future__ import annotations

import pytest

from tests.standins.sls.boolean import ConditionError, search, where
from tests.standins.sls.errors import SlsError
from tests.standins.sls.filtering import compile_spl, filter_for
from tests.standins.sls.wire import Log, LogGroup, WireError, decode_list, encode_group, frame

FIELDS = {"__topic__": "nginx", "status": "404", "msg": "Connection refused by peer", "a-b": "x"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*", True),
        ("", True),
        ("refused", True),
        ("REFUSED", True),
        ("refus", False),
        ("refus*", True),
        ("status: 404", True),
        ("status: 40", False),
        ("status: *", True),
        ("nothing: *", False),
        ('msg: "refused by"', True),
        ("__topic__: nginx and status: 404", True),
        ("status: 200 or refused", True),
        ("not status: 404", False),
        ("refused peer", True),
        ("refused nobody", False),
        ("(status: 200 or status: 404) and not refused", False),
        ("status >= 400", True),
        ("status < 400", False),
        ("msg > 1", False),
    ],
)
def test_search(text: str, expected: bool) -> None:
    assert search(text)(FIELDS) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("status = '404'", True),
        ("status == '404'", True),
        ("status != '404'", False),
        ("status <> '200'", True),
        ("status = '404' and msg like '%refused%'", True),
        ("msg not like 'Conn%'", False),
        ("\"a-b\" = 'x'", True),
        ("status in ('200', '404')", True),
        ("status not in ('200')", True),
        ("gone is null", True),
        ("status is not null and not (status = '200')", True),
        ("cast(status as bigint) >= 400", True),
        ("cast(status as bigint) < 400", False),
        ("gone = 'x'", False),
        ("gone != 'x'", False),
    ],
)
def test_where(text: str, expected: bool) -> None:
    assert where(text)(FIELDS) is expected


@pytest.mark.parametrize(
    "text", ["status =", "= 'x'", "status ~ 'x'", "(status = '1'", "status = '1' 'x'", "status = x"]
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(ConditionError):
        where(text)


def frames(*groups: LogGroup) -> list[bytes]:
    """Groups as elements of a list."""
    return [frame(encode_group(group)) for group in groups]


def test_groups_without_a_match_vanish_and_lines_are_counted() -> None:
    first = LogGroup([Log(1, [(b"k", b"a|b")]), Log(2, [(b"k", b"c")])], b"t", b"s", [(b"h", b"1")])
    second = LogGroup([Log(3, [(b"k", b"c")])])
    kept, lines, results = compile_spl("* | where k = 'a|b'").frames(frames(first, second))
    assert (lines, results) == (3, 1)
    assert decode_list(b"".join(kept)) == [LogGroup(first.logs[:1], b"t", b"s", [(b"h", b"1")])]


def test_commands_chain() -> None:
    group = LogGroup([Log(1, [(b"k", b"1"), (b"x", b"2"), (b"y", b"3")], 5)])
    spl = "k: 1 | project-away y | extend z = 'new' | project k, z"
    kept, _lines, _results = compile_spl(spl).frames(frames(group))
    assert decode_list(b"".join(kept)) == [LogGroup([Log(1, [(b"k", b"1"), (b"z", b"new")], 5)])]


@pytest.mark.parametrize(
    "spl", ["* | stats count(*)", "* | where", "* | where k ~ 1", "* | extend x = y", "* | project"]
)
def test_other_spl_is_400(spl: str) -> None:
    with pytest.raises(SlsError, match="ParameterInvalid"):
        compile_spl(spl)


def test_processors_are_found_by_name() -> None:
    processors = {"p1": {"configuration": {"spl": "* | where k = '1'"}}}
    assert filter_for(processors, "", "") is None
    assert filter_for(processors, "", "p1") is not None
    with pytest.raises(SlsError, match="ConsumeProcessorNotExist"):
        filter_for(processors, "", "p2")
    with pytest.raises(SlsError, match="exclude"):
        filter_for(processors, "*", "p1")


def test_damaged_groups_cannot_be_filtered() -> None:
    with pytest.raises(WireError):
        compile_spl("*").frames([frame(b"\xff\xff")])
