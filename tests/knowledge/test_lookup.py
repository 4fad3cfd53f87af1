"""Automatic lookups."""

from __future__ import annotations

import pytest

from tests.knowledge import conf, lookup
from tests.knowledge.errors import KnowledgeError, UncertainError

CSV = "code,action,note\nblock,blocked,\npass,allowed,let through\nPass,upper,\nmulti,one,\nmulti,two,x\n"
WILD = "pattern,kind\nGet*,read\n*,other\n"
NETS = "net,zone\n192.0.2.0/24,inside\n2001:db8::/32,six\n"


def _lookup(text: str, setting: str = "", csv: str = CSV) -> lookup.Lookup:
    transforms = f"[alibaba_x]\nfilename = x.csv\n{setting}"
    return lookup.parse("LOOKUP-x", text, conf.from_texts({"transforms.conf": transforms}, {"x.csv": csv}))


def test_finds_and_names_fields() -> None:
    found = _lookup("alibaba_x code AS final_action OUTPUT action AS act note")
    assert found.run({"final_action": "pass"}) == {"act": "allowed", "note": "let through"}
    assert found.run({"final_action": "block"}) == {"act": "blocked"}
    assert found.run({"final_action": "what"}) == {}
    assert found.run({}) == {}


def test_case_matters_unless_said_otherwise() -> None:
    assert _lookup("alibaba_x code OUTPUT action").run({"code": "PASS"}) == {}
    found = _lookup("alibaba_x code OUTPUT action", "case_sensitive_match = false\nmax_matches = 1")
    assert found.run({"code": "PASS"}) == {"action": "allowed"}


def test_several_matches() -> None:
    assert _lookup("alibaba_x code OUTPUT action").run({"code": "multi"}) == {"action": ("one", "two")}
    one = _lookup("alibaba_x code OUTPUT action", "max_matches = 1")
    assert one.run({"code": "multi"}) == {"action": "one"}


def test_output_replaces_and_clears_and_outputnew_keeps() -> None:
    fields = {"code": "pass", "action": "old"}
    assert _lookup("alibaba_x code OUTPUT action").run(fields) == {"action": "allowed"}
    assert _lookup("alibaba_x code OUTPUT action").run({**fields, "code": "what"}) == {"action": None}
    assert _lookup("alibaba_x code OUTPUT action").run({"action": "old"}) == {}
    assert _lookup("alibaba_x code OUTPUTNEW action note").run(fields) == {"note": "let through"}


def test_default_match() -> None:
    found = _lookup("alibaba_x code OUTPUT action", "min_matches = 1\ndefault_match = other")
    assert found.run({"code": "what"}) == {"action": "other"}
    assert found.run({}) == {}


def test_wildcard_takes_the_files_order() -> None:
    found = _lookup(
        "alibaba_x pattern AS x OUTPUT kind", "match_type = WILDCARD(pattern)\nmax_matches = 1", WILD
    )
    assert found.run({"x": "GetObject"}) == {"kind": "read"}
    assert found.run({"x": "PutObject"}) == {"kind": "other"}


def test_cidr() -> None:
    found = _lookup("alibaba_x net AS ip OUTPUT zone", "match_type = CIDR(net)", NETS)
    assert found.run({"ip": "192.0.2.9"}) == {"zone": "inside"}
    assert found.run({"ip": "2001:db8::1"}) == {"zone": "six"}
    assert found.run({"ip": "-"}) == {}


@pytest.mark.parametrize(
    "text",
    [
        "alibaba_y code OUTPUT action",
        "alibaba_x nothing OUTPUT action",
        "alibaba_x code OUTPUT nothing",
        "alibaba_x code",
        "alibaba_x code AS x",
        "alibaba_x OUTPUT action",
        "alibaba_x code OUTPUT",
        "alibaba_x code AS OUTPUT action",
        "alibaba_x code OUTPUT action OUTPUTNEW note",
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(KnowledgeError):
        _lookup(text)


@pytest.mark.parametrize(
    "setting",
    [
        "external_cmd = x.py",
        "match_type = REGEX(code)",
        "match_type = WILDCARD(nothing)",
        "default_match = other",
        "min_matches = 1",
    ],
)
def test_refused_definitions(setting: str) -> None:
    with pytest.raises(KnowledgeError):
        _lookup("alibaba_x code OUTPUT action", setting)


@pytest.mark.parametrize("csv", ["", "a,a\n1,2\n", "a,b\n1\n", "a,b\n1, 2\n", 'a,b\n"1,2\n'])
def test_damaged_files(csv: str) -> None:
    with pytest.raises(KnowledgeError):
        conf.table("x.csv", csv)


def test_missing_file() -> None:
    texts = {"transforms.conf": "[alibaba_x]\nfilename = y.csv\n"}
    with pytest.raises(KnowledgeError, match=r"y\.csv"):
        lookup.parse("LOOKUP-x", "alibaba_x code OUTPUT action", conf.from_texts(texts, {}))


def test_no_answer_where_splunk_documents_none() -> None:
    with pytest.raises(UncertainError):
        _lookup("alibaba_x code OUTPUT action").run({"code": ("pass", "block")})
    with pytest.raises(UncertainError):
        _lookup("alibaba_x code OUTPUT note").run({"code": "block", "note": "old"})
    with pytest.raises(UncertainError):
        _lookup("alibaba_x code OUTPUT n", csv="code,n\n" + "a,1\n" * 101).run({"code": "a"})
