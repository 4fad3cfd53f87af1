from __future__ import annotations

import pytest

from sls_ingest.explain import Target, explain, explain_network, kind

TARGET = Target("prod", "LTAI-id", "https://cn-hangzhou.log.aliyuncs.com:443", "proj", "store", "grp")
POOL = "HTTPSConnectionPool(host='proj.cn-hangzhou.log.aliyuncs.com', port=443): Max retries exceeded "


@pytest.mark.parametrize(
    ("code", "message", "needles"),
    [
        ("SignatureNotMatch", "signature x not match", ["'prod'", "'LTAI-id'", "enter the secret again"]),
        ("Unauthorized", "AccessKeyId not found: LTAI-id", ["does not exist", "check the id"]),
        ("Unauthorized", "AccessKeyId is disabled: LTAI-id", ["is disabled"]),
        ("InvalidAccessKeyId", "The access key id you provided is invalid", ["does not know AccessKey id"]),
        (
            "Unauthorized",
            "denied by sts or ram, action: log:ListShards, resource: acs:log:x",
            ["RAM permission is missing", "log:ListShards"],
        ),
        ("Unauthorized", "The security token you provided has expired.", ["STS token"]),
        ("ProjectNotExist", "The Project does not exist : proj", ["project 'proj'", "cn-hangzhou"]),
        ("LogStoreNotExist", "logstore store does not exist", ["logstore 'store'", "project 'proj'"]),
        (
            "ConsumerGroupQuotaExceed",
            "quota",
            ["ConsumerGroupQuotaExceed", "'grp'", "delete an unused group"],
        ),
        (
            "RequestTimeExpired",
            "Request time 1 has been expired while server time is 2",
            ["clock", "15 minutes"],
        ),
        ("RequestTimeTooSkewed", "skewed", ["clock", "15 minutes"]),
        ("ShardReadQuotaExceed", "shard read bytes exceed quota limits", ["throttles reads"]),
        ("SomethingNew", "what is {this}", ["SLS answered SomethingNew: what is {this}"]),
        ("LogRequestError", POOL + "(Caused by NameResolutionError('x'))", ["cannot be resolved"]),
        (
            "LogRequestError",
            POOL + "(Caused by NewConnectionError('[Errno -2] Name or service not known'))",
            ["cannot be resolved"],
        ),
        (
            "LogRequestError",
            POOL + "(Caused by NewConnectionError('[Errno 111] Connection refused'))",
            ["refused"],
        ),
        (
            "LogRequestError",
            POOL + "(Caused by ProxyError('Cannot connect to proxy.', OSError('407')))",
            ["the proxy"],
        ),
        ("LogRequestError", POOL + "(Caused by SSLError('certificate verify failed'))", ["ca_bundle"]),
        (
            "LogRequestError",
            POOL + "(Caused by ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: "
            "407 Proxy Authentication Required')))",
            ["does not accept its user and password", "(Tunnel connection failed: 407 Proxy Authentication"],
        ),
        (
            "LogRequestError",
            POOL + "(Caused by ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: "
            "403 Forbidden')))",
            ["the proxy of the Configuration page refuses", "have it allow CONNECT"],
        ),
        (
            "LogRequestError",
            POOL + '(Caused by SSLError(SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] '
            "certificate verify failed: Hostname mismatch, certificate is not valid for 'a.b'. "
            '(_ssl.c:1006)")))',
            ["is for another name (Hostname mismatch, certificate is not valid for 'a.b')"],
        ),
        (
            "LogRequestError",
            POOL + "(Caused by SSLError(CertificateError(\"hostname 'a.b' doesn't match 'c.d'\")))",
            ["is for another name (hostname 'a.b' doesn't match 'c.d')"],
        ),
        (
            "LogRequestError",
            POOL + "(Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] "
            "certificate verify failed: certificate has expired (_ssl.c:1006)')))",
            ["is not valid at this time (certificate has expired)", "clock"],
        ),
        (
            "LogRequestError",
            POOL + "(Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] "
            "certificate verify failed: self signed certificate (_ssl.c:1129)')))",
            ["is not trusted, because it is signed by itself", "ca_bundle"],
        ),
        (
            "LogRequestError",
            POOL + "(Caused by NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f1a>: "
            "Failed to establish a new connection: [Errno 113] No route to host'))",
            ["failed (Failed to establish a new connection: [Errno 113] No route to host)"],
        ),
        (
            "LogRequestError",
            "Could not find a suitable TLS CA certificate bundle, invalid path: /x.pem",
            ["the file of ca_bundle is not there", "/x.pem"],
        ),
        (
            "LogRequestError",
            "HTTPSConnectionPool: Read timed out. (read timeout=60)",
            ["did not answer in time"],
        ),
        (
            "LogRequestError",
            "('Connection aborted.', RemoteDisconnected())",
            ["failed", "RemoteDisconnected"],
        ),
    ],
)
def test_each_failure_is_one_sentence_that_says_what_to_do(
    code: str, message: str, needles: list[str]
) -> None:
    sentence = explain(code, message, TARGET)
    for needle in needles:
        assert needle in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("Unauthorized", "The security token you provided has expired."),
        ("SecurityTokenExpired", "expired"),
        ("SignatureNotMatch", "signature x not match"),
        ("Unauthorized", "AccessKeyId not found: STS.x"),
        ("InvalidAccessKeyId", "The access key id you provided is invalid"),
    ],
)
def test_nobody_is_told_to_enter_what_is_fetched(code: str, message: str) -> None:
    renewed = TARGET._replace(is_renewed=True)
    sentence = explain(code, message, renewed)
    assert "account 'prod': SLS does not accept the role's credentials" in sentence
    assert "fetched anew by themselves" in sentence
    assert "enter" not in sentence


