"""Conf files: the format, the layers, and what a modular input is handed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.standins.splunk import conf_file
from tests.standins.splunk.conf import ConfStore, StanzaInDefaultError
from tests.standins.splunk.conf_meta import Meta

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
KEYS = NAMES.filter(lambda key: not set("=#[]\\") & set(key))
# The file is text with LF lines: only what can stand in a value, and spaces at its ends are not part of it.
VALUES = (
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=30)
    .map(str.strip)
    .filter(lambda value: not value.endswith("\\"))
)


def put(home: Path, place: str, text: str) -> None:
    path = home / "etc" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    put(
        tmp_path,
        "system/default/inputs.conf",
        "[default]\nindex = default\n_rcvbuf = 1\nhost = $decideOnStartup\n",
    )
    put(tmp_path, "apps/A/default/inputs.conf", "[toy]\ninterval = 60\n\n[toy://one]\ncolour = red\n")
    return tmp_path


def test_settings_above_the_first_header_belong_to_default() -> None:
    assert conf_file.parse("a = 1\n[x]\nb=2") == {"default": {"a": "1"}, "x": {"b": "2"}}


def test_a_backslash_continues_a_value_on_the_next_line() -> None:
    assert conf_file.parse("[x]\nsearch = one\\\ntwo\nk = v") == {"x": {"search": "one\ntwo", "k": "v"}}


def test_comments_and_a_byte_order_mark_are_no_settings() -> None:
    assert conf_file.parse("\ufeff# top\n[x]\n # indented\na = # kept\n") == {"x": {"a": "# kept"}}


@given(
    st.dictionaries(
        NAMES.filter(lambda n: not set("[]\\") & set(n)), st.dictionaries(KEYS, VALUES), max_size=4
    )
)
def test_what_is_written_reads_back(stanzas: dict[str, dict[str, str]]) -> None:
    assert conf_file.parse(conf_file.render(stanzas)) == stanzas


def test_local_beats_default_and_system_local_beats_apps(home: Path) -> None:
    put(home, "apps/A/local/inputs.conf", "[toy://one]\ncolour = blue\nsize = 1\n")
    put(home, "system/local/inputs.conf", "[toy://one]\nsize = 9\n")
    assert ConfStore(home).merged("inputs")["toy://one"] == {"colour": "blue", "size": "9"}


def test_in_its_own_context_an_app_beats_the_system(home: Path) -> None:
    put(home, "system/local/inputs.conf", "[toy://one]\ncolour = grey\n")
    assert ConfStore(home).merged("inputs", app="A")["toy://one"]["colour"] == "red"


def test_another_app_is_seen_only_when_it_exports(home: Path) -> None:
    put(home, "apps/B/default/app.conf", "[ui]\nlabel = B\n")
    assert "toy://one" not in ConfStore(home).merged("inputs", app="B")
    put(home, "apps/A/metadata/default.meta", "[inputs]\nexport = system\n")
    assert "toy://one" in ConfStore(home).merged("inputs", app="B")


def test_an_input_gets_default_scheme_and_stanza_sorted_without_underscores(home: Path) -> None:
    app, params = ConfStore(home).stanza_params("toy", "one")
    assert app == "A"
    assert list(params.items()) == [
        ("colour", "red"),
        ("host", "$decideOnStartup"),
        ("index", "default"),
        ("interval", "60"),
    ]


def test_an_input_belongs_to_its_app_even_when_the_system_overrides_a_key(home: Path) -> None:
    put(home, "system/local/inputs.conf", "[toy://one]\ncolour = grey\n")
    assert ConfStore(home).stanza_params("toy", "toy://one") == (
        "A",
        {"colour": "grey", "host": "$decideOnStartup", "index": "default", "interval": "60"},
    )


@pytest.mark.parametrize(("word", "disabled"), [("1", True), ("true", True), ("0", False), ("f", False)])
def test_stanzas_of_a_scheme_tell_whether_they_are_disabled(home: Path, word: str, disabled: bool) -> None:
    store = ConfStore(home)
    store.write("A", "inputs", "toy://two", {"disabled": word})
    assert store.stanzas_of_scheme("toy") == [("toy://one", "A", False), ("toy://two", "A", disabled)]


def test_writes_go_to_local_and_survive_a_reload(home: Path) -> None:
    store = ConfStore(home)
    store.write("A", "inputs", "toy://one", {"colour": "green"})
    assert (home / "etc/apps/A/local/inputs.conf").read_text("utf-8") == "[toy://one]\ncolour = green\n"
    store.reload()
    assert store.merged("inputs")["toy://one"]["colour"] == "green"


def test_a_file_edited_by_hand_is_seen_after_a_reload_only(home: Path) -> None:
    store = ConfStore(home)
    assert store.merged("inputs")["toy://one"]["colour"] == "red"
    put(home, "apps/A/local/inputs.conf", "[toy://one]\ncolour = pink\n")
    assert store.merged("inputs")["toy://one"]["colour"] == "red"
    store.reload("inputs")
    assert store.merged("inputs")["toy://one"]["colour"] == "pink"


def test_what_lives_in_default_cannot_be_deleted(home: Path) -> None:
    store = ConfStore(home)
    store.write("A", "inputs", "toy://one", {"colour": "green"})
    with pytest.raises(StanzaInDefaultError):
        store.delete("A", "inputs", "toy://one")
    store.write("A", "inputs", "toy://two", {})
    store.delete("A", "inputs", "toy://two")
    assert "toy://two" not in store.merged("inputs")


def test_a_users_private_layer_is_seen_by_that_user_only(home: Path) -> None:
    store = ConfStore(home)
    store.write("A", "props", "x", {"k": "v"}, user="ann")
    assert "x" in store.merged("props", "A", "ann")
    assert "x" not in store.merged("props", "A")


def test_a_disabled_app_has_no_say(home: Path) -> None:
    put(home, "apps/A/local/app.conf", "[install]\nstate = disabled\n")
    assert ConfStore(home).merged("inputs").keys() == {"default"}


def test_permissions_come_from_the_nearest_metadata_entry(home: Path) -> None:
    put(
        home,
        "apps/A/metadata/default.meta",
        "[]\naccess = read : [ * ], write : [ admin, power ]\nexport = system\n",
    )
    meta = Meta(home)
    meta.update("A", "props", "a b", {"access": "read : [ user ], write : [ ]", "export": "none"})
    assert meta.lookup("A", "props", "other").write == ("admin", "power")
    own = meta.lookup("A", "props", "a b")
    assert (own.read, own.write, own.exported) == (("user",), (), False)
