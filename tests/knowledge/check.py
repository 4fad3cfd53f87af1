"""All checks over the samples of sourcetypes, and how much of the models they cover."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.knowledge import cim, kvjson, samples
from tests.knowledge.apply import Applier, Event, Outcome
from tests.knowledge.errors import KnowledgeError
from tests.knowledge.samples import Sample, TypeInfo


@dataclass
class Checked:
    """A sample with what came of it; `outcome` is None where there was no event."""

    path: Path
    sample: Sample | None = None
    event: Event | None = None
    outcome: Outcome | None = None
    datasets: list[cim.Dataset] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    wrong: int = 0

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def models(self) -> tuple[str, ...]:
        return tuple(sorted({dataset.model for dataset in self.datasets}))


@dataclass
class Coverage:
    """How many fields of the models that a sourcetype's samples belong to are there."""

    required: int = 0
    required_given: int = 0
    optional: int = 0
    optional_given: int = 0
    not_in_log: int = 0
    """Fields that no record of the type has."""
    left_out: int = 0
    """Required fields that a single sample truly lacks, counted by sample."""
    wrong: int = 0
    mostly_left_out: list[str] = field(default_factory=list)
    """Of what is left out, the fields that most samples of the model lack."""
    missing: list[str] = field(default_factory=list)


@dataclass
class CheckedType:
    """All of one sourcetype."""

    folder: Path
    info: TypeInfo
    samples: list[Checked]
    problems: list[str]
    coverage: Coverage

    @property
    def sourcetype(self) -> str:
        return self.info.sourcetype

    def all_problems(self) -> Iterator[str]:
        """Every problem with the name of what has it."""
        for problem in self.problems:
            yield f"{self.folder.name}: {problem}"
        for checked in self.samples:
            for problem in checked.problems:
                yield f"{checked.name}: {problem}"


def check_folder(folder: Path, applier: Applier) -> CheckedType:
    """Everything about the samples of one sourcetype."""
    problems: list[str] = []
    try:
        info = samples.load_type(folder)
    except KnowledgeError as error:
        problems.append(str(error))
        info = TypeInfo(folder, samples.sourcetype_of(folder))
    checked = [check_sample(path, applier, info) for path in samples.sample_paths(folder)]
    if len(checked) < 3:
        problems.append(f"{len(checked)} samples: at least three are needed")
    coverage = Coverage(
        wrong=sum(one.wrong for one in checked),
        left_out=sum(len(one.sample.not_in_log) for one in checked if one.sample is not None),
    )
    problems += _declared(info, checked, coverage)
    problems += dict.fromkeys(
        text for one in checked if one.event is not None for text in applier.rules(one.event).problems
    )
    problems += _unread(checked, applier)
    problems += _unseen(info.sourcetype, checked, applier)
    problems += _product(info.sourcetype, checked)
    return CheckedType(folder, info, checked, problems, coverage)


def check_sample(path: Path, applier: Applier, info: TypeInfo) -> Checked:
    """One sample."""
    checked = Checked(path)
    try:
        checked.sample = samples.load(path)
        checked.event = samples.event_of(checked.sample)
    except KnowledgeError as error:
        checked.problems.append(str(error))
        return checked
    outcome = checked.outcome = applier.run(checked.event)
    checked.problems += outcome.problems
    try:
        checked.datasets = cim.matched(outcome.fields, outcome.tags)
    except KnowledgeError as error:
        checked.problems.append(str(error))
    checked.problems += _readings(checked.event, outcome, applier)
    checked.problems += _expected(checked, checked.sample, outcome)
    _check_models(checked, checked.sample, outcome, info)
    return checked


def _readings(event: Event, outcome: Outcome, applier: Applier) -> Iterator[str]:
    """What depends on how Splunk reads an event where that is not sure."""
    for reading in kvjson.READINGS[1:]:
        other = applier.run(event, reading)
        for name in sorted(outcome.made):
            first, second = outcome.fields.get(name), other.fields.get(name)
            if first != second and not (first == "" and second is None):
                yield f"{name} is {second!r} and not {first!r} if {reading.about}"
        if outcome.tags != other.tags:
            yield f"tags are {list(other.tags)} and not {list(outcome.tags)} if {reading.about}"
        yield from (f"{text} (if {reading.about})" for text in other.problems if text not in outcome.problems)


def _expected(checked: Checked, sample: Sample, outcome: Outcome) -> Iterator[str]:
    if sample.models != checked.models:
        yield f"models are {list(checked.models)}, expected {list(sample.models)}"
    if sample.expected_tags != outcome.tags:
        yield f"tags are {list(outcome.tags)}, expected {list(sample.expected_tags)}"
    for name, wanted in sample.expected_fields.items():
        value = outcome.fields.get(name)
        found: Any = list(value) if isinstance(value, tuple) else value
        if found != wanted:
            yield f"{name} is {found!r}, expected {wanted!r}"
    ours = {name for _, name in cim.effective(checked.datasets)} | outcome.made
    unlisted = sorted((ours & outcome.fields.keys()) - sample.expected_fields.keys())
    if unlisted:
        yield f"expect.fields does not list {', '.join(unlisted)}"


def _check_models(checked: Checked, sample: Sample, outcome: Outcome, info: TypeInfo) -> None:
    here = frozenset(sample.not_in_log)
    absent = {model: frozenset(info.not_given.get(model, {})) | here for model in checked.models}
    for name in sorted(here & outcome.fields.keys()):
        checked.problems.append(f"not_in_log names {name}, which is there")
    due = {
        name
        for (_, name), one in cim.effective(checked.datasets).items()
        if cim.is_due(one, outcome.fields, outcome.tags)
    }
    for name in sorted(here - due):
        checked.problems.append(f"not_in_log names {name}, which its models do not require here")
    try:
        found = cim.check(checked.datasets, outcome.fields, outcome.tags, absent)
    except KnowledgeError as error:
        checked.problems.append(str(error))
        return
    checked.wrong = sum(problem.wrong for problem in found)
    checked.problems += [f"{p.model}: {p.field} {p.message}".lstrip(": ") for p in found]


