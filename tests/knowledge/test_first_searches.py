"""The searches of docs/first-searches.md, on the sample records."""

from __future__ import annotations

import re

import pytest

from tests.app_package import ROOT
from tests.demo.questions import QUESTIONS
from tests.knowledge import conf, samples, spl
from tests.knowledge.apply import Applier
from tests.knowledge.errors import KnowledgeError

PAGE = (ROOT / "docs" / "first-searches.md").read_text(encoding="utf-8")
# What the answer has to hold, by hand from the samples: (question, row's fields).
EXPECTED = (
    ("without MFA", {"user": "alice", "user_type": "ram-user"}),
    ("without MFA", {"user": "root", "user_type": "root-account"}),
    ("security groups", {"user": "alice", "src": "203.0.113.10", "status": "success"}),
    ("blocked most", {"src": "203.0.113.7"}),
    ("refused by OSS", {"user": "anonymous", "src": "198.51.100.23", "storage_name": "examplebucket"}),
    ("root account", {"command": "StopLogging", "status": "success"}),
)


@pytest.fixture(scope="module")
def views() -> list[spl.Row]:
    applier = Applier(conf.from_source())
    paths = [path for folder in sorted(samples.SAMPLES.iterdir()) for path in samples.sample_paths(folder)]
    events = [samples.event_of(samples.load(path)) for path in paths]
    return [spl.view(event, applier.run(event)) for event in events]


@pytest.mark.parametrize("search", re.findall(r"^```\n(.+?)\n```$", PAGE, re.MULTILINE | re.DOTALL))
def test_every_search_of_the_page_finds_something_in_the_samples(views: list[spl.Row], search: str) -> None:
    rows = spl.answer(search, views)
    assert rows
    assert all(len(row) > 1 for row in rows)


def test_the_page_and_the_demo_ask_the_same() -> None:
    asked = re.findall(r"^## ([^\n]+)\n+```\n(.+?)\n```", PAGE, re.MULTILINE | re.DOTALL)
    assert [(text, " ".join(search.split())) for text, search in asked] == [
        (question.text, " ".join(question.spl.split())) for question in QUESTIONS
    ]


@pytest.mark.parametrize(("about", "row"), EXPECTED)
def test_the_answer_holds_what_the_samples_say(views: list[spl.Row], about: str, row: dict[str, str]) -> None:
    (question,) = (question for question in QUESTIONS if about in question.text)
    found = spl.answer(question.spl, views)
    assert [one for one in found if row.items() <= one.items()], found


def test_who_signed_in_with_mfa_or_failed_is_not_in_the_answer(views: list[spl.Row]) -> None:
    rows = spl.answer(QUESTIONS[0].spl.replace("mfa=false", "mfa=true"), views)
    assert rows
    assert sum(int(str(row["count"])) for row in rows) < len(
        [one for one in views if one.get("command") == "ConsoleSignin"]
    )


EVENTS: list[spl.Row] = [
    {"sourcetype": "t", "a": "x", "n": "9", "m": ("1", "2")},
    {"sourcetype": "t", "a": "x", "n": "10"},
    {"sourcetype": "t", "a": "y|z", "n": "1"},
    {"sourcetype": "u", "n": "5"},
]


def test_stats_sort_table_and_head() -> None:
    search = (
        'sourcetype=t | stats count sum(n) AS s max(n) dc(a) BY a | sort - s | head 1 | table a s "max(n)"'
    )
    with pytest.raises(KnowledgeError):
        spl.answer(search + " | transpose", EVENTS)
    assert spl.answer("sourcetype=t | stats count sum(n) AS s max(n) BY a | sort - s | head 1", EVENTS) == [
        {"a": "x", "count": "2", "s": "19", "max(n)": "10"}
    ]
    assert spl.answer('sourcetype=t a="y|z" | table a n', EVENTS) == [{"a": "y|z", "n": "1"}]
    assert [row["m"] for row in spl.answer("sourcetype=t | stats count BY m", EVENTS)] == ["1", "2"]


def test_an_event_without_a_by_field_is_left_out() -> None:
    assert spl.answer("sourcetype=* | stats count BY a", EVENTS) == [
        {"a": "x", "count": "2"},
        {"a": "y|z", "count": "1"},
    ]
