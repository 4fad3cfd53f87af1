"""The secrets behind ``storage/passwords``: a file of the stand-in's own, so that no conf file holds one.

``passwords.conf`` gets what splunkd would show there, an opaque ``$7$`` text. The clear values lie in one
JSON file with mode 0600; whoever can read that file of a test instance can read them.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import threading
from pathlib import Path

PREFIX = "credential:"


def entity_name(realm: str, username: str) -> str:
    """``realm:user:`` with backslash and colon escaped in each part (observed)."""
    return f"{_escaped(realm)}:{_escaped(username)}:"


def _escaped(part: str) -> str:
    return part.replace("\\", "\\\\").replace(":", "\\:")


def split_name(name: str) -> tuple[str, str]:
    """Realm and user of an entity name, with or without the last colon."""
    parts, current, escaped = [], "", False
    for char in name:
        if escaped or char not in "\\:":
            current, escaped = current + char, False
        elif char == "\\":
            escaped = True
        else:
            parts.append(current)
            current = ""
    parts.append(current)
    realm, user = (*parts, "", "")[:2]
    return realm, user


class Vault:
    """Clear values by app and entity name. Safe for use by several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._values: dict[str, str] = json.loads(path.read_text("utf-8")) if path.is_file() else {}

    def put(self, app: str, name: str, password: str) -> str:
        """Keep a value; returns the opaque text for ``passwords.conf``."""
        with self._lock:
            self._values[_key(app, name)] = password
            self._save()
        return "$7$" + base64.b64encode(secrets.token_bytes(44)).decode("ascii")

    def get(self, app: str, name: str) -> str:
        """The clear value, empty for a password that came with a conf file and cannot be decrypted here."""
        with self._lock:
            return self._values.get(_key(app, name), "")

    def drop(self, app: str, name: str) -> None:
        with self._lock:
            self._values.pop(_key(app, name), None)
            self._save()

    def _save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        scratch = self._path.with_suffix(".tmp")
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(self._values, out)
        scratch.replace(self._path)


def _key(app: str, name: str) -> str:
    return f"{app}/{name}"
