"""Signatures, checked against values that the vendors' own clients computed for the same requests."""

from __future__ import annotations

import calendar
from urllib.parse import quote

import pytest

from tests.standins.sls.auth import check_headers, check_key, check_signature, claim_of
from tests.standins.sls.errors import SlsError
from tests.standins.sls.knobs import Knobs
from tests.standins.sls.message import Request
from tests.standins.sls.ram import AccessKey

NOW = calendar.timegm((2026, 11, 23, 10, 0, 0))
DATE = "Mon, 23 Nov 2026 10:00:00 GMT"
PULL = (
    "GET",
    "/logstores/l%20s/shards/0?type=log&cursor=MTc%3D&count=10&z=&query=" + quote("* | where k = 'ß'"),
    b"",
)
BEAT = ("POST", "/logstores/ls/consumergroups/cg?type=heartbeat&consumer=c+1", b"[0,1]")
V1 = {
    "x-log-apiversion": "0.6.0",
    "x-log-bodyrawsize": "0",
    "host": "p1.sls.test",
    "date": DATE,
    "x-log-date": DATE,
}
V1["x-log-signaturemethod"] = "hmac-sha1"
BODY_V1 = {"content-type": "application/json", "content-md5": "CCFCD347D0BF65DC77AFE01A3306A96B"}
V4 = {
    "x-log-apiversion": "0.6.0",
    "x-log-bodyrawsize": "0",
    "host": "p1.sls.test",
    "x-log-date": "20261123T100000Z",
}
V4["content-type"] = "application/json"
V4["x-log-content-sha256"] = "463f2998327eb3a694145e6014444480b2235be84aa6cfd57871cc64f1cd816c"
SCOPE = "SLS4-HMAC-SHA256 Credential=AKID1/20261123/cn-hangzhou/sls/aliyun_v4_request,Signature="
TOKEN = {"x-acs-security-token": "tok/1"}
PLAIN_KEY = AccessKey("AKID1", "secret1", "1")
STS_KEY = AccessKey("AKID1", "secret1", "1", security_token="tok/1", expires=NOW + 60)

PULL_V1 = (PULL, V1, "LOG AKID1:XIHo915npsc/FKrlrwvIl8dHvY8=", PLAIN_KEY)
BEAT_V4 = (
    BEAT,
    V4,
    SCOPE + "d7235338913cb685446b32d2ffc6a85abefa8bc36669bdf552317e4077827c5b",
    PLAIN_KEY,
)
VECTORS = [
    pytest.param(*PULL_V1, id="v1 pull"),
    pytest.param(PULL, {**V1, **TOKEN}, "LOG AKID1:gI6nUYB5bX/8JcpGkNNogNTYTrs=", STS_KEY, id="v1 pull, STS"),
    pytest.param(BEAT, {**V1, **BODY_V1}, "LOG AKID1:t/DjdKwHhIIDxGQWjw+MMBt0bLY=", PLAIN_KEY, id="v1 beat"),
    pytest.param(*BEAT_V4, id="v4 beat"),
    pytest.param(
        BEAT,
        {**V4, **TOKEN},
        SCOPE + "ab72d034119a3803fe4532b09c179db767ba20f23b7487d850a030cfa41f49e7",
        STS_KEY,
        id="v4 beat, STS",
    ),
    pytest.param(
        ("GET", "/logstores?offset=0&logstoreName", b""),
        {
            **{name: value for name, value in V1.items() if name != "x-log-date"},
            "content-type": "application/json",
            "content-md5": "",
            "x-log-signaturemethod": "hmac-sha256",
        },
        "LOG AKID1:hEAbiBbSryyv8yAZf0inCfDrZmQCTaGLI4sCJLLiynQ=",
        PLAIN_KEY,
        id="v1 with sha256 and a bare parameter",
    ),
]


def verify(request: Request, key: AccessKey, knobs: Knobs | None = None, now: float = NOW) -> None:
    """All header, key and signature checks in the service's order."""
    knobs = knobs or Knobs()
    claim = check_headers(request, knobs, now)
    found = check_key(request, claim, {key.id: key}, knobs, now)
    check_signature(request, claim, found.secret, "cn-hangzhou", knobs)


def make(call: tuple[str, str, bytes], headers: dict[str, str], authorization: str) -> Request:
    """A request with those headers."""
    return Request(call[0], call[1], {**headers, "authorization": authorization}, call[2])


@pytest.mark.parametrize(("call", "headers", "authorization", "key"), VECTORS)
def test_accepts_what_the_official_clients_sign(
    call: tuple[str, str, bytes], headers: dict[str, str], authorization: str, key: AccessKey
) -> None:
    verify(make(call, headers, authorization), key)


