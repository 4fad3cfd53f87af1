"""What the tool says of samples, on an add-on of a few lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.knowledge import check, conf, cover, hostile, samples
from tests.knowledge.apply import Applier
from tests.knowledge.check import CheckedType
from tests.knowledge.errors import KnowledgeError

PROPS = """\
[alibaba:sas:client]
KV_MODE = json
EVAL-vendor_product = "Alibaba Cloud Security Center"
EVAL-severity = case(level="1", "high", level="2", "low", isnotnull(level), level)
EVAL-dest = nullif(uuid, "-")
EVAL-app = "agent"
EVAL-type = "alert"
EVAL-id = msg_id
EVAL-severity_id = level
"""
EVENTTYPES = "[alibaba_client]\nsearch = sourcetype=alibaba:sas:client level=*\n"
TAGS = "[eventtype=alibaba_client]\nalert = enabled\n"
LOG = {"uuid": "host-1", "level": "1", "msg_id": "7"}
FIELDS = {
    "app": "agent",
    "dest": "host-1",
    "id": "7",
    "severity": "high",
    "severity_id": "1",
    "type": "alert",
    "vendor_product": "Alibaba Cloud Security Center",
}
_NOT_GIVEN_NAMES = """
    body description dest_type mitre_technique_id signature signature_id src src_type subject user user_name
    vendor_account vendor_region
