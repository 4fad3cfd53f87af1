"""How scripts are started: interpreters, command lines, environments; specs, documents, log lines."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.standins.splunk.document import Header, StanzaParams, run_document, validation_document
from tests.standins.splunk.interpreters import InterpreterError, Interpreters
from tests.standins.splunk.knobs import Knobs
from tests.standins.splunk.runner import Runner
from tests.standins.splunk.scheme import SchemeError, parse_scheme, script_candidates, spec_schemes
from tests.standins.splunk.splunkd_log import SplunkdLog, split_level

PYTHONS = {"3.9": "/p39", "3.13": "/p313", "3.7": "/p37"}


def make(knobs: Knobs | None = None, resolve: dict[str, str] | None = None) -> Runner:
    return Runner(Path("/opt/splunk"), PYTHONS, knobs or Knobs(), resolve, {"server_name": "hf1"})


# -- interpreters


@pytest.mark.parametrize(
    ("stanzas", "path"),
    [
        ([{"python.required": "3.9, 3.13"}], "/p313"),
        ([{"python.required": "3.9"}, {"python.required": "3.13"}], "/p39"),
        ([{}, {"python.required": "3.13"}], "/p313"),
        ([{"python.required": "latest"}], "/p313"),
        ([{"python.version": "python3"}, {"python.required": "3.13"}], "/p313"),
        ([{"python.required": "3.14,3.9"}], "/p39"),
        ([{"python.version": "python3"}], "/p39"),
        ([{"python.version": "python3.9"}], "/p39"),
        ([{"python.version": "python3.7"}], "/p39"),
        ([{}], "/p39"),
    ],
)
def test_python_required_wins_then_python_version(stanzas: list[dict[str, str]], path: str) -> None:
    assert Interpreters(PYTHONS).for_run(*stanzas) == path


@pytest.mark.parametrize("params", [{"python.required": "3.14"}, {"python.version": "python2"}])
def test_an_interpreter_that_does_not_exist_is_an_error(params: dict[str, str]) -> None:
    with pytest.raises(InterpreterError):
        Interpreters(PYTHONS).for_run(params)


def test_introspection_takes_the_highest_of_the_enabled_instances() -> None:
    interpreters = Interpreters(PYTHONS)
    instances = [{"python.required": "3.9"}, {"python.required": "3.13"}, {}]
    assert interpreters.for_introspection({}, instances) == "/p313"
    assert interpreters.for_introspection({"python.required": "3.9"}, instances) == "/p39"
    assert interpreters.for_introspection({}, []) == "/p39"


# -- command lines and environments


def test_python_scripts_get_an_interpreter_others_run_directly() -> None:
    runner = make(Knobs(python_flags=("-S",)))
    assert runner.argv(Path("/a/x.py"), "--scheme") == ["/p39", "-S", "/a/x.py", "--scheme"]
    assert runner.argv(Path("/a/x.sh"), "--scheme") == ["/a/x.sh", "--scheme"]


@pytest.mark.parametrize(
    ("knob", "stanza", "expected"),
    [
        ("none", None, ["/p", "a b"]),
        ("sh", None, ["/bin/sh", "-c", "/p 'a b'"]),
        ("bash", None, ["/bin/bash", "-c", "/p 'a b'"]),
        ("sh_stays", None, ["/bin/sh", "-c", "/p 'a b'; exit $?"]),
        ("sh", "false", ["/p", "a b"]),
        ("none", "true", ["/bin/sh", "-c", "/p 'a b'"]),
    ],
)
def test_the_shell_is_the_stanzas_choice_then_the_knobs(
    knob: str, stanza: str | None, expected: list[str]
) -> None:
    assert make(Knobs(shell=knob)).through_shell(["/p", "a b"], stanza) == expected


def test_the_environment_is_built_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://p")
    monkeypatch.setenv("PYTHONPATH", "/x")
    env = make().env({"EXTRA": "1"})
    assert (env["SPLUNK_HOME"], env["SPLUNK_DB"]) == ("/opt/splunk", "/opt/splunk/var/lib/splunk")
    assert env["PATH"].startswith("/opt/splunk/bin:")
    assert env["EXTRA"] == "1"
    assert not {"HTTPS_PROXY", "PYTHONPATH", "SPLUNKD_URI", "VIRTUAL_ENV"} & env.keys()
    assert make(Knobs(environment="minimal")).env().keys() == {"SPLUNK_HOME", "PATH"}


def test_the_working_directory() -> None:
    assert make().cwd(Path("/a/bin/x.py")) == "/a/bin"
    assert make(Knobs(cwd="/")).cwd(Path("/a/bin/x.py")) == "/"


# -- the resolver


def _in_child(code: str, env: dict[str, str]) -> str:
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.strip()


LOOKUP = "import sys, socket; sys.stdout.write(str([i[4][0] for i in socket.getaddrinfo({!r}, 80, 0, 1)]))"


@pytest.mark.parametrize("host", ["project.cn.sls.test", "P.SLS.TEST", "x.sls.test."])
def test_children_resolve_the_hosts_of_the_tests(host: str) -> None:
    env = make(resolve={"*.sls.test": "127.0.0.9"}).env()
    assert _in_child(LOOKUP.format(host), env) == "['127.0.0.9']"


def test_other_names_and_socket_itself_are_left_alone() -> None:
    env = make(resolve={"*.sls.test": "127.0.0.9"}).env()
    assert _in_child(LOOKUP.format("127.0.0.1"), env) == "['127.0.0.1']"
    assert _in_child("import sys; sys.stdout.write(str('socket' in sys.modules))", env) == "False"


def test_a_sitecustomize_that_ours_hides_still_runs(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import os\nos.environ['THEIRS'] = 'ran'\n")
    env = make(resolve={"*.sls.test": "127.0.0.9"}).env()
    env["PYTHONPATH"] += f":{tmp_path}"
    assert _in_child("import os, sys; sys.stdout.write(os.environ['THEIRS'])", env) == "ran"
    assert json.loads(env["SPLUNK_STANDIN_RESOLVE"]) == {"*.sls.test": "127.0.0.9"}


# -- specs and schemes


def test_schemes_of_a_spec_need_a_parameter_and_a_good_name(tmp_path: Path) -> None:
    spec = tmp_path / "inputs.conf.spec"
    spec.write_text(
        "[one://<name>]\na = <x>\nb =\n[two://<name>]\n[three]\nx = 1\n[tcp://<name>]\nx = 1\n"
        "[bad name://<name>]\nx = 1\n[four-4://default]\n* text\nx.y = 1\n"
    )
    assert spec_schemes(spec) == ["one", "four-4"]
    assert spec_schemes(tmp_path / "none") == []


def test_architecture_directories_come_first_if_the_knob_says_so() -> None:
    names = [str(path) for path in script_candidates(Path("/a"), "s", True, (".sh", ".py"))]
    assert names == ["/a/linux_x86_64/bin/s.sh", "/a/linux_x86_64/bin/s.py", "/a/bin/s.sh", "/a/bin/s.py"]
    assert next(script_candidates(Path("/a"), "s", False, (".py",))) == Path("/a/bin/s.py")


def test_a_scheme_with_defaults() -> None:
    text = b"<scheme><title>T</title><endpoint><args><arg name='a'/></args></endpoint></scheme>"
    scheme = parse_scheme("s", "app", Path("x"), text)
    assert (scheme.title, scheme.streaming_mode, scheme.use_external_validation) == ("T", "simple", False)
    assert (scheme.args["a"].data_type, scheme.args["a"].required_on_create) == ("string", True)


@pytest.mark.parametrize(
    "text",
    [b"", b"hello <scheme/>", b"<scheme/>x", b"<other/>",
     b"<scheme><streaming_mode>json</streaming_mode></scheme>",
     b"<scheme><endpoint><args><arg name='a b'/></args></endpoint></scheme>"],
)  # fmt: skip
def test_what_is_no_scheme(text: bytes) -> None:
    with pytest.raises(SchemeError):
        parse_scheme("s", "app", Path("x"), text)


# -- documents


HEADER = Header("h", "https://127.0.0.1:8089", "k&y", "/c")


def test_the_run_document_survives_odd_names_and_values() -> None:
    params = {"b": " two\nlines ", "a": "<&>\"'", "ü": ""}
    root = ET.fromstring(run_document(HEADER, [StanzaParams('s://a "b" & ü', "app", params)]))
    stanza = root.find("configuration/stanza")
    assert stanza is not None
    assert stanza.attrib == {"name": 's://a "b" & ü', "app": "app"}
    assert [(p.get("name"), p.text or "") for p in stanza] == sorted(params.items())
    assert root.findtext("session_key") == "k&y"


def test_the_validation_document_names_the_bare_stanza() -> None:
    root = ET.fromstring(validation_document(HEADER, "n", {"a": "1"}))
    assert [(child.tag, child.text) for child in root][:2] == [
        ("server_host", "h"),
        ("server_uri", HEADER.server_uri),
    ]
    assert [(item.get("name"), item.findtext("param")) for item in root.iter("item")] == [("n", "1")]


def test_the_session_key_is_not_in_the_repr() -> None:
    assert "k&y" not in repr(HEADER)


# -- splunkd.log


def test_a_log_line(tmp_path: Path) -> None:
    log = SplunkdLog(tmp_path / "var" / "splunkd.log")
    log.write("WARN", "ExecProcessor", "a\x1b[0m\nb\tc", "MyThread")
    log.close()
    log.write("WARN", "ExecProcessor", "too late")
    line = (tmp_path / "var" / "splunkd.log").read_text()
    pattern = (
        r"^\d\d-\d\d-\d{4} \d\d:\d\d:\d\d\.\d{3} [+-]\d{4} WARN  ExecProcessor \[\d+ MyThread\] - (.*)\n$"
    )
    found = re.match(pattern, line)
    assert found is not None
    assert found.group(1) == "a\\x1b[0m\\x0ab\tc"


@pytest.mark.parametrize(
    ("line", "expected"),
    [("DEBUG x y", ("DEBUG", "x y")), ("INFO", ("ERROR", "INFO")), ("WARNING x", ("ERROR", "WARNING x")),
     ("FATAL ", ("FATAL", "")), ("", ("ERROR", ""))],
)  # fmt: skip
def test_levels_of_stderr_lines(line: str, expected: tuple[str, str]) -> None:
    assert split_level(line) == expected
