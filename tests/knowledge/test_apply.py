"""The search-time sequence."""

from __future__ import annotations

import json

import pytest

from tests.knowledge import conf, kvjson
from tests.knowledge.apply import Applier, Event, Outcome
from tests.knowledge.kvjson import READINGS

BASE = "[alibaba:x]\nKV_MODE = json\n"


def _event(raw: object, **over: str) -> Event:
    text = raw if isinstance(raw, str) else json.dumps(raw)
    given = {"sourcetype": "alibaba:x", "source": "sls://p/l", "host": "h", "time": "1767225600.000", **over}
    return Event(text, **given)


def _applier(props: str, lookups: dict[str, str] | None = None, **texts: str) -> Applier:
    files = {f"{name}.conf": text for name, text in texts.items()}
    return Applier(conf.from_texts({"props.conf": props, **files}, lookups or {}))


def _run(props: str, raw: object, **over: str) -> Outcome:
    return _applier(BASE + props).run(_event(raw, **over))


def _problems(props: str, raw: object) -> list[str]:
    applier = _applier(BASE + props)
    return [*applier.rules(_event(raw)).problems, *applier.run(_event(raw)).problems]


def test_json_fields() -> None:
    raw = (
        '{"a":"x","n":1.50,"big":12345678901234567890,"t":true,"o":{"p":{"q":"z"}},"l":[1,2],"e":[],"z":null,'
    )
    raw += '"m":[{"k":"1"},{"k":"2"}],"d":"1","d":"2","s":""}'
    fields = _run("", raw).fields
    assert fields["a"] == "x"
    assert fields["n"] == "1.50"
    assert fields["big"] == "12345678901234567890"
    assert fields["t"] == "true"
    assert fields["o.p.q"] == "z"
    assert fields["l{}"] == ("1", "2")
    assert "e{}" not in fields
    assert fields["m{}.k"] == ("1", "2")
    assert fields["d"] == ("1", "2")
    assert (fields["z"], fields["s"]) == ("null", "")
    assert kvjson.extract(raw, READINGS[1]).keys().isdisjoint({"z", "s"})


@pytest.mark.parametrize("raw", ["", "text", "[1", '{"a":', '"a"'])
def test_what_is_no_json_object_gives_no_fields(raw: str) -> None:
    assert _run("", raw).fields.keys() == {"_time", "host", "source", "sourcetype"}


def test_long_events_are_cut() -> None:
    raw = '{"first":"1","cut":"' + "x" * 10_240 + '","after":"2"}'
    assert kvjson.extract(raw, READINGS[0]) == {"first": "1"}
    nested = '{"o":{"p":"1","l":[1,2,"' + "x" * 10_240 + '"]}}'
    assert kvjson.extract(nested, READINGS[0]) == {"o.p": "1", "l": "1"} or kvjson.extract(
        nested, READINGS[0]
    ) == {"o.p": "1", "o.l{}": ("1", "2")}


def test_every_cut_gives_a_part_of_the_whole() -> None:
    raw = '{"a":"1","o":{"b":[1,{"c":"é"}],"n":12},"l":["x","y"],"z":"2"}'
    whole = kvjson.extract(raw, READINGS[0])
    for cutoff in range(len(raw.encode())):
        part = kvjson.extract(raw, READINGS[0]._replace(cutoff=cutoff))
        for name, value in part.items():
            parts, of = ((v,) if isinstance(v, str) else v for v in (value, whole[name]))
            assert parts == of[: len(parts)]
    assert kvjson.extract(raw, READINGS[0]._replace(cutoff=30)) == {"a": "1", "o.b{}": "1"}


def test_a_hundred_fields_at_most() -> None:
    raw = json.dumps({f"f{number}": "x" for number in range(120)})
    assert len(kvjson.extract(raw, READINGS[0])) == 120
    assert len(kvjson.extract(raw, READINGS[2])) == 100


def test_extract_runs_before_the_json() -> None:
    found = _run(r"EXTRACT-u = \"user\":\"(?<who>[^@\"]+)@(?<domain>[^\"]+)", '{"user":"ann@example.com"}')
    assert (found.fields["who"], found.fields["domain"]) == ("ann", "example.com")
    assert _run(r"EXTRACT-p = sls://(?<project>[^/]+) in source", {"a": "1"}).fields["project"] == "p"
    assert "cannot look into" in _problems(r"EXTRACT-p = (?<x>.) in user", {"user": "1"})[0]
    assert "both give" in _problems(r"EXTRACT-p = (?<user>.)", {"user": "1"})[0]
    assert "no named group" in _problems(r"EXTRACT-p = (x)", {"user": "1"})[0]


def test_alias() -> None:
    assert _run("FIELDALIAS-a = a AS b c AS d", {"a": "1", "c": "2"}).fields["d"] == "2"
    assert "b" not in _run("FIELDALIAS-a = a AS b", {"b": "old"}).fields
    assert _run("FIELDALIAS-a = a ASNEW b", {"a": "1", "b": "old"}).fields["b"] == "old"
    assert _run('FIELDALIAS-a = "x.y" AS b', {"x": {"y": "1"}}).fields["b"] == "1"
    assert "alias itself" in _problems("FIELDALIAS-a = a AS b b AS c", {"a": "1"})[0]
    assert "another setting" in _problems("FIELDALIAS-a = a AS b\nEVAL-b = a", {"a": "1"})[0]


