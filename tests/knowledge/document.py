"""`python -m tests.knowledge.document`: writes docs/log-types.md from table, samples and rules."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.app_package import ROOT
from tests.knowledge import check, conf, samples
from tests.knowledge.apply import Applier
from tests.knowledge.check import CheckedType

PLACE = ROOT / "docs" / "log-types.md"
INTRODUCTION = Path(__file__).with_name("log-types.md")


def document(types: Sequence[CheckedType], applier: Applier) -> str:
    """The whole page."""
    products: dict[str, list[CheckedType]] = {}
    for one in sorted(types, key=lambda one: (one.info.product.lower(), one.sourcetype)):
        products.setdefault(one.info.product, []).append(one)
    parts = [INTRODUCTION.read_text(encoding="utf-8").rstrip(), "", *_overview(products)]
    for product, kinds in products.items():
        parts += ["", f"## {product}", *(line for kind in kinds for line in _kind(kind, applier))]
    return "\n".join(parts) + "\n"


def _overview(products: dict[str, list[CheckedType]]) -> Iterator[str]:
    yield "| Product | Topics | Sourcetype | CIM data models |"
    yield "|---|---|---|---|"
    for product, kinds in products.items():
        for kind in kinds:
            models = ", ".join(kind.info.models) or "none"
            yield f"| {product} | {_known_by(kind)} | `{kind.sourcetype}` | {models} |"


def _known_by(kind: CheckedType) -> str:
    rows = [row for row in samples.log_types() if row.sourcetype == kind.sourcetype]
    topics = [f"`{row.topic}`" for row in rows if row.topic]
    stores = [f"any in logstore `{row.logstore}`" for row in rows if row.logstore]
    return ", ".join([*topics, *stores]) or f"set `sourcetype = {kind.sourcetype}`"


def _kind(kind: CheckedType, applier: Applier) -> Iterator[str]:
    rows = [row for row in samples.log_types() if row.sourcetype == kind.sourcetype]
    unfolded = sorted({name for row in rows for name in row.unfold})
    times = sorted({row.time for row in rows if row.time})
    yield ""
    yield f"### {kind.sourcetype}"
    yield ""
    if kind.info.logstores:
        yield f"- Logstores: {', '.join(f'`{name}`' for name in kind.info.logstores)}"
    if unfolded:
        yield f"- Unfolded: {', '.join(f'`{name}`' for name in unfolded)}"
    if times:
        yield f"- Time: {', '.join(f'`{name}`' for name in times)}"
    yield f"- Event types, with their tags: {_event_types(kind, applier)}"
    yield f"- {_coverage(kind)}"
    for gap in kind.info.gaps:
        yield f"- Gap: {gap}"


def _event_types(kind: CheckedType, applier: Applier) -> str:
    outcomes = [one.outcome for one in kind.samples if one.outcome is not None]
    names = sorted({name for outcome in outcomes for name in outcome.eventtypes})
    return ", ".join(f"`{name}` ({' '.join(applier.tags_of(name)) or 'no tags'})" for name in names) or "none"


def _coverage(kind: CheckedType) -> str:
    found = kind.coverage
    if not kind.info.models:
        return "CIM: no model fits"
    return (
        f"CIM fields that the log can give: {found.required_given} of {found.required} required, "
        f"{found.optional_given} of {found.optional} optional"
    )


def from_source() -> str:
    """The page as the source tree has it."""
    applier = Applier(conf.from_source())
    return document(list(check.all_types(applier, "")), applier)


def main() -> None:
    text = from_source()
    PLACE.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{PLACE.relative_to(ROOT)}: {text.count(chr(10))} lines\n")


if __name__ == "__main__":
    main()
