"""The two envelopes, the list arguments and the way paths are taken apart."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from urllib.parse import parse_qs

import pytest

from tests.standins.splunk import envelopes, listing, request
from tests.standins.splunk.envelopes import Acl, Entry, Feed
from tests.standins.splunk.errors import RestError

ATOM = "{http://www.w3.org/2005/Atom}"
REST = "{http://dev.splunk.com/ns/rest}"


def entry(name: str, **content: envelopes.Value) -> Entry:
    path = envelopes.entity_path("nobody", "A", "things", name)
    return Entry(name, path, content, Acl("A", sharing="global", removable=True))


def keys(feed: Feed) -> dict[str, ET.Element]:
    root = ET.fromstring(envelopes.to_atom(feed, "https://h:1").encode())
    return {
        str(key.get("name")): key for key in root.iterfind(f"{ATOM}entry/{ATOM}content/{REST}dict/{REST}key")
    }


def test_both_envelopes_say_the_same() -> None:
    feed = Feed(
        "things", "/services/things", [entry("a/b", disabled=True, k="<&>", none="", many=["x", "y"])]
    )
    shown = json.loads(envelopes.to_json(feed, "https://h:1"))["entry"][0]
    assert shown["content"] == {"disabled": True, "k": "<&>", "none": "", "many": ["x", "y"], "eai:acl": None}
    atom = keys(feed)
    assert (atom["disabled"].text, atom["k"].text, atom["none"].text) == ("1", "<&>", None)
    assert [item.text for item in atom["many"].iter(f"{REST}item")] == ["x", "y"]
    assert atom["eai:acl"].find(f"{REST}dict/{REST}key[@name='sharing']").text == "global"  # type: ignore[union-attr]


def test_a_slash_in_a_name_is_encoded_twice_in_links_and_comes_back() -> None:
    path = envelopes.entity_path("nobody", "A", "data/inputs/toy", "a/b c")
    assert path == "/servicesNS/nobody/A/data/inputs/toy/a%252Fb%20c"
    assert request.split_path(path) == ("nobody", "A", ["data", "inputs", "toy", "a/b c"])


@pytest.mark.parametrize("raw", ["a%2Fb", "a%252Fb"])
def test_clients_send_an_inner_slash_encoded_once_or_twice(raw: str) -> None:
    assert request.decode_part(raw) == "a/b"


def test_blanks_arrive_as_plus_and_percent_signs_survive() -> None:
    assert request.decode_part("a+b%2Bc%2541") == "a b+c%41"


def test_a_trailing_slash_and_an_unknown_root() -> None:
    assert request.split_path("/services/x/") == (None, None, ["x"])
    with pytest.raises(RestError):
        request.split_path("/elsewhere/x")


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
def test_a_form_is_read_whatever_its_type_says(content_type: str) -> None:
    built = request.build("POST", "/services/messages?a=1", b"b=2&b=3", {"content-type": content_type})
    assert built.args == {"a": ["1"], "b": ["2", "3"]}


def test_json_is_asked_for_in_query_or_body() -> None:
    assert request.build("GET", "/services/x?output_mode=json", b"", {}).wants_json
    assert request.build("POST", "/services/x", b"output_mode=json", {}).wants_json


def test_error_texts_keep_quotes_and_escape_markup() -> None:
    text = envelopes.messages_xml([("ERROR", "\"<class 'x'>\" & more")])
    assert '<msg type="ERROR">"&lt;class \'x\'&gt;" &amp; more</msg>' in text


def listed(query: str, entries: list[Entry]) -> list[str]:
    asked = request.build("GET", f"/services/x?{query}", b"", {})
    assert parse_qs(query) or not query
    return [shown.name for shown in listing.paged(Feed("x", "/services/x", entries), asked).entries]


def test_thirty_entries_by_default_and_all_on_demand() -> None:
    entries = [entry(f"n{number:03d}") for number in range(40)]
    assert len(listed("", entries)) == 30
    assert len(listed("count=-1", entries)) == len(listed("count=0", entries)) == 40
    assert listed("count=2&offset=38&sort_dir=asc", entries) == ["n038", "n039"]


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("realm%3D__CRED__%23TA%23configs%2Fconf-x", ["one"]),
        ("eai%3Aacl.app%3DA+name%3Dtwo", ["two"]),
        ("name%3Dt*", ["two"]),
        ("disabled%3D0", ["one"]),
        ("conf-x", ["one"]),
        ("%22name%3Dtwo%22", ["two"]),
        ("nothing", []),
        ("*", ["one", "two"]),
    ],
)
def test_search_filters_by_words_and_fields(search: str, names: list[str]) -> None:
    entries = [
        entry("two", disabled=True, realm="other"),
        entry("one", disabled=False, realm="__CRED__#TA#configs/conf-x"),
    ]
    assert listed(f"search={search}", entries) == names


def test_order_is_alphabetic_numeric_for_numbers_and_case_sensitive_on_demand() -> None:
    assert listed("", [entry("b"), entry("C"), entry("a")]) == ["a", "b", "C"]
    assert listed("sort_mode=alpha_case", [entry("b"), entry("C")]) == ["C", "b"]
    assert listed("", [entry("10"), entry("9")]) == ["9", "10"]
    assert listed("sort_dir=desc", [entry("a"), entry("b")]) == ["b", "a"]
