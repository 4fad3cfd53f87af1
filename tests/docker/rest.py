"""The management port of a Splunk over HTTPS."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from tests.standins.splunk.server_reply import RestReply, UnexpectedStatusError

TIMEOUT = 300.0  # seconds: saving an input has the add-on look at SLS


class ManagementPort:
    """Calls as an administrator."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url = url
        self._basic = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self._user, self._password = user, password
        # The certificate is one that Splunk made for itself, and the port is one of this machine's loopback.
        self._tls = ssl.create_default_context()
        self._tls.check_hostname = False
        self._tls.verify_mode = ssl.CERT_NONE

    def rest(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        expect: int | None = None,
    ) -> RestReply:
        """One call, answered in JSON. Raises UnexpectedStatusError, and OSError when nobody answers."""
        reply = self._call(method, path, params, data, self._basic)
        if expect is not None and reply.status != expect:
            raise UnexpectedStatusError(f"{method} {path}: {reply.status} instead of {expect}: {reply.text}")
        return reply

    def rest_with_key(self, key: str, path: str) -> RestReply:
        return self._call("GET", path, None, None, f"Splunk {key}")

    def session_key(self) -> str:
        given = {"username": self._user, "password": self._password}
        return str(self.rest("POST", "/services/auth/login", data=given, expect=200).json["sessionKey"])

    def search(self, query: str) -> list[dict[str, Any]]:
        """The results of a search over all time, oldest first."""
        asked = {"search": query, "preview": "false", "earliest_time": "0", "latest_time": "+10y"}
        reply = self.rest("POST", "/services/search/jobs/export", data=asked, expect=200)
        return results(query, reply.text)

    def _call(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        data: Mapping[str, Any] | None,
        authorization: str,
    ) -> RestReply:
        query = urlencode({"output_mode": "json", **(params or {})}, doseq=True)
        request = urllib.request.Request(
            f"{self._url}{path}{'&' if '?' in path else '?'}{query}",
            method=method,
            data=urlencode(data, doseq=True).encode() if data is not None else None,
            headers={"Authorization": authorization, "Connection": "close"},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT, context=self._tls) as answer:
                status, text = answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            with error:
                status, text = error.code, error.read().decode("utf-8", "replace")
        return RestReply(status, text, _json(text))


def results(query: str, text: str) -> list[dict[str, Any]]:
    """The results in what an export answers: an object in each line, newest first; here oldest first."""
    lines = [json.loads(line) for line in text.splitlines() if line.strip()]
    told = [message for line in lines for message in line.get("messages") or []]
    fatal = [message for message in told if message.get("type") in ("FATAL", "ERROR")]
    assert not fatal, f"{query}: {fatal}"
    return [line["result"] for line in reversed(lines) if "result" in line]


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:  # an empty answer, or one object a line
        return None
