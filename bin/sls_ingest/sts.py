"""AssumeRole of Alibaba Cloud STS: the signed request, its answer, and what a refusal means. Pure.

STS takes its parameters in the body of a POST as well as in the URL. Ours go in the body: a URL, and with it
the security token, would land in the log of every proxy on the way.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from .access_key import AccessKey, UnusableError, read_access_key
from .answer import Answer, as_object
from .connection import AccountSettings, AssumedRole
from .errors import DefiniteError, RetriableError
from .explain import first, short

_STAMP = "%Y-%m-%dT%H:%M:%SZ"
_GRANT = (
    "grant it sts:AssumeRole, and let the role's trust policy name it, with the external_id set here if any"
)
_ROWS: Final[tuple[tuple[str, str], ...]] = (
    ("entitynotexist.role", "STS does not know role '{arn}'; check role_arn"),
    ("nopermission", "STS does not let {caller} assume role '{arn}' ({message}); " + _GRANT),
    (
        "invalidparameter.durationseconds",
        "STS does not accept a role_duration of {duration} seconds ({message}); "
        "set it to the role's maximum session duration or less",
    ),
    ("invalidparameter.rolearn", "STS does not accept role_arn '{arn}' ({message}); check it"),
    (
        "invalidparameter.rolesessionname",
        "STS does not accept role_session_name '{session}' ({message}); change it",
    ),
    ("invalidparameter.externalid", "STS does not accept the external_id ({message}); check it"),
    ("invalidparameter", "STS does not accept a setting of the role ({code}: {message}); check the account"),
    ("signaturenonce", "STS takes the request for a repeated one ({message}); it is made anew by itself"),
    ("signature", "STS does not accept the AccessKey secret of '{key}'; enter the secret again"),
    ("invalidaccesskeyid.inactive", "AccessKey '{key}' is disabled; enable it or enter another"),
    ("invalidaccesskeyid", "STS does not know AccessKey id '{key}'; check the id"),
    ("securitytoken", "STS does not accept the security token of '{key}' ({code}); enter a fresh one"),
    (
        "timestamp",
        "the clock of this forwarder differs from STS's by more than 15 minutes; set the clock, "
        "for example with NTP",
    ),
    ("throttling", "STS throttles AssumeRole ({message}); raise role_duration or use fewer inputs"),
    ("internalerror", "STS failed inside ({message}); it is asked again"),
    ("serviceunavailable", "STS is not available ({message}); it is asked again"),
)
_INSTANCE = (
    "STS does not accept the credentials of the instance's role ({code}); they are fetched anew by themselves"
)
_INSTANCE_ROWS: Final = tuple(
    (code, _INSTANCE)
    for code in ("signaturedoesnotmatch", "incompletesignature", "invalidaccesskeyid", "securitytoken")
)
_PASSING: Final = ("signaturenonce", "throttling", "internalerror", "serviceunavailable")
"""Codes that say nothing about the account: the same request may do later."""
_FOREIGN = "{url} answers HTTP {status}, and not as STS does; check sts_endpoint and the proxy"


def assume_role_form(role: AssumedRole, key: AccessKey, nonce: str, now: float) -> dict[str, str]:
    """The parameters of AssumeRole for a POST, signed with `key`. `now` is in epoch seconds."""
    form = {
        "Action": "AssumeRole",
        "Version": "2015-04-01",
        "Format": "JSON",
        "RoleArn": role.arn,
        "RoleSessionName": role.session_name,
        "DurationSeconds": str(role.duration),
        "ExternalId": role.external_id,
        "AccessKeyId": key.id,
        "SecurityToken": key.security_token,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureVersion": "1.0",
        "SignatureNonce": nonce,
        "Timestamp": time.strftime(_STAMP, time.gmtime(now)),
    }
    form = {name: value for name, value in form.items() if value}
    return {**form, "Signature": signature("POST", form, key.secret)}


def signature(method: str, form: Mapping[str, str], secret: str) -> str:
    """The vendor's signature for RPC calls: HMAC-SHA1 over the method and the sorted, encoded parameters."""
    pairs = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(form.items()))
    text = f"{method}&{_encoded('/')}&{_encoded(pairs)}"
    digest = hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _encoded(text: str) -> str:
    return quote(text, safe="~")


def read_answer(
    answer: Answer, account: AccountSettings, role: AssumedRole, key: AccessKey, now: float
) -> AccessKey:
    """The role's credentials. `key` is the one that signed, `now` this machine's time in epoch seconds.

    Raises:
        DefiniteError: STS refuses them; the text says which account, why, and what to do.
        RetriableError: there are none for now; the text says the same.
    """
    if answer.status != 200:
        code, sentence = _refusal(answer, account, role, key)
        error = DefiniteError if _is_definite(answer, account) else RetriableError
        raise error(f"account '{account.name}': {sentence}", f"STS: {code}")
    try:
        return read_access_key(as_object(answer.json.get("Credentials")), answer.date, now, role.duration)
    except UnusableError as error:
        sentence = f"what {role.sts_url} gives as credentials cannot be used ({error}); check sts_endpoint"
        raise RetriableError(f"account '{account.name}': {sentence}", "STS: unusable") from error


def _refusal(answer: Answer, account: AccountSettings, role: AssumedRole, key: AccessKey) -> tuple[str, str]:
    """STS's error code, and what it means."""
    code = short(str(answer.json.get("Code") or ""))
    of_instance = account.source != "access_key"
    template = (first(_INSTANCE_ROWS, code) if of_instance else "") or first(_ROWS, code)
    if not template:
        template = "STS answered {code}: {message}" if code else _FOREIGN
    sentence = template.format(
        code=code,
        status=answer.status,
        message=_harmless(str(answer.json.get("Message") or ""), key),
        arn=role.arn,
        session=role.session_name,
        duration=role.duration,
        key=key.id,
        url=role.sts_url,
        caller="the instance's role" if of_instance else f"AccessKey '{key.id}'",
    )
    return code or f"HTTP {answer.status}", sentence


def _is_definite(answer: Answer, account: AccountSettings) -> bool:
    """Whether STS itself refused, for a reason that somebody has to mend."""
    code = str(answer.json.get("Code") or "").lower()
    heals = any(word in code for word in _PASSING)
    if account.source != "access_key":
        heals = heals or bool(first(_INSTANCE_ROWS, code))
    return bool(code) and answer.status < 500 and not heals


def _harmless(message: str, key: AccessKey) -> str:
    """A foreign text, unless it repeats what we sent: the gateway tells which text it would have signed."""
    repeats = any(secret and secret in message for secret in (key.secret, key.security_token))
    return "no details" if repeats or "to sign" in message.lower() else short(message)
