"""Temporary credentials beside the service: STS AssumeRole, and the metadata server of an ECS instance.

Both answer on the stand-in's own ports. STS is the host `sts.<endpoint>` (http and https); the metadata
server is whatever host is asked for a path under /latest/. Credentials handed out are valid AccessKeys of
the stand-in until they expire. Request and answer forms are documented; the error codes for a bad signature
or time are those of the vendor's RPC gateway, as far as known.
"""

from __future__ import annotations

import base64
import calendar
import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

from .clock import Clock
from .knobs import Knobs
from .message import Request, Response, json_response
from .model import Store
from .ram import AccessKey, Statement

STAMP = "%Y-%m-%dT%H:%M:%SZ"
ROLE_PATH = "/latest/meta-data/ram/security-credentials/"


@dataclass(frozen=True)
class Role:
    """A RAM role; `ecs` when it is the instance's role. Sessions last at most `max_seconds`."""

    name: str
    account: str
    allow: tuple[Statement, ...] | None = None
    deny: tuple[Statement, ...] = ()
    external_id: str = ""
    max_seconds: int = 3600
    ecs: bool = False

    @property
    def arn(self) -> str:
        """The role's resource name."""
        return f"acs:ram::{self.account}:role/{self.name}"


class RpcError(Exception):
    """An error answer of STS."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message


class Temporary:
    """STS and metadata over one set of roles."""

    def __init__(self, store: Store, clock: Clock, knobs: Knobs) -> None:
        self.roles: dict[str, Role] = {}
        self._store = store
        self._clock = clock
        self._knobs = knobs
        self._nonces: set[str] = set()
        self._tokens: dict[str, float] = {}
        self._current: dict[str, AccessKey] = {}

    def endpoint_of(self, request: Request, label: str | None) -> str | None:
        """`AssumeRole` or `EcsMetadata` when the request is for one of them."""
        if request.path.startswith("/latest/"):
            return "EcsMetadata"
        return "AssumeRole" if label == "sts" else None

    def serve(self, request: Request) -> Response:
        """Answer a request for which `endpoint_of` named a call."""
        if request.path.startswith("/latest/"):
            return self._metadata(request)
        try:
            return self._assume_role(request)
        except RpcError as exc:
            body = {"RequestId": secrets.token_hex(16).upper(), "HostId": "sts", "Code": exc.code}
            response = json_response({**body, "Message": exc.message}, exc.status)
            response.code = exc.code
            return response

    def _issue(self, role: Role, seconds: int) -> AccessKey:
        key = AccessKey(
            id="STS." + secrets.token_hex(12),
            secret=secrets.token_hex(20),
            account=role.account,
            security_token="CAIS" + base64.b64encode(secrets.token_bytes(60)).decode(),
            expires=int(self._clock.now()) + seconds,
            allow=role.allow,
            deny=role.deny,
        )
        self._store.keys[key.id] = key
        return key

    # -- STS

    def _assume_role(self, request: Request) -> Response:
        given = {
            **request.query,
            **dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)),
        }
        if given.get("Action") != "AssumeRole" or given.get("Version") != "2015-04-01":
            raise RpcError(404, "InvalidAction.NotFound", "Specified api is not found.")
        caller = self._caller(request.method, given)
        role = next((r for r in self.roles.values() if r.arn == given.get("RoleArn")), None)
        if role is None:
            raise RpcError(404, "EntityNotExist.Role", "The role does not exist.")
        session, seconds = self._session(given, role)
        if not caller.may("sts:AssumeRole", role.arn) or given.get("ExternalId", "") != role.external_id:
            raise RpcError(403, "NoPermission", "You are not authorized to do this action.")
        key = self._issue(role, self._knobs.sts_credential_seconds or seconds)
        user = {"Arn": f"{role.arn}/{session}", "AssumedRoleId": f"3{role.account}:{session}"}
        answer = {"RequestId": secrets.token_hex(16).upper(), "AssumedRoleUser": user}
        return json_response({**answer, "Credentials": _shown(key)})

    def _caller(self, method: str, given: dict[str, str]) -> AccessKey:
        """The key that signed the call; raises RpcError."""
        key = self._store.keys.get(given.get("AccessKeyId", ""))
        if key is None or not key.enabled:
            raise RpcError(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
        if (key.security_token or "") != given.get("SecurityToken", ""):
            raise RpcError(
                400, "InvalidSecurityToken.MismatchWithAccessKey", "The token does not fit the key."
            )
        if key.expires is not None and key.expires <= self._clock.now():
            raise RpcError(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
        signature = rpc_signature(method, given, key.secret)
        if not hmac.compare_digest(signature.encode(), given.get("Signature", "").encode()):
            raise RpcError(
                400, "SignatureDoesNotMatch", "Specified signature does not match our calculation."
            )
        self._fresh(given)
        return key

    def _fresh(self, given: dict[str, str]) -> None:
        """Timestamp within 15 minutes, nonce never seen."""
        try:
            sent = calendar.timegm(time.strptime(given.get("Timestamp", ""), STAMP))
        except ValueError:
            raise RpcError(
                400, "InvalidTimeStamp.Format", "Specified time stamp is not well formatted."
            ) from None
        if abs(sent - self._clock.now()) > 900:
            raise RpcError(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
        nonce = given.get("SignatureNonce", "")
        if not nonce or nonce in self._nonces:
            raise RpcError(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
        self._nonces.add(nonce)

    def _session(self, given: dict[str, str], role: Role) -> tuple[str, int]:
        name, seconds = given.get("RoleSessionName", ""), given.get("DurationSeconds", "3600")
        if not re.fullmatch(r"[\w.@\-]{2,32}", name, re.ASCII):
            raise RpcError(400, "InvalidParameter.RoleSessionName", "The RoleSessionName is invalid.")
        if not seconds.isdigit() or not 900 <= int(seconds) <= role.max_seconds:
            raise RpcError(400, "InvalidParameter.DurationSeconds", "The DurationSeconds is out of range.")
        return name, int(seconds)

    # -- ECS metadata

    def _metadata(self, request: Request) -> Response:
        if request.path == "/latest/api/token":
            return self._metadata_token(request)
        sent = request.header("x-aliyun-ecs-metadata-token")
        good = self._tokens.get(sent, 0.0) > self._clock.monotonic()
        if (sent or self._knobs.ecs_token_required) and not good:
            return Response(403, b"Forbidden", {"content-type": "text/plain"}, code="Forbidden")
        role = next((role for role in self.roles.values() if role.ecs), None)
        if role is None or request.method != "GET" or not request.path.startswith(ROLE_PATH):
            return Response(404, b"Not Found", {"content-type": "text/plain"}, code="NotFound")
        name = request.path[len(ROLE_PATH) :]
        if not name:
            return Response(200, role.name.encode(), {"content-type": "text/plain"})
        if name != role.name:
            return Response(404, b"Not Found", {"content-type": "text/plain"}, code="NotFound")
        now = time.strftime(STAMP, time.gmtime(self._clock.now()))
        return json_response({**_shown(self._instance_key(role)), "LastUpdated": now, "Code": "Success"})

    def _metadata_token(self, request: Request) -> Response:
        text = request.header("x-aliyun-ecs-metadata-token-ttl-seconds")
        if request.method != "PUT" or not text.isdigit() or not 1 <= int(text) <= 21600:
            return Response(400, b"Bad Request", {"content-type": "text/plain"}, code="BadRequest")
        token = secrets.token_urlsafe(40)
        self._tokens[token] = self._clock.monotonic() + int(text)
        return Response(200, token.encode(), {"content-type": "text/plain"})

    def _instance_key(self, role: Role) -> AccessKey:
        """The instance's current credentials, replaced when half of their life is over (unknown)."""
        life, key = self._knobs.ecs_credential_seconds, self._current.get(role.name)
        if key is None or (key.expires or 0.0) - self._clock.now() <= life / 2:
            key = self._current[role.name] = self._issue(role, life)
        return key


def _shown(key: AccessKey) -> dict[str, str]:
    return {
        "AccessKeyId": key.id,
        "AccessKeySecret": key.secret,
        "SecurityToken": key.security_token or "",
        "Expiration": time.strftime(STAMP, time.gmtime(key.expires)),
    }


def rpc_signature(method: str, given: dict[str, str], secret: str) -> str:
    """The signature of an RPC call: HMAC-SHA1 over method and sorted, percent-encoded parameters."""

    def pct(text: str) -> str:
        return quote(text, safe="~")

    pairs = "&".join(f"{pct(k)}={pct(v)}" for k, v in sorted(given.items()) if k != "Signature")
    text = f"{method}&%2F&{pct(pairs)}"
    return base64.b64encode(hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha1).digest()).decode()
