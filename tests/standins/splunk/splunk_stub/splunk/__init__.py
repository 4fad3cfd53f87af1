"""Stands in for the Python package that ships inside Splunk, as far as add-on REST handlers use it."""

from __future__ import annotations


class RESTException(Exception):  # noqa: N818 - the real name
    """An HTTP status from splunkd, with its message."""

    def __init__(self, statusCode: int, msg: object = None, messages: object = None) -> None:  # noqa: N803
        super().__init__(msg)
        self.statusCode = statusCode
        self.msg = msg
        self.extendedMessages = messages

    def __str__(self) -> str:
        return f"[HTTP {self.statusCode}] {self.msg}"


class ResourceNotFound(RESTException):
    pass


class AuthenticationFailed(RESTException):
    pass


class AuthorizationFailed(RESTException):
    pass


class LicenseRestriction(RESTException):
    pass


def getSessionKey() -> str | None:  # noqa: N802 - the real name
    """The key that the current request came with."""
    from ._standin import call

    return call().get("session_key")
