"""App metadata (``metadata/*.meta``): who may read and write an object, and whether other apps see it."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from . import conf_file
from .conf_layers import SYSTEM, app_dir


@dataclass(frozen=True)
class MetaInfo:
    """Permissions of one object. ``exported`` is ``export = system`` (documented)."""

    read: tuple[str, ...] = ("*",)
    write: tuple[str, ...] = ("admin",)
    exported: bool = False
    owner: str | None = None


class Meta:
    """Reads and writes the metadata of all apps of an instance. Safe for use by several threads."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._apps: dict[str, conf_file.Stanzas] = {}

    def lookup(self, app: str, conf: str, stanza: str | None = None) -> MetaInfo:
        """Permissions from the app-wide, the conf-wide and the object's own entry; the nearest one wins."""
        settings: dict[str, str] = {"export": SYSTEM} if app == SYSTEM else {}
        keys = ["", conf] if stanza is None else ["", conf, _key(conf, stanza)]
        entries = self._entries(app)
        for key in keys:
            settings.update(entries.get(key, {}))
        access = settings.get("access", "")
        return MetaInfo(
            read=_roles(access, "read", ("*",)),
            write=_roles(access, "write", ("admin",)),
            exported=settings.get("export") == SYSTEM,
            owner=settings.get("owner"),
        )

    def update(self, app: str, conf: str, stanza: str, settings: dict[str, str]) -> None:
        """Write settings of one object into ``local.meta``."""
        path = app_dir(self._home, app) / "metadata" / "local.meta"
        with self._lock:
            entries = conf_file.read(path)
            entries.setdefault(_key(conf, stanza), {}).update(settings)
            conf_file.write(path, entries)
            self._apps.pop(app, None)

    def reload(self) -> None:
        with self._lock:
            self._apps.clear()

    def _entries(self, app: str) -> conf_file.Stanzas:
        with self._lock:
            if app not in self._apps:
                self._apps[app] = _read(app_dir(self._home, app) / "metadata")
            return self._apps[app]


def access(read: list[str], write: list[str]) -> str:
    """The ``access`` setting for these roles."""
    return f"read : [ {', '.join(read)} ], write : [ {', '.join(write)} ]"


def _key(conf: str, stanza: str) -> str:
    return f"{conf}/{quote(stanza, safe='')}"


def _read(folder: Path) -> conf_file.Stanzas:
    merged: conf_file.Stanzas = {}
    for name in ("default.meta", "local.meta"):
        for stanza, settings in conf_file.read(folder / name).items():
            merged.setdefault("" if stanza == "default" else stanza, {}).update(settings)
    return merged


def _roles(text: str, verb: str, default: tuple[str, ...]) -> tuple[str, ...]:
    found = re.search(rf"\b{verb}\s*:\s*\[([^\]]*)\]", text)
    if not found:
        return default
    return tuple(role.strip() for role in found.group(1).split(",") if role.strip())
