"""Where conf files live: the layers of an app, of a user and of the system."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SYSTEM = "system"


@dataclass(frozen=True)
class Layer:
    """One directory of conf files; ``kind`` is ``default`` or ``local``, ``user`` marks a private layer."""

    app: str
    kind: str
    path: Path
    user: str | None = None

    def file(self, conf: str) -> Path:
        return self.path / f"{conf}.conf"


def app_dir(home: Path, app: str) -> Path:
    return home / "etc" / SYSTEM if app == SYSTEM else home / "etc" / "apps" / app


def app_layer(home: Path, app: str, kind: str) -> Layer:
    return Layer(app, kind, app_dir(home, app) / kind)


def user_layer(home: Path, user: str, app: str) -> Layer:
    return Layer(app, "local", home / "etc" / "users" / user / app / "local", user)


def app_names(home: Path) -> list[str]:
    """Ids of the apps on disk, sorted."""
    root = home / "etc" / "apps"
    if not root.is_dir():
        return []
    return sorted(entry.name for entry in root.iterdir() if entry.is_dir() and not entry.name.startswith("."))
