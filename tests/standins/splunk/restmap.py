"""Which REST handlers an app registers (restmap.conf, documented keys)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .conf import ConfStore
from .conf_file import Stanzas

_PREFIX = "admin_external:"


@dataclass(frozen=True)
class Registration:
    """One ``[admin_external:<name>]`` that a ``[admin:...]`` stanza lists among its members."""

    name: str
    app: str
    script: Path
    actions: frozenset[str]
    settings: Mapping[str, str]
    capabilities: Mapping[str, str]


def registrations(conf: ConfStore) -> dict[str, Registration]:
    """Every handler of every app by the name it has in URLs."""
    found: dict[str, Registration] = {}
    for app in conf.apps():
        layers = [layer for layer in conf.layers("restmap", app) if layer.app == app]
        merged: Stanzas = {}
        for layer in layers:
            for name, settings in conf.stanzas_of(layer, "restmap").items():
                merged.setdefault(name, {}).update(settings)
        for registration in _of_app(conf, app, merged):
            found.setdefault(registration.name, registration)
    return found


def _of_app(conf: ConfStore, app: str, restmap: Stanzas) -> list[Registration]:
    members: dict[str, dict[str, str]] = {}
    for stanza, settings in restmap.items():
        if stanza.startswith("admin:"):
            prefix = settings.get("match", "/").strip("/")
            for member in settings.get("members", "").split(","):
                members[member.strip()] = {**settings, "prefix": prefix}
    found = []
    for stanza, settings in restmap.items():
        name = stanza[len(_PREFIX) :]
        if stanza.startswith(_PREFIX) and name in members and "handlerfile" in settings:
            script = conf.app_dir(app) / "bin" / settings["handlerfile"]
            actions = frozenset(action.strip() for action in settings.get("handleractions", "").split(","))
            prefix = members[name]["prefix"]
            url = f"{prefix}/{name}" if prefix else name
            capabilities = {
                key: value for key, value in members[name].items() if key.startswith("capability")
            }
            found.append(Registration(url, app, script, actions, settings, capabilities))
    return found
