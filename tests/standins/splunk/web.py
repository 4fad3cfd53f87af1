"""Splunkweb, the surface of it: sign-in, an app's pages and static files, and the proxy to splunkd."""

from __future__ import annotations

import hmac
import json
import mimetypes
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

from . import web_pages
from .auth import cookies
from .errors import RestError
from .instance import Instance
from .request import Reply, Session
from .transport import App, HttpServer

_LOCALE = re.compile(r"[a-z]{2}-[A-Z]{2}")
_HTML, _JS = "text/html; charset=UTF-8", "text/javascript; charset=UTF-8"
#: What splunkweb exposes without an app's asking, as far as pages use it (inferred).
_EXPOSED = (
    *("apps/local", "apps/local/*", "authentication/current-context", "data/ui/*", "messages", "messages/*"),
    *(
        "saved/searches",
        "saved/searches/*",
        "search/jobs",
        "search/jobs/*",
        "search/jobs/*/*",
        "search/parser",
        "search/timeparser",
    ),
    *("search/v2/jobs", "search/v2/jobs/*", "search/v2/jobs/*/*", "server/info", "server/info/*"),
    *("web-features", "web-features/*", "storage/collections/data/*", "storage/collections/data/*/*"),
)
_WRITES = {"POST", "PUT", "DELETE"}


