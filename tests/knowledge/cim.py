"""CIM's data models as data: which datasets an event belongs to, and what is wrong with its fields.

The data is that of Splunk's pytest-splunk-addon, read out of its wheel in .cache/cim; where it contradicts
the CIM manual, CORRECTIONS says so.
"""

from __future__ import annotations

import ipaddress
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Union

from tests.app_package import ROOT
from tests.knowledge import evalexpr, pcre, search
from tests.knowledge.errors import KnowledgeError

NO_VALUES = frozenset({"", "-", "unknown", "null", "(null)", "n/a"})
FieldValue = Union[str, tuple[str, ...]]
Fields = Mapping[str, FieldValue]

REQUIRED, CONDITIONAL, OPTIONAL = "required", "conditional", "optional"

_ASSET = re.compile(
    r"(?:(?:src|dest|dvc|user|src_user|orig_host|host)_(?:bunit|category|priority))"
    r"|\w+_(?:bunit|requires_av|should_timesync|should_update)"
    r"|tag"
)

# (model, field) -> (more allowed values or None, another validity or None). Why, beside each.
CORRECTIONS: dict[tuple[str, str], tuple[tuple[str, ...], str | None]] = {
    # The manual names four types, and the model's own dataset Application_IDS_Attacks needs one of them.
    ("Intrusion_Detection", "ids_type"): (("application", "wireless"), None),
    # 0 is "No Error", which reply_code allows.
    ("Network_Resolution", "reply_code_id"): (("0",), None),
    # "The field may contain DNS OpCodes or Resource Record Types": all that record_type allows, such as AAAA.
    ("Network_Resolution", "query_type"): (("@record_type",), None),
    # The data looks at duration (copied from there); ICMP's types are 0 to 255.
    ("Network_Traffic", "icmp_type"): ((), "if(isnum(icmp_type),icmp_type,null())"),
    # 0 bytes in one direction are true of a connection that was not answered.
    ("Network_Traffic", "bytes"): ((), "if(isnum(bytes) and bytes==(bytes_in+bytes_out),bytes,null())"),
    ("Network_Traffic", "bytes_in"): ((), "if(isnum(bytes_in),bytes_in,null())"),
    ("Network_Traffic", "bytes_out"): ((), "if(isnum(bytes_out),bytes_out,null())"),
    # if() with one argument is no expression.
    ("Email", "status_code"): (
        (),
        'if(match(status_code, "(?:(\\d(\\.\\d{1,3}){0,2}))"), status_code, null())',
    ),
}


@dataclass(frozen=True)
class Field:
    """One field of a dataset."""

    name: str
    kind: str
    condition: str
    validity: str
    allowed: tuple[str, ...]
    many: bool


@dataclass(frozen=True)
class Dataset:
    """One dataset of a model; `path` names it and its parents."""

    model: str
    path: str
    tags: tuple[frozenset[str], ...]
    constraint: str
    clusters: tuple[tuple[str, ...], ...]
    fields: tuple[Field, ...]
    children: tuple[Dataset, ...]


@dataclass(frozen=True)
class Problem:
    """What is wrong with a field; `wrong` = it has a value, and a wrong one."""

    model: str
    field: str
    message: str
    wrong: bool = False


def wheel(root: Path = ROOT) -> Path:
    """The wheel with the models.

    Raises:
        KnowledgeError: it is not there.
    """
    found = sorted((root / ".cache/cim").glob("pytest_splunk_addon-*.whl"))
    if not found:
        raise KnowledgeError("no pytest_splunk_addon wheel in .cache/cim")
    return found[-1]


@cache
def models(path: Path | None = None) -> dict[str, tuple[Dataset, ...]]:
    """Model -> its root datasets. The models go by the names of their files."""
    found = {}
    with zipfile.ZipFile(path or wheel()) as archive:
        for name in archive.namelist():
            if name.startswith("pytest_splunk_addon/data_models/") and name.endswith(".json"):
                model = Path(name).stem
                data = json.loads(archive.read(name))
                found[model] = tuple(_dataset(model, "", given) for given in data["objects"])
    return found


