"""The Splunk stand-in's management port over real sockets: auth, confs, passwords, inputs, KV store."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from tests.functional.toy_rest_app import APP, write_app
from tests.standins.splunk import Knobs, SplunkServer

SECRET = "hush-hush-0123"
NS = f"/servicesNS/nobody/{APP}"


@dataclass
class Answer:
    """Status, body and headers of a reply; ``json`` reads the body."""

    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def entries(self) -> list[dict[str, Any]]:
        return list(self.json["entry"])

    @property
    def message(self) -> str:
        return str(self.json["messages"][0]["text"])


def fetch(
    url: str, method: str = "GET", data: Mapping[str, Any] | str | None = None, **headers: str
) -> Answer:
    """One request over a real connection."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        context = ssl._create_unverified_context()
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            str(parts.hostname), parts.port, timeout=30, context=context
        )
    else:
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
    body = data if isinstance(data, str) else urlencode(data or {}, doseq=True)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target, body.encode() or None, headers)
        reply = connection.getresponse()
        return Answer(reply.status, reply.read().decode(), dict(reply.getheaders()))
    finally:
        connection.close()


@pytest.fixture(scope="module")
def splunk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SplunkServer]:
    folder = tmp_path_factory.mktemp("splunk")
    with SplunkServer(folder / "home", web_port=0) as server:
        server.install_dir(write_app(folder))
        yield server


@pytest.fixture
def call(splunk: SplunkServer) -> Callable[..., Answer]:
    """A request as admin; JSON unless the path asks for something else."""
    key = splunk.session_key()

    def calling(method: str, path: str, data: Mapping[str, Any] | str | None = None) -> Answer:
        mode = "" if "output_mode" in path else f"{'&' if '?' in path else '?'}output_mode=json"
        return fetch(f"{splunk.mgmt_url}{path}{mode}", method, data, Authorization=f"Splunk {key}")

    return calling


def wait_for(check: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)


# -- who is calling


def test_login_hands_out_a_key_that_works(splunk: SplunkServer) -> None:
    login = fetch(
        f"{splunk.mgmt_url}/services/auth/login", "POST", {"username": "admin", "password": "changeme"}
    )
    key = ET.fromstring(login.text).findtext("sessionKey")
    assert login.status == 200
    answer = fetch(
        f"{splunk.mgmt_url}/services/authentication/current-context?output_mode=json",
        Authorization=f"Splunk {key}",
    )
    assert answer.entries[0]["content"]["username"] == "admin"


@pytest.mark.parametrize(
    ("headers", "status", "text"),
    [
        ({}, 401, "Unauthorized"),
        ({"Authorization": "Splunk nonsense"}, 401, "call not properly authenticated"),
        ({"Authorization": "Bearer nonsense"}, 401, "call not properly authenticated"),
        ({"Authorization": "Basic " + base64.b64encode(b"admin:wrong").decode()}, 401, "Unauthorized"),
        ({"Authorization": "Basic " + base64.b64encode(b"admin:changeme").decode()}, 200, ""),
    ],
)
def test_credentials(splunk: SplunkServer, headers: dict[str, str], status: int, text: str) -> None:
    answer = fetch(f"{splunk.mgmt_url}/services/server/info", **headers)
    assert answer.status == status
    assert text in answer.text


def test_a_wrong_password_and_a_missing_one_are_told_apart(splunk: SplunkServer) -> None:
    url = f"{splunk.mgmt_url}/services/auth/login"
    assert fetch(url, "POST", {"username": "admin", "password": "x"}).status == 401
    assert fetch(url, "POST", {"username": "admin"}).status == 400


def test_a_reply_says_how_the_connection_goes_on(splunk: SplunkServer) -> None:
    assert fetch(f"{splunk.mgmt_url}/services/server/info").headers["Connection"] == "Keep-Alive"
    assert (
        fetch(f"{splunk.mgmt_url}/services/server/info", Connection="close").headers["Connection"] == "Close"
    )


def test_a_user_without_the_capability_is_refused(call: Callable[..., Answer], splunk: SplunkServer) -> None:
    call("POST", "/services/authentication/users", {"name": "ann", "password": "pw", "roles": "user"})
    basic = "Basic " + base64.b64encode(b"ann:pw").decode()
    url = f"{splunk.mgmt_url}{NS}/data/inputs/toy?output_mode=json"
    answer = fetch(url, "POST", {"name": "x", "colour": "red"}, Authorization=basic)
    assert answer.status == 403
    assert answer.message.startswith("You (user=ann) do not have permission to perform this operation")
    passwords = fetch(f"{splunk.mgmt_url}{NS}/storage/passwords?output_mode=json", Authorization=basic)
    assert passwords.status == 403