def test_evals_run_in_parallel() -> None:
    found = _run("EVAL-a = b\nEVAL-b = a\nEVAL-c = null()", {"a": "1", "b": "2", "c": "3"}).fields
    assert (found["a"], found["b"]) == ("2", "1")
    assert "c" not in found
    assert "y" not in _run("EVAL-x = a\nEVAL-y = x", {"a": "1"}).fields


def test_evals_see_aliases_and_metadata() -> None:
    assert _run("FIELDALIAS-a = a AS b\nEVAL-c = b . host", {"a": "1"}).fields["c"] == "1h"


def test_a_name_that_is_metadata_too_is_not_read() -> None:
    assert "metadata" in _problems("EVAL-x = host", {"host": "example.com"})[0]
    assert _run('EVAL-x = spath(_raw, "host")', {"host": "example.com"}).fields["x"] == "example.com"
    assert _run("", {"host": "example.com"}).fields["host"] == "h"
    applier = _applier(BASE, eventtypes="[e]\nsearch = sourcetype=alibaba:x host=h\n")
    assert "metadata" in applier.run(_event({"host": "example.com"})).problems[0]


def test_lookups_come_last_and_do_not_feed_each_other() -> None:
    transforms = "[alibaba_a]\nfilename = a.csv\n"
    csv = {"a.csv": "in,out\n1,2\n2,3\n"}
    props = BASE + "EVAL-x = a\nLOOKUP-l = alibaba_a in AS x OUTPUT out\n"
    assert _applier(props, csv, transforms=transforms).run(_event({"a": "1"})).fields["out"] == "2"
    chained = props + "LOOKUP-m = alibaba_a in AS out OUTPUT out AS other\n"
    assert (
        "which a lookup makes" in _applier(chained, csv, transforms=transforms).rules(_event({})).problems[0]
    )
    double = props + "LOOKUP-m = alibaba_a in AS b OUTPUT out\n"
    assert "no certain order" in _applier(double, csv, transforms=transforms).rules(_event({})).problems[0]
    new = double.replace("OUTPUT ", "OUTPUTNEW ")
    applier = _applier(new, csv, transforms=transforms)
    assert applier.run(_event({"b": "2"})).fields["out"] == "3"
    assert "no certain order" in applier.run(_event({"a": "1", "b": "2"})).problems[0]


def test_event_types_and_tags() -> None:
    eventtypes = "[e1]\nsearch = sourcetype=alibaba:x made=yes\n[e2]\nsearch = sourcetype=alibaba:x made=no\n"
    tags = "[eventtype=e1]\nweb = enabled\nproxy = disabled\n[made=yes]\nextra = enabled\n"
    applier = _applier(BASE + 'EVAL-made = "yes"\n', eventtypes=eventtypes, tags=tags)
    found = applier.run(_event({}))
    assert (found.eventtypes, found.tags, applier.problems) == (("e1",), ("extra", "web"), [])


def test_what_is_wrong_with_event_types_and_tags() -> None:
    eventtypes = "[e1]\nsearch = made=yes\n[e2]\nsearch = error\n[e3]\ndescription = x\n"
    tags = "[eventtype=e4]\nweb = enabled\n[eventtype=e1]\nweb = on\n[odd]\nweb = enabled\n"
    problems = "\n".join(_applier(BASE, eventtypes=eventtypes, tags=tags).problems)
    for part in (
        "does not begin",
        "bare word",
        "no search",
        "no such event type",
        "instead of",
        "field=value",
    ):
        assert part in problems


def test_stanzas_that_fit_are_merged() -> None:
    props = (
        '[alibaba:x]\nKV_MODE = json\nEVAL-a = "sourcetype"\nEVAL-b = "sourcetype"\nEVAL-c = "sourcetype"\n'
        '[host::h*]\nEVAL-b = "host"\nEVAL-c = "host"\n[source::sls://...]\nEVAL-c = "source"\n'
        '[source::sls://*]\nEVAL-d = "one level"\n[alibaba:y]\nEVAL-a = "other"\n'
    )
    found = _applier(props).run(_event({})).fields
    assert (found["a"], found["b"], found["c"]) == ("sourcetype", "host", "source")
    assert "d" not in found


@pytest.mark.parametrize(
    "setting",
    [
        "REPORT-x = y",
        "SEDCMD-x = s/a/b/",
        "rename = other",
        "INDEXED_EXTRACTIONS = json",
        "eval-x = a",
        "EVAL- = a",
        "EVAL-x.y = a",
        "EVAL-host = a",
        "EVAL-x = a ==",
        "FIELDALIAS-x = a",
        "LOOKUP-x = nothing a OUTPUT b",
        "EXTRACT-x = (?<a>",
    ],
)
def test_settings_that_are_not_known_or_wrong(setting: str) -> None:
    assert _problems(setting, {"a": "1"})


def test_what_cannot_be_evaluated_is_a_problem_of_its_setting() -> None:
    assert _problems("EVAL-x = a + 1", {"a": "-"})[0].startswith("EVAL-x: ")