def _dataset(model: str, above: str, given: dict[str, Any]) -> Dataset:
    path = f"{above}.{given['name']}" if above else str(given["name"])
    raw = [one for one in given["fields"] if not is_excluded(one["name"])]
    allowed = {one["name"]: tuple(one.get("expected_values", ())) for one in raw}
    return Dataset(
        model,
        path,
        tuple(frozenset(tags) for tags in given["tags"]),
        given["search_constraints"].partition("|")[0].strip(),
        tuple(tuple(cluster) for cluster in given["fields_cluster"]),
        tuple(_field(model, one, allowed) for one in raw),
        tuple(_dataset(model, path, child) for child in given["child_dataset"]),
    )


def _field(model: str, given: dict[str, Any], all_allowed: dict[str, tuple[str, ...]]) -> Field:
    name, allowed = given["name"], all_allowed[given["name"]]
    more, validity = CORRECTIONS.get((model, name), ((), None))
    for value in more:
        allowed += all_allowed[value[1:]] if value.startswith("@") else (value,)
    return Field(
        name,
        given["type"],
        given.get("condition", "").strip(),
        validity or given.get("validity", ""),
        allowed,
        bool(given.get("multi_value")),
    )


def is_excluded(name: str) -> bool:
    """Whether Enterprise Security adds the field by itself (assets and identities), so that no add-on may."""
    return _ASSET.fullmatch(name) is not None


@cache
def common_fields(path: Path | None = None) -> frozenset[str]:
    """The fields that no add-on may give, by CommonFields.json."""
    with zipfile.ZipFile(path or wheel()) as archive:
        data = json.loads(archive.read("pytest_splunk_addon/cim_tests/CommonFields.json"))
    return frozenset(one["name"] for one in data["fields"])


def matched(fields: Fields, tags: tuple[str, ...]) -> list[Dataset]:
    """The datasets that an event belongs to, parents first."""
    view: dict[str, Any] = {**fields, "tag": tags}
    return [found for roots in models().values() for root in roots for found in _matched(root, view)]


def _matched(dataset: Dataset, view: dict[str, Any]) -> Iterator[Dataset]:
    if not any(tags <= set(view["tag"]) for tags in dataset.tags):
        return
    if dataset.constraint and not search.parse(_capitals(dataset.constraint)).matches(view):
        return
    yield dataset
    for child in dataset.children:
        yield from _matched(child, view)


def effective(datasets: list[Dataset]) -> dict[tuple[str, str], Field]:
    """(model, field) -> the strictest definition that the datasets have of it."""
    rank = {REQUIRED: 0, CONDITIONAL: 1, OPTIONAL: 2}
    found: dict[tuple[str, str], Field] = {}
    barred = {(d.model, f.name) for d in datasets for f in d.fields if f.kind not in rank}
    for dataset in datasets:
        for one in dataset.fields:
            key = (dataset.model, one.name)
            if key not in barred and (key not in found or rank[one.kind] < rank[found[key].kind]):
                found[key] = one
    return found


def is_due(one: Field, fields: Fields, tags: tuple[str, ...]) -> bool:
    """Whether an event of its dataset has to have the field."""
    return one.kind == REQUIRED or (one.kind == CONDITIONAL and holds(one.condition, fields, tags))