# -- configuration


def test_a_stanza_lives_from_create_to_delete(call: Callable[..., Answer], splunk: SplunkServer) -> None:
    base = f"{NS}/configs/conf-colours"
    assert call("POST", base, {"name": "sky", "hue": "blue"}).status == 201
    assert call("POST", base, {"name": "sky"}).status == 409
    assert call("POST", f"{base}/sky", {"tone": "light"}).status == 200
    content = call("GET", f"{base}/sky").entries[0]["content"]
    assert (content["hue"], content["tone"], content["disabled"]) == ("blue", "light", False)
    assert (content["eai:appName"], content["eai:userName"]) == (APP, "nobody")
    assert call("POST", f"{base}/sky/disable").entries[0]["content"]["disabled"] is True
    assert "hue = blue" in (splunk.home / f"etc/apps/{APP}/local/colours.conf").read_text("utf-8")
    assert call("DELETE", f"{base}/sky").status == 200
    gone = call("GET", f"{base}/sky")
    assert (gone.status, gone.message) == (404, "Could not find object id=sky")


def test_properties_tell_which_files_exist_and_configs_do_not(call: Callable[..., Answer]) -> None:
    assert call("GET", f"{NS}/properties/never_written").status == 404
    assert call("GET", f"{NS}/configs/conf-never_written").status == 200
    assert call("POST", f"{NS}/properties", {"__conf": "fresh"}).status == 201
    assert call("GET", f"{NS}/properties/fresh").status == 200
    assert call("POST", f"{NS}/properties/fresh", {"__stanza": "s"}).status == 201
    assert "Successfully modified 1 key(s)" in call("POST", f"{NS}/properties/fresh/s", {"k": "v"}).text
    assert call("GET", f"{NS}/properties/fresh/s/k").text == "v"


def test_unknown_endpoints_and_writes_without_a_target(call: Callable[..., Answer]) -> None:
    assert (call("GET", "/services/nowhere").status, call("GET", "/elsewhere").status) == (404, 404)
    answer = call("DELETE", f"{NS}/configs/conf-colours")
    assert (answer.status, answer.message) == (
        400,
        'Cannot perform action "DELETE" without a target name to act on.',
    )


# -- passwords


def test_a_secret_is_stored_outside_of_conf_files(call: Callable[..., Answer], splunk: SplunkServer) -> None:
    base = f"{NS}/storage/passwords"
    created = call("POST", base, {"name": "u/1", "realm": "__R__#x#configs/conf-y", "password": SECRET})
    assert created.status == 201
    assert (
        call("POST", base, {"name": "u/1", "realm": "__R__#x#configs/conf-y", "password": "b"}).status == 409
    )
    found = call("GET", f"{base}?search=realm%3D__R__%23x%23configs%2Fconf-y&count=-1").entries
    assert [entry["content"]["clear_password"] for entry in found] == [SECRET]
    link = found[0]["links"]["alternate"]
    assert call("GET", link).entries[0]["content"]["username"] == "u/1"
    assert call("POST", link, {"password": "other"}).status == 200
    conf = splunk.home / f"etc/apps/{APP}/local/passwords.conf"
    assert "$7$" in conf.read_text("utf-8")
    assert call("DELETE", link).entries == []
    holders = [path for path in (splunk.home / "etc").rglob("*") if path.is_file() and SECRET in _text(path)]
    logs = [path for path in (splunk.home / "var/log").rglob("*") if path.is_file() and SECRET in _text(path)]
    assert holders == logs == []


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace")


# -- inputs


def test_a_created_input_runs_and_its_event_arrives(
    call: Callable[..., Answer], splunk: SplunkServer
) -> None:
    base = f"{NS}/data/inputs/toy"
    created = call("POST", base, {"name": "one", "colour": "green", "index": "main"})
    assert (created.status, created.entries[0]["content"]["colour"]) == (201, "green")
    wait_for(lambda: splunk.event_count("stanza = 'toy://one'") == 1)
    assert splunk.events("stanza = 'toy://one'")[0].raw == "toy://one green"
    remaining = call("DELETE", f"{base}/one")
    assert [entry["name"] for entry in remaining.entries] == ["shipped"]
    assert splunk.problems() == []


