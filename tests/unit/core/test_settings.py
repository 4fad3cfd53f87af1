from __future__ import annotations

import pytest

from sls_ingest import connection, session, settings
from sls_ingest.errors import ConfigError
from tests.unit.core.inputs import STANZA, parsed

ACCOUNT = {"access_key_id": "LTAI-id", "access_key_secret": "the-secret"}


def test_defaults() -> None:
    parsed_input = parsed()
    assert parsed_input.endpoint.url == "https://cn-hangzhou.log.aliyuncs.com:443"
    assert parsed_input.consumer_group == "splunk-unit"
    assert parsed_input.source == "sls://audit-project/actiontrail_log"
    assert parsed_input.start.resolve(10_000) == 6400
    assert (parsed_input.heartbeat_interval, parsed_input.data_fetch_interval) == (20, 0.2)
    assert (parsed_input.index, parsed_input.host, parsed_input.sourcetype) == ("", "", "auto")


BAD = [
    ("account", "", "Configuration page"),
    ("endpoint", "", "cn-hangzhou.log.aliyuncs.com"),
    ("endpoint", "https://a.b/path", "without a path"),
    ("endpoint", "ftp://a.b", "without a path"),
    ("endpoint", "a.b:99999", "65535"),
    ("project", "Upper", "lower-case"),
    ("project", "", "lower-case"),
    ("project", "../etc", "lower-case"),
    ("logstore", "a/b", "lower-case"),
    ("consumer_group", "with space", "letters, digits"),
    ("cursor_start_time", "yesterday", "begin, end"),
    ("cursor_start_time", "1735689600000", "begin, end"),
    ("cursor_start_time", "2026-13-45", "begin, end"),
    ("cursor_end_time", "soon", "give epoch seconds"),
    ("cursor_end_time", "-1h", "give epoch seconds"),
    ("cursor_end_time", "-0h", "give epoch seconds"),
    ("cursor_end_time", "end", "give epoch seconds"),
    ("heartbeat_interval", "0", "1 to 300"),
    ("heartbeat_interval", "2.5", "1 to 300"),
    ("data_fetch_interval", "0", "0.01 to 60"),
    ("data_fetch_interval", "nan", "0.01 to 60"),
    ("fetch_threads", "1", "2 to 512"),
    ("fetch_buffer_mb", "0", "1 to 4096"),
    ("unfold", "event", "give auto, none, or a JSON map"),
    ("unfold", '{"a":"b"}', "give auto, none, or a JSON map"),
    ("unfold", '{"a":[""]}', "give auto, none, or a JSON map"),
    ("unfold", '["a"]', "give auto, none, or a JSON map"),
    ("unfold", "{", "give auto, none, or a JSON map"),
    ("max_fetch_log_group_size", "1001", "1 to 1000"),
    ("in_order", "maybe", "1 or 0"),
    ("compression", "zip", "lz4, deflate, none"),
    ("metrics_interval", "0", "1 to 3600"),
    ("event_format", "xml", "raw:<field>"),
    ("event_format", "raw:", "raw:<field>"),
    ("sourcetype", "a b", "sourcetype"),
    ("index", "Main", "lower-case"),
    ("index_routes", "waf", "topic=index"),
    ("index_routes", "waf=Bad Index", "topic=index"),
    ("event_id", "perhaps", "1 or 0"),
]