def test_what_is_not_about_the_key_is_said_alike_for_a_role() -> None:
    renewed = TARGET._replace(is_renewed=True)
    for code, message in [
        ("Unauthorized", "denied by sts or ram, action: log:ListShards, resource: acs:log:x"),
        ("RequestTimeExpired", "Request time 1 has been expired while server time is 2"),
        ("ProjectNotExist", "The Project does not exist : proj"),
    ]:
        assert explain(code, message, renewed) == explain(code, message, TARGET)


def test_a_foreign_text_is_bounded() -> None:
    assert len(explain("Odd", "x\n" * 10_000, TARGET)) < 400


def test_another_kind_of_network_trouble_is_another_trouble() -> None:
    reset = "('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))"
    dns = "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution"
    assert kind("LogRequestError", reset) != kind("LogRequestError", dns)
    assert kind("LogRequestError", dns + " at 0x7f01") == kind("LogRequestError", dns + " at 0x7f02")
    assert kind("ReadQuotaExceed", "one") == kind("ReadQuotaExceed", "two") == "ReadQuotaExceed"
    assert "cannot be resolved" in explain("LogRequestError", dns, TARGET)


def test_a_missing_permission_is_another_trouble_than_a_wrong_key() -> None:
    told = {
        kind("Unauthorized", message)
        for message in (
            "denied by sts or ram, action: log:ListShards, resource: acs:log:x",
            "denied by sts or ram, action: log:ConsumerGroupHeartBeat, resource: acs:log:x",
            "AccessKeyId not found: LTAI-id",
            "something else",
        )
    }
    assert told == {
        "Unauthorized: denied by sts or ram",
        "Unauthorized: accesskeyid not found",
        "Unauthorized",
    }


NAMED = "HTTPSConnectionPool(host='proxy-ssl.refused.test', port=443): Max retries exceeded with url: "


@pytest.mark.parametrize(
    ("message", "needle"),
    [
        (
            NAMED + "/logstores/proxy (Caused by NewConnectionError('[Errno 111] Connection refused'))",
            "refused the",
        ),
        (
            NAMED
            + "/ (Caused by NameResolutionError(\"Failed to resolve 'proxy-ssl.test' ([Errno -2] Name or "
            'service not known)"))',
            "cannot be resolved",
        ),
        (
            NAMED + "/ (Caused by ConnectTimeoutError(<x>, 'Connection to proxy-ssl.test timed out. "
            "(connect timeout=10)'))",
            "did not answer in time",
        ),
        (
            "HTTPSConnectionPool(host='ssl-proxy.test', port=443): Read timed out. (read timeout=60)",
            "in time",
        ),
        (
            NAMED
            + "/ (Caused by SSLError(CertificateError(\"hostname 'ssl.test' doesn't match 'proxy.corp'\")))",
            "is for another name",
        ),
        (
            NAMED + '/ (Caused by SSLError(SSLCertVerificationError(1, "certificate verify failed: Hostname '
            "mismatch, certificate is not valid for 'proxy.test'. (_ssl.c:1006)\")))",
            "is for another name",
        ),
        (
            "Could not find a suitable TLS CA certificate bundle, invalid path: /proxy/ca.pem",
            "ca_bundle is not",
        ),
        (NAMED + "/ (Caused by ProxyError('Cannot connect to proxy.', OSError('x')))", "the proxy of the"),
    ],
)
def test_what_hosts_and_paths_are_called_does_not_matter(message: str, needle: str) -> None:
    assert needle in explain_network(message, "proxy-ssl.refused.test")
    elsewhere = message.replace("proxy-ssl", "plain").replace("/proxy", "/plain")
    assert kind("LogRequestError", message) == kind("LogRequestError", elsewhere)


@pytest.mark.parametrize("password", ["S3cr%40t%21x", "S3c/r@t"])
def test_no_password_of_a_url_is_told(password: str) -> None:
    told = explain_network(f"Failed to parse: http://bob:{password}@proxy:3128:8080", "p.sls.test")
    assert told == (
        "the call to 'p.sls.test' cannot be made (Failed to parse: http://proxy:3128:8080); "
        "check the proxy's address"
    )
