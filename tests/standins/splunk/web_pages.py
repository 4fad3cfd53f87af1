"""The documents that splunkweb writes by itself: configuration script, login form, list of apps."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

from . import envelopes

ASSETS = Path(__file__).parent / "web_assets"
BUILD_NUMBER = envelopes.BUILD


def config_script(locale: str, web_port: int, username: str) -> str:
    """``/config?autoload=1``: the settings that pages read (observed names)."""
    settings = {
        "MRSPARKLE_PORT_NUMBER": web_port,
        "MRSPARKLE_ROOT_PATH": "",
        "LOCALE": locale,
        "SPLUNKD_PATH": f"/{locale}/splunkd/__raw",
        "USERNAME": username,
        "BUILD_NUMBER": BUILD_NUMBER,
        "BUILD_PUSH_NUMBER": 0,
        "APP_BUILD": 0,
        "SERVER_ZONEINFO": "### SERIALIZED TIMEZONE FORMAT 1.0;Y0 Y0 UTC;$",
        "VERSION_LABEL": envelopes.VERSION,
        "SPLUNK_UI_THEME": "enterprise",
        "FORM_KEY": "",
    }
    return f"window.$C = {json.dumps(settings)};\n"


def login_page(return_to: str, failed: bool) -> str:
    note = "<p>Login failed.</p>" if failed else ""
    body = (
        f'{note}<form method="post"><input type="hidden" name="return_to" value="{escape(return_to)}">'
        '<label>Username <input name="username" autofocus></label>'
        '<label>Password <input name="password" type="password"></label><button>Sign in</button></form>'
    )
    return _page("Sign in", body)


def home_page(locale: str, apps: list[tuple[str, str]]) -> str:
    """Links to the apps that have pages."""
    items = "".join(
        f'<li><a href="/{locale}/app/{escape(app)}/">{escape(label)}</a></li>' for app, label in apps
    )
    return _page("Apps", f"<ul>{items}</ul>")


def error_page(status: int, text: str) -> str:
    return _page(f"{status}", f"<p>{escape(text)}</p>")


def _page(title: str, body: str) -> str:
    return (ASSETS / "page.html").read_text("utf-8").format(title=escape(title), body=body)