class WebPort:
    """splunkweb's HTTP port; ``splunkd`` is the management port's own entrance."""

    def __init__(self, instance: Instance, splunkd: App) -> None:
        self._instance = instance
        self._splunkd = splunkd
        self._server: HttpServer | None = None
        self._port = 0

    def start(self, address: tuple[str, int]) -> int:
        """Listen; returns the port."""
        self._server = HttpServer(address, self.call)
        self._port = self._server.port
        self._server.start()
        return self._port

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None

    def call(self, method: str, target: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Answer one request."""
        parts = [unquote(part) for part in urlsplit(target).path.split("/") if part]
        if not parts or not _LOCALE.fullmatch(parts[0]):
            return _redirect("/en-US" + target if parts else "/en-US/")
        locale, rest = parts[0], parts[1:]
        if rest[:1] == ["static"]:
            return self._static(rest[1:])
        if rest[:2] == ["account", "login"]:
            return self._login(method, target, body, locale)
        if rest[:1] == ["i18ncatalog"]:
            return Reply(200, "i18n_register({});\n", _JS)
        session = self._session(headers)
        if rest[:1] == ["config"]:
            return Reply(
                200, web_pages.config_script(locale, self._port, session.user if session else ""), _JS
            )
        if rest[:2] == ["splunkd", "__raw"]:
            return self._proxy(method, target, body, headers, session)
        if session is None:
            return _redirect(f"/{locale}/account/login?return_to={quote(target, safe='')}")
        return self._page(locale, rest)

    # -- sign-in

    def _session(self, headers: Mapping[str, str]) -> Session | None:
        for name, value in cookies(headers.get("cookie", "")):
            if name.startswith("splunkd_"):
                try:
                    return self._instance.auth.session(value)
                except RestError:
                    continue
        return None

    def _login(self, method: str, target: str, body: bytes, locale: str) -> Reply:
        if method != "POST":
            return_to = parse_qs(urlsplit(target).query).get("return_to", [f"/{locale}/"])[0]
            return Reply(200, web_pages.login_page(return_to, False), _HTML)
        form = {key: values[-1] for key, values in parse_qs(body.decode("utf-8", "replace")).items()}
        return_to = form.get("return_to", "")
        key = self._instance.auth.login(form.get("username", ""), form.get("password", ""))
        if key is None:
            return Reply(401, web_pages.login_page(return_to, True), _HTML)
        reply = _redirect(return_to if re.match(r"/(?!/)", return_to) else f"/{locale}/")
        token = secrets.token_hex(16)
        reply.headers.append(("Set-Cookie", f"splunkd_{self._port}={key}; Path=/; HttpOnly"))
        reply.headers.append(("Set-Cookie", f"splunkweb_csrf_token_{self._port}={token}; Path=/"))
        return reply

    # -- pages

    def _page(self, locale: str, rest: list[str]) -> Reply:
        if not rest or rest[:1] != ["app"] or len(rest) < 2:
            return Reply(200, web_pages.home_page(locale, self._apps()), _HTML)
        app = rest[1]
        if app not in self._instance.conf.apps():
            return _error(404, f"App {app} was not found.")
        views = self._instance.conf.app_dir(app) / "default" / "data" / "ui" / "views"
        if len(rest) == 2:
            return _redirect(f"/{locale}/app/{quote(app)}/{self._first_view(app)}")
        view = views / f"{rest[2]}.xml"
        if "/" in rest[2] or not view.is_file():
            return _error(404, f"The view {rest[2]} was not found.")
        return self._view(app, view)

    def _view(self, app: str, view: Path) -> Reply:
        found = re.search(r'template="(?:[^":]+:)?/?templates/([\w.-]+)"', view.read_text("utf-8"))
        template = (
            self._instance.conf.app_dir(app) / "appserver" / "templates" / (found.group(1) if found else "")
        )
        if found is None or not template.is_file():
            return _error(501, "Only views with a template of their app are served here.")
        text = template.read_text("utf-8")
        if "${" in text and "<%" in text:
            return _error(501, "Mako templates are not served here.")
        return Reply(200, text, _HTML)

    def _first_view(self, app: str) -> str:
        nav = self._instance.conf.app_dir(app) / "default" / "data" / "ui" / "nav" / "default.xml"
        text = nav.read_text("utf-8") if nav.is_file() else ""
        found = re.search(r'<view name="([^"]+)"[^>]*default="true"', text) or re.search(
            r'<view name="([^"]+)"', text
        )
        return found.group(1) if found else "configuration"

    def _apps(self) -> list[tuple[str, str]]:
        conf = self._instance.conf
        with_pages = [app for app in conf.apps() if (conf.app_dir(app) / "appserver").is_dir()]
        return [(app, conf.merged("app", app).get("ui", {}).get("label", app)) for app in with_pages]

    # -- static files

    def _static(self, parts: list[str]) -> Reply:
        parts = parts[1:] if parts and parts[0].startswith("@") else parts
        if parts[:1] == ["app"] and len(parts) > 2:
            root = self._instance.conf.app_dir(parts[1]) / "appserver" / "static"
            return _file(root, parts[2:])
        if parts == ["js", "i18n.js"]:
            return _file(web_pages.ASSETS, ["i18n.js"])
        if parts[:2] == ["build", "api"] and len(parts) == 3:
            name = "layout.js" if parts[2].startswith("layout") else parts[2]
            return _file(web_pages.ASSETS, [name])
        return _error(404, "Not Found")

    # -- splunkd

    def _proxy(
        self, method: str, target: str, body: bytes, headers: Mapping[str, str], session: Session | None
    ) -> Reply:
        inner = target.partition("/splunkd/__raw")[2]
        if session is None:
            return _refused(401, "Unauthorized")
        if method in _WRITES and not self._form_key_fits(headers):
            return _refused(403, "CSRF validation failed")
        if not self._exposed(method, inner):
            return _refused(404, "Not Found")
        passed = {"authorization": f"Splunk {session.key}", "host": headers.get("host", "")}
        passed.update({key: headers[key] for key in ("content-type", "user-agent") if key in headers})
        reply = self._splunkd(method, inner, body, passed)
        reply.headers = [
            pair for pair in reply.headers if pair[0].lower() not in ("set-cookie", "www-authenticate")
        ]
        return reply

    def _form_key_fits(self, headers: Mapping[str, str]) -> bool:
        given = headers.get("x-splunk-form-key", "")
        tokens = [v for n, v in cookies(headers.get("cookie", "")) if n.startswith("splunkweb_csrf_token_")]
        return bool(given) and any(hmac.compare_digest(given.encode(), token.encode()) for token in tokens)

    def _exposed(self, method: str, inner: str) -> bool:
        raw = [part for part in inner.partition("?")[0].split("/") if part]
        parts = raw[1:] if raw[:1] == ["services"] else raw[3:] if raw[:1] == ["servicesNS"] else []
        if any(_fits(pattern, parts) for pattern in _EXPOSED):
            return True
        for stanza, settings in self._expositions().items():
            methods = {name.strip().upper() for name in settings.get("methods", "GET").split(",")}
            if (
                stanza.startswith("expose:")
                and method in methods
                and _fits(settings.get("pattern", ""), parts)
            ):
                return True
        return False

    def _expositions(self) -> dict[str, dict[str, str]]:
        return self._instance.conf.merged("web")


def _fits(pattern: str, parts: list[str]) -> bool:
    wanted = pattern.strip("/").split("/")
    return len(wanted) == len(parts) and all(want in ("*", part) for want, part in zip(wanted, parts))


def _file(root: Path, parts: list[str]) -> Reply:
    path = root.joinpath(*parts).resolve()
    if root.resolve() not in path.parents or not path.is_file():
        return _error(404, "Not Found")
    kind = _JS if path.suffix == ".js" else mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Reply(200, path.read_bytes(), kind)


def _redirect(location: str) -> Reply:
    return Reply(303, "", _HTML, [("Location", location)])


def _error(status: int, text: str) -> Reply:
    return Reply(status, web_pages.error_page(status, text), _HTML)


def _refused(status: int, text: str) -> Reply:
    body = json.dumps({"messages": [{"type": "ERROR", "text": text}]})
    return Reply(status, body, "application/json; charset=UTF-8")
