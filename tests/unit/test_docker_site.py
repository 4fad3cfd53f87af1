"""What a real Splunk answers, in the forms that are known, as tests/docker reads it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docker.rest import results
from tests.docker.site import complaints, found, query, view
from tests.scenarios import on_machine
from tests.scenarios.site import Found, Where

ROW = {
    "_raw": '{"a":"1"}',
    "_time": "2023-11-14T22:13:20.500+00:00",
    "_bkt": "x~1",
    "host": "h",
    "source": "sls://p/l",
    "sourcetype": "alibaba:waf",
    "index": "scene1",
    "a": "1",
    "several": ["x", "y"],
    "tag": ["web", "proxy"],
    "tag::eventtype": "web",
}
EVENT = Found('{"a":"1"}', 1_700_000_000.5, "h", "sls://p/l", "alibaba:waf", "scene1")


def test_a_result_becomes_an_event_with_fields_and_tags() -> None:
    assert found(ROW) == EVENT
    seen = view(ROW)
    assert (seen.event, seen.tags) == (EVENT, frozenset({"web", "proxy"}))
    assert {name: seen.fields[name] for name in ("a", "several")} == {"a": "1", "several": ("x", "y")}
    assert not [name for name in seen.fields if name.startswith(("_", "tag"))]
    assert view({**ROW, "tag": "web"}).tags == frozenset({"web"})
    assert view({k: v for k, v in ROW.items() if k != "tag"}).tags == frozenset()


def test_a_search_names_what_is_given() -> None:
    assert query(Where("main")) == 'search index="main"'
    assert query(Where("main", "a:b", "sls://p/l")) == (
        'search index="main" sourcetype="a:b" source="sls://p/l"'
    )


def test_an_export_is_one_object_a_line_and_newest_first() -> None:
    lines = [{"preview": False, "offset": n, "result": {"n": str(n)}} for n in range(2)]
    text = "\n".join(json.dumps(line) for line in [*lines, {"preview": False, "lastrow": True}])
    assert results("q", text) == [{"n": "1"}, {"n": "0"}]
    assert results("q", '{"preview":false,"lastrow":true}\n') == []
    fatal = json.dumps({"messages": [{"type": "FATAL", "text": "Unknown search command 'x'."}]})
    with pytest.raises(AssertionError, match="Unknown search command"):
        results("q", fatal)


def test_btools_complaints_about_the_app_are_told() -> None:
    output = """\
Checking: /opt/splunk/etc/apps/TA_x/default/app.conf
No spec file for: /opt/splunk/etc/apps/TA_x/default/odd.conf
\t\tInvalid key in stanza [a] in /opt/splunk/etc/apps/TA_x/default/props.conf, line 3: TIME_PREFI  (value: x).
\t\tInvalid key in stanza [a] in /opt/splunk/etc/apps/other/default/props.conf, line 1: b  (value:  c).
"""
    assert [line.split()[0] for line in complaints(output, "TA_x")] == ["No", "Invalid"]
    assert complaints(output, "TA_y") == []
    with pytest.raises(AssertionError, match="looked at nothing"):
        complaints("btool: command failed\n", "TA_x")


def test_orders_on_the_machine_are_carried_out_by_the_script_itself(tmp_path: Path) -> None:
    """As it runs inside the container: by itself, without this project on its path."""
    tool = tmp_path / "on_machine.py"
    tool.write_bytes(Path(on_machine.__file__).read_bytes())

    def ordered(call: str, **arguments: object) -> object:
        order = json.dumps({"call": call, **arguments})
        command = [sys.executable, "-I", str(tool)]
        done = subprocess.run(command, input=order, capture_output=True, text=True, check=True, cwd="/")
        return json.loads(done.stdout)

    home = str(tmp_path)
    ordered("write", home=home, path="etc/apps/a/local/x.conf", text="secret = é\n")
    assert ordered("files", home=home, pattern="etc/**/x.conf") == {"etc/apps/a/local/x.conf": "secret = é\n"}
    assert ordered("names", home=home, pattern="etc/apps/*") == ["etc/apps/a"]
    assert ordered("files_with", home=home, words=["nothing", "= é"]) == ["etc/apps/a/local/x.conf"]
    (row,) = ordered("processes", script=str(tool))  # type: ignore[misc]
    process = on_machine.Process(*row)
    assert process.argv[-1] == str(tool)
    assert sys.executable in process.parent[0] or "python" in process.parent[0]
    ordered("remove", home=home, path="etc/apps/a/local/x.conf")
    assert ordered("names", home=home, pattern="etc/apps/a/local/*") == []
