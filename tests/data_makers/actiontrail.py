"""ActionTrail: who called which API. The whole record is one JSON text in the field ``event``."""

from __future__ import annotations

import json
import random
from typing import Any

from tests.data_makers import base

# (service, eventName, read or write, API version, resource type, id prefix)
CALLS = (
    ("Ecs", "CreateNetworkInterface", "Write", "2014-05-26", "ACS::ECS::NetworkInterface", "eni"),
    ("Ecs", "AuthorizeSecurityGroup", "Write", "2014-05-26", "ACS::ECS::SecurityGroup", "sg"),
    ("Ecs", "RunInstances", "Write", "2014-05-26", "ACS::ECS::Instance", "i"),
    ("Ecs", "DescribeInstances", "Read", "2014-05-26", "ACS::ECS::Instance", "i"),
    ("Ram", "CreateAccessKey", "Write", "2015-05-01", "ACS::RAM::AccessKey", "ak"),
    ("Ram", "AttachPolicyToUser", "Write", "2015-05-01", "ACS::RAM::User", "user"),
    ("Sts", "AssumeRole", "Read", "2015-04-01", "ACS::RAM::Role", "role"),
    ("Kms", "Decrypt", "Read", "2016-01-20", "ACS::KMS::Key", "key"),
    ("ActionTrail", "StopLogging", "Write", "2020-07-06", "ACS::ActionTrail::Trail", "trail"),
)
FAILURES = (
    ("NoPermission", "You are not authorized to do this action."),
    (
        "Forbidden.RAM",
        "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
    ),
    ("InvalidParameter", 'The specified parameter "安全组<Id>" is not valid.\nPlease check it & retry.'),
)


def make(rng: random.Random, t: int) -> base.Pairs:
    event = _console_sign_in(rng, t) if rng.random() < 0.15 else _api_call(rng, t)
    return [("event", json.dumps(event, ensure_ascii=False)), ("owner_id", base.ACCOUNT)]


def _common(rng: random.Random, t: int, service: str) -> dict[str, Any]:
    return {
        "eventId": base.guid(rng),
        "eventVersion": "1",
        "eventTime": base.iso_utc(t),
        "eventSource": f"{service.lower()}.aliyuncs.com",
        "serviceName": service,
        "acsRegion": rng.choice(base.REGIONS),
        "requestId": base.guid(rng),
        "recipientAccountId": base.ACCOUNT,
        "sourceIpAddress": "Internal" if rng.random() < 0.1 else base.public_ip(rng),
        "userAgent": rng.choice(base.USER_AGENTS),
        "eventCategory": "Management",
        "isGlobal": service in ("Ram", "Sts"),
    }


def _identity(rng: random.Random, t: int) -> dict[str, Any]:
    kind = base.pick(rng, **{"ram-user": 6, "assumed-role": 3, "root-account": 1})
    identity: dict[str, Any] = {"type": kind, "accountId": base.ACCOUNT, "principalId": base.ACCOUNT}
    if kind == "root-account":
        return {**identity, "userName": "root"}
    if kind == "ram-user":
        return {
            **identity,
            "principalId": "28" + str(rng.randrange(10**15, 10**16)),
            "userName": rng.choice(("alice", "bob", "deploy-bot", "张伟")),
            "accessKeyId": base.access_key_id(rng),
        }
    session = {"creationDate": base.iso_utc(t - 600), "mfaAuthenticated": "false"}
    return {
        **identity,
        "userName": "aliyunserviceroleforlogaudit:session-1",
        "accessKeyId": "STS.NU" + base.hex_id(rng, 18),
        "sessionContext": {"attributes": session},
    }


def _api_call(rng: random.Random, t: int) -> dict[str, Any]:
    service, name, read_write, version, kind, prefix = rng.choice(CALLS)
    event = _common(rng, t, service)
    resource = base.resource_id(rng, prefix)
    event.update(
        eventName=name,
        eventType="ApiCall",
        eventRW=read_write,
        apiVersion=version,
        userIdentity=_identity(rng, t),
        resourceType=kind,
        resourceName=resource,
        referencedResources={kind: [resource]},
        requestParameters={
            "RegionId": event["acsRegion"],
            "RequestId": event["requestId"],
            "Tag.1.Key": "CreatedBy",
            "Tag.1.Value": "terraform",
            "Id": resource,
        },
        additionalEventData={"Scheme": "https"},
    )
    if rng.random() < 0.12:
        event["errorCode"], event["errorMessage"] = rng.choice(FAILURES)
    else:
        event["responseElements"] = {"RequestId": event["requestId"], "Id": resource}
    return event


def _console_sign_in(rng: random.Random, t: int) -> dict[str, Any]:
    """Documented oddity: a sign-in that worked may carry ``errorMessage: success``."""
    event = _common(rng, t, "AasSub")
    mfa = rng.choice(("true", "false"))
    event.update(
        eventName="ConsoleSignin",
        eventType="ConsoleSignin",
        eventRW="Write",
        userIdentity=_identity(rng, t),
        errorMessage="success",
        additionalEventData={
            "isMFAChecked": mfa,
            "loginAccount": "alice@example.onaliyun.com",
            "callbackUrl": "https://homenew.console.aliyun.com/?a=1&b=<2>",
        },
    )
    if rng.random() < 0.3:
        event.update(errorCode="InvalidPassword", errorMessage="The password is not correct.")
    return event


# Topic: documented. One log per group and the source are inferred.
MAKER = base.LogMaker("actiontrail", "actiontrail_event", "actiontrail_internal", make)
