"""What the doctor found, as text for people and as JSON for programs. Pure."""

from __future__ import annotations

import json
import textwrap
from typing import Any, NamedTuple

from .verdict import FAILED, OK, SKIPPED, WARNING, Result, first_failure


class Report(NamedTuple):
    """What was found, and the RAM policies that would grant what is missing, each with whom it is for."""

    target: str
    results: list[Result]
    policies: list[tuple[str, dict[str, Any]]]

    @property
    def exit_code(self) -> int:
        """0 when nothing failed, 1 when a check did."""
        return 1 if first_failure(self.results) else 0


def as_text(report: Report, columns: int) -> str:
    """The results as a table: state, check, and beside them sentence and remedy, wrapped to `columns`."""
    width = max(len(result.check) for result in report.results)
    lines = [f"Checks of {report.target}", ""]
    for result in report.results:
        state = result.state.upper() if result.state == FAILED else result.state
        lead = f"{state:8} {result.check:{width}}  "
        lines += _wrapped(result.sentence.rstrip("."), lead, columns)
        if result.remedy:
            lines += _wrapped(result.remedy.rstrip("."), " " * len(lead) + "-> ", columns)
    for whom, policy in report.policies:
        lines += ["", f"{whom}:", "", json.dumps(policy, indent=2)]
    return "\n".join([*lines, "", _summary(report), ""])


def _wrapped(text: str, lead: str, columns: int) -> list[str]:
    return textwrap.wrap(
        text,
        max(columns, len(lead) + 30),
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _summary(report: Report) -> str:
    counts = dict.fromkeys((FAILED, WARNING, SKIPPED, OK), 0)
    for result in report.results:
        counts[result.state] += 1
    return ", ".join(f"{count} {state}" for state, count in counts.items())


def as_json(report: Report) -> str:
    """The same for programs: target, exit_code, checks, policies."""
    names = ("check", "state", "sentence", "remedy")
    rows = [{name: getattr(result, name).rstrip(".") for name in names} for result in report.results]
    policies = [{"for": whom, "policy": policy} for whom, policy in report.policies]
    answer = {
        "target": report.target,
        "exit_code": report.exit_code,
        "checks": rows,
        "policies": policies,
    }
    return json.dumps(answer, indent=2) + "\n"
