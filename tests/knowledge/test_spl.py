"""The commands of the search language, one by one, and what is refused."""

from __future__ import annotations

import pytest

from tests.knowledge import conf, kvauto, spl, spl_text, spl_time
from tests.knowledge.errors import KnowledgeError, UncertainError

HOUR = 3600
ROWS: list[spl.Row] = [  # the newest first
    {"_time": "7260.5", "index": "i", "a": "x", "n": "9", "m": ("1", "2")},
    {"_time": "7200", "index": "i", "a": "x", "n": "10"},
    {"_time": "3700", "index": "i", "a": "y", "n": "1.5"},
    {"_time": "3600", "index": "i", "n": "5"},
]
MACROS = {
    "base": {"definition": "index=i"},
    "with_a(1)": {"definition": '`base` a="$which$"', "args": "which"},
    "round(0)": {"definition": "`round`"},
}


def answer(search: str, now: float = 7300) -> list[spl.Row]:
    knowledge = conf.from_texts(
        {"transforms.conf": "[codes]\nfilename = codes.csv\nmatch_type = WILDCARD(code)\nmax_matches = 1\n"},
        {"codes.csv": "code,text\nx,ten\n*,other\n"},
    )
    return spl.answer(search, ROWS, spl.Context(MACROS, knowledge, now, 3600, 7300))


@pytest.mark.parametrize(
    ("search", "wanted"),
    [
        ("index=i | stats count", [{"count": "4"}]),
        ("index=none | stats count sum(n) AS s", [{"count": "0"}]),
        ("index=none | stats count BY a", []),
        (
            "index=i | stats sum(n) AS s avg(n) AS v BY a",
            [{"a": "x", "s": "19", "v": "9.5"}, {"a": "y", "s": "1.5", "v": "1.5"}],
        ),
        (
            "index=i | stats latest(a) AS l earliest(a) AS e first(n) last(n)",
            [{"l": "x", "e": "y", "first(n)": "9", "last(n)": "5"}],
        ),
        ("index=i | stats count(eval(n > 5)) AS c max(eval(n * 2)) AS m", [{"c": "2", "m": "20"}]),
        (
            "index=i | stats values(a) dc(a) range(n)",
            [{"values(a)": ("x", "y"), "dc(a)": "2", "range(n)": "8.5"}],
        ),
        ("index=i a=x | eventstats max(n) AS most BY a | where n=most | table n", [{"n": "10"}]),
        ("`with_a(y)` | table n", [{"n": "1.5"}]),
        ("index=i | where isnull(a) | table n", [{"n": "5"}]),
        ("index=i | sort -n | head 1 | table n", [{"n": "10"}]),
        ("index=i a=* | sort a, -n | table n", [{"n": "10"}, {"n": "9"}, {"n": "1.5"}]),
        ("index=i | dedup a | table a n", [{"a": "x", "n": "9"}, {"a": "y", "n": "1.5"}]),
        (
            'index=i | fillnull value="-" a | stats count BY a',
            [{"a": "-", "count": "1"}, {"a": "x", "count": "2"}, {"a": "y", "count": "1"}],
        ),
        (
            'index=i a=y | rename n AS "the number" | fields - index, a | table "the number"',
            [{"the number": "1.5"}],
        ),
        ("index=i a=y | fields n", [{"_time": "3700", "n": "1.5"}]),
        (
            "index=i a=* | lookup codes code AS a OUTPUT text | table a text",
            [{"a": "x", "text": "ten"}] * 2 + [{"a": "y", "text": "other"}],
        ),
        (
            'index=i a=y | eval age=now() - _time, n=if(n > 1, "big", null()), b=round(5/2) | table age n b',
            [{"age": "3600", "n": "big", "b": "3"}],
        ),
        ('index=i a=y | eval t=strftime(_time, "%F %T") | table t', [{"t": "1970-01-01 01:01:40"}]),
    ],
)
def test_a_command(search: str, wanted: list[spl.Row]) -> None:
    assert answer(search) == wanted


def test_timechart_makes_a_row_for_each_span_and_a_column_for_each_value() -> None:
    assert answer("index=i | timechart span=1h count BY a") == [
        {"_time": "3600", "_span": "3600", "NULL": "1", "x": "0", "y": "1"},
        {"_time": "7200", "_span": "3600", "NULL": "0", "x": "2", "y": "0"},
    ]
    found = answer("index=i | timechart span=1h usenull=f limit=1 per_minute(n) AS r BY a")
    assert [{name: row.get(name) for name in ("x", "OTHER")} for row in found] == [
        {"x": None, "OTHER": "0.025"},
        {"x": "0.316667", "OTHER": None},
    ]
    assert len(answer("index=i | timechart count")) == 13  # five minutes in up to four hours


@pytest.mark.parametrize(
    "search",
    [
        "index=i | transpose",
        "index=i | stats p95(n)",
        "index=i | stats sum(n) BY",
        "index=i | stats max(eval(n * 2))",
        "index=i | stats sum(a)",
        "index=i | timechart count BY a, n",
        "index=i | timechart bins=10 count",
        "index=i | sort - a, n",
        "index=i | sort a",
        "index=i | head all",
        "index=i | dedup 2 a",
        "index=i | table a*",
        "index=i | rename a n",
        "index=i | eval n",
        "index=i | eval n=n/7",
        "index=i | where n > a",
        "index=i | eval x=round(5/2) | eval y=round(5/2) + 1",
        "index=i | append [search index=i]",
        "index=i bare",
        "index=i | lookup none a OUTPUT b",
        "`unknown`",
        "`with_a`",
        'index=i | eval x="`base`"',
    ],
)
def test_what_is_not_known_or_not_sure_is_refused(search: str) -> None:
    with pytest.raises(KnowledgeError):
        answer(search)


def test_macros_in_a_circle_are_refused() -> None:
    with pytest.raises(KnowledgeError, match="circle"):
        spl_text.expanded("`a`", {"a": {"definition": "`a`"}})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("now", 100_000.0),
        ("-60m", 96_400.0),
        ("-1h@h", 93_600.0),
        ("@d", 86_400.0),
        ("+30s", 100_030.0),
        ("12345.5", 12_345.5),
        ("1970-01-02T00:00:00.000Z", 86_400.0),
    ],
)
def test_time_modifiers(text: str, wanted: float) -> None:
    assert spl_time.moment(text, 100_000.0) == wanted


@pytest.mark.parametrize("text", ["", "yesterday", "-1w@w1", "-2mon", "@", "-"])
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(KnowledgeError):
        spl_time.moment(text, 0)


def test_pairs_that_are_sure_and_those_that_are_not() -> None:
    sure, unsure = kvauto.extract(
        'a=1 b="two words" c=d:e/f.g-h twice=1 twice=2 odd=(x) empty="" list=1,2 '
        'url=a&k=v x.y=3 bs="a\\b" end="z"'
    )
    assert sure == {"a": "1", "b": "two words", "c": "d:e/f.g-h", "end": "z"}
    assert {"twice", "odd", "list", "url", "bs"} <= unsure


def test_an_unsure_field_is_not_read() -> None:
    from tests.knowledge.apply import EventFields

    with pytest.raises(UncertainError):
        EventFields({"a": "1"}, {"a"}).get("a")
