from __future__ import annotations

import json

import pytest

from sls_ingest.access_key import AccessKey
from sls_ingest.answer import Answer
from sls_ingest.connection import AccountSettings, AssumedRole, parse_account
from sls_ingest.errors import DefiniteError, RetriableError
from sls_ingest.sts import assume_role_form, read_answer, signature

ARN = "acs:ram::1234567890123456:role/log-reader"
GIVEN = {"auth_type": "assume_role", "role_arn": ARN, "role_session_name": "fwd1", "role_duration": "7200"}
KEY = {"access_key_id": "LTAI-id", "access_key_secret": "s3cr3t"}
NOW = 1767258000.0  # 2026-01-01T09:00:00Z
DATE = "Thu, 01 Jan 2026 09:00:00 GMT"


def account(**given: str) -> tuple[AccountSettings, AssumedRole]:
    found = parse_account({**GIVEN, **KEY, **given}, "prod")
    assert found.role
    return found, found.role


SIGNER = AccessKey("LTAI-id", ("s3cr3t", "t0k3n/+=="))


# The three examples that the vendor's pages compute with AccessKey testid/testsecret.
@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (
            {
                "Timestamp": "2015-09-01T05:57:34Z",
                "RoleArn": "acs:ram::1234567890123:role/firstrole",
                "RoleSessionName": "client",
                "SignatureNonce": "571f8fb8-506e-11e5-8e12-b8e8563dc8d2",
                "Action": "AssumeRole",
                "Version": "2015-04-01",
                "Format": "JSON",
            },
            "gNI7b0AyKZHxDgjBGPDgJ1Ce3L4=",
        ),
        (
            {
                "Timestamp": "2015-08-18T03:15:45Z",
                "UserName": "test",
                "SignatureNonce": "6a6e0ca6-4557-11e5-86a2-b8e8563dc8d2",
                "Action": "CreateUser",
                "Version": "2015-05-01",
                "Format": "JSON",
            },
            "kRA2cnpJVacIhDMzXnoNZG9tDCI=",
        ),
        (
            {
                "Timestamp": "2016-02-23T12:46:24Z",
                "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
                "Action": "DescribeRegions",
                "Version": "2014-05-26",
                "Format": "XML",
            },
            "OLeaidS1JvxuMvnyHOwuJ+uX5qY=",
        ),
    ],
    ids=["sts", "ram", "ecs"],
)
def test_signatures_are_those_of_the_vendors_examples(form: dict[str, str], expected: str) -> None:
    common = {"AccessKeyId": "testid", "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0"}
    assert signature("GET", {**common, **form}, "testsecret") == expected


def test_the_request_says_what_was_set_and_is_signed_as_a_post() -> None:
    form = assume_role_form(account(external_id="our+id/1")[1], SIGNER, "nonce-1", NOW)
    assert form == {
        "Action": "AssumeRole",
        "Version": "2015-04-01",
        "Format": "JSON",
        "RoleArn": ARN,
        "RoleSessionName": "fwd1",
        "DurationSeconds": "7200",
        "ExternalId": "our+id/1",
        "AccessKeyId": "LTAI-id",
        "SecurityToken": "t0k3n/+==",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": "nonce-1",
        "Timestamp": "2026-01-01T09:00:00Z",
        "Signature": form["Signature"],
    }
    unsigned = {name: value for name, value in form.items() if name != "Signature"}
    assert form["Signature"] == signature("POST", unsigned, "s3cr3t")
    assert "ExternalId" not in assume_role_form(account()[1], SIGNER, "nonce-2", NOW)
    assert "SecurityToken" not in assume_role_form(account()[1], AccessKey("id", ("s", "")), "nonce-3", NOW)


def answered(given: object, status: int = 200, **over: str) -> AccessKey:
    body = given if isinstance(given, bytes) else json.dumps(given).encode()
    return read_answer(Answer(status, body, DATE), *account(**over), SIGNER, NOW)


def refusal(code: str, message: str = "words", status: int = 400, **over: str) -> RetriableError:
    with pytest.raises(RetriableError) as caught:
        answered({"RequestId": "r", "HostId": "sts", "Code": code, "Message": message}, status, **over)
    return caught.value


def test_a_roles_credentials() -> None:
    given = {"AccessKeyId": "STS.x", "AccessKeySecret": "a", "SecurityToken": "b"}
    key = answered({"Credentials": {**given, "Expiration": "2026-01-01T10:00:00Z"}})
    assert (key.id, key.secret, key.security_token, key.life) == ("STS.x", "a", "b", 3600)


