"""``server/*`` and its neighbours: what the instance says about itself, settings, restart."""

from __future__ import annotations

import json
import os
import platform
import time
from datetime import datetime, timezone

from . import conf_view, envelopes
from .envelopes import Acl, Entry, Feed, Fields, Value
from .errors import RestError, no_endpoint, no_object
from .instance import Instance
from .listing import paged
from .request import Reply, Request
from .router import Routes

_INFO = "server/info"
_CATEGORIES = ("AdminManagerExternal", "ExecProcessor", "ModularInputs", "Rest")


class ServerInfo:
    """``server/info``, ``server/settings``, ``server/control``, search head cluster questions."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._started = int(time.time())

    def routes(self) -> Routes:
        return {
            _INFO: self.info,
            "server/settings": self.settings,
            "server/control": self.control,
            "server/status": self.info,
            "shcluster": self.shcluster,
            "search/parser": self.parser,
            "search/v2/parser": self.parser,
            "server/logger": self.loggers,
            "search/timeparser": self.timeparser,
            "web-features": self.web_features,
        }

    def info(self, request: Request, rest: list[str]) -> Feed:
        if request.method != "GET":
            raise no_endpoint()
        entry = Entry("server-info", f"/services/{_INFO}/server-info", self._facts(), _acl(), verbs=("list",))
        return Feed("server-info", f"/services/{_INFO}", [entry])

    def _facts(self) -> dict[str, Value]:
        instance, uname = self._instance, platform.uname()
        return {
            "activeLicenseGroup": "Enterprise",
            "activeLicenseSubgroup": "Production",
            "build": envelopes.BUILD,
            "cpu_arch": uname.machine,
            "guid": instance.guid,
            "health_info": "green",
            "health_version": 1,
            "host": instance.server_name,
            "host_fqdn": instance.server_name,
            "host_resolved": instance.server_name,
            "isForwarding": False,
            "isFree": False,
            "isTrial": False,
            "kvStoreStatus": "ready" if instance.knobs.kvstore_ready else "starting",
            "licenseKeys": ["F" * 64],
            "licenseSignature": "0" * 32,
            "licenseState": "OK",
            "license_labels": ["Splunk Enterprise"],
            "master_guid": instance.guid,
            "manager_guid": instance.guid,
            "max_users": 4294967295,
            "mode": "normal",
            "numberOfCores": os.cpu_count() or 1,
            "os_build": uname.version,
            "os_name": uname.system,
            "os_name_extended": uname.system,
            "os_version": uname.release,
            "product_type": "enterprise",
            "rtsearch_enabled": True,
            # A standalone instance does not call itself a search head (observed).
            "server_roles": ["indexer", "license_master", "license_manager", "kv_store"],
            "serverName": instance.server_name,
            "startup_time": self._started,
            "version": envelopes.VERSION,
        }

    def settings(self, request: Request, rest: list[str]) -> Feed:
        """GET and POST of the general settings."""
        if request.method == "POST":
            conf_view.require(request, "edit_server")
            known = self._settings()
            updates = {key: values[-1] for key, values in request.args.items() if key in known}
            self._instance.conf.write("system", "server", "standin:settings", updates)
        path = "/services/server/settings"
        fields = Fields(optional=tuple(self._settings()))
        entry = Entry(
            "settings", f"{path}/settings", self._settings(), _acl(), fields, verbs=("list", "edit")
        )
        return Feed("server-settings", path, [entry])

    def _settings(self) -> dict[str, Value]:
        instance = self._instance
        fixed: dict[str, Value] = {
            "SPLUNK_DB": str(instance.home / "var" / "lib" / "splunk"),
            "SPLUNK_HOME": str(instance.home),
            "enableSplunkWebSSL": False,
            "host": instance.server_name,
            "httpport": 8000,
            "kvStoreDisabled": False,
            "mgmtHostPort": instance.mgmt_url().rpartition(":")[2],
            "minFreeSpace": 5000,
            "pass4SymmKey": "********",
            "serverName": instance.server_name,
            "sessionTimeout": "1h",
            "startwebserver": True,
            "trustedIP": "127.0.0.1",
        }
        return {**fixed, **instance.conf.merged("server").get("standin:settings", {})}

    def control(self, request: Request, rest: list[str]) -> Feed:
        path = "/services/server/control"
        if not rest:
            return Feed("server-control", path, [Entry(name, f"{path}/{name}") for name in ("restart",)])
        if rest != ["restart"] or request.method != "POST":
            raise no_endpoint()
        conf_view.require(request, "restart_splunkd")
        self._instance.restart()
        return Feed("server-control", path, messages=[("INFO", "Restarting splunkd")])

    def shcluster(self, request: Request, rest: list[str]) -> Feed:
        """This instance is no member of a cluster."""
        raise RestError(
            503, "Search Head Clustering is not enabled on this node. REST endpoint is not available"
        )

    def loggers(self, request: Request, rest: list[str]) -> Feed:
        """The log categories that the instance writes; their level is fixed."""
        path = "/services/server/logger"
        if rest and rest[0] not in _CATEGORIES:
            raise no_object(rest[0])
        names = rest[:1] or sorted(_CATEGORIES)
        entries = [
            Entry(name, f"{path}/{name}", {"level": "INFO"}, fields=Fields(("level",))) for name in names
        ]
        return paged(Feed("logger", path, entries), request)

    def parser(self, request: Request, rest: list[str]) -> Reply:
        """Accept what starts like a search."""
        query = request.arg("q").strip()
        if not query.startswith(("|", "search")):
            raise RestError(400, f"Unknown search command '{query.split(' ')[0]}'.", kind="FATAL")
        return Reply(200, '<?xml version="1.0" encoding="UTF-8"?>\n<response/>\n')

    def timeparser(self, request: Request, rest: list[str]) -> Reply:
        """Times in ISO 8601 or relative ones to ``%s`` (epoch seconds) or, by default, ISO 8601 in UTC."""
        answer = {}
        for text in request.args.get("time", []):
            moment = _moment(text)
            if request.arg("output_time_format") == "%s":
                answer[text] = f"{moment.timestamp():.0f}"
            else:
                answer[text] = moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")
        return Reply(200, json.dumps(answer), "application/json; charset=UTF-8")

    def web_features(self, request: Request, rest: list[str]) -> Feed:
        """Asked for by the pages; no feature is switched on."""
        return Feed("web-features", "/services/web-features")


def _moment(text: str) -> datetime:
    from tests.knowledge import spl_time
    from tests.knowledge.errors import KnowledgeError

    try:
        return datetime.fromtimestamp(spl_time.moment(text, time.time()), timezone.utc)
    except KnowledgeError as error:
        raise RestError(400, str(error), kind="FATAL") from error


def _acl() -> Acl:
    return Acl(owner="system", modifiable=False, perms=False)