"""
NOT_GIVEN = dict.fromkeys(_NOT_GIVEN_NAMES.split(), "the log has none")


def _write(path: Path, data: Any) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")


def _sample(**over: Any) -> dict[str, Any]:
    expect = {"models": ["Alerts"], "tags": ["alert"], "fields": dict(FIELDS)}
    for name in ("models", "tags", "fields", "not_in_log"):
        if name in over:
            expect[name] = over.pop(name)
    given = {"about": "x", "topic": "aegis-log-client", "source": "s", "time": 1767225600, "log": LOG}
    return {**given, "expect": expect, **over}


def _info(**over: Any) -> dict[str, Any]:
    given = {"product": "x", "topics": ["aegis-log-client"], "models": ["Alerts"], "gaps": []}
    return {**given, "not_given": {"Alerts": NOT_GIVEN}, **over}


def _applier(props: str = PROPS) -> Applier:
    files = {"props.conf": props, "eventtypes.conf": EVENTTYPES, "tags.conf": TAGS}
    return Applier(conf.from_texts(files, {}))


def _folder(folder: Path, *given: dict[str, Any], info: dict[str, Any] | None = None) -> Path:
    target = folder / "alibaba-sas-client"
    _write(target / "_type.json", info or _info())
    for number, sample in enumerate((*given, _sample(), _sample(), _sample())):
        _write(target / f"sample-{number}.json", sample)
    return target


def _checked(folder: Path, *given: dict[str, Any], props: str = PROPS, **over: Any) -> CheckedType:
    return check.check_folder(_folder(folder, *given, **over), _applier(props))


def _lines(*args: Any, **over: Any) -> list[str]:
    return list(_checked(*args, **over).all_problems())


def test_clean(tmp_path: Path) -> None:
    checked = _checked(tmp_path)
    assert list(checked.all_problems()) == []
    assert cover.missed_goals([checked], whole=False) == []
    assert checked.coverage.required == checked.coverage.required_given == 5
    assert checked.coverage.not_in_log == len(NOT_GIVEN)
    assert any("alibaba:sas:client" in line for line in cover.table([checked]))


WRONG = [
    ({"fields": {**FIELDS, "dest": "host-2"}}, "dest is 'host-1', expected 'host-2'"),
    ({"fields": {**FIELDS, "dest": None}}, "expected None"),
    ({"fields": {**FIELDS, "user": "ann"}}, "user is None, expected 'ann'"),
    ({"fields": {k: v for k, v in FIELDS.items() if k != "id"}}, "does not list id"),
    ({"models": []}, "models are ['Alerts'], expected []"),
    ({"tags": ["alert", "web"]}, "tags are ['alert']"),
    (
        {"log": {**LOG, "level": "9"}, "fields": {**FIELDS, "severity": "9", "severity_id": "9"}},
        "none of the values",
    ),
    ({"log": {**LOG, "uuid": "-"}, "fields": {**FIELDS, "dest": None}}, "dest required and absent"),
    ({"not_in_log": {"dest": "x"}}, "not_in_log names dest, which is there"),
    ({"not_in_log": {"other": "x"}}, "not_in_log names other"),
    ({"topic": "waf_access_log"}, "gives sourcetype alibaba:waf"),
    ({"log": {**LOG, "n": 1}}, "is no text"),
    ({"about": " "}, "about is empty"),
    ({"more": 1}, "an object with only"),
    ({"fields": {"a": 1}}, "is text, null or a list"),
    ({"fields": {"a": ["one"]}}, "is text, null or a list"),
    ({"not_in_log": {"dest": ""}}, "needs a reason"),
]


@pytest.mark.parametrize(("over", "message"), WRONG, ids=[message for _, message in WRONG])
def test_wrong_samples(tmp_path: Path, over: dict[str, Any], message: str) -> None:
    lines = _lines(tmp_path, _sample(**over))
    assert any("sample-0: " in line and message in line for line in lines), lines


def test_a_sample_may_lack_what_its_log_lacks(tmp_path: Path) -> None:
    log, fields = {**LOG, "uuid": "-"}, {**FIELDS, "dest": None}
    checked = _checked(tmp_path, _sample(log=log, fields=fields, not_in_log={"dest": "none was sent"}))
    assert list(checked.all_problems()) == []
    assert checked.coverage.left_out == 1
    assert checked.coverage.required_given == 5


def test_a_required_field_that_no_sample_has(tmp_path: Path) -> None:
    checked = _checked(tmp_path, info=_info(not_given={"Alerts": {"src": "the log has none"}}))
    assert any("Alerts.user is required and in no sample" in line for line in checked.problems) or any(
        "Alerts.signature is required" in line for line in checked.problems
    )
    assert cover.missed_goals([checked], whole=False)


DECLARED = [
    ({"models": ["Alerts", "Web"]}, "_type.json has models"),
    ({"not_given": {"Alerts": {**NOT_GIVEN, "dest": "x"}}}, "Alerts.dest is given in 3 samples"),
    ({"not_given": {"Alerts": {**NOT_GIVEN, "nothing": "x"}}}, "Alerts has no field nothing"),
    ({"not_given": {"Alerts": NOT_GIVEN, "Web": {"url": "x"}}}, "names model Web"),
    ({"not_given": {"Alerts": {**NOT_GIVEN, "src": " "}}}, "needs a reason"),
]


@pytest.mark.parametrize(("over", "message"), DECLARED, ids=[message for _, message in DECLARED])
def test_wrong_declarations(tmp_path: Path, over: dict[str, Any], message: str) -> None:
    lines = _lines(tmp_path, info=_info(**over))
    assert any(message in line for line in lines), lines


RULES = [
    ("EVAL-x = app", "EVAL-x reads app, which only another EVAL makes"),
    ("EVAL-x = typo", "EVAL-x reads typo, which no sample has"),
    ("FIELDALIAS-x = typo AS y", "FIELDALIAS-x reads typo, which no sample has"),
    ("EVAL-x = level ==", "EVAL-x: "),
    ('EVAL-vendor_product = "Other"', "vendor_product is 'Other'"),
    ('EVAL-src_category = "x"', "is for Enterprise Security"),
    ('EVAL-x = if(isnull(\'empty\'), "none", "some")', "if empty text and null give no field"),
    ("EVAL-x = '__topic__'", "if names that begin with _ give no field"),
]


@pytest.mark.parametrize(("rule", "message"), RULES, ids=[rule for rule, _ in RULES])
def test_wrong_rules(tmp_path: Path, rule: str, message: str) -> None:
    lines = _lines(tmp_path, _sample(log={**LOG, "empty": ""}), props=f"{PROPS}{rule}\n")
    assert any(message in line for line in lines), lines


def test_what_lies_far_behind_may_not_be_needed(tmp_path: Path) -> None:
    log = {**{f"many_{number}": "x" * 200 for number in range(30)}, **LOG}
    lines = _lines(tmp_path, _sample(log=log))
    assert any("dest is None and not 'host-1' if only 5,000 bytes are read" in line for line in lines), lines


def test_too_few_samples_and_an_event_type_without_one(tmp_path: Path) -> None:
    log = {"uuid": "host-1", "msg_id": "7"}
    fields = {**FIELDS, "severity": None, "severity_id": None}
    target = tmp_path / "alibaba-sas-client"
    _write(target / "_type.json", _info(models=[], not_given={}))
    _write(target / "one.json", _sample(log=log, fields=fields, models=[], tags=[]))
    problems = check.check_folder(target, _applier()).problems
    assert "1 samples: at least three are needed" in problems
    assert "event type alibaba_client has no sample" in problems


def test_hostile(tmp_path: Path) -> None:
    folder = _folder(tmp_path)
    assert list(hostile.problems(folder, _applier(), (None,))) == []
    found = list(hostile.problems(folder, _applier(), ("-",)))
    assert [line.partition(": ")[2] for line in found] == [
        "level = '-': Alerts: severity '-' is none of the values that the model allows",
        "level = '-': Alerts: severity_id '-' is no value",
        "msg_id = '-': Alerts: id '-' is no value",
    ]


def test_type_by_logstore_or_sourcetype(tmp_path: Path) -> None:
    path = tmp_path / "alibaba-nas-audit/one.json"
    _write(path, _sample(topic="", logstore="nas-extreme-nfs"))
    sample = samples.load(path)
    assert samples.row_for(sample).logstore == "nas-extreme-nfs"
    assert samples.event_of(sample).sourcetype == "alibaba:nas:audit"
    path = tmp_path / "alibaba-config/one.json"
    _write(path, _sample(topic=""))
    assert samples.event_of(samples.load(path)).sourcetype == "alibaba:config"
    path = tmp_path / "alibaba-nothing/one.json"
    _write(path, _sample(topic="x"))
    assert samples.row_for(samples.load(path)) is None


def test_double_names(tmp_path: Path) -> None:
    path = tmp_path / "alibaba-waf/one.json"
    path.parent.mkdir()
    path.write_text('{"about": "a", "about": "b"}', encoding="utf-8")
    with pytest.raises(KnowledgeError, match="twice"):
        samples.load(path)