@pytest.mark.parametrize(("call", "headers", "authorization", "key"), VECTORS)
def test_rejects_any_change_to_a_signed_request(
    call: tuple[str, str, bytes], headers: dict[str, str], authorization: str, key: AccessKey
) -> None:
    changed = [
        make((call[0], call[1] + "&extra=1", call[2]), headers, authorization),
        make(("PUT", *call[1:]), headers, authorization),
        make(call, {**headers, "x-log-bodyrawsize": "1"}, authorization),
    ]
    for request in changed:
        with pytest.raises(SlsError, match="SignatureNotMatch"):
            verify(request, key)
    with pytest.raises(SlsError, match="SignatureNotMatch"):
        verify(
            make(call, headers, authorization),
            AccessKey("AKID1", "other", "1", key.security_token, key.expires),
        )


def test_v4_body_must_have_the_hash_it_names() -> None:
    call, headers, authorization, key = BEAT_V4
    with pytest.raises(SlsError, match="SignatureNotMatch"):
        verify(make((call[0], call[1], b"[0,2]"), headers, authorization), key)


def test_v4_region_is_checked_unless_switched_off() -> None:
    call, headers, authorization, key = BEAT_V4
    request = make(call, headers, authorization)
    claim = check_headers(request, Knobs(), NOW)
    with pytest.raises(SlsError, match="SignatureNotMatch"):
        check_signature(request, claim, key.secret, "cn-beijing", Knobs())
    check_signature(request, claim, key.secret, "cn-beijing", Knobs(check_v4_region=False))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"x-log-apiversion": ""}, "MissingAPIVersion"),
        ({"x-log-apiversion": "0.5.0"}, "InvalidAPIVersion"),
        ({"authorization": ""}, "MissAccessKeyId"),
        ({"authorization": "LOG AKID1"}, "ParameterInvalid"),
        ({"x-log-signaturemethod": ""}, "MissingSignatureMethod"),
        ({"x-log-signaturemethod": "hmac-md5"}, "InvalidSignatureMethod"),
        ({"x-log-date": "", "date": ""}, "MissingDate"),
        ({"x-log-date": "2026-11-23"}, "InvalidRequestTime"),
        ({"x-log-date": "Mon, 23 Nov 2026 09:44:59 GMT"}, "RequestTimeExpired"),
        ({"x-log-date": "Mon, 23 Nov 2026 10:15:01 GMT"}, "RequestTimeExpired"),
        ({"x-log-compresstype": "snappy"}, "InvalidCompressType"),
        ({"x-log-compresstype": "lz4", "x-log-bodyrawsize": ""}, "MissingBodyRawSize"),
        ({"content-type": ""}, "MissingContentType"),
        ({"content-md5": "00"}, "PostBodyInvalid"),
    ],
)
def test_header_errors_are_400(change: dict[str, str], code: str) -> None:
    headers = {**V1, **BODY_V1, "authorization": "LOG AKID1:t/DjdKwHhIIDxGQWjw+MMBt0bLY=", **change}
    with pytest.raises(SlsError) as caught:
        check_headers(Request(*BEAT[:2], headers, BEAT[2]), Knobs(), NOW)
    assert (caught.value.status, caught.value.code) == (400, code)


def test_fifteen_minutes_are_still_accepted() -> None:
    call, headers, authorization, key = PULL_V1
    for skew in (-900, 900):
        verify(make(call, headers, authorization), key, now=NOW + skew)


def test_old_names_of_the_clock_errors() -> None:
    old = Knobs(new_clock_codes=False)
    for date, code in (("x", "InvalidDateFormat"), ("Mon, 23 Nov 2026 09:00:00 GMT", "RequestTimeTooSkewed")):
        request = make(PULL, {**V1, "x-log-date": date}, "LOG AKID1:x")
        with pytest.raises(SlsError, match=code):
            check_headers(request, old, NOW)


@pytest.mark.parametrize(
    ("key", "code", "text"),
    [
        (AccessKey("OTHER", "s", "1"), "Unauthorized", "AccessKeyId not found: AKID1"),
        (AccessKey("AKID1", "s", "1", enabled=False), "Unauthorized", "AccessKeyId is disabled: AKID1"),
        (AccessKey("AKID1", "s", "1", service_opened=False), "InvalidAccessKeyId", "has not opened"),
        (AccessKey("AKID1", "s", "1", security_token="t"), "Unauthorized", "token you provided is invalid"),
    ],
)
def test_key_errors_are_401(key: AccessKey, code: str, text: str) -> None:
    request = make(PULL, V1, "LOG AKID1:x")
    claim = claim_of(request)
    assert claim is not None
    with pytest.raises(SlsError, match=text) as caught:
        check_key(request, claim, {key.id: key}, Knobs(), NOW)
    assert (caught.value.status, caught.value.code) == (401, code)


def test_a_token_expires_by_the_servers_clock() -> None:
    request = make(PULL, {**V1, **TOKEN}, "LOG AKID1:x")
    claim = claim_of(request)
    assert claim is not None
    check_key(request, claim, {"AKID1": STS_KEY}, Knobs(), NOW + 59)
    with pytest.raises(SlsError, match="has expired") as caught:
        check_key(
            request, claim, {"AKID1": STS_KEY}, Knobs(sts_expired_code="SecurityTokenExpired"), NOW + 60
        )
    assert caught.value.code == "SecurityTokenExpired"