def _declared(info: TypeInfo, checked: list[Checked], coverage: Coverage) -> Iterator[str]:
    """Counts the coverage, and compares it with what _type.json says."""
    union = sorted({model for one in checked for model in one.models})
    if union != sorted(info.models):
        yield f"_type.json has models {sorted(info.models)}, the samples {union}"
    known: dict[str, set[str]] = {}
    for model in union:
        rows = _model_rows(model, checked)
        declared = info.not_given.get(model, {})
        known[model] = {*rows}
        for name, row in sorted(rows.items()):
            yield from _count(model, name, row, name in declared, coverage)
    for model, names in info.not_given.items():
        if model not in union:
            yield f"not_given names model {model}, which no sample has"
            continue
        for name in sorted(names.keys() - known[model]):
            yield f"not_given: {model} has no field {name} here"


@dataclass
class _Row:
    """One field of one model over all samples of a sourcetype that have the model."""

    due: bool = False
    """Some sample has to have it."""
    possible: bool = False
    """Some sample could have it."""
    given: int = 0
    missed: int = 0
    left_out: int = 0


def _model_rows(model: str, checked: list[Checked]) -> dict[str, _Row]:
    rows: dict[str, _Row] = {}
    for one in checked:
        if one.outcome is None or one.sample is None:
            continue
        fields, tags = one.outcome.fields, one.outcome.tags
        for (owner, name), definition in cim.effective(one.datasets).items():
            if owner != model:
                continue
            row = rows.setdefault(name, _Row())
            if_given = definition.kind == cim.CONDITIONAL and definition.condition.startswith(f"{name}=")
            due = not if_given and cim.is_due(definition, fields, tags)
            row.due |= due
            row.possible |= due or if_given or definition.kind == cim.OPTIONAL or name in fields
            row.given += name in fields
            row.missed += due and name not in fields and name not in one.sample.not_in_log
            row.left_out += due and name in one.sample.not_in_log
    return rows


def _count(model: str, name: str, row: _Row, declared: bool, coverage: Coverage) -> Iterator[str]:
    if declared:
        coverage.not_in_log += 1
        if row.given:
            yield f"not_given: {model}.{name} is given in {row.given} samples"
    elif row.due:
        coverage.required += 1
        if row.left_out > row.given:
            coverage.mostly_left_out.append(f"{model}.{name} ({row.left_out} of {row.left_out + row.given})")
        if row.given and not row.missed:
            coverage.required_given += 1
            return
        coverage.missing.append(f"{model}.{name}")
        if not row.given:
            yield f"{model}.{name} is required and in no sample: map it, or declare it in not_given"
    elif row.possible:
        coverage.optional += 1
        coverage.optional_given += row.given > 0
        if not row.given:
            coverage.missing.append(f"{model}.{name} (optional)")


def _unread(checked: list[Checked], applier: Applier) -> Iterator[str]:
    """Expressions, lookups and searches that read a field which no sample has before the EVALs."""
    events = [one for one in checked if one.event is not None and one.outcome is not None]
    if not events:
        return
    rules = applier.rules(events[0].event)  # type: ignore[arg-type]
    raw = {name for one in events for name in one.outcome.before}  # type: ignore[union-attr]
    raw |= {"_raw", "_time", "host", "source", "sourcetype"}
    looked_up = {name for rule in rules.lookups for _, name in rule.outputs}
    for name, expression in rules.evals.items():
        for read in sorted(expression.reads - raw):
            if read in looked_up:
                yield f"EVAL-{name} reads {read}, which only a LOOKUP makes"
            elif read in rules.evals:
                yield f"EVAL-{name} reads {read}, which only another EVAL makes"
            else:
                yield f"EVAL-{name} reads {read}, which no sample has"
    for rule in rules.lookups:
        for _, read in rule.inputs:
            if read not in raw and read not in rules.evals:
                yield f"{rule.name} reads {read}, which no sample has"
    for alias in rules.aliases:
        if alias.source not in raw:
            yield f"{alias.setting} reads {alias.source}, which no sample has"


def _unseen(sourcetype: str, checked: list[Checked], applier: Applier) -> Iterator[str]:
    """Event types of this sourcetype alone that no sample is of."""
    seen = {name for one in checked if one.outcome is not None for name in one.outcome.eventtypes}
    for name, parsed in applier.searches.items():
        named = {value for term, op, value in parsed.terms if (term, op) == ("sourcetype", "=")}
        if named == {sourcetype} and name not in seen:
            yield f"event type {name} has no sample"


def _product(sourcetype: str, checked: list[Checked]) -> Iterator[str]:
    """Events without a vendor_product that LOG_TYPES has (one log type may hold the logs of two products)."""
    wanted = next((row.vendor_product for row in samples.log_types() if row.sourcetype == sourcetype), None)
    for one in checked:
        found = one.outcome.fields.get("vendor_product") if one.outcome is not None else wanted
        if wanted is not None and found not in {row.vendor_product for row in samples.log_types()}:
            yield f"{one.path.stem}: vendor_product is {found!r}, in LOG_TYPES {wanted!r}"


def all_types(applier: Applier, prefix: str = "", root: Path = samples.SAMPLES) -> list[CheckedType]:
    """The sourcetypes that begin with `prefix`, checked."""
    return [check_folder(folder, applier) for folder in samples.folders(prefix, root)]
