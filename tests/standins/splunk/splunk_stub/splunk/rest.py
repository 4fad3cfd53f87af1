"""Calls to splunkd from inside a handler."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.parse
import urllib.request
from os import environ
from typing import Any

import splunk  # type: ignore[import-not-found,unused-ignore]

_RAISED = {
    401: splunk.AuthenticationFailed,
    402: splunk.LicenseRestriction,
    403: splunk.AuthorizationFailed,
    404: splunk.ResourceNotFound,
}


class Response(dict):  # type: ignore[type-arg]
    """Headers of a reply, and its status."""

    def __init__(self, status: int, headers: Any) -> None:
        super().__init__({key.lower(): value for key, value in headers})
        self.status = status
        self["status"] = str(status)


def makeSplunkdUri() -> str:  # noqa: N802 - the real name
    """Base address of splunkd, ending in a slash."""
    return environ.get("SPLUNKD_URI", "https://127.0.0.1:8089").rstrip("/") + "/"


def simpleRequest(  # noqa: N802 - the real name
    path: str,
    sessionKey: str | None = None,  # noqa: N803
    getargs: dict[str, Any] | None = None,
    postargs: dict[str, Any] | None = None,
    method: str = "GET",
    raiseAllErrors: bool = False,  # noqa: N803
    proxyMode: bool = False,  # noqa: N803
    rawResult: bool = False,  # noqa: N803
    timeout: float | None = None,
    jsonargs: str | None = None,
    token: bool = False,
) -> tuple[Response, bytes]:
    """One request: response and body. Raises a RESTException for 401 to 404, or any error on demand."""
    url = path if "://" in path else makeSplunkdUri() + path.lstrip("/")
    if getargs:
        url += ("&" if "?" in url else "?") + urllib.parse.urlencode(getargs, doseq=True)
    body = None
    if jsonargs is not None:
        body = jsonargs.encode()
    elif postargs:
        body = urllib.parse.urlencode(postargs, doseq=True).encode()
    if body is not None and method == "GET":
        method = "POST"
    request = urllib.request.Request(url, data=body, method=method)
    request.add_header(
        "Authorization", f"{'Bearer' if token else 'Splunk'} {sessionKey or splunk.getSessionKey()}"
    )
    if jsonargs is not None:
        request.add_header("Content-Type", "application/json")
    response, content = _send(request, timeout)
    if (
        not rawResult
        and not proxyMode
        and (response.status in _RAISED or (raiseAllErrors and response.status > 399))
    ):
        raise _RAISED.get(response.status, splunk.RESTException)(
            response.status, content.decode("utf-8", "replace")
        )
    return response, content


def _send(request: urllib.request.Request, timeout: float | None) -> tuple[Response, bytes]:
    # splunkd's default certificate is self-signed, and its own client does not verify it.
    context = ssl._create_unverified_context()
    try:
        with urllib.request.urlopen(request, timeout=timeout or 30, context=context) as reply:
            return Response(reply.status, reply.getheaders()), reply.read()
    except urllib.error.HTTPError as error:
        return Response(error.code, error.headers.items()), error.read()


def getWebCertFile() -> None:  # noqa: N802 - the real name
    """No client certificate is configured."""


def getWebKeyFile() -> None:  # noqa: N802 - the real name
    """No client key is configured."""


def is_cert_or_key_encrypted(path: str) -> bool:
    return False
