"""Passwords' names and vault, KV store queries, search terms, app packages."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.standins.splunk import app_install, kvstore, search_terms
from tests.standins.splunk.passwords import Vault, entity_name, split_name

ODD = st.text(st.sampled_from("ab\\:/ #%`"), max_size=8)


@given(ODD, ODD)
def test_a_password_name_keeps_realm_and_user_apart(realm: str, user: str) -> None:
    assert split_name(entity_name(realm, user)) == (realm, user)


@pytest.mark.parametrize(
    ("realm", "user", "name"),
    [("", "u", ":u:"), (":r", "u:e", "\\:r:u\\:e:"), ("\\r", "/u", "\\\\r:/u:")],
)
def test_password_names_are_escaped_as_observed(realm: str, user: str, name: str) -> None:
    assert entity_name(realm, user) == name


def test_the_last_colon_may_be_left_out() -> None:
    assert split_name(":u") == ("", "u")


def test_the_vault_hands_out_opaque_texts_and_is_private(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "passwords.json")
    opaque = vault.put("A", "r:u:", "hush")
    assert opaque.startswith("$7$")
    assert "hush" not in opaque
    assert (tmp_path / "passwords.json").stat().st_mode & 0o777 == 0o600
    assert Vault(tmp_path / "passwords.json").get("A", "r:u:") == "hush"
    assert vault.get("B", "r:u:") == ""


RECORD = {"_key": "1", "num": 10, "text": "abc", "deep": {"x": 1}}


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({}, True),
        ({"num": 10}, True),
        ({"num": {"$gt": 9, "$lt": 11}}, True),
        ({"num": {"$gte": 11}}, False),
        ({"num": {"$ne": 10}}, False),
        ({"text": {"$gt": 5}}, False),
        ({"$or": [{"num": 1}, {"text": "abc"}]}, True),
        ({"$and": [{"num": 10}, {"text": "x"}]}, False),
        ({"deep.x": 1}, True),
        ({"absent": None}, True),
    ],
)
def test_kv_queries(query: dict[str, object], fits: bool) -> None:
    assert kvstore.matches(RECORD, query) is fits


def test_an_unknown_operator_is_refused() -> None:
    with pytest.raises(kvstore.QueryError):
        kvstore.matches(RECORD, {"num": {"$near": 1}})


def test_kv_records_take_declared_types_and_refuse_a_second_key() -> None:
    records = kvstore.Collection()
    records.types = {"n": "number", "b": "bool"}
    assert records.insert({"_key": "k", "n": "5", "b": "1"}, "nobody") == "k"
    assert records.records["k"] == {"_key": "k", "_user": "nobody", "n": 5, "b": True}
    with pytest.raises(kvstore.DuplicateKeyError):
        records.insert({"_key": "k"}, "nobody")


def test_kv_results_are_sorted_cut_and_projected() -> None:
    rows = [{"_key": str(n), "_user": "nobody", "n": n, "m": -n} for n in range(5)]
    assert [row["n"] for row in kvstore.arranged(rows, "n:-1", 1, 2, "")] == [3, 2]
    assert kvstore.arranged(rows[:1], "", 0, 0, "n,_id:0") == [{"n": 0}]
    assert kvstore.arranged(rows[:1], "", 0, 0, "m:0,_user:0") == [{"_key": "0", "n": 0}]


def test_search_terms_become_a_filter() -> None:
    search = search_terms.parse('search index = "main" sourcetype=a* "two words" | head 5')
    assert search.args == ["main", "a%", "%two words%"]
    assert search.commands == [["head", "5"]]
    with pytest.raises(search_terms.SearchError):
        search_terms.parse("xyzzy")


def package(path: Path, *names: str) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 1
            tar.addfile(member, io.BytesIO(b"x"))
    return path


@pytest.mark.parametrize("keeps", [True, False])
def test_an_upgrade_keeps_local_and_leaves_or_drops_what_is_old(tmp_path: Path, keeps: bool) -> None:
    home = tmp_path / "home"
    app_install.install(home, package(tmp_path / "1.spl", "A/default/app.conf", "A/bin/old.py"))
    app = home / "etc/apps/A"
    made = {"local/app.conf": "[ui]\n", "local/data/x.xml": "<x/>", "metadata/local.meta": "[]\n"}
    for name, text in made.items():
        (app / name).parent.mkdir(parents=True, exist_ok=True)
        (app / name).write_text(text)
    second = package(tmp_path / "2.spl", "A/default/app.conf", "A/bin/new.py")
    assert app_install.install(home, second, keep_old_files=keeps) == "A"
    found = {str(path.relative_to(app)) for path in app.rglob("*.*")}
    assert found == {*made, "default/app.conf", "bin/new.py"} | ({"bin/old.py"} if keeps else set())
    assert {name: (app / name).read_text() for name in made} == made


@pytest.mark.parametrize("names", [("A/x", "B/y"), ("../A/x",), ("/A/x",)])
def test_a_package_must_stay_in_one_folder(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(app_install.AppPackageError):
        app_install.install(tmp_path / "home", package(tmp_path / "x.spl", *names))
