"""The app's conf files hold nothing that Splunk does not know, and refer to nothing that is not there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.app_package import ROOT, find_or_build_spl
from tests.knowledge import references, settings

# A small app without a mistake, for the tests that plant one.
SOUND = {
    "default/props.conf": """\
[alibaba:a]
SHOULD_LINEMERGE = false
LINE_BREAKER = ([\\r\\n]+)
TRUNCATE = 0
DATETIME_CONFIG = NONE
KV_MODE = json
# a comment
EXTRACT-port = :(?<port>\\d+)$ in address
REPORT-pairs = a_pairs
FIELDALIAS-names = "first name" AS name second AS other
EVAL-action = if(match(status, "^2\\d\\d$"), "allowed", \\
    null())
LOOKUP-1 = alibaba_codes code AS status OUTPUT text AS reason kind

[source::sls://...]
TRUNCATE = 0
""",
    "default/transforms.conf": """\
[a_pairs]
REGEX = (\\w+)=(\\w+)
FORMAT = $1::$2

[alibaba_codes]
filename = alibaba_codes.csv
min_matches = 1
default_match = unknown
""",
    "default/eventtypes.conf": """\
[alibaba_a_denied]
search = sourcetype=alibaba:a (status=403 OR "odd | name"="x")
priority = 3

[alibaba_all]
search = sourcetype IN ("alibaba:a", alibaba:*)
""",
    "default/tags.conf": "[eventtype=alibaba_a_denied]\nweb = enabled\n",
    "default/inputs.conf": "[alibaba_sls]\ninterval = 60\nin_order = 0\npython.version = python3\n",
    "default/app.conf": "[install]\nbuild = 7\n[triggers]\nreload.ta_x_settings = simple\n",
    "default/ta_x_settings.conf": "[proxy]\nenabled = 0\nport =\ntype = http\n",
    "default/restmap.conf": (
        "[admin:x]\nmatch = /\nmembers = x_account\n"
        "[admin_external:x_account]\nhandlertype = python\nhandlerfile = rh.py\nhandleractions = edit, list\n"
    ),
    "default/web.conf": "[expose:x]\npattern = x_account/*\nmethods = POST, GET\n",
    "default/server.conf": "[shclustering]\nconf_replication_include.ta_x_settings = true\n",
    "README/inputs.conf.spec": "[alibaba_sls://<name>]\n\nin_order = <boolean>\n* Told.\n",
    "README/ta_x_settings.conf.spec": (
        "[proxy]\nenabled = <boolean>\nport = <integer>\ntype = http|socks5\n* Default: http\n"
    ),
    "lookups/alibaba_codes.csv": "code,text,kind\n200,fine,good\n403,denied,bad\n",
    "metadata/default.meta": "[]\naccess = read : [ * ], write : [ admin ]\nexport = system\n",
    "bin/rh.py": "",
}


def mistakes(files: Mapping[str, str]) -> list[str]:
    return settings.mistakes(files) + references.mistakes(files)


def test_the_sources_have_no_mistake() -> None:
    found = mistakes(settings.source_app(ROOT))
    assert not found, "\n".join(found)


def test_the_package_has_no_mistake(tmp_path: Path) -> None:
    files = settings.built_app(find_or_build_spl(tmp_path / "package.log"))
    assert {"default/props.conf", "default/app.conf", "metadata/default.meta"} <= set(files)
    found = mistakes(files)
    assert not found, "\n".join(found)


def test_a_sound_app_has_no_mistake() -> None:
    assert mistakes(SOUND) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        # names
        ("default/props.conf", "KV_MODE", "KV_MODUS", "KV_MODUS: is no setting that is known"),
        ("default/props.conf", "EVAL-action", "EVAL_action", "EVAL_action: is no setting that is known"),
        ("default/props.conf", "SHOULD_LINEMERGE", "should_linemerge", "should_linemerge: is no setting"),
        ("default/transforms.conf", "filename", "file_name", "file_name: is no setting that is known"),
        ("default/eventtypes.conf", "priority", "prio", "prio: is no setting that is known"),
        ("default/inputs.conf", "in_order", "in_ordre", "in_ordre: is no setting that is known"),
        ("default/inputs.conf", "[alibaba_sls]", "[alibaba]", "[alibaba] is no stanza that is known"),
        ("default/ta_x_settings.conf", "port", "prot", "prot: is no setting that is known"),
        ("README/ta_x_settings.conf.spec", "[proxy]", "[other]", "[proxy] is no stanza that is known"),
        ("metadata/default.meta", "export", "exports", "exports: is no setting that is known"),
        # values
        ("default/props.conf", "SHOULD_LINEMERGE = false", "SHOULD_LINEMERGE = flase", "is not true, false"),
        ("default/props.conf", "TRUNCATE = 0\nD", "TRUNCATE = none\nD", "'none' is no whole number"),
        ("default/props.conf", "KV_MODE = json", "KV_MODE = jason", "'jason' is none of none, auto"),
        ("default/props.conf", "([\\r\\n]+)", "[\\r\\n]+", "has no group"),
        ("default/props.conf", "([\\r\\n]+)", "([\\r\\n+", "LINE_BREAKER: regex"),
        ("default/props.conf", "(?<port>\\d+)", "(\\d+)", "has no named group"),
        ("default/props.conf", "^2\\d\\d$", "^2(\\d$", "EVAL-action: "),
        ("default/props.conf", '"^2\\d\\d$"', "wanted", "EVAL-action: "),
        ("default/props.conf", "null())", "null()", "EVAL-action: "),
        ("default/props.conf", "EVAL-action", "EVAL-an action", "'an action' is no field name"),
        ("default/props.conf", '"first name" AS name', '"first name" name', "is not: field AS alias"),
        ("default/props.conf", "code AS status", "code AS", "is not: table column AS field OUTPUT"),
        (
            "default/props.conf",
            " OUTPUT text AS reason kind",
            " OUTPUT",
            "is not: table column AS field OUTPUT",
        ),
        ("default/eventtypes.conf", "priority = 3", "priority = 11", "'11' is none of 1, 2"),
        ("default/tags.conf", "enabled", "enable", "'enable' is none of enabled, disabled"),
        ("default/ta_x_settings.conf", "http", "https", "'https' is none of"),
        ("default/web.conf", "POST, GET", "POST, GETS", "'GETS' is none of GET, POST"),
        ("metadata/default.meta", "system", "global", "'global' is none of system, none"),
        ("metadata/default.meta", "read : [ * ],", "read : *,", "is not read : [ roles ], write : [ roles ]"),
        # the text itself
        ("default/props.conf", "[source::sls://...]", "[alibaba:a]", "[alibaba:a] is there twice"),
        ("default/props.conf", "KV_MODE = json", "KV_MODE = json\nKV_MODE = xml", "KV_MODE is there twice"),
        ("default/props.conf", "KV_MODE = json", "KV_MODE", "neither stanza nor setting: KV_MODE"),
        ("default/props.conf", '"allowed", \\\n', '"allowed", \\ \n', "blanks after the backslash"),
        ("default/props.conf", '"allowed", \\\n', '"allowed", \\\n# why\\\n', "a comment inside a value"),
        ("default/tags.conf", "[eventtype=alibaba_a_denied]\n", "", "web is in no stanza"),
        # references
        ("default/props.conf", "= a_pairs", "= pairs", "there is no transform pairs"),
        ("default/props.conf", "= a_pairs", "= a_pairs, alibaba_codes", "alibaba_codes extracts nothing"),
        ("default/props.conf", "alibaba_codes", "alibaba_cods", "there is no lookup alibaba_cods"),
        ("default/props.conf", "code AS status", "kode AS status", "alibaba_codes has no column kode"),
        ("default/props.conf", "text AS reason", "txt AS reason", "alibaba_codes has no column txt"),
        ("default/props.conf", "second AS other", "second AS name", "name is the alias of two fields"),
        ("default/props.conf", "LOOKUP-1 = alibaba_codes code AS status OUTPUT text", "#", "used by nothing"),
        ("default/transforms.conf", "alibaba_codes.csv", "codes.csv", "there is no file lookups/codes.csv"),
        (
            "default/transforms.conf",
            "alibaba_codes.csv",
            "codes.csv",
            "alibaba_codes.csv: no lookup has this",
        ),
        ("default/transforms.conf", "min_matches = 1\n", "", "default_match: has no effect"),
        ("default/transforms.conf", "$2", "$3", "REGEX has no group 3"),
        (
            "default/transforms.conf",
            "min_matches",
            "match_type = WILDCARD(cod)\nmin_matches",
            "WILDCARD(cod)",
        ),
        ("lookups/alibaba_codes.csv", "403,denied,bad", "403,denied", "not as many values as columns"),
        ("lookups/alibaba_codes.csv", "403,", "200,", "two rows for 200"),
        ("lookups/alibaba_codes.csv", "denied", "denied ", "blanks around a value"),
        ("lookups/alibaba_codes.csv", "text,kind", "text,text", "does not name the columns"),
        ("default/eventtypes.conf", "status=403", "status=403 | head 1", "has a pipe"),
        ("default/eventtypes.conf", "status=403", "[search x]", "has a subsearch"),
        ("default/eventtypes.conf", "status=403", "`codes`", "has a macro"),
        ("default/eventtypes.conf", "status=403", "eventtype=alibaba_all", "depends on an eventtype"),
        ("default/eventtypes.conf", "(status=403", "status=403", "do not pair"),
        (
            "default/eventtypes.conf",
            "sourcetype=alibaba:a",
            "sourcetype=alibaba:b",
            "no sourcetype alibaba:b",
        ),
        ("default/eventtypes.conf", '("alibaba:a"', '("alibaba:c"', "no sourcetype alibaba:c"),
        (
            "default/eventtypes.conf",
            "search = sourcetype IN",
            "description =",
            "[alibaba_all] search: is missing",
        ),
        ("default/tags.conf", "alibaba_a_denied", "alibaba_a", "there is no eventtype alibaba_a"),
        ("default/tags.conf", "web = enabled", "", "gives no tag"),
        ("default/tags.conf", "web", '"web"', "is no tag's name"),
        ("default/restmap.conf", "members = x_account", "members = y", "has no handler"),
        ("default/restmap.conf", "rh.py", "rx.py", "there is no bin/rx.py"),
        ("default/web.conf", "x_account/*", "y/*", "there is no endpoint y"),
        ("default/app.conf", "reload.ta_x_settings", "reload.ta_y", "the app has no such conf file"),
        ("default/server.conf", "ta_x_settings", "ta_y", "the app has no such conf file"),
        ("metadata/default.meta", "export = system", "", "props are not exported to other apps"),
        ("metadata/default.meta", "[]", "[views]", "nothing is said of the whole app"),
        ("metadata/default.meta", "read : [ * ]", "read : [ admin ]", "not everyone may read lookups"),
        ("metadata/default.meta", "system\n", "system\n[tags]\nexport = none\n", "tags are not exported"),
    ],
)
def test_a_planted_mistake_is_told(name: str, old: str, new: str, told: str) -> None:
    assert old in SOUND[name]
    found = mistakes(SOUND | {name: SOUND[name].replace(old, new, 1)})
    assert any(told in mistake for mistake in found), found


def test_a_conf_file_that_nobody_knows_is_told() -> None:
    found = mistakes(SOUND | {"default/prop.conf": "[a]\n"})
    assert found == ["prop.conf: neither Splunk's nor described in README/prop.conf.spec"]


@pytest.mark.parametrize(
    ("expression", "regexes"),
    [
        ('replace(a, "x(\\d+)", "\\1")', ["x(\\d+)"]),
        ('if(match(coalesce(a, "1,2"), "^\\"(b)"), lower(c), null())', ['^"(b)']),
        ("mvfilter(match('x{}', \"y\"))", ["y"]),
        ('"match(a, b)"', []),
    ],
)
def test_the_regexes_of_an_expression_are_found(expression: str, regexes: list[str]) -> None:
    assert settings.eval_regexes(expression) == regexes


def test_a_regex_that_is_not_written_out_is_refused() -> None:
    with pytest.raises(ValueError, match="not one text"):
        settings.eval_regexes('match(a, "^" . b)')
