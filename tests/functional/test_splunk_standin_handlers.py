"""The Splunk stand-in runs an app's REST handlers, and serves the pages that call them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.functional.test_splunk_standin_rest import NS, Answer, call, fetch, splunk
from tests.functional.toy_rest_app import APP
from tests.standins.splunk import SplunkServer

__all__ = ["call", "splunk"]

THINGS = f"{NS}/toy_things"


def test_a_thing_lives_from_create_to_delete(call: Callable[..., Answer]) -> None:
    created = call("POST", THINGS, {"name": "t", "colour": "red"})
    assert (created.status, created.entries[0]["content"]["colour"]) == (201, "red")
    edited = call("POST", f"{THINGS}/t", {"size": "2", "disabled": "true"}).entries[0]
    assert (edited["content"]["size"], edited["content"]["disabled"]) == ("2", True)
    assert edited["content"]["edited_by"] == "admin"
    assert edited["acl"]["app"] == APP
    assert [entry["name"] for entry in call("GET", f"{THINGS}?count=-1").entries] == ["t"]
    assert call("DELETE", f"{THINGS}/t").status == 200
    assert call("GET", THINGS).entries == []


def test_an_unforeseen_exception_is_a_500_with_its_class_and_text(call: Callable[..., Answer]) -> None:
    answer = call("GET", f"{THINGS}/absent?output_mode=xml")
    assert answer.status == 500
    assert (
        '<msg type="ERROR">Unexpected error "&lt;class \'__main__.RestError\'&gt;" from python handler: '
        '"REST Error [404]: Not Found -- Could not find object id=absent". '
        "See splunkd.log/python.log for more details.</msg>"
    ) in answer.text


def test_exceptions_that_splunkd_knows_have_a_status_of_their_own(call: Callable[..., Answer]) -> None:
    call("POST", THINGS, {"name": "twice", "colour": "red"})
    answer = call("POST", THINGS, {"name": "twice", "colour": "red"})
    assert (answer.status, answer.message) == (409, "taken: twice")
    call("DELETE", f"{THINGS}/twice")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"name": "x"}, "The following required arguments are missing: colour."),
        ({"name": "x", "colour": "red", "shape": "1"}, 'Argument "shape" is not supported by this handler.'),
        ({"colour": "red"}, "The following required arguments are missing: name."),
    ],
)
def test_arguments_are_checked_against_what_setup_declared(
    call: Callable[..., Answer], data: dict[str, str], text: str
) -> None:
    answer = call("POST", THINGS, data)
    assert (answer.status, answer.message) == (400, text)


def test_a_handler_that_cannot_start_is_a_500_and_its_stderr_is_logged(
    call: Callable[..., Answer], splunk: SplunkServer
) -> None:
    answer = call("GET", f"{NS}/toy_broken")
    assert answer.status == 500
    assert "External handler failed with code '1'" in answer.message
    assert "no_such_module_anywhere" in splunk.splunkd_log.read_text("utf-8")


# -- pages


def sign_in(splunk: SplunkServer) -> tuple[str, str]:
    """The Cookie header after signing in, and the form key."""
    reply = splunk_login(splunk, "changeme")
    assert reply.status == 303
    key = splunk.auth.login("admin", "changeme")
    port = splunk.web_url.rpartition(":")[2]
    return f"splunkd_{port}={key}; splunkweb_csrf_token_{port}=token1", "token1"


def splunk_login(splunk: SplunkServer, password: str) -> Answer:
    form = {"username": "admin", "password": password, "return_to": "/en-US/"}
    return fetch(f"{splunk.web_url}/en-US/account/login", "POST", form)


def test_a_page_wants_a_session_and_everything_it_loads_is_there(splunk: SplunkServer) -> None:
    page = f"{splunk.web_url}/en-US/app/{APP}/inputs"
    away = fetch(page)
    assert away.status == 303
    assert "/account/login?return_to=" in away.headers["Location"]
    cookie, _ = sign_in(splunk)
    assert fetch(page, Cookie=cookie).status == 200
    config = fetch(f"{splunk.web_url}/en-US/config?autoload=1", Cookie=cookie)
    assert '"USERNAME": "admin"' in config.text
    for path in (
        "static/@1/js/i18n.js",
        "i18ncatalog?autoload=1",
        f"static/@1/app/{APP}/js/build/entry_page.js",
        "static/@1/build/api/layout.js",
        "static/@1/build/api/get_theme.js",
    ):
        reply = fetch(f"{splunk.web_url}/en-US/{path}", Cookie=cookie)
        assert (reply.status, reply.headers["Content-Type"]) == (200, "text/javascript; charset=UTF-8"), path


def test_static_files_end_at_the_apps_own_folder(splunk: SplunkServer) -> None:
    url = f"{splunk.web_url}/en-US/static/app/{APP}"
    assert fetch(f"{url}/..%2F..%2Fdefault/inputs.conf").status == 404
    assert fetch(f"{url}/../../default/inputs.conf").status == 404


def test_a_wrong_password_is_refused_and_return_to_stays_on_this_host(splunk: SplunkServer) -> None:
    assert splunk_login(splunk, "wrong").status == 401
    form = {"username": "admin", "password": "changeme", "return_to": "//elsewhere.test/"}
    reply = fetch(f"{splunk.web_url}/en-US/account/login", "POST", form)
    assert reply.headers["Location"] == "/en-US/"


def test_the_proxy_reads_with_the_cookie_and_writes_with_the_form_key(splunk: SplunkServer) -> None:
    cookie, form_key = sign_in(splunk)
    raw = f"{splunk.web_url}/en-GB/splunkd/__raw{THINGS}"
    assert fetch(f"{raw}?output_mode=json&count=-1").status == 401
    assert fetch(f"{raw}?output_mode=json&count=-1", Cookie=re.sub(";.*", "", cookie)).status == 200
    thing = {"name": "web", "colour": "red"}
    assert fetch(raw, "POST", thing, Cookie=cookie).status == 403
    headers = {"Cookie": cookie, "X-Splunk-Form-Key": form_key, "X-Requested-With": "XMLHttpRequest"}
    assert fetch(raw, "POST", thing, **headers).status == 201
    assert fetch(f"{raw}/web", "DELETE", **headers).status == 200


def test_the_proxy_exposes_only_what_web_conf_names(splunk: SplunkServer) -> None:
    cookie, _ = sign_in(splunk)
    raw = f"{splunk.web_url}/en-US/splunkd/__raw"
    assert fetch(f"{raw}{NS}/storage/passwords?output_mode=json", Cookie=cookie).status == 404
    assert fetch(f"{raw}/services/server/info?output_mode=json", Cookie=cookie).status == 200