FROM_INSTANCE = {"source_credentials": "ecs_ram_role"}
REFUSALS: list[tuple[str, dict[str, str], list[str]]] = [
    ("EntityNotExist.Role", {}, [f"STS does not know role '{ARN}'", "check role_arn"]),
    (
        "NoPermission",
        {},
        ["AccessKey 'LTAI-id'", ARN, "(words)", "sts:AssumeRole", "trust policy", "external_id"],
    ),
    ("NoPermission", FROM_INSTANCE, ["the instance's role", "sts:AssumeRole"]),
    ("InvalidParameter.DurationSeconds", {}, ["role_duration of 7200 seconds", "maximum session duration"]),
    ("InvalidParameter.RoleArn", {}, ["role_arn", "check it"]),
    ("InvalidParameter.RoleSessionName", {}, ["role_session_name 'fwd1'"]),
    ("InvalidParameter.ExternalId", {}, ["external_id", "check it"]),
    ("InvalidParameter.PolicyGrammar", {}, ["InvalidParameter.PolicyGrammar", "check the account"]),
    ("SignatureDoesNotMatch", {}, ["secret of 'LTAI-id'", "enter the secret again"]),
    ("IncompleteSignature", {}, ["enter the secret again"]),
    ("SignatureNonceUsed", {}, ["made anew by itself"]),
    ("InvalidAccessKeyId.NotFound", {}, ["AccessKey id 'LTAI-id'", "check the id"]),
    ("InvalidAccessKeyId.Inactive", {}, ["disabled", "enable it or enter another"]),
    ("InvalidSecurityToken.Expired", {}, ["InvalidSecurityToken.Expired", "enter a fresh one"]),
    ("InvalidSecurityToken.Expired", FROM_INSTANCE, ["instance's role", "fetched anew by themselves"]),
    ("SignatureDoesNotMatch", FROM_INSTANCE, ["instance's role", "fetched anew by themselves"]),
    ("InvalidTimeStamp.Expired", {}, ["clock of this forwarder", "15 minutes", "NTP"]),
    ("IllegalTimestamp", {}, ["clock of this forwarder"]),
    ("Throttling.User", {}, ["throttles", "role_duration"]),
    ("InternalError", {}, ["STS failed inside (words)"]),
    ("ServiceUnavailable", {}, ["is not available"]),
    ("SomethingNew", {}, ["STS answered SomethingNew: words"]),
]


@pytest.mark.parametrize(("code", "over", "needles"), REFUSALS)
def test_each_refusal_is_one_sentence_that_names_the_account_and_what_to_do(
    code: str, over: dict[str, str], needles: list[str]
) -> None:
    error = refusal(code, **over)
    sentence = str(error)
    assert sentence.startswith("account 'prod': ")
    for needle in needles:
        assert needle in sentence
    assert "\n" not in sentence
    assert error.kind == f"STS: {code}"


_PASSING = ("SignatureNonceUsed", "Throttling.User", "InternalError", "ServiceUnavailable")


@pytest.mark.parametrize(("code", "over"), [row[:2] for row in REFUSALS])
def test_what_heals_by_itself_is_no_definite_answer(code: str, over: dict[str, str]) -> None:
    renewed = bool(over) and code in ("InvalidSecurityToken.Expired", "SignatureDoesNotMatch")
    assert isinstance(refusal(code, **over), DefiniteError) is (code not in _PASSING and not renewed)
    assert not isinstance(refusal(code, status=503, **over), DefiniteError)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"x"', b"{", b"[" * 100_000, b'{"Code": ""}'])
def test_an_answer_that_is_not_stss_is_told_as_such(body: bytes) -> None:
    for status in (200, 502):
        with pytest.raises(RetriableError, match="check sts_endpoint") as caught:
            answered(body, status)
        assert not isinstance(caught.value, DefiniteError)
        assert len(str(caught.value)) < 300


def test_no_secret_comes_back_in_a_foreign_text() -> None:
    """The gateway tells the text that it would have signed, and the token with it."""
    told = (
        "signature does not match, server string to sign is:GET&%2F&SecurityToken%3Dt0k3n%252F%252B%253D%253D"
    )
    for code in ("NoPermission", "SomethingNew", "InvalidParameter.Other"):
        for message in (told, "you sent t0k3n/+==", "you sent s3cr3t"):
            sentence = str(refusal(code, message))
            assert "t0k3n" not in sentence
            assert "s3cr3t" not in sentence
    assert len(str(refusal("SomethingNew", "x\n" * 10_000))) < 450
