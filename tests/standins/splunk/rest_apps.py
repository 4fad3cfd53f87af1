"""``apps/local``: list, create, install, edit, disable and remove apps."""

from __future__ import annotations

import re
from pathlib import Path

from . import app_install, conf_view
from .conf_file import is_true
from .conf_layers import app_names
from .envelopes import Acl, Entry, Feed, Fields, Value, entity_path
from .errors import RestError, exists, no_endpoint, no_object, no_target
from .instance import Instance
from .listing import paged
from .request import Request
from .rest_messages import Messages
from .router import Routes

_ENDPOINT = "apps/local"
_STANZA_OF = {"author": "launcher", "description": "launcher", "version": "launcher"}
_STANZA_OF.update({"label": "ui", "visible": "ui", "configured": "install", "check_for_updates": "package"})


class Apps:
    """One entity per folder of ``etc/apps``."""

    def __init__(self, instance: Instance, messages: Messages) -> None:
        self._instance = instance
        self._conf = instance.conf
        self._messages = messages

    def routes(self) -> Routes:
        return {_ENDPOINT: self.handle, "apps/appinstall": self._install_by_name}

    def handle(self, request: Request, rest: list[str]) -> Feed:
        if rest == ["_reload"]:
            self._conf.reload("app")
            return self._feed([])
        if rest == ["_new"]:
            return self._feed([Entry("_new", f"/services/{_ENDPOINT}/_new", fields=Fields(("name",)))])
        if rest:
            return self._entity(request, rest[0], rest[1:])
        if request.method == "GET":
            return paged(self._feed([self._entry(app) for app in self._names()]), request)
        if request.method == "POST" and request.arg("name"):
            return self._create(request, request.arg("name"))
        raise no_target(request.method)

    def _create(self, request: Request, name: str) -> Feed:
        conf_view.require(request)
        if is_true(request.arg("filename")):
            return self._install(request, Path(name))
        if not re.fullmatch(r"[A-Za-z0-9._-]+", name) or name in (".", ".."):
            raise RestError(400, f"Invalid application name: {name}")
        if name in self._names():
            raise exists(name)
        label = request.arg("label") or name
        app_install.create(self._instance.home, name, {"ui": {"label": label, "is_visible": "1"}})
        self._conf.reload()
        return self._feed([self._entry(name)], 201)

    def _install_by_name(self, request: Request, rest: list[str]) -> Feed:
        conf_view.require(request)
        return self._install(request, Path(request.arg("name")))

    def _install(self, request: Request, package: Path) -> Feed:
        if not package.is_file():
            raise RestError(400, f"Error during app install: no such file: {package}")
        try:
            app = self._instance.install(package)
        except app_install.AppPackageError as error:
            raise RestError(400, f"Error during app install: {error}") from error
        return self._feed([self._entry(app)], 201)

    def _entity(self, request: Request, app: str, action: list[str]) -> Feed:
        if app not in self._names():
            raise no_object(app)
        if action in (["setup"], ["update"], ["package"]):
            return self._feed([self._extra(app, action[0])])
        if action in (["enable"], ["disable"]) and request.method == "POST":
            conf_view.require(request)
            state = "disabled" if action == ["disable"] else "enabled"
            self._conf.write(app, "app", "install", {"state": state})
            return self._feed([self._entry(app)])
        if action:
            raise no_endpoint()
        if request.method == "DELETE":
            return self._delete(request, app)
        if request.method == "POST":
            self._edit(request, app)
        entry = self._entry(app)
        entry.fields = Fields(optional=tuple(_STANZA_OF))
        return self._feed([entry])

    def _delete(self, request: Request, app: str) -> Feed:
        conf_view.require(request)
        self._instance.remove_app(app)
        self._messages.post("restart_required", "Splunk must be restarted for changes to take effect.")
        return self._feed([])

    def _edit(self, request: Request, app: str) -> None:
        conf_view.require(request)
        for key, values in request.args.items():
            if key in _STANZA_OF:
                name = "is_visible" if key == "visible" else key
                self._conf.write(app, "app", _STANZA_OF[key], {name: values[-1]})

    # -- rendering

    def _names(self) -> list[str]:
        return app_names(self._instance.home)

    def _settings(self, app: str) -> dict[str, dict[str, str]]:
        layers = [layer for layer in self._conf.layers("app", app) if layer.app == app]
        merged: dict[str, dict[str, str]] = {}
        for layer in layers:
            for stanza, settings in self._conf.stanzas_of(layer, "app").items():
                merged.setdefault(stanza, {}).update(settings)
        return merged

    def _entry(self, app: str) -> Entry:
        conf = self._settings(app)
        install, ui, launcher = (conf.get(name, {}) for name in ("install", "ui", "launcher"))
        content: dict[str, Value] = {
            "author": launcher.get("author", ""),
            "check_for_updates": is_true(conf.get("package", {}).get("check_for_updates"), True),
            "configured": is_true(install.get("is_configured")),
            "core": app == "search",
            "description": launcher.get("description", ""),
            "disabled": install.get("state") == "disabled",
            "eai:appName": app,
            "eai:userName": "nobody",
            "build": install.get("build", ""),
            "label": ui.get("label", app),
            "show_in_nav": is_true(ui.get("show_in_nav"), True),
            "state_change_requires_restart": False,
            "version": launcher.get("version", ""),
            "visible": is_true(ui.get("is_visible"), True),
        }
        acl = Acl(app, "nobody", "app", removable=app != "search")
        verbs = ("list", "edit", "remove", "enable" if content["disabled"] else "disable", "package")
        return Entry(app, entity_path("nobody", "system", _ENDPOINT, app), content, acl, verbs=verbs)

    def _extra(self, app: str, action: str) -> Entry:
        path = f"{entity_path('nobody', 'system', _ENDPOINT, app)}/{action}"
        target = self._instance.home / "share" / "splunk" / "app_packages" / f"{app}.spl"
        content: dict[str, Value] = (
            {"name": app, "path": str(target), "url": target.as_uri()} if action == "package" else {}
        )
        return Entry(app, path, {"eai:setup": "", **content}, Acl(app, sharing="app"))

    def _feed(self, entries: list[Entry], status: int = 200) -> Feed:
        links = {"create": f"/services/{_ENDPOINT}/_new", "_reload": f"/services/{_ENDPOINT}/_reload"}
        return Feed("localapps", f"/services/{_ENDPOINT}", entries, links, status=status)
