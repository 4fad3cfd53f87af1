"""One REST request, taken apart once: namespace, endpoint parts and arguments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus

from .errors import no_endpoint

Args = dict[str, list[str]]

ADMIN = "admin"
DEFAULT_APP = "search"


@dataclass(frozen=True)
class Session:
    """Who is calling. ``key`` is the session key, empty for Basic."""

    user: str
    capabilities: frozenset[str]
    key: str = ""
    roles: tuple[str, ...] = ()


@dataclass
class Reply:
    """A finished answer."""

    status: int = 200
    body: str | bytes = ""
    content_type: str = "text/xml; charset=UTF-8"
    headers: list[tuple[str, str]] = field(default_factory=list)

    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else self.body.encode()


@dataclass
class Request:
    """A request to splunkd's management port.

    ``owner`` and ``app`` are what the path says after ``/servicesNS``, None for ``/services``; ``-`` is the
    wildcard. ``parts`` is the rest of the path, split at raw slashes and decoded afterwards.
    """

    method: str
    path: str
    owner: str | None
    app: str | None
    parts: list[str]
    query: Args
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    session: Session = field(default_factory=lambda: Session("", frozenset()))
    form: Args = field(default_factory=dict)

    @property
    def args(self) -> Args:
        """Query and form together, without the arguments of the envelope itself."""
        merged: Args = {key: list(values) for key, values in self.query.items()}
        for key, values in self.form.items():
            merged.setdefault(key, []).extend(values)
        merged.pop("output_mode", None)
        return merged

    def arg(self, name: str, default: str = "") -> str:
        """The last value of an argument."""
        values = self.form.get(name) or self.query.get(name) or [default]
        return values[-1]

    @property
    def wants_json(self) -> bool:
        return self.arg("output_mode") == "json"

    @property
    def context_app(self) -> str:
        """The app whose view this is; ``/services`` is the caller's default app (inferred: search)."""
        return self.app or DEFAULT_APP

    @property
    def context_user(self) -> str:
        """The user whose private layer counts; ``nobody`` for shared contexts."""
        return "nobody" if self.owner in (None, "nobody", "-") else str(self.owner)

    def json_body(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return json.loads(self.body.decode("utf-8"))


def multi(pairs: list[tuple[str, str]]) -> Args:
    args: Args = {}
    for key, value in pairs:
        args.setdefault(key, []).append(value)
    return args


def parse_form(text: str) -> Args:
    return multi(parse_qsl(text, keep_blank_values=True))


def decode_part(raw: str) -> str:
    """One path segment. Links carry an inner slash as ``%252F``, clients also send ``%2F`` (observed)."""
    return unquote_plus(raw).replace("%2F", "/").replace("%2f", "/")


def split_path(path: str) -> tuple[str | None, str | None, list[str]]:
    """Owner, app and endpoint parts of a raw URL path. Raises RestError 404 for a foreign root."""
    raw = [part for part in path.split("/") if part]
    if raw[:1] == ["services"]:
        return None, None, [decode_part(part) for part in raw[1:]]
    if raw[:1] == ["servicesNS"] and len(raw) >= 3:
        return unquote(raw[1]), unquote(raw[2]), [decode_part(part) for part in raw[3:]]
    raise no_endpoint()


def build(method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Request:
    """Request from the request line's target. The form is read whatever the Content-Type says (observed)."""
    path, _, query = target.partition("?")
    owner, app, parts = split_path(path)
    request = Request(method, path, owner, app, parts, parse_form(query), body, headers)
    if method in ("POST", "PUT") and "data" not in parts[2:3] and not body.startswith((b"{", b"[")):
        request.form = parse_form(body.decode("utf-8", "replace"))
    return request
