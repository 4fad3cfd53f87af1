"""Users, roles, capabilities and session keys of the instance."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import string
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .errors import not_authenticated, unauthorized
from .knobs import Knobs
from .request import Session

SYSTEM_USER = "splunk-system-user"
_USER = {"change_own_password", "list_inputs", "rest_apps_view", "rest_properties_get", "search"}
_POWER = _USER | {"schedule_search", "rtsearch", "embed_report"}
_ADMIN = _POWER | {
    *("admin_all_objects", "apps_restore", "edit_indexes", "edit_modinput", "edit_monitor", "edit_roles"),
    *("edit_scripted", "edit_server", "edit_storage_passwords", "edit_tcp", "edit_token_http", "edit_udp"),
    *("edit_user", "edit_web_settings", "indexes_edit", "install_apps", "list_settings"),
    *("list_storage_passwords", "restart_splunkd", "rest_properties_set", "edit_messages"),
}
ROLES: dict[str, frozenset[str]] = {
    "admin": frozenset(_ADMIN),
    "can_delete": frozenset({"delete_by_keyword"}),
    "power": frozenset(_POWER),
    "splunk-system-role": frozenset(_ADMIN),
    "user": frozenset(_USER),
}
_KEY_CHARS = string.ascii_letters + string.digits + "^_"


@dataclass
class User:
    """An account; the password is kept as a salted hash only."""

    name: str
    roles: tuple[str, ...]
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    digest: bytes = b""
    settings: dict[str, str] = field(default_factory=dict)

    def set_password(self, password: str) -> None:
        self.digest = self._hash(password)

    def check(self, password: str) -> bool:
        return hmac.compare_digest(self.digest, self._hash(password))

    def _hash(self, password: str) -> bytes:
        return hashlib.pbkdf2_hmac("sha256", password.encode(), self.salt, 100)

    def capabilities(self) -> frozenset[str]:
        return frozenset().union(*(ROLES.get(role, frozenset()) for role in self.roles))


@dataclass
class _Key:
    user: str
    born: float
    calls: int = 0
    of_process: bool = False


class Auth:
    """Checks credentials and hands out session keys. Safe for use by several threads."""

    def __init__(self, knobs: Knobs, password: str = "changeme") -> None:
        self._knobs = knobs
        self._lock = threading.Lock()
        self._keys: dict[str, _Key] = {}
        self.users: dict[str, User] = {}
        self.add_user("admin", password, ("admin",))
        self.add_user(SYSTEM_USER, secrets.token_urlsafe(32), ("splunk-system-role",))

    def add_user(self, name: str, password: str, roles: Iterable[str]) -> User:
        user = User(name, tuple(roles))
        user.set_password(password)
        self.users[name] = user
        return user

    def login(self, name: str, password: str) -> str | None:
        """A new session key, None when name or password is wrong."""
        user = self.users.get(name)
        return self.new_key(name) if user and user.check(password) else None

    def new_key(self, user: str = SYSTEM_USER, of_process: bool = False) -> str:
        """A session key for a user; ``of_process`` marks one that a modular input is given."""
        key = "".join(secrets.choice(_KEY_CHARS) for _ in range(120))
        with self._lock:
            self._keys[key] = _Key(user, time.monotonic(), of_process=of_process)
        return key

    def forget_keys(self) -> None:
        """End all sessions, as a restart does."""
        with self._lock:
            self._keys.clear()

    def authenticate(self, headers: Mapping[str, str]) -> Session:
        """Who sends these headers. Raises RestError 401."""
        scheme, _, value = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            return self._basic(value.strip())
        if scheme.lower() in ("splunk", "bearer") and value:
            return self.session(value.strip())
        for name, cookie in cookies(headers.get("cookie", "")):
            if name.startswith("splunkd_"):
                return self.session(cookie)
        raise unauthorized()

    def session(self, key: str) -> Session:
        """The session of a key. Raises RestError 401 for an unknown or expired one."""
        with self._lock:
            entry = self._keys.get(key)
            if entry is None or self._expired(entry):
                raise not_authenticated()
            entry.calls += 1
            user = self.users.get(entry.user)
        if user is None:
            raise not_authenticated()
        return Session(user.name, user.capabilities(), key, user.roles)

    def _expired(self, key: _Key) -> bool:
        calls, ttl = self._knobs.session_key_expires_after_calls, self._knobs.session_key_ttl
        if not key.of_process:
            return False
        if calls is not None and key.calls >= calls:
            return True
        return ttl is not None and time.monotonic() - key.born > ttl

    def _basic(self, encoded: str) -> Session:
        try:
            name, _, password = base64.b64decode(encoded).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise unauthorized() from error
        user = self.users.get(name)
        if user is None or not user.check(password):
            raise unauthorized()
        return Session(user.name, user.capabilities(), "", user.roles)


def cookies(header: str) -> list[tuple[str, str]]:
    """Name and value of every cookie of a request."""
    pairs = (piece.strip().partition("=") for piece in header.split(";") if "=" in piece)
    return [(name, value.strip('"')) for name, _, value in pairs]