@pytest.mark.parametrize(("setting", "value", "accepted"), BAD)
def test_a_bad_value_gets_one_sentence_with_setting_value_and_what_is_accepted(
    setting: str, value: str, accepted: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        settings.parse_input({**STANZA, setting: value}, "unit")
    sentence = str(caught.value)
    assert sentence.startswith(f"{setting}: ")
    assert f"'{value.split(';')[0]}'" in sentence
    assert accepted in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_a_backfill_is_a_window_with_two_fixed_ends() -> None:
    assert parsed().end is None
    assert parsed(cursor_start_time="begin", cursor_end_time="2025-01-01T00:00:00Z").end == 1735689600
    assert parsed(cursor_start_time="1735689599", cursor_end_time="1735689600").end == 1735689600
    for start in ("-1h", "end", ""):  # empty: the default, -1h
        with pytest.raises(ConfigError, match=r"cursor_start_time: '.+' .* with cursor_end_time give begin"):
            parsed(cursor_start_time=start, cursor_end_time="1735689600")
    with pytest.raises(ConfigError, match=r"cursor_end_time: '1735689600' .* after cursor_start_time \(2025"):
        parsed(cursor_start_time="2025-01-01T00:00:00Z", cursor_end_time="1735689600")


def test_unfold_is_by_log_type_or_nothing_or_a_map() -> None:
    given = '{"actiontrail_audit_event": ["event"], "my_*": ["a", "b"], "none": []}'
    assert parsed().unfold is None
    assert parsed(unfold="none").unfold == ()
    assert parsed(unfold=given).unfold == (
        ("actiontrail_audit_event", ("event",)),
        ("my_*", ("a", "b")),
        ("none", ()),
    )


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("cn-hangzhou.log.aliyuncs.com", "https://cn-hangzhou.log.aliyuncs.com:443"),
        ("http://CN-Hangzhou.log.aliyuncs.com/", "http://cn-hangzhou.log.aliyuncs.com:80"),
        ("https://sls.test:8443", "https://sls.test:8443"),
    ],
)
def test_endpoints(given: str, url: str) -> None:
    assert parsed(endpoint=given).endpoint.url == url


def test_an_odd_stanza_name_gives_a_usable_group() -> None:
    assert settings.parse_input(STANZA, "My input/é").consumer_group == "splunk-My-input--"


def test_blank_values_are_as_good_as_missing() -> None:
    assert parsed(heartbeat_interval=" ", compression="").heartbeat_interval == 20


def test_proxy() -> None:
    assert connection.parse_proxy({"proxy_url": "p", "proxy_port": "1"}) is None
    given = {"proxy_enabled": "1", "proxy_url": "proxy.corp", "proxy_port": "3128", "proxy_password": "pw"}
    proxy = connection.parse_proxy(given)
    assert proxy is not None
    assert (proxy.kind, proxy.port, proxy.password) == ("http", 3128, "pw")
    assert "pw" not in repr(proxy)
    with pytest.raises(ConfigError, match="proxy_port: '0'"):
        connection.parse_proxy({**given, "proxy_port": "0"})


def test_what_goes_without_the_proxy() -> None:
    given = "intranet.example.com; .local.example ;10.0.0.0/8;192.0.2.7"
    assert connection.parse_network({"no_proxy": given}).no_proxy == (
        "intranet.example.com",
        ".local.example",
        "10.0.0.0/8",
        "192.0.2.7",
    )
    for wrong in ("*.example.com", "http://a.example", "a b", "a:3128"):
        with pytest.raises(ConfigError, match="no_proxy"):
            connection.parse_network({"no_proxy": wrong})


@pytest.mark.parametrize(
    ("no_proxy", "direct"),
    [
        ("", False),
        ("p.cn-hangzhou.log.aliyuncs.com", True),
        (".aliyuncs.com", True),
        ("aliyuncs.com", True),
        (".example.com;10.0.0.0/8", False),
    ],
)
def test_hosts_named_there_are_reached_directly(
    no_proxy: str, direct: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://environment.example:1")
    network = connection.parse_network({"no_proxy": no_proxy})
    proxy = connection.parse_proxy({"proxy_enabled": "1", "proxy_url": "proxy.example", "proxy_port": "3128"})
    for given in (proxy, None):
        with session.open_session("https://p.cn-hangzhou.log.aliyuncs.com", given, network) as opened:
            assert (opened.proxies == {}) is direct


def test_network() -> None:
    assert connection.parse_network({}) == connection.NetworkSettings("", 10.0, 60.0)
    with pytest.raises(ConfigError, match="read_timeout: '1'"):
        connection.parse_network({"read_timeout": "1"})


def test_plain_http_needs_the_accounts_leave() -> None:
    over_http = parsed(endpoint="http://sls.test")
    with pytest.raises(ConfigError, match=r"endpoint: 'http://sls\.test:80'.*account 'prod'"):
        settings.check_transport(over_http, connection.parse_account(ACCOUNT, "prod"))
    settings.check_transport(over_http, connection.parse_account({**ACCOUNT, "allow_http": "1"}, "prod"))


def test_an_event_id_needs_json_to_stand_in() -> None:
    assert parsed(event_id="1").event_id
    with pytest.raises(ConfigError, match=r"event_id: '1' is not accepted; give 0 with event_format raw"):
        parsed(event_id="1", event_format="raw:message")
