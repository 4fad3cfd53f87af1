"""The instance's configuration: layered conf files under ``etc``, read once and written through.

Documented precedence. Global context (inputs, server): system/local > app local > app default > system/
default, apps in ASCII order with the first one winning. App context (an app's own conf over REST): the
user's private layer > that app > other apps that share globally > system. Files edited by hand show up after
a reload.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from . import conf_file
from .conf_file import Stanza, Stanzas, is_true
from .conf_layers import SYSTEM, Layer, app_dir, app_layer, app_names, user_layer
from .conf_meta import Meta


class StanzaInDefaultError(Exception):
    """The stanza is part of a default layer and cannot be deleted."""


class ConfStore:
    """Reads and writes the conf files of one instance. Safe for use by several threads."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._lock = threading.RLock()
        self._files: dict[Path, Stanzas] = {}
        self.meta = Meta(home)

    # -- apps

    def apps(self) -> list[str]:
        """Ids of the installed apps that are not disabled in app.conf."""
        return [app for app in app_names(self.home) if not self._is_disabled(app)]

    def app_dir(self, app: str) -> Path:
        """Directory of an app, ``etc/system`` for the app ``system``."""
        return app_dir(self.home, app)

    def _is_disabled(self, app: str) -> bool:
        state = "enabled"
        for kind in ("default", "local"):
            install = self._read(app_layer(self.home, app, kind), "app").get("install", {})
            state = install.get("state", state)
        return state == "disabled"

    def exported(self, app: str, conf: str) -> bool:
        """True when other apps see this app's stanzas of ``conf``."""
        return self.meta.lookup(app, conf).exported

    # -- layers

    def layers(self, conf: str, app: str | None = None, user: str | None = None) -> list[Layer]:
        """Layers that a context sees, weakest first; without ``app`` the global context."""
        if app is None:
            return self._global_layers()
        others = [name for name in reversed(self.apps()) if name != app and self.exported(name, conf)]
        order = [*others, SYSTEM] if app == SYSTEM else [SYSTEM, *others, app]
        layers = [app_layer(self.home, name, kind) for name in order for kind in ("default", "local")]
        if user and user != "nobody":
            layers.append(user_layer(self.home, user, app))
        return layers

    def _global_layers(self) -> list[Layer]:
        apps = list(reversed(self.apps()))
        layers = [app_layer(self.home, SYSTEM, "default")]
        layers += [app_layer(self.home, app, "default") for app in apps]
        layers += [app_layer(self.home, app, "local") for app in apps]
        return [*layers, app_layer(self.home, SYSTEM, "local")]

    def _read(self, layer: Layer, conf: str) -> Stanzas:
        path = layer.file(conf)
        with self._lock:
            if path not in self._files:
                self._files[path] = conf_file.read(path)
            return self._files[path]

    def stanzas_of(self, layer: Layer, conf: str) -> Stanzas:
        """A copy of what one layer says."""
        with self._lock:
            return {name: dict(settings) for name, settings in self._read(layer, conf).items()}

    # -- reading

    def merged(self, conf: str, app: str | None = None, user: str | None = None) -> Stanzas:
        """All stanzas a context sees; ``[default]`` is one of them and is not folded into the others."""
        merged: Stanzas = {}
        for layer in self.layers(conf, app, user):
            for name, settings in self._read(layer, conf).items():
                merged.setdefault(name, {}).update(settings)
        return merged

    def confs(self, layers: Iterable[Layer]) -> set[str]:
        """Names of the conf files that exist in any of the layers."""
        return {path.stem for layer in layers if layer.path.is_dir() for path in layer.path.glob("*.conf")}

    def owner_of(
        self, conf: str, stanza: str, app: str | None = None, user: str | None = None
    ) -> Layer | None:
        """The strongest layer that holds the stanza, None when nobody has it."""
        found = None
        for layer in self.layers(conf, app, user):
            if stanza in self._read(layer, conf):
                found = layer
        return found

    def in_default(self, conf: str, stanza: str, app: str) -> bool:
        """True when the app's default layer holds the stanza, so that it cannot be removed."""
        return stanza in self._read(app_layer(self.home, app, "default"), conf)

    # -- modular inputs

    def stanza_params(self, scheme: str, stanza: str, conf: str = "inputs") -> tuple[str, dict[str, str]]:
        """App and settings of one input as splunkd hands them to the script.

        ``stanza`` is the name with or without ``scheme://``. Merge of ``[default]``, ``[scheme]`` and the
        stanza, sorted by key, values as written, keys that start with an underscore left out (observed).
        Raises KeyError when there is no such stanza.
        """
        name = stanza if stanza.startswith(f"{scheme}://") else f"{scheme}://{stanza}"
        with self._lock:
            merged = self.merged(conf)
            own = merged[name]
            params = {**merged.get("default", {}), **merged.get(scheme, {}), **own}
            owner = self._input_app(conf, name)
        return owner, {key: params[key] for key in sorted(params) if not key.startswith("_")}

    def _input_app(self, conf: str, name: str) -> str:
        holders = [layer.app for layer in self.layers(conf) if name in self._read(layer, conf)]
        in_apps = [app for app in holders if app != SYSTEM]
        return (in_apps or holders)[-1]

    def stanzas_of_scheme(self, scheme: str, conf: str = "inputs") -> list[tuple[str, str, bool]]:
        """``(scheme://name, app, disabled)`` of every input of a scheme, sorted by name."""
        return list(self._stanzas_of_scheme(scheme, conf))

    def _stanzas_of_scheme(self, scheme: str, conf: str) -> Iterator[tuple[str, str, bool]]:
        with self._lock:
            names = sorted(name for name in self.merged(conf) if name.startswith(f"{scheme}://"))
            for name in names:
                app, params = self.stanza_params(scheme, name, conf)
                yield name, app, is_true(params.get("disabled"))

    # -- writing

    def write(
        self, app: str, conf: str, stanza: str, updates: dict[str, str], user: str | None = None
    ) -> None:
        """Merge settings into a stanza of the app's local layer (or of a user's private layer)."""
        layer = self._writable(app, user)
        with self._lock:
            stanzas = self.stanzas_of(layer, conf)
            stanzas.setdefault(stanza, {}).update(updates)
            self._save(layer, conf, stanzas)

    def touch(self, app: str, conf: str, user: str | None = None) -> None:
        """Create an empty conf file."""
        layer = self._writable(app, user)
        with self._lock:
            self._save(layer, conf, self.stanzas_of(layer, conf))

    def delete(self, app: str, conf: str, stanza: str, user: str | None = None) -> None:
        """Remove a stanza from a local layer. Raises StanzaInDefaultError, KeyError when it is not there."""
        layer = self._writable(app, user)
        with self._lock:
            if user in (None, "nobody") and self.in_default(conf, stanza, app):
                raise StanzaInDefaultError(stanza)
            stanzas = self.stanzas_of(layer, conf)
            del stanzas[stanza]
            self._save(layer, conf, stanzas)

    def reload(self, conf: str | None = None) -> None:
        """Forget what was read (one conf or all), so that files edited by hand are seen."""
        with self._lock:
            self.meta.reload()
            for path in [path for path in self._files if conf is None or path.stem == conf]:
                del self._files[path]

    def _writable(self, app: str, user: str | None) -> Layer:
        if user and user != "nobody":
            return user_layer(self.home, user, app)
        return app_layer(self.home, app, "local")

    def _save(self, layer: Layer, conf: str, stanzas: Stanzas) -> None:
        conf_file.write(layer.file(conf), stanzas)
        self._files[layer.file(conf)] = {name: dict(settings) for name, settings in stanzas.items()}


__all__ = ["SYSTEM", "ConfStore", "Layer", "Stanza", "StanzaInDefaultError", "Stanzas", "is_true"]