def check(
    datasets: list[Dataset], fields: Fields, tags: tuple[str, ...], absent: Mapping[str, frozenset[str]]
) -> list[Problem]:
    """What is wrong; `absent` are the fields by model that are said to be not in the log."""
    problems = []
    for (model, name), one in effective(datasets).items():
        gone = absent.get(model, frozenset())
        if name in fields:
            problems += [Problem(model, name, text, wrong=True) for text in _wrong(one, fields, tags, gone)]
        elif is_due(one, fields, tags) and name not in gone:
            problems.append(Problem(model, name, f"{one.kind} and absent"))
    for dataset in datasets:
        gone = absent.get(dataset.model, frozenset())
        for one in dataset.fields:
            if one.kind.startswith("not_allowed") and one.name in fields:
                problems.append(
                    Problem(dataset.model, one.name, f"is not allowed in {dataset.path}", wrong=True)
                )
        for cluster in dataset.clusters:
            given = [name for name in cluster if name in fields]
            if given and len(given) < len(cluster) and not gone & set(cluster):
                left = sorted(set(cluster) - set(given))
                problems.append(Problem(dataset.model, given[0], f"is given without {', '.join(left)}"))
    for name in sorted(fields):
        if name in common_fields() or is_excluded(name):
            problems.append(Problem("", name, "is for Enterprise Security to give", wrong=True))
    return problems


def _wrong(one: Field, fields: Fields, tags: tuple[str, ...], absent: frozenset[str]) -> Iterator[str]:
    value = fields[one.name]
    values = (value,) if isinstance(value, str) else value
    if len(values) > 1 and one.kind != OPTIONAL and not one.many:
        yield f"has {len(values)} values: {', '.join(values)}"
    for each in values:
        if one.allowed and each not in one.allowed:
            yield f"{each!r} is none of the values that the model allows"
        elif each.strip().lower() in NO_VALUES and each not in one.allowed:
            yield f"{each!r} is no value"
        elif one.validity and not _is_valid(one, each, fields, tags, absent):
            yield f"{each!r} does not fulfil {one.validity}"


def _is_valid(one: Field, value: str, fields: Fields, tags: tuple[str, ...], absent: frozenset[str]) -> bool:
    """Whether the model's validity expression keeps the value.

    Of one that reads a field which is not in the log only isnum() can be asked.
    """
    fields = {**fields, one.name: value}
    expression = evalexpr.parse(_validity(one.validity, tags))
    if expression.reads & absent - {one.name}:
        return (
            not one.validity.startswith("if(isnum(")
            or evalexpr.parse(f"if(isnum({one.name}),{one.name},null())").value({one.name: value}) is not None
        )
    return expression.value(fields) is not None


@cache
def _validity(text: str, tags: tuple[str, ...]) -> str:
    """The expression in the grammar of evalexpr: the data has a few forms that are no eval, or lax ones."""
    text = re.sub(r"!\s*isnull\(", "NOT isnull(", text)
    text = re.sub(r"'%\\?\"%'", r'"%\\"%"', text)
    text = re.sub(r"(\w+) in \[([^\]]*)\]", lambda m: f"{m[1]} IN ({m[2]})".replace("'", '"'), text)
    text = re.sub(r" (and|or) ", lambda m: f" {m[1].upper()} ", text)
    return re.sub(
        r"\btag\s*(==|!=)\s*\"(\w+)\"",
        lambda m: "true()" if (m[2] in tags) == (m[1] == "==") else "false()",
        text,
    )


@cache
def _capitals(text: str) -> str:
    return re.sub(r"\s(and|or)\s", lambda m: f" {m[1].upper()} ", text)


_WHERE = re.compile(r"match\((\w+),\s*\"((?:[^\"\\]|\\.)*)\"\)")


def holds(condition: str, fields: Fields, tags: tuple[str, ...]) -> bool:
    """Whether the condition of a conditional field holds."""
    if not condition:
        return True
    if condition.startswith("|"):
        tests = _WHERE.findall(condition)
        if not tests or _WHERE.sub("", condition).replace("or", "").strip() != "| where":
            raise KnowledgeError(f"condition {condition!r}")
        return any(_one_matches(fields.get(name), pattern) for name, pattern in tests)
    return search.parse(_capitals(condition)).matches({**fields, "tag": tags})


def _one_matches(value: FieldValue | None, pattern: str) -> bool:
    if not isinstance(value, str):
        return False
    if pattern.startswith("(?:(?:::ffff:)"):  # the data's pattern for an address of either version
        try:
            ipaddress.ip_address(value)
        except ValueError:
            return False
        return True
    return pcre.compiled(pattern).search(value) is not None
