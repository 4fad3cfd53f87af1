"""Runs searches over events without a Splunk, as far as the documents, the dashboard and the alerts need it.

The commands are in spl_commands.py and spl_stats.py. What is not known there is refused with a
KnowledgeError, and so is what Splunk does not say how it does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.knowledge import spl_commands, spl_text
from tests.knowledge.apply import Event, Outcome
from tests.knowledge.spl_rows import Context, FieldValue, Row

__all__ = ["Context", "FieldValue", "Row", "answer", "columns", "post_process", "view"]


def view(event: Event, outcome: Outcome) -> Row:
    """The fields that a search sees of an event."""
    meta = {"sourcetype": event.sourcetype, "source": event.source, "host": event.host, "_time": event.time}
    return {**outcome.fields, **meta, "tag": outcome.tags, "eventtype": outcome.eventtypes}


def answer(spl: str, events: Sequence[Mapping[str, FieldValue]], context: Context | None = None) -> list[Row]:
    """The rows that the search gives over `events`, the newest first, as Splunk gives them.

    Raises:
        KnowledgeError: it holds what this tool does not read.
    """
    context = context or Context()
    first, *rest = spl_text.commands(spl_text.expanded(spl, context.macros))
    rows: list[Row] = [dict(event) for event in events]
    rows = spl_commands.run("search", first.removeprefix("search "), rows, context)
    for command in rest:
        rows = post_process(command, rows, context)
    return rows


def post_process(command: str, rows: list[Row], context: Context) -> list[Row]:
    """The rows after one more command."""
    name, *text = command.split(None, 1)
    return spl_commands.run(name.lower(), text[0].strip() if text else "", rows, context)


def columns(spl: str, context: Context) -> list[str]:
    """The order of the columns where a search ends with `table`; else nothing is said of it."""
    name, *text = spl_text.commands(spl_text.expanded(spl, context.macros))[-1].split(None, 1)
    return spl_text.words(text[0]) if name == "table" and text else []
