from __future__ import annotations

import threading
import time
from functools import partial
from typing import Callable

import pytest

from sls_ingest.checklist import Check, in_time, results
from sls_ingest.errors import ConfigError
from sls_ingest.verdict import (
    FAILED,
    OK,
    SKIPPED,
    WARNING,
    RefusedError,
    Result,
    found,
    raise_first_failure,
)


@pytest.mark.parametrize(
    ("text", "sentence", "remedy"),
    [
        ("the name is wrong; check it", "the name is wrong", "check it"),
        ("a: b; c (d; e); do f (or g)", "a: b; c (d; e)", "do f (or g)"),
        ("SLS is busy (later; or not)", "SLS is busy (later; or not)", ""),
        ("nothing to do", "nothing to do", ""),
        (str(ConfigError("x", "a", "give b")), "x: 'a' is not accepted", "give b."),
    ],
)
def test_a_remedy_is_what_follows_the_last_semicolon(text: str, sentence: str, remedy: str) -> None:
    result = found("c", FAILED, text)
    assert (result.sentence, result.remedy, result.text) == (sentence, remedy, text)


def test_the_first_failure_is_raised() -> None:
    rows = [Result("a", OK, "fine"), Result("b", WARNING, "hm"), Result("c", SKIPPED, "left out")]
    raise_first_failure(rows)
    with pytest.raises(RefusedError, match=r"^one; do it$"):
        raise_first_failure([*rows, Result("d", FAILED, "one", "do it"), Result("e", FAILED, "two")])


def make(state: str) -> Callable[[], Result]:
    return lambda: Result("", state, state)


def test_what_needs_a_failed_check_is_skipped_and_says_which() -> None:
    checks = [
        Check("a", (), make(FAILED)),
        Check("b", ("a",), make(OK)),
        Check("c", ("b",), make(OK)),
        Check("d", (), make(WARNING)),
        Check("e", ("d",), make(OK)),
    ]
    made = list(results(checks))
    assert [row.state for row in made] == [FAILED, SKIPPED, SKIPPED, WARNING, OK]
    assert made[2].sentence == "not tried, because 'a' failed"


def test_a_check_that_hangs_fails_in_time_and_the_rest_is_skipped() -> None:
    release, closed = threading.Event(), threading.Event()

    def hang() -> Result:
        release.wait(20)
        return Result("b", OK, "late")

    checks = [Check("a", (), make(OK)), Check("b", (), hang), Check("c", (), make(OK))]
    started = time.monotonic()
    made = in_time(checks, 0.1, closed.set)
    assert time.monotonic() - started < 2
    assert [row.state for row in made] == [OK, FAILED, SKIPPED]
    assert made[1].sentence == "no answer within 0.1 s"
    assert made[2].sentence == "not tried, because no time was left"
    assert not closed.is_set()
    release.set()
    assert closed.wait(5)


def test_running_out_of_time_is_what_the_check_says_it_is() -> None:
    release = threading.Event()

    def hang() -> Result:
        release.wait(20)
        return Result("b", OK, "late")

    made = in_time([Check("a", (), make(OK)), Check("b", (), hang, WARNING), Check("c", (), make(OK))], 0.1)
    release.set()
    assert [row.state for row in made] == [OK, WARNING, SKIPPED]
    assert made[1].text.startswith("no answer within 0.1 s; check DNS")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mistake_of_ours_keeps_nobody_from_saving() -> None:
    broken = partial(int, "x")
    made = in_time([Check("a", (), make(OK)), Check("b", (), broken), Check("c", (), make(OK))], 5)  # type: ignore[arg-type]
    assert [row.state for row in made] == [OK, WARNING, SKIPPED]
