"""Eval expressions: what they give, and what is refused as Splunk refuses it or says nothing about it."""

from __future__ import annotations

import pytest

from tests.knowledge.errors import KnowledgeError, UncertainError
from tests.knowledge.evalexpr import parse, parse_condition

FIELDS = {
    "a": "12",
    "b": "5",
    "status": "404",
    "dash": "-",
    "empty": "",
    "path": "/a/b?c=1",
    "many": ("x1", "y", "x2"),
    "event.name": "RunInstances",
    "vpc-id": "vpc-1",
    "big": "1234567890123456789",
    "odd": "1e5",
    "ip": "192.0.2.7",
    "json": '{"a": {"b": [1, 2.50]}, "t": true, "n": null, "o": {}, "a.c": "d"}',
}

GOOD = [
    # arithmetic, and how numbers print
    ("a + b", "17"),
    ("a - b", "7"),
    ("a * b", "60"),
    ("a / 5", "2.4"),
    ("10 / 5", "2"),
    ("a % b", "2"),
    ("a / 0", None),
    ("-1 + a", "11"),
    ("2 + 3 * 4", "14"),
    ("(2 + 3) * 4", "20"),
    ("a", "12"),
    ("big", "1234567890123456789"),
    # concatenation
    ('a . "x" . b', "12x5"),
    ('"n".(a + b)', "n17"),
    # null goes through operators, and counts as false in a condition
    ("missing + 1", None),
    ('missing . "x"', None),
    ('if(missing == "x", "y", "n")', "n"),
    ('if(missing != "x", "y", "n")', "n"),
    ('if(missing == "x" OR isnull(missing), "y", "n")', "y"),
    ('if(missing == "x" AND true(), "y", "n")', "n"),
    ("null()", None),
    # comparisons: numbers as numbers, text as text
    ('if(a > b, "y", "n")', "y"),
    ('if(status >= 400 AND status < 500, "y", "n")', "y"),
    ('if(status == 404.0, "y", "n")', "y"),
    ('if(status = "404", "y", "n")', "y"),
    ('if(dash == 1, "y", "n")', "n"),
    ('if("A" == "a", "y", "n")', "n"),
    # precedence: NOT, AND, OR
    ('if(true() OR true() AND false(), "y", "n")', "y"),
    ('if(NOT false() AND false(), "y", "n")', "n"),
    ('if(NOT dash == "-", "y", "n")', "n"),
    # names
    ("'event.name'", "RunInstances"),
    ("'vpc-id'", "vpc-1"),
    # text and escapes
    (r'"a\"b\\c"', 'a"b\\c'),
    # functions
    ('case(status < 400, "success", status >= 400, "failure")', "failure"),
    ('case(status < 400, "success")', None),
    ('coalesce(missing, empty, "z")', ""),
    ('nullif(dash, "-")', None),
    ('nullif(a, "-")', "12"),
    (r'if(match(path, "^\/a\/\w+\?"), "y", "n")', "y"),
    ('if(match(path, "(?i)^/A"), "y", "n")', "y"),
    ('if(like(path, "/a/_?c%"), "y", "n")', "y"),
    ('if(like(path, "/A%"), "y", "n")', "n"),
    ('if(in(dash, "", "-"), "y", "n")', "y"),
    ('if(status IN ("403", "404"), "y", "n")', "y"),
    ('if(in(missing, "x"), "y", "n")', "n"),
    ('if(cidrmatch("192.0.2.0/24", ip), "y", "n")', "y"),
    ('if(cidrmatch("192.0.2.0/24", dash), "y", "n")', "n"),
    ('lower("AbC")', "abc"),
    ('upper("AbC")', "ABC"),
    ("len(path)", "8"),
    (r'replace(path, "^/([^/]+)/.*$", "<\1>")', "<a>"),
    (r'replace(path, "\d", "#")', "/a/b?c=#"),
    ("substr(path, 2)", "a/b?c=1"),
    ("substr(path, 2, 3)", "a/b"),
    ("substr(path, -3)", "c=1"),
    ('trim("  x ")', "x"),
    ('ltrim("//x", "/")', "x"),
    ('rtrim("x//", "/")', "x"),
    ('split("a,b,", ",")', ("a", "b", "")),
    ('split("a", ",")', "a"),
    ("mvindex(many, 0)", "x1"),
    ("mvindex(many, -1)", "x2"),
    ("mvindex(many, 1, 2)", ("y", "x2")),
    ("mvindex(many, 7)", None),
    ("mvcount(many)", "3"),
    ("mvcount(a)", "1"),
    ("mvcount(missing)", None),
    ("mvappend(a, missing, many)", ("12", "x1", "y", "x2")),
    ('mvdedup(mvappend("p", "q", "p"))', ("p", "q")),
    ('mvfilter(match(many, "^x"))', ("x1", "x2")),
    ('mvfilter(match(missing, "^x"))', None),
    ('mvjoin(many, ";")', "x1;y;x2"),
    ('mvzip(many, split("1,2,3", ","), ":")', ("x1:1", "y:2", "x2:3")),
    ('tonumber("0012") + 1', "13"),
    ("tonumber(dash)", None),
    ('tonumber("ff", 16)', "255"),
    ("tostring(a + 1)", "13"),
    ("round(2.4)", "2"),
    ("round(2.6)", "3"),
    ("round(7 / 3, 2)", "2.33"),
    ("floor(2.9)", "2"),
    ("ceiling(2.1)", "3"),
    ("abs(b - a)", "7"),
    ("min(a, b, 7)", "5"),
    ("max(a, b, 7)", "12"),
    ('urldecode("%2Fa%20b")', "/a b"),
    ('floor(strptime("2026-01-02T03:04:05Z", "%Y-%m-%dT%H:%M:%S%Z"))', "1767323045"),
    ('floor(strptime("2026-01-02 03:04:05 +0800", "%F %T %z"))', "1767294245"),
    ('strptime("yesterday", "%F %T %z")', None),
    ('spath(json, "a.b{}")', ("1", "2.50")),
    ('spath(json, "a.b{1}")', "2.50"),
    ('spath(json, "t")', "true"),
    ('spath(json, "x")', None),
    ('spath(dash, "x")', None),
    ('json_extract(json, "a.b{0}")', "1"),
    ('if(isnum(a), "y", "n")', "y"),
    ('if(isnum(dash), "y", "n")', "n"),
    ('if(isnum(empty), "y", "n")', "n"),
    ('if(isnum(missing), "y", "n")', "n"),
    ('if(isstr(dash), "y", "n")', "y"),
    ('if(isstr(a), "y", "n")', "n"),
    ('if(isnotnull(empty), "y", "n")', "y"),
]


