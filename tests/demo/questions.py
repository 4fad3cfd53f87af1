"""What a SOC asks first, answered on the demo's own events with the add-on's own rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.knowledge import conf, spl
from tests.knowledge.apply import Applier, Event
from tests.knowledge.spl import Row

__all__ = ["QUESTIONS", "Event", "Question", "Row", "answers", "shown"]

SHOWN = 3


class Question(NamedTuple):
    """A question and the search that answers it; docs/first-searches.md has the same."""

    text: str
    spl: str


QUESTIONS = (
    Question(
        "Who signed in to the console without MFA?",
        "sourcetype=alibaba:actiontrail tag=authentication command=ConsoleSignin action=success mfa=false "
        "| stats count values(src) AS src BY user user_type | sort - count",
    ),
    Question(
        "Who changed security groups, and did it work?",
        "sourcetype=alibaba:actiontrail tag=change tag=network command=*SecurityGroup* "
        "| stats count values(command) AS commands BY user src status | sort - count",
    ),
    Question(
        "Which sources were blocked most?",
        "sourcetype=alibaba:* (tag=web OR tag=network OR tag=ids) action=blocked src=* "
        "| stats count dc(dest) AS targets values(vendor_product) AS blocked_by BY src | sort - count",
    ),
    Question(
        "Whose reads were refused by OSS?",
        "sourcetype=alibaba:oss:access tag=storage action=read status=403 "
        "| stats count values(operation) AS operations values(result) AS reasons BY user src storage_name "
        "| sort - count",
    ),
    Question(
        "What did the root account do, newest first?",
        "sourcetype=alibaba:actiontrail (user_type=root-account OR src_user_type=root-account) "
        "| stats count max(_time) AS last values(src) AS src BY command status | sort - last",
    ),
)


def answers(package: Path, events: Sequence[Event]) -> Iterator[tuple[Question, list[Row]]]:
    """Each question with its rows, by the rules in the package."""
    applier = Applier(conf.from_package(package))
    views = [spl.view(event, applier.run(event)) for event in events]
    for question in QUESTIONS:
        yield question, spl.answer(question.spl, views)


def shown(question: Question, rows: list[Row]) -> str:
    """The question and its first rows, as text."""
    lines = [f"  {question.text}  {len(rows)} row{'' if len(rows) == 1 else 's'}"]
    lines += [
        "    " + "  ".join(f"{name}={_text(value)}" for name, value in row.items()) for row in rows[:SHOWN]
    ]
    return "\n".join(lines)


def _text(value: spl.FieldValue) -> str:
    return value if isinstance(value, str) else ", ".join(value)
