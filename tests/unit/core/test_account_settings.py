from __future__ import annotations

import pytest

from sls_ingest.connection import AccountSettings, AssumedRole, parse_account, parse_proxy
from sls_ingest.errors import ConfigError

KEY = {"access_key_id": "LTAI-id", "access_key_secret": "the-secret"}
ARN = "acs:ram::1234567890123456:role/log-reader"
ROLE = {"auth_type": "assume_role", "role_arn": ARN}


def role(**given: str) -> AssumedRole:
    found = parse_account({**ROLE, **KEY, **given}, "prod").role
    assert found
    return found


def test_an_account_shows_no_secret() -> None:
    account = parse_account({**KEY, **ROLE, "security_token": "the-token", "external_id": "ours"}, "prod")
    assert (account.access_key_secret, account.security_token) == ("the-secret", "the-token")
    for secret in ("the-secret", "the-token", "ours"):
        assert secret not in repr(account)


def test_an_error_about_a_missing_secret_shows_no_other_secret() -> None:
    with pytest.raises(ConfigError, match="access_key_secret") as caught:
        parse_account({"access_key_id": "LTAI-id", "security_token": "the-token"})
    assert "the-token" not in str(caught.value)


def test_an_access_key_is_the_default_and_is_not_renewed() -> None:
    account = parse_account({**KEY, **ROLE, "auth_type": "", "role_name": "not looked at!"}, "prod")
    assert (account.source, account.role, account.role_name) == ("access_key", None, "")
    assert not account.is_renewed


def test_an_instances_role_needs_nothing() -> None:
    account = parse_account({"auth_type": "ecs_ram_role"}, "prod")
    assert (account.source, account.role_name, account.role) == ("ecs_ram_role", "", None)
    assert account.is_renewed
    assert parse_account({"auth_type": "ecs_ram_role", "role_name": "Fwd.r-1"}).role_name == "Fwd.r-1"


def test_what_an_account_does_not_use_is_neither_checked_nor_kept() -> None:
    """A form sends the fields that it hides, too."""
    left = {**KEY, "security_token": "t", "role_arn": "nonsense", "role_duration": "1", "sts_endpoint": "://"}
    account = parse_account({**left, "auth_type": "ecs_ram_role"})
    assert (account.access_key_id, account.access_key_secret, account.security_token) == ("", "", "")


def test_a_role_is_assumed_with_a_key_or_from_the_instances_role() -> None:
    with_key = parse_account({**ROLE, **KEY}, "prod")
    assert (with_key.source, with_key.access_key_id) == ("access_key", "LTAI-id")
    from_instance = parse_account({**ROLE, "source_credentials": "ecs_ram_role", "role_name": "fwd"}, "prod")
    assert (from_instance.source, from_instance.role_name) == ("ecs_ram_role", "fwd")
    assert with_key.role == from_instance.role == AssumedRole(ARN, "splunk-prod", "", 3600, STS)
    assert with_key.is_renewed


STS = "https://sts.aliyuncs.com"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("", STS),
        ("sts-vpc.CN-Hangzhou.aliyuncs.com", "https://sts-vpc.cn-hangzhou.aliyuncs.com"),
        ("https://sts.test:8443/", "https://sts.test:8443"),
    ],
)
def test_sts_endpoints(given: str, url: str) -> None:
    assert role(sts_endpoint=given).sts_url == url


def test_plain_http_to_sts_needs_the_accounts_leave() -> None:
    with pytest.raises(ConfigError, match=r"sts_endpoint: 'http://sts\.test'.*allow http in this account"):
        role(sts_endpoint="http://sts.test")
    assert role(sts_endpoint="http://sts.test", allow_http="1").sts_url == "http://sts.test"


@pytest.mark.parametrize(
    ("account", "session"),
    [
        ("prod", "splunk-prod"),
        ("p", "splunk-p"),
        ("", "splunk-"),
        ("a b/é", "splunk-a-b--"),
        ("x" * 60, "splunk-" + "x" * 25),
    ],
)
def test_a_session_has_the_accounts_name_unless_it_has_its_own(account: str, session: str) -> None:
    named = parse_account({**ROLE, **KEY}, account).role
    assert named
    assert named.session_name == session
    assert role(role_session_name="a.b@c-d_e").session_name == "a.b@c-d_e"


