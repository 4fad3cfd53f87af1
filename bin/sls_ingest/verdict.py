"""What a check found: ok, a warning, a failure or nothing, in one sentence with its remedy. Pure."""

from __future__ import annotations

from typing import Callable, Final, NamedTuple

OK: Final = "ok"
WARNING: Final = "warning"
FAILED: Final = "failed"
SKIPPED: Final = "skipped"


class RefusedError(ValueError):
    """A check failed; the text is what to show."""


class Result(NamedTuple):
    """`state` is one of OK, WARNING, FAILED, SKIPPED; `kind` tells troubles apart for programs."""

    check: str
    state: str
    sentence: str
    remedy: str = ""
    kind: str = ""

    @property
    def text(self) -> str:
        """Sentence and remedy, as pages and logs show them."""
        return f"{self.sentence}; {self.remedy}" if self.remedy else self.sentence


def found(check: str, state: str, text: str, kind: str = "") -> Result:
    """A result from a text that ends with its remedy, after the last semicolon outside of parentheses."""
    sentence, separator, remedy = text.rpartition("; ")
    if not separator or remedy.count(")") > remedy.count("("):  # in the words of somebody else
        return Result(check, state, text, "", kind)
    return Result(check, state, sentence, remedy, kind)


def skipped(check: str, cause: str) -> Result:
    """`check` was not made because the check `cause` failed."""
    return Result(check, SKIPPED, f"not tried, because '{cause}' failed")


def blanked(results: list[Result], blank: Callable[[str], str]) -> list[Result]:
    """The same, each text as `blank` gives it back."""
    return [row._replace(sentence=blank(row.sentence), remedy=blank(row.remedy)) for row in results]


def first_failure(results: list[Result]) -> Result | None:
    return next((result for result in results if result.state == FAILED), None)


def raise_first_failure(results: list[Result]) -> None:
    """
    Raises:
        RefusedError: with the text of the first check that failed.
    """
    failure = first_failure(results)
    if failure is not None:
        raise RefusedError(failure.text)
