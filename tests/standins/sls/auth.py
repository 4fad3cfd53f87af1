"""Header checks and signatures, versions 1 and 4, as all known clients compute them.

Version 1: HMAC-SHA1 or SHA256 over method, Content-MD5, Content-Type, date, x-log-*/x-acs-* headers and the
decoded resource. Version 4: SLS4-HMAC-SHA256 with a derived key. Documented; the variants below are observed
in clients.
"""

from __future__ import annotations

import base64
import calendar
import hashlib
import hmac
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from .errors import SlsError, bad, invalid, unauthorized
from .knobs import Knobs
from .message import Request
from .ram import AccessKey

V1_DATE, V4_DATE = "%a, %d %b %Y %H:%M:%S GMT", "%Y%m%dT%H%M%SZ"
V4_PATTERN = re.compile(
    r"SLS4-HMAC-SHA256 Credential=(?P<id>[^/,]*)/(?P<date>\d{8})/(?P<region>[^/]*)/sls/aliyun_v4_request,"
    r"\s*Signature=(?P<signature>[0-9a-f]{64})"
)
V1_PATTERN = re.compile(r"LOG (?P<id>[^:]*):(?P<signature>\S+)")
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
CODECS = ("lz4", "zstd", "deflate", "gzip")


@dataclass(frozen=True)
class Claim:
    """What the Authorization header claims."""

    version: str
    key_id: str
    signature: str
    date: str = ""
    region: str = ""


def claim_of(request: Request) -> Claim | None:
    """The claim, or None when the header is absent or has neither form."""
    text = request.header("authorization")
    found = V4_PATTERN.fullmatch(text)
    if found:
        return Claim("v4", found["id"], found["signature"], found["date"], found["region"])
    found = V1_PATTERN.fullmatch(text)
    return Claim("v1", found["id"], found["signature"]) if found else None


def check_headers(request: Request, knobs: Knobs, now: float) -> Claim:
    """The header checks that answer 400; returns the claim."""
    version = request.header("x-log-apiversion")
    if not version:
        raise bad("MissingAPIVersion", "x-log-apiversion does not exist in http header when it is necessary")
    if version != "0.6.0":
        raise bad("InvalidAPIVersion", f"x-log-apiversion:{version} is not supported")
    if not request.header("authorization"):
        raise bad("MissAccessKeyId", "x-log-accesskeyid does not exist in http header when it is necessary")
    claim = claim_of(request)
    if claim is None:
        raise invalid(f"Http extend authorization : {request.header('authorization')} pair is invalid.")
    if claim.version == "v1":
        _check_method(request.header("x-log-signaturemethod"), knobs)
    _check_time(request, claim, knobs, now)
    _check_body(request, knobs)
    return claim


def _check_method(method: str, knobs: Knobs) -> None:
    if not method:
        raise bad(
            "MissingSignatureMethod",
            "x-log-signaturemethod does not exist in http header when it is necessary",
        )
    if method != "hmac-sha1" and not (method == "hmac-sha256" and knobs.accept_v1_sha256):
        raise bad("InvalidSignatureMethod", f"signature method {method} is not supported")


def _check_time(request: Request, claim: Claim, knobs: Knobs, now: float) -> None:
    text = request.header("x-log-date") or request.header("date")
    if not text:
        raise bad("MissingDate", "Date does not exist in http header when it is necessary")
    try:
        sent = calendar.timegm(time.strptime(text, V1_DATE if claim.version == "v1" else V4_DATE))
    except ValueError:
        code = "InvalidRequestTime" if knobs.new_clock_codes else "InvalidDateFormat"
        raise bad(code, f"Date {text} must follow {claim.version} format") from None
    if abs(sent - now) > knobs.clock_window_seconds:
        if knobs.new_clock_codes:
            text = f"Request time {sent} has been expired while server time is {int(now)}"
            raise bad("RequestTimeExpired", text)
        raise bad("RequestTimeTooSkewed", f"Request time exceeds server time more than 15 minutes: {sent}")


def _check_body(request: Request, knobs: Knobs) -> None:
    codec = request.header("x-log-compresstype")
    if codec and codec not in CODECS:
        raise bad("InvalidCompressType", f"compress type {codec} is unsupported")
    size = request.header("x-log-bodyrawsize")
    if codec and not size:
        raise bad(
            "MissingBodyRawSize", "x-log-bodyrawsize does not exist in http header when it is necessary"
        )
    if size and not size.isdigit():
        raise bad("InvalidBodyRawSize", f"x-log-bodyrawsize {size} is invalid")
    if request.body and not request.header("content-type"):
        raise bad("MissingContentType", "Content-Type does not exist in http header when it is necessary")
    digest = request.header("content-md5")
    if digest and knobs.check_content_md5 and digest.upper() != hashlib.md5(request.body).hexdigest().upper():
        raise bad("PostBodyInvalid", "Content-MD5 does not match the body")