@pytest.mark.parametrize(
    ("data", "status", "text"),
    [
        ({"name": "x", "colour": "beige"}, 400, "beige is no colour"),
        ({"name": "x"}, 400, "The following required arguments are missing: colour."),
        (
            {"name": "x", "colour": "red", "shape": "1"},
            400,
            'Argument "shape" is not supported by this handler.',
        ),
        ({"name": "shipped", "colour": "red"}, 409, "name=shipped already exists"),
        ({"name": "x" * 1024, "colour": "red"}, 400, 'Parameter "name" must be less than 1024'),
    ],
)
def test_a_refused_input_is_not_written(
    call: Callable[..., Answer], data: dict[str, str], status: int, text: str
) -> None:
    answer = call("POST", f"{NS}/data/inputs/toy", data)
    assert answer.status == status
    assert text in answer.message
    assert call("GET", f"{NS}/data/inputs/toy/x").status == 404


def test_what_an_app_ships_can_be_edited_but_not_deleted(call: Callable[..., Answer]) -> None:
    entity = f"{NS}/data/inputs/toy/shipped"
    assert call("GET", entity).entries[0]["acl"]["removable"] is False
    answer = call("DELETE", entity)
    assert answer.message == "Object id=toy://shipped cannot be deleted in config=inputs."
    assert call("POST", entity, {"size": "3"}).entries[0]["content"]["size"] == "3"


def test_the_scheme_is_a_kind_of_input_with_its_arguments(call: Callable[..., Answer]) -> None:
    kinds = {entry["name"]: entry for entry in call("GET", "/services/data/inputs").entries}
    assert "create" in kinds["toy"]["links"]
    args = call("GET", "/services/data/modular-inputs/toy").entries[0]["content"]["endpoint"]["args"]
    assert args["colour"]["required_on_create"] is True
    assert args["size"]["data_type"] == "number"


# -- KV store, messages, server


def test_kv_records_come_and_go(call: Callable[..., Answer], splunk: SplunkServer) -> None:
    assert call("POST", f"{NS}/storage/collections/config", {"name": "c"}).status == 201
    data = f"{NS}/storage/collections/data/c"
    assert call("POST", data, '{"_key": "a/b", "n": 1}').json == {"_key": "a/b"}
    assert call("POST", data, '{"_key": "a/b"}').status == 409
    assert call("GET", f"{data}/a%2Fb").json == {"_key": "a/b", "_user": "nobody", "n": 1}
    assert call("POST", f"{data}/batch_save", '[{"_key": "x", "n": 2}, {"n": 3}]').json[0] == "x"
    assert len(call("GET", f"{data}?query=%7B%22n%22%3A%7B%22%24gt%22%3A1%7D%7D").json) == 2
    assert call("POST", data, "no json").status == 400
    splunk.knobs.kvstore_ready = False
    try:
        assert call("GET", data).status == 503
    finally:
        splunk.knobs.kvstore_ready = True


def test_a_message_is_overwritten_and_deleted_once(call: Callable[..., Answer]) -> None:
    call("POST", "/services/messages", {"name": "m", "value": "one"})
    call("POST", "/services/messages", {"name": "m", "value": "two", "severity": "error"})
    content = call("GET", "/services/messages/m").entries[0]["content"]
    assert (content["message"], content["severity"]) == ("two", "error")
    assert call("POST", "/services/messages", {"name": "m", "value": "x", "role": "nobody"}).status == 400
    assert (call("DELETE", "/services/messages/m").status, call("DELETE", "/services/messages/m").status) == (
        200,
        404,
    )


def test_server_info_speaks_both_envelopes(call: Callable[..., Answer]) -> None:
    content = call("GET", "/services/server/info").entries[0]["content"]
    assert content["serverName"] == "hf1"
    assert "search_head" not in content["server_roles"]
    assert '<s:key name="serverName">hf1</s:key>' in call("GET", "/services/server/info?output_mode=xml").text


def test_a_restart_ends_sessions_and_keeps_configuration(tmp_path: Path) -> None:
    with SplunkServer(tmp_path / "home") as server:
        url, key = server.mgmt_url, server.session_key()
        server.rest(
            "POST", "/servicesNS/nobody/search/configs/conf-x", data={"name": "s", "k": "v"}, expect=201
        )
        server.restart()
        assert server.mgmt_url == url
        assert fetch(f"{url}/services/server/info", Authorization=f"Splunk {key}").status == 401
        answer = server.rest("GET", "/servicesNS/nobody/search/configs/conf-x/s", expect=200)
        assert answer.json["entry"][0]["content"]["k"] == "v"


def test_a_process_key_can_expire_after_some_calls(tmp_path: Path) -> None:
    with SplunkServer(tmp_path / "home", knobs=Knobs(session_key_expires_after_calls=2)) as server:
        key = server.auth.new_key(of_process=True)
        url = f"{server.mgmt_url}/services/server/info"
        assert [fetch(url, Authorization=f"Splunk {key}").status for _ in range(3)] == [200, 200, 401]
