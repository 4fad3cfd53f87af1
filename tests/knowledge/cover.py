"""The coverage table and the goals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.knowledge import samples
from tests.knowledge.check import CheckedType

OPTIONAL_GOAL = 80  # percent of the optional fields that the logs can give


def covered_rows(types: Sequence[CheckedType]) -> tuple[list[str], list[str]]:
    """The rows of LOG_TYPES that have a sample, and those that have none, by topic or sourcetype."""
    used = {
        id(samples.row_for(one.sample)) for kind in types for one in kind.samples if one.sample is not None
    }
    covered: list[str] = []
    left: list[str] = []
    for row in samples.log_types():
        (covered if id(row) in used else left).append(row.topic or f"{row.sourcetype} {row.logstore}".strip())
    return covered, left


def table(types: Sequence[CheckedType]) -> Iterator[str]:
    """One line per sourcetype, then the totals."""
    head = ("sourcetype", "samples", "required", "not in log", "optional", "%", "wrong", "product, models")
    yield _line(head)
    for one in sorted(types, key=lambda one: one.sourcetype):
        found = one.coverage
        yield _line(
            (
                one.sourcetype,
                str(len(one.samples)),
                f"{found.required_given}/{found.required}",
                str(found.not_in_log),
                f"{found.optional_given}/{found.optional}",
                _percent(found.optional_given, found.optional),
                str(found.wrong),
                f"{one.info.product}: {', '.join(one.info.models) or 'no model'}",
            )
        )
    given, required = (sum(getattr(t.coverage, n) for t in types) for n in ("required_given", "required"))
    has, optional = (sum(getattr(t.coverage, n) for t in types) for n in ("optional_given", "optional"))
    yield ""
    yield f"{sum(len(one.samples) for one in types)} samples of {len(types)} sourcetypes"
    yield f"required fields   {given}/{required}  {_percent(given, required)} %"
    yield f"optional fields   {has}/{optional}  {_percent(has, optional)} %"
    yield f"declared as not in the log  {sum(one.coverage.not_in_log for one in types)}"
    yield f"left out by single samples  {sum(one.coverage.left_out for one in types)}"
    yield f"wrong values      {sum(one.coverage.wrong for one in types)}"
    for one in types:
        for name in one.coverage.mostly_left_out:
            yield f"  of these in most samples: {one.sourcetype} {name}"
    covered, left = covered_rows(types)
    yield f"log types with samples  {len(covered)}/{len(covered) + len(left)}"
    if left:
        yield f"without: {', '.join(left)}"


def _line(cells: Sequence[str]) -> str:
    widths = (28, 8, 9, 11, 9, 5, 6, 0)
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip()


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}" if whole else "-"


def missed_goals(types: Sequence[CheckedType], whole: bool = True) -> list[str]:
    """What keeps the samples from the goals; `whole`: also that each log type has samples."""
    missed = []
    for one in types:
        found = one.coverage
        if found.required_given < found.required:
            missed.append(f"{one.sourcetype}: required {found.required_given}/{found.required}")
        if found.wrong:
            missed.append(f"{one.sourcetype}: {found.wrong} wrong values")
        if found.optional and 100 * found.optional_given < OPTIONAL_GOAL * found.optional:
            missed.append(
                f"{one.sourcetype}: optional {found.optional_given}/{found.optional}, "
                f"{_percent(found.optional_given, found.optional)} %; has not "
                + ", ".join(name for name in found.missing if name.endswith("(optional)")).replace(
                    " (optional)", ""
                )
            )
    if whole:
        _, left = covered_rows(types)
        missed += [f"no sample of {name}" for name in left]
    return missed
