"""Sample logs with one field at a time made odd: nothing may become uncertain, or a wrong value of a model.

The samples show what their authors thought of. A log that nobody thought of has "-" where a number stood, or
text that only looks like a number, or nothing at all; the rules have to give a right value or none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tests.knowledge import cim, samples
from tests.knowledge.apply import Applier
from tests.knowledge.errors import KnowledgeError
from tests.knowledge.samples import Sample

# None: the field is missing.
ODD = (None, "", "-", "unknown", "null", "N/A", "odd text", "1e5", " 5", "-1", "9" * 20, '"', "[]", "::1")
_MOST_SAMPLES = 3  # of a sourcetype: the ones with the most fields, of each set of models


def problems(
    folder: Path, applier: Applier, odd: Sequence[str | None] = ODD, most: int = _MOST_SAMPLES
) -> Iterator[str]:
    """What becomes wrong, one line for each field of a log and each field of an event."""
    info = samples.load_type(folder)
    seen: set[tuple[str, str]] = set()
    for sample in _chosen([samples.load(path) for path in samples.sample_paths(folder)], most):
        absent = {
            model: frozenset({*info.not_given.get(model, {}), *sample.not_in_log}) for model in cim.models()
        }
        for name in sample.log:
            for value in odd:
                changed = replace(sample, log=_changed(sample.log, name, value))
                for field, message in _found(changed, applier, absent):
                    if (name, field) not in seen:
                        seen.add((name, field))
                        yield f"{sample.name}: {name} {_shown(value)}: {message}"


def _changed(log: dict[str, str], name: str, value: str | None) -> dict[str, str]:
    if value is None:
        return {other: text for other, text in log.items() if other != name}
    return {**log, name: value}


def _shown(value: str | None) -> str:
    return "missing" if value is None else f"= {value!r}"


def _chosen(given: list[Sample], most: int) -> list[Sample]:
    by_models: dict[tuple[str, ...], list[Sample]] = {}
    for sample in sorted(given, key=lambda sample: -len(sample.log)):
        by_models.setdefault(sample.models, []).append(sample)
    return [sample for group in by_models.values() for sample in group[:most]]


def _found(sample: Sample, applier: Applier, absent: dict[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    outcome = applier.run(samples.event_of(sample))
    for message in outcome.problems:
        yield message.partition(":")[0], message
    try:
        datasets = cim.matched(outcome.fields, outcome.tags)
        found = cim.check(datasets, outcome.fields, outcome.tags, absent)
    except KnowledgeError as error:
        yield "", str(error)
        return
    for problem in found:
        if problem.wrong:
            yield problem.field, f"{problem.model}: {problem.field} {problem.message}"