BAD = [
    ("auth_type", "password", "give one of access_key, ecs_ram_role, assume_role"),
    ("source_credentials", "assume_role", "give one of access_key, ecs_ram_role"),
    ("access_key_id", "", "give the id of an AccessKey pair"),
    ("access_key_secret", "", "give the secret of the AccessKey pair"),
    ("role_arn", "", "acs:ram::<account id>:role/<name>"),
    ("role_arn", "log-reader", "acs:ram::<account id>:role/<name>"),
    ("role_arn", "acs:ram::123:user/x", "acs:ram::<account id>:role/<name>"),
    ("role_session_name", "x", "2 to 32"),
    ("role_session_name", "x" * 33, "2 to 32"),
    ("role_session_name", "with space", "2 to 32"),
    ("external_id", "x", "2 to 1224"),
    ("external_id", "a b", "2 to 1224"),
    ("role_duration", "899", "900 to 43200 seconds"),
    ("role_duration", "43201", "900 to 43200 seconds"),
    ("role_duration", "1h", "900 to 43200 seconds"),
    ("sts_endpoint", "ftp://x", "such as sts.cn-hangzhou.aliyuncs.com"),
    ("sts_endpoint", "sts.test/path", "such as sts.cn-hangzhou.aliyuncs.com"),
    ("sts_endpoint", "user@sts.test", "such as sts.cn-hangzhou.aliyuncs.com"),
    ("sts_endpoint", "sts.test:0", "1 to 65535"),
    ("allow_http", "perhaps", "give 1 or 0"),
]


@pytest.mark.parametrize(("setting", "value", "accepted"), BAD)
def test_a_bad_value_gets_one_sentence(setting: str, value: str, accepted: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_account({**ROLE, **KEY, setting: value}, "prod")
    sentence = str(caught.value)
    assert sentence.startswith(f"{setting}: '{value}' is not accepted; ")
    assert accepted in sentence
    assert "the-secret" not in sentence


@pytest.mark.parametrize("name", ["../etc", "a/b", "a b", "?", "x" * 65])
def test_an_instances_role_has_a_roles_name(name: str) -> None:
    with pytest.raises(ConfigError, match="role_name"):
        parse_account({"auth_type": "ecs_ram_role", "role_name": name})


@pytest.mark.parametrize(
    ("kind", "remote_dns", "url"),
    [
        ("http", "1", "http://me:p%40ss%20word@proxy.corp:3128"),
        ("socks5", "0", "socks5://me:p%40ss%20word@proxy.corp:3128"),
        ("socks5", "1", "socks5h://me:p%40ss%20word@proxy.corp:3128"),
    ],
)
def test_the_url_of_a_proxy(kind: str, remote_dns: str, url: str) -> None:
    given = {"proxy_enabled": "1", "proxy_type": kind, "proxy_url": "proxy.corp", "proxy_port": "3128"}
    signed_in = {"proxy_username": "me", "proxy_password": "p@ss word", "proxy_rdns": remote_dns}
    proxy = parse_proxy({**given, **signed_in})
    assert proxy
    assert proxy.url == url
    assert "p%40ss" not in repr(proxy)


PROXY = {"proxy_enabled": "1", "proxy_port": "3128", "proxy_username": "me", "proxy_password": "p@ss"}


@pytest.mark.parametrize(
    ("host", "in_url"),
    [
        *((same, same) for same in ("proxy", "p.corp", "10.0.0.1", "under_score.corp", "p.corp.", "P-1")),
        (" p.corp ", "p.corp"),
        ("::1", "[::1]"),
        ("[2001:DB8::1]", "[2001:db8::1]"),
        ("::ffff:10.0.0.1", "[::ffff:a00:1]"),
    ],
)
def test_a_proxys_host(host: str, in_url: str) -> None:
    proxy = parse_proxy({**PROXY, "proxy_url": host})
    assert proxy
    assert proxy.url.replace("::ffff:10.0.0.1", "::ffff:a00:1") == f"http://me:p%40ss@{in_url}:3128"


@pytest.mark.parametrize(
    "host",
    [
        *("proxy:3128", "http://proxy", "proxy/", "a b", "-p", "p-", "ü.corp", "p?x", "p#x", "p\\x", "1:2:3"),
        *("[proxy]", "[::1", "::1]", "[::1]:3128", "fe80::1%eth0", "[]", "x" * 255, ""),
    ],
)
def test_what_is_no_proxys_host(host: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_proxy({**PROXY, "proxy_url": host})
    accepted = "give the proxy's host name or address, without http:// and port"
    assert str(caught.value) == f"proxy_url: '{host}' is not accepted; {accepted}."


def test_a_password_typed_into_the_proxys_host_is_not_repeated() -> None:
    with pytest.raises(ConfigError, match=r"proxy_url: '\.\.\.@proxy:1' is not accepted") as caught:
        parse_proxy({**PROXY, "proxy_url": "http://bob:S3cr@t@proxy:1"})
    assert "S3cr" not in str(caught.value)


def test_accounts_compare_by_all_that_they_say() -> None:
    """What is not equal is taken over by a running input."""

    def account(**given: str) -> AccountSettings:
        return parse_account({**ROLE, **KEY, **given}, "prod")

    assert account() == account()
    for change in ({"access_key_secret": "x"}, {"external_id": "x1"}, {"role_duration": "900"}):
        assert account(**change) != account()
