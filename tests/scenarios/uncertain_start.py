"""How Splunk starts an input: what the stand-in assumes, asserted."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from tests.pythons import pythons_for_splunk
from tests.scenarios.on_machine import Process
from tests.scenarios.probe import APP, Note, ProbeStage, same, uncertain

ENVIRONMENT = {
    "PATH",
    "SPLUNK_HOME",
    "SPLUNK_DB",
    "SPLUNK_ETC",
    "SPLUNK_OS_USER",
    "SPLUNK_SERVER_NAME",
    "SPLUNK_WEB_NAME",
    "SPLUNKD_PROCESSID",
    "LD_LIBRARY_PATH",
    "NODE_PATH",
    "OPENSSL_CONF",
}
SHELLS = {"sh", "bash", "dash"}


@uncertain("1", "2", "3", "13", "21")
def how_an_input_is_started(stage: ProbeStage) -> None:
    """The working directory is the app's bin, the environment has what the stand-in sets, no shell is
    between, Python is the newest of `python.required` without flags, and the pipe has the kernel's 64 KiB.
    """
    name = stage.start("polite")
    note = stage.first(name)
    bin_folder = f"{stage.site.home}/etc/apps/{APP}/bin"
    same("working directory (knob cwd)", note["cwd"], bin_folder)
    missing = sorted(ENVIRONMENT - note["environ"].keys())
    same(f"names missing in the environment {sorted(note['environ'])} (knob environment)", missing, [])
    same("SPLUNKD_URI in the environment", "SPLUNKD_URI" in note["environ"], False)
    same("arguments", note["argv"], [f"{bin_folder}/probe.py"])
    (process,) = (one for one in processes(stage) if one.pid == note["pid"])
    shell = process.parent[0].rpartition("/")[2] if process.parent else ""
    same("a shell between splunkd and the input (knob shell)", shell in SHELLS, False)
    same("Python's version", note["version"], newest(stage))
    same("Python's flags (knob python_flags)", note["flags"], [])
    same("the first folder that Python looks into", note["path"][0], bin_folder)
    same("capacity of the pipe in bytes (knob pipe_bytes)", note["pipe"], 65536)


def processes(stage: ProbeStage) -> list[Process]:
    return stage.site.processes(f"etc/apps/{APP}/bin/probe.py")


def newest(stage: ProbeStage) -> str:
    """The newest of 3.9 and 3.13 that Splunk brings, or that the stand-in was given."""
    own = {path.rpartition("python")[2] for path in stage.site.names("bin/python3.*")}
    return "3.13" if "3.13" in (own or pythons_for_splunk()) else "3.9"


@uncertain("16", "19")
def how_settings_are_handed_over(stage: ProbeStage) -> None:
    """Settings of a stanza come sorted by name, trimmed, unquoted by nobody, a continued line as two; `app`
    is there for one process per stanza and for one for all; there is no `param_list`.
    """
    site = stage.site
    root = f"/servicesNS/nobody/{APP}/data/inputs"
    before = len(stage.notes("conf", "start"))
    site.rest("POST", f"{root}/probe/conf/enable", expect=200)
    stage.until(lambda: len(stage.notes("conf", "start")) > before, 20, "a start")
    document = stage.notes("conf", "start")[-1]["document"]
    site.rest("POST", f"{root}/probe/conf/disable", expect=200)
    params = {p.get("name"): p.text or "" for p in ElementTree.fromstring(document).iter("param")}
    names = re.findall(r'<param name="([^"]+)"', document)
    same("order of the settings (knob params_sorted)", names, sorted(names))
    same("a value with blanks around", params["words"], "blanks around")
    same("a value in quotes", params["quoted"], '"in quotes"')
    same("a value on two lines", params["continued"], "first \nsecond")
    same("a value with =", params["equals"], "a = b")
    same("a value with markup", params["markup"], "<&\"'>")
    same("a value that is not ASCII", params["unicode"], "中文")
    same("a value that is empty, or none", params.get("blank"), "")
    same("param_list", "param_list" in document, False)
    one = stage.start("report", scheme="probe_one")
    single = stage.first(one, scheme="probe_one")["document"]
    for kind, text in (("one process per stanza", document), ("one process", single)):
        same(f"the app of a stanza, {kind}", re.findall(r'<stanza name="[^"]+" app="([^"]*)"', text), [APP])


@uncertain("15")
def which_script_describes_a_scheme(stage: ProbeStage) -> None:
    """The folder of the platform is preferred to bin, and a .sh to a .py."""
    same("two folders (knob arch_dir_first)", title(stage, "probe_arch"), "linux_x86_64/bin")
    same("two extensions (knob script_extensions)", title(stage, "probe_ext"), ".sh")


def title(stage: ProbeStage, scheme: str) -> str:
    reply = stage.site.rest("GET", f"/services/data/modular-inputs/{scheme}", expect=200)
    return str(reply.json["entry"][0]["content"]["title"])


@uncertain("14")
def whose_session_key_an_input_gets(stage: ProbeStage) -> None:
    """The session key is splunk-system-user's, with the capability to read passwords; after a restart of
    Splunk it is no longer known.
    """
    note = stage.first(stage.start("polite"))
    path = "/services/authentication/current-context"
    reply = stage.site.rest_with_key(note["key"], path)
    same("the key while the input runs", reply.status, 200)
    content = reply.json["entry"][0]["content"]
    same("its user", content["username"], "splunk-system-user")
    same("list_storage_passwords", "list_storage_passwords" in content["capabilities"], True)
    stage.site.restart()
    after = stage.site.rest_with_key(note["key"], path).status
    same("the key after a restart (knob session_keys_survive_restart)", after, 401)


@uncertain(
    "14", only="docker", why="waits for a session's time-out that Splunk is told to make short", slow=True
)
def a_session_key_outlives_the_sessions_time_out(stage: ProbeStage) -> None:
    """The key of a running input is good for longer than `sessionTimeout`, without being used."""
    path = "/servicesNS/nobody/system/configs/conf-server/general"
    stage.site.rest("POST", path, data={"sessionTimeout": "1m"}, expect=200)
    stage.site.restart()
    note: Note = stage.first(stage.start("polite"))
    began = float(note["t"])
    stage.until(
        lambda: float(stage.notes(f"{stage.name}_polite")[-1]["t"]) - began > 180, 60, "three minutes"
    )
    status = stage.site.rest_with_key(note["key"], "/services/authentication/current-context").status
    stage.site.rest("POST", path, data={"sessionTimeout": "1h"})
    same("the key after three minutes of a session of one (knob session_key_ttl)", status, 200)
