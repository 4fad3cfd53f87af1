"""The settings are told in four places (code, spec, pages, default conf); all four say the same."""

from __future__ import annotations

import configparser
import json
from pathlib import Path
from typing import Any

import pytest

from sls_ingest import connection, scheme, settings
from tests.standins.splunk import conf_file
from tests.unit.spec_file import Setting, read_spec
from tools import knowledge

ROOT = Path(__file__).resolve().parents[2]
CONFIG = json.loads((ROOT / "globalConfig.json").read_text(encoding="utf-8"))
INPUT = CONFIG["pages"]["inputs"]["services"][0]
TABS = {tab["name"]: tab for tab in CONFIG["pages"]["configuration"]["tabs"]}
IMPLICIT = {"host", "source", "sourcetype", "index", "interval"}  # splunkd's own, for every modular input
PROXY_FIELDS = ("proxy_type", "host", "port", "username", "password", "dns_resolution")


def fields(entities: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {entity["field"]: entity for entity in entities if entity["field"] != "name"}


def choices(entity: dict[str, Any]) -> list[str]:
    return [choice["value"] for choice in entity["options"]["autoCompleteFields"]]


def spec_of(name: str, stanza: str) -> dict[str, Setting]:
    return read_spec(ROOT / "README" / f"{name}.conf.spec")[stanza]


def conf(name: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(delimiters=("=",))
    parser.read(ROOT / "default" / f"{name}.conf")
    return parser


INPUT_FIELDS = fields(INPUT["entity"])
INPUT_SPEC = spec_of("inputs", "alibaba_sls://<name>")


def test_the_inputs_settings_are_the_same_everywhere() -> None:
    in_scheme = {name for name, _, _ in scheme.ARGUMENTS}
    assert set(INPUT_SPEC) == in_scheme | IMPLICIT
    assert set(INPUT_FIELDS) == in_scheme | IMPLICIT


def test_required_inputs_settings_are_the_same_everywhere() -> None:
    in_scheme = {name for name, _, required in scheme.ARGUMENTS if required}
    assert {name for name, setting in INPUT_SPEC.items() if setting.default is None} == in_scheme
    assert {name for name, entity in INPUT_FIELDS.items() if entity.get("required")} == in_scheme


@pytest.mark.parametrize("name", sorted(settings.INPUT_DEFAULTS))
def test_an_inputs_default_is_the_same_everywhere(name: str) -> None:
    default = settings.INPUT_DEFAULTS[name]
    shown = INPUT_FIELDS[name].get("defaultValue", "")
    assert INPUT_SPEC[name].default == default
    assert ("01"[shown] if isinstance(shown, bool) else shown) == default


def test_the_restart_delay_is_the_same_everywhere() -> None:
    assert INPUT_SPEC["interval"].default == conf("inputs")["alibaba_sls"]["interval"] == "60"
    assert INPUT_FIELDS["interval"]["defaultValue"] == 60


@pytest.mark.parametrize("name", ["compression", "unfold"])
def test_an_inputs_choices_are_accepted_and_told(name: str) -> None:
    free = [choice for choice in INPUT_SPEC[name].choices if choice.startswith("<")]
    assert [*choices(INPUT_FIELDS[name]), *free] == INPUT_SPEC[name].choices
    needed = {"account": "a", "endpoint": "e.test", "project": "pp", "logstore": "ll"}
    for choice in choices(INPUT_FIELDS[name]):
        settings.parse_input({**needed, name: choice}, "in")


def test_every_group_names_fields_and_no_field_is_in_two() -> None:
    grouped = [name for group in INPUT["groups"] for name in group["fields"]]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) < set(INPUT_FIELDS)


def test_help_of_inputs_is_plain_text() -> None:
    """ucc-gen 6.6 ends with exit code 0 and half an app when it is not."""
    assert {type(entity.get("help", "")) for entity in INPUT_FIELDS.values()} == {str}


def test_the_accounts_settings_are_the_same_everywhere() -> None:
    shown = fields(TABS["account"]["entity"])
    told = spec_of("ta_alibaba_sls_account", "<name>")
    assert set(shown) == set(told)
    assert tuple(choices(shown["auth_type"])) == tuple(told["auth_type"].choices) == connection.AUTH_TYPES
    encrypted = {name for name, entity in shown.items() if entity.get("encrypted")}
    assert encrypted == {name for name, setting in told.items() if "(secret)" in setting.text}
    assert encrypted == {"access_key_secret", "security_token"}


def test_an_accounts_defaults_and_choices_are_the_same_everywhere() -> None:
    shown = fields(TABS["account"]["entity"])
    told = spec_of("ta_alibaba_sls_account", "<name>")
    for name, default in connection.ACCOUNT_DEFAULTS.items():
        value = shown[name]["defaultValue"]
        assert told[name].default == ("01"[value] if isinstance(value, bool) else value) == default
    source = "source_credentials"
    assert tuple(choices(shown[source])) == tuple(told[source].choices) == connection.SOURCES


KEY_FIELDS = {"access_key_id", "access_key_secret", "security_token"}
ROLE_FIELDS = {"role_arn", "external_id", "role_session_name", "role_duration", "sts_endpoint"}
WAYS_TO_SIGN_IN = {
    ("access_key", "access_key"): KEY_FIELDS,
    ("ecs_ram_role", "ecs_ram_role"): {"role_name"},
    ("assume_role", "access_key"): {"source_credentials", *KEY_FIELDS, *ROLE_FIELDS},
    ("assume_role", "ecs_ram_role"): {"source_credentials", "role_name", *ROLE_FIELDS},
}
REQUIRED = {"access_key_id", "access_key_secret", "role_arn"}


class AccountForm:
    """What the pages' code makes of modifyFieldsOnValue: all rules, in the form's order, when the form opens;
    after that the rules of the field that was changed, and no others."""

    def __init__(self, **stored: str) -> None:
        entities = fields(TABS["account"]["entity"])
        self.values = {
            name: stored.get(name, entity.get("defaultValue")) for name, entity in entities.items()
        }
        self._shown = {
            name: entity.get("options", {}).get("display", True) for name, entity in entities.items()
        }
        self._required = {name: entity.get("required", False) for name, entity in entities.items()}
        self._rules = {name: entity.get("modifyFieldsOnValue", []) for name, entity in entities.items()}
        for name in entities:
            self._apply(name)

    def choose(self, name: str, value: str) -> None:
        self.values[name] = value
        self._apply(name)

    def _apply(self, name: str) -> None:
        for rule in self._rules[name]:
            if rule["fieldValue"] == self.values[name]:
                for change in rule["fieldsToModify"]:
                    field = change["fieldId"]
                    self.values[field] = change.get("value", self.values[field])
                    self._shown[field] = change.get("display", self._shown[field])
                    self._required[field] = change.get("required", self._required[field])

    def check(self) -> None:
        """The fields that the chosen way to sign in uses are shown, and marked where it needs them."""
        wanted = WAYS_TO_SIGN_IN[self.values["auth_type"], self.values["source_credentials"]]
        shown = {name for name, display in self._shown.items() if display}
        assert shown == {"auth_type", "allow_http", *wanted}
        assert {name for name, required in self._required.items() if required} == REQUIRED & wanted


@pytest.mark.parametrize(("auth_type", "source"), WAYS_TO_SIGN_IN)
def test_a_stored_account_shows_the_fields_that_it_uses(auth_type: str, source: str) -> None:
    AccountForm().check()
    AccountForm(auth_type=auth_type, source_credentials=source).check()
    if auth_type != "assume_role":  # written by hand, with what it does not use left over or left out
        for other in ("access_key", "ecs_ram_role"):
            AccountForm(auth_type=auth_type, source_credentials=other).check()


def test_every_change_of_the_way_to_sign_in_shows_the_fields_that_it_uses() -> None:
    form = AccountForm()
    moves = [(a, s) for a in connection.AUTH_TYPES for s in connection.SOURCES]
    for first in moves:
        for then in moves:
            for auth_type, source in (first, then):
                form.choose("auth_type", auth_type)
                form.check()
                if auth_type == "assume_role":
                    form.choose("source_credentials", source)
                    form.check()


def test_the_proxys_settings_are_the_same_everywhere() -> None:
    tab = TABS["proxy"]
    told = spec_of("ta_alibaba_sls_settings", "proxy")
    defaults = dict(conf("ta_alibaba_sls_settings")["proxy"])
    assert {name: setting.default for name, setting in told.items()} == {**defaults, "proxy_type": "http"}
    own = {tab[part]["field"] for part in PROXY_FIELDS if isinstance(tab[part], dict)}
    assert own | {"proxy_enabled", "proxy_username", "proxy_password"} == set(told)
    assert tuple(choices(tab["proxy_type"])) == tuple(told["proxy_type"].choices) == connection.PROXY_TYPES


@pytest.mark.parametrize("host", ["proxy", "proxy.example.com", "10.0.0.1", "fd00::1"])
def test_the_page_lets_dotted_proxy_hosts_pass(host: str) -> None:
    """ucc-gen's own rule refuses them."""
    rules = TABS["proxy"]["host"]["validators"]
    assert [rule["type"] for rule in rules] == ["string"]
    assert len(host) <= rules[0]["maxLength"]


def test_the_networks_settings_are_the_same_everywhere() -> None:
    told = spec_of("ta_alibaba_sls_settings", "network")
    shown = fields(TABS["network"]["entity"])
    defaults = dict(conf("ta_alibaba_sls_settings")["network"])
    assert {name: setting.default for name, setting in told.items()} == defaults
    assert {name: entity.get("defaultValue", "") for name, entity in shown.items()} == defaults
    assert connection.parse_network(defaults) == connection.NetworkSettings()


def test_the_log_level_is_the_same_everywhere() -> None:
    told = spec_of("ta_alibaba_sls_settings", "logging")
    assert set(told) == {"loglevel"}
    assert told["loglevel"].default == conf("ta_alibaba_sls_settings")["logging"]["loglevel"]


def test_the_settings_stanzas_exist_for_their_pages() -> None:
    stanzas = conf("ta_alibaba_sls_settings").sections()
    assert stanzas == [name for name in TABS if name != "account"]
    assert list(read_spec(ROOT / "README" / "ta_alibaba_sls_settings.conf.spec")) == stanzas


def test_splunkd_is_told_how_to_run_the_scheme() -> None:
    stanza = conf("inputs")["alibaba_sls"]
    assert stanza["python.version"] == "python3"
    assert stanza["python.required"].split(", ") == CONFIG["meta"]["supportedPythonVersion"]
    assert stanza["start_by_shell"] == "false"


def test_events_are_neither_cut_nor_joined_nor_timed_again() -> None:
    stanza = conf_file.parse(knowledge.joined(ROOT)["props.conf"])["alibaba:sls"]
    assert stanza["SHOULD_LINEMERGE"] == "false"
    assert stanza["LINE_BREAKER"] == r"([\r\n]+)"
    assert stanza["TRUNCATE"] == "0"
    assert stanza["DATETIME_CONFIG"] == "NONE"
    assert stanza["KV_MODE"] == "json"
