"""The commands and conf files of docs/install.md, as they stand there but for the names of a test's SLS."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

from tests.functional.harness import KEY_ID, KEY_SECRET, Forwarder, Traffic
from tests.standins.sls import SlsServer
from tests.unit.documents import ROOT, marked

PAGE = ROOT / "docs" / "install.md"
SPLUNK = re.compile(r"^SPLUNK=https://localhost:8089(\S+)$", re.M)
CONFS = ("inputs.conf", "ta_alibaba_sls_account.conf")


def commands(text: str, secret: str) -> list[tuple[str, dict[str, str]]]:
    """Path and form of each call of curl; a form that takes its value from standard input gets `secret`."""
    found = SPLUNK.search(text)
    assert found
    lines = re.findall(r"^.*?\bcurl\b (.*)$", text.replace("\\\n", " "), re.M)
    return [_command(shlex.split(line.replace("$SPLUNK", found[1])), secret) for line in lines]


def _command(words: list[str], secret: str) -> tuple[str, dict[str, str]]:
    path, form = "", {}
    rest = iter(words)
    for word in rest:
        if word in ("-d", "--data-urlencode"):
            name, separator, value = re.split(r"([=@])", next(rest), maxsplit=1)
            form[name] = secret if separator == "@" else value
        elif word == "-u":
            assert next(rest) == "admin"
        elif word != "-k":
            path = word
    return path, form


def with_names(text: str, sls: SlsServer) -> str:
    for name, ours in {"LTAI5tExample": KEY_ID, "cn-hangzhou.log.aliyuncs.com": sls.https_endpoint}.items():
        text = text.replace(name, ours)
    return text


def test_what_the_page_says_works(
    make_forwarder: Callable[..., Forwarder], sls: SlsServer, traffic: Traffic, tmp_path: Path
) -> None:
    from_conf = tmp_path / "hf2" / "etc" / "apps" / "our_inputs"
    for name in CONFS:
        text = with_names(marked(PAGE, f"tested: conf {name}"), sls)
        _write(from_conf / "default" / name, text.replace("splunk-audit", "splunk-conf"))
    _write(from_conf / "metadata" / "default.meta", "[]\nexport = system\n")
    sls.control.add_role("forwarder", ecs=True)
    traffic.put(60)
    over_rest, deployed = make_forwarder("hf1"), make_forwarder("hf2")

    for path, form in commands(with_names(marked(PAGE, "tested: rest"), sls), KEY_SECRET):
        reply = over_rest.rest("POST" if form else "GET", path, data=form or None)
        assert reply.status in (200, 201), (path, reply.text)
    for forwarder in (over_rest, deployed):
        assert traffic.wait_until_all_arrived(forwarder).total.duplicate == 0
    assert {"splunk-audit", "splunk-conf"} == set(sls.control.consumer_groups("audit", "central"))
    assert KEY_SECRET not in "".join(path.read_text() for path in (over_rest.home / "etc").rglob("*.conf"))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
