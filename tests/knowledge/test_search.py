"""Searches of event types and of data models."""

from __future__ import annotations

import pytest

from tests.knowledge.errors import KnowledgeError, UncertainError
from tests.knowledge.search import parse

FIELDS = {
    "sourcetype": "alibaba:waf",
    "status": "404",
    "action": "Blocked",
    "vpc-id": "vpc-1",
    "event.name": "RunInstances",
    "text": 'say "hi"',
    "empty": "",
    "dash": "-",
    "tag": ("web", "attack"),
}

FOUND = [
    "sourcetype=alibaba:waf",
    "sourcetype=alibaba:*",
    "sourcetype=alibaba:waf action=blocked",
    'sourcetype="alibaba:waf" AND action="BLOCKED"',
    "action = blocked",
    "action=*",
    "action=bl*ed",
    'action="bl*"',
    "empty=*",
    'empty=""',
    '"vpc-id"=vpc-1',
    "event.name=RunInstances",
    r'text="say \"hi\""',
    "status>=400 status<500",
    "status!=200",
    "NOT status=200",
    "NOT missing=*",
    "NOT missing=1 missing!=1 OR action=blocked",  # NOT, then OR, then AND
    "status IN (403, 404)",
    'status IN ("403","40*")',
    "tag=web tag=attack",
    "tag!=proxy",
    "(status=200 OR status=404) action=blocked",
    "status=404 action=x OR action=blocked",
    "NOT (status=200 OR status=403)",
    "NOT NOT status=404",
]


@pytest.mark.parametrize("text", FOUND)
def test_found(text: str) -> None:
    assert parse(text).matches(FIELDS)


NOT_FOUND = [
    "sourcetype=alibaba:wafx",
    "action=block",
    "missing=*",
    "missing!=1",
    "NOT action=*",
    "status=200 OR status=500",
    "status=200 action=blocked OR status=404",  # status=200 AND (...)
    "NOT status=404 OR status=404 action=x",
    "tag=proxy",
    "NOT tag=web",
    "missing<5",
    "status IN (200, 201)",
]


@pytest.mark.parametrize("text", NOT_FOUND)
def test_not_found(text: str) -> None:
    assert not parse(text).matches(FIELDS)


REFUSED = [
    "",
    "error",
    '"access denied"',
    "action=blocked error",
    "`macro`",
    "action=blocked | stats count",
    "action=[search index=x]",
    "index=main",
    "eventtype=other",
    "action=",
    "=blocked",
    "(action=blocked",
    "action=blocked)",
    "action=blocked or status=404",
    "not action=blocked",
    "action IN blocked",
    "action IN (blocked allowed)",
    "action in (blocked)",
    "status>abc",
    "act*=blocked",
    "action=a,b",
    r"path=C:\x",
    "OR action=blocked",
    "AND",
]


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    with pytest.raises(KnowledgeError):
        parse(text)


@pytest.mark.parametrize("text", ["dash>5", "status=404.0", "status=0404", "tag!=web"])
def test_no_answer_where_splunk_documents_none(text: str) -> None:
    with pytest.raises(UncertainError):
        parse(text).matches(FIELDS)


def test_terms() -> None:
    found = parse("sourcetype=a (x=1 OR y=2) NOT z=3")
    assert found.terms == (("sourcetype", "=", "a"), ("x", "=", "1"), ("y", "=", "2"), ("z", "=", "3"))