def check_key(
    request: Request, claim: Claim, keys: Mapping[str, AccessKey], knobs: Knobs, now: float
) -> AccessKey:
    """The known, enabled, unexpired key behind a claim; its signature is not checked here."""
    if not re.fullmatch(r"[\w.\-]+", claim.key_id, re.ASCII):
        text = f"The access key id you provided is invalid: {claim.key_id}."
        raise unauthorized(text, "InvalidAccessKeyId")
    key = keys.get(claim.key_id)
    if key is None:
        raise unauthorized(f"AccessKeyId not found: {claim.key_id}")
    if not key.enabled:
        raise unauthorized(f"AccessKeyId is disabled: {claim.key_id}")
    if not key.service_opened:
        raise unauthorized("Your SLS service has not opened.", "InvalidAccessKeyId")
    token = request.header("x-acs-security-token")
    if not hmac.compare_digest(token.encode(), (key.security_token or "").encode()):
        raise unauthorized("The security token you provided is invalid.")
    if key.expires is not None and now >= key.expires:
        raise unauthorized("The security token you provided has expired.", knobs.sts_expired_code)
    return key


def check_signature(request: Request, claim: Claim, secret: str, region: str, knobs: Knobs) -> None:
    """Raise SignatureNotMatch unless one of the known forms of the string to sign gives the signature."""
    right = _region_ok(claim, region, knobs) and any(
        hmac.compare_digest(claim.signature.encode(), form.encode())
        for form in _signatures(request, claim, secret)
    )
    if not right:
        raise SlsError(401, "SignatureNotMatch", f"Signature {claim.signature} not matched.")


def _region_ok(claim: Claim, region: str, knobs: Knobs) -> bool:
    return claim.version == "v1" or not knobs.check_v4_region or claim.region == region


def _signatures(request: Request, claim: Claim, secret: str) -> Iterator[str]:
    for path in dict.fromkeys((request.path, request.raw_path)):
        if claim.version == "v4":
            yield sign_v4(request, path, secret, claim)
        else:
            for bare in (False, True):
                yield sign_v1(request, path, secret, bare_empty=bare)


# -- version 1


def _signed_header(name: str) -> bool:
    return name.startswith("x-acs-") or (name.startswith("x-log-") and not name.startswith("x-log-meta-"))


def sign_v1(request: Request, path: str, secret: str, *, bare_empty: bool) -> str:
    """The v1 signature; `bare_empty`: parameters without a value are signed without `=`."""
    get = request.header
    lines = [request.method, get("content-md5"), get("content-type"), get("x-log-date") or get("date")]
    signed = sorted(n for n in request.headers if _signed_header(n) and n != "x-log-date")
    lines += [f"{name}:{get(name)}" for name in signed]
    pairs = [k if bare_empty and not v else f"{k}={v}" for k, v in sorted(request.query.items())]
    lines.append(path + ("?" + "&".join(pairs) if pairs else ""))
    digest = hashlib.sha256 if get("x-log-signaturemethod") == "hmac-sha256" else hashlib.sha1
    return base64.b64encode(hmac.new(secret.encode(), "\n".join(lines).encode(), digest).digest()).decode()


# -- version 4


def canonical_v4(request: Request, path: str) -> str:
    """The canonical request of version 4."""
    pairs = [k + ("=" + quote(v, safe="~") if v else "") for k, v in sorted(request.query.items())]
    names = sorted(n for n in request.headers if _signed_header(n) or n in ("host", "content-type"))
    head = "".join(f"{name}:{request.header(name)}\n" for name in names)
    body = hashlib.sha256(request.body).hexdigest() if request.body else EMPTY_SHA256
    return "\n".join([request.method, path, "&".join(pairs), head, ";".join(names), body])


def sign_v4(request: Request, path: str, secret: str, claim: Claim) -> str:
    """The v4 signature, hex; "" when the request's own date or body hash contradicts it."""
    stamp = request.header("x-log-date")
    canonical = canonical_v4(request, path)
    if not stamp.startswith(claim.date) or request.header("x-log-content-sha256") != canonical[-64:]:
        return ""
    scope = f"{claim.date}/{claim.region}/sls/aliyun_v4_request"
    key = b"aliyun_v4" + secret.encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = "\n".join(["SLS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
