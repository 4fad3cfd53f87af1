"""docs/troubleshooting.md has a row for every sentence that the add-on can say, and for no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.sentences import HOLE, Sentence, sentences

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "troubleshooting.md"
_ROW = re.compile(r"\| (`.*`) \| (.+) \| (.+) \|")
_LEAST_LETTERS = 9
"""Of a pattern, so that it is about one sentence and not about any."""

# What reads like a sentence and is none that needs a row, as a pattern of the whole text; by the reason.
NO_TROUBLE = {
    "a part of `<setting>: '<value>' is not accepted; <part>.`, which says itself what to give": [
        r"give (auto|json|letters|2 to 32|topic|host names|one of|1 or 0|a whole number|a number|begin)\b.*",
        r"give the (SLS|logstore|index|name|id of|secret of|ARN|external id|host name|whole host).*",
        r"give the proxy's host .*",
        r"lower-case letters, .*|threads, or auto|log groups|leave out http://.*|as the proxy's port",
        r"epoch seconds \(.*",
    ],
    "what a check says when all is well": [
        r"the default index is used|this Splunk instance has index \0",
        r"no proxy is used|calls go through proxy .*| from this shell's environment",
        r"the certificate is trusted .*|(project|logstore) '\0' exists",
        r"the public certificate authorities .*|ca_bundle '\0' has .*|a connection to .* opens .*",
    ],
    "a remedy, whose sentence has the row": [
        r"set the clock, .*|give all inputs .*|look at the logstore .*|set fetch_threads .*|expect logs .*",
        r"create it, unless .*|grant it sts:AssumeRole, .*",
    ],
    "a name: of a check, of what failed, of a kind of trouble": [
        r"session key expired|(STS|ECS): .*|the instance's role",
        r"(reading|renewing) (account|the credentials) .*|shard \0: (checkpoint|position|start|fetch)",
    ],
    "words that are looked for in the texts of others": [
        r"does not belong to you|407 Proxy .*|failed to parse: ",
    ],
    "a detail inside a sentence that has the row": [
        r"it is \0|the oldest log|one without a name",
    ],
    "told to the consumer library, which shows it to nobody": [
        r"\0, and it was waited for|shard \0 is not skipped to its end",
    ],
    "the form of a line, a report or an object": [
        r"AccessKey\(.*|.*log_level=.*",
        r"Splunk user for .*|input '\0' \(.*|account's user or role|RAM policy for .*|Checks of \0",
        r"Waiting up to .*|\s*Move \0 checkpoints.*|shards \0|\0 of \0 checkpoints moved.*",
        r"Consumer group '\0' of .*|shard \0 stays at .*|shard \0\0 from .*",
    ],
}
DATA = ("scheme.py", "log_types.py")
"""Modules whose texts are names and descriptions."""


def rows() -> Iterator[tuple[list[str], str, str]]:
    """The patterns of each row, the cause, and the remedy."""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if row := _ROW.fullmatch(line):
            yield re.findall(r"`([^`]+)`", row[1]), row[2], row[3]


PATTERNS = [pattern for patterns, _, _ in rows() for pattern in patterns]


def pieces(pattern: str) -> list[str]:
    return [piece for piece in re.split(r"\.\.\.", pattern) if piece.strip()]


def fits(pattern: str, sentence: Sentence) -> bool:
    """Whether the pieces of the pattern are in the sentence, one behind the other."""
    at = 0
    for piece in pieces(pattern):
        at = sentence.text.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return True


def all_sentences() -> list[Sentence]:
    modules = [path for path in sorted((ROOT / "bin").rglob("*.py")) if path.name not in DATA]
    found = [row for path in modules for row in sentences(path)]
    assert len(found) > 200
    return found


EVERY = all_sentences()
EXCEPTIONS = [re.compile(text, re.DOTALL) for listed in NO_TROUBLE.values() for text in listed]
TROUBLE = [row for row in EVERY if not any(text.fullmatch(row.text) for text in EXCEPTIONS)]


def test_every_sentence_has_a_row() -> None:
    without = [str(row) for row in TROUBLE if not any(fits(pattern, row) for pattern in PATTERNS)]
    wanted = "give them a row in docs/troubleshooting.md, or say in NO_TROUBLE why they need none:"
    assert not without, "\n".join([wanted, *without])


def test_every_row_is_about_a_sentence_that_can_be_said() -> None:
    stale = [pattern for pattern in PATTERNS if not any(fits(pattern, row) for row in TROUBLE)]
    assert not stale, "\n".join(stale)


def test_every_pattern_is_about_something() -> None:
    weak = [p for p in PATTERNS if sum(char.isalpha() for char in "".join(pieces(p))) < _LEAST_LETTERS]
    assert weak == []


def test_every_row_has_a_cause_and_a_remedy() -> None:
    assert len(list(rows())) > 80
    assert all(len(cause) > 5 and len(remedy) > 3 for _, cause, remedy in rows())


@pytest.mark.parametrize("text", EXCEPTIONS, ids=lambda text: str(text.pattern))
def test_every_exception_is_about_a_text_that_is_there(text: re.Pattern[str]) -> None:
    assert any(text.fullmatch(row.text) for row in EVERY)


def test_what_is_taken_for_a_sentence(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        '"""The docstring of a module."""\n'
        "ROWS = (('needle in lower case', 'the sentence of {a} row; do this'), ('code', 'two words'))\n"
        "MORE = ('busy', 'failed in {a}')\n"
        "def f(logger, x, y):\n"
        "    '''Another docstring here.'''\n"
        "    logger.info('all is well with %s', x)\n"
        "    logger.warning('something odd in %s', x)\n"
        "    if 'denied by ram' in x: raise ValueError(f'no way for {x!r}' + y + ' at all')\n"
        "    return Result('check', OK, 'is in order'), Result('check', FAILED, 'is not in order')\n"
    )
    assert [row.text for row in sentences(module)] == [
        f"the sentence of {HOLE} row; do this",
        f"failed in {HOLE}",
        f"something odd in {HOLE}",
        f"no way for {HOLE}{HOLE} at all",
        "is not in order",
    ]