@pytest.mark.parametrize(("text", "expected"), GOOD, ids=[text for text, _ in GOOD])
def test_gives(text: str, expected: object) -> None:
    assert parse(text).value(FIELDS) == expected


REFUSED = [
    "",
    "a b",
    "a +",
    "(a",
    "a == b",  # a condition is no value
    "isnull(a)",
    'match(a, "x")',
    'if(a, "y", "n")',  # a value is no condition
    'if(match(a, "x") == "true", "y", "n")',
    "a AND b",
    'if(isnull(a), true(), "n")',
    'if(isnull(a) and isnull(b), "y", "n")',  # lower case
    'if(isnull(a) XOR isnull(b), "y", "n")',
    'if(a LIKE "1%", "y", "n")',
    'if(!isnull(a), "y", "n")',
    "if(isnull(a), 1)",
    "if(isnull(a), 1, 2, 3)",
    "case(isnull(a), 1, 2)",
    "len(a, b)",
    "null(a)",
    "mvcount()",
    "searchmatch(a)",  # unknown functions
    "mvmap(many, many + 1)",
    "If(isnull(a), 1, 2)",
    "event.name",  # one name, or two fields?
    "vpc-id",
    "'a",
    '"a',
    '"C:\\Windows"',  # a single backslash outside of a regex
    'a . "\\d"',
    'match(a, b)',
    "a{}",
    "a . b + 1",
    "a . b * 2",
    'if(1 < a < 3, "y", "n")',
    "- a",
    'if(match(a, "(x"), "y", "n")',
    'if(match(a, "(?>x)"), "y", "n")',
    'if(match(a, "x++"), "y", "n")',
    'if(match(a, "[[:alpha:]]"), "y", "n")',
    'mvfilter(match(many, "x") AND isnull(a))',
    "mvfilter(many)",
    "a; b",
    "`macro`",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_refused_before_any_event(text: str) -> None:
    with pytest.raises(KnowledgeError):
        parse(text)


UNSURE = [
    "dash + 1",
    "empty * 2",
    'if(dash > 1, "y", "n")',
    'if(a > "5", "y", "n")',
    'if(NOT missing == "x", "y", "n")',
    'if(NOT match(missing, "x"), "y", "n")',
    "odd + 1",
    "if(isnum(odd), 1, 2)",
    "big + 1",
    'if(a == "12.0", "y", "n")',
    'if(replace(a, "x", "y") == 12, "y", "n")',
    "a / 7",
    "round(2.5)",
    "round(a / 5, 3)",
    'many . "x"',
    'if(many == "y", "y", "n")',
    "lower(many)",
    "min(a, dash)",
    "min(a, missing)",
    'urldecode("a+b")',
    'strptime("2026-01-02", "%F")',
    'strptime("2026-01-02 03:04:05 +0800", "%F %T %z")',
    'strftime(a, "%F")',
    'spath(json, "o")',
    'spath(json, "n")',
    'json_extract(json, "a.b{}")',
    'mvzip(many, split("1,2", ","))',
    "substr(path, 0)",
    'replace(path, "x*", "y")',
    'replace(path, "x", "\\d")',
]


@pytest.mark.parametrize("text", UNSURE)
def test_no_answer_where_splunk_documents_none(text: str) -> None:
    with pytest.raises(KnowledgeError):
        parse(text).value(FIELDS)


def test_uncertainty_is_told_from_a_mistake() -> None:
    with pytest.raises(UncertainError, match="tonumber"):
        parse("dash + 1").value(FIELDS)


def test_guards_are_lazy() -> None:
    assert parse('if(isnum(dash) AND dash > 5, "y", "n")').value(FIELDS) == "n"
    assert parse('case(isnum(dash), dash * 2, true(), "none")').value(FIELDS) == "none"


def test_names_what_it_reads() -> None:
    assert parse("if(isnull('event.name'), a, b . mvfilter(match(c, \"x\")))").reads == {
        "event.name",
        "a",
        "b",
        "c",
    }


def test_condition() -> None:
    assert parse_condition("isnull(missing)").run(FIELDS) is True
    with pytest.raises(KnowledgeError):
        parse_condition("a")
