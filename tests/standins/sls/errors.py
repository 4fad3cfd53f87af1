"""The service's errors: HTTP status, errorCode and message text.

Codes and statuses are documented unless a knob covers them; message texts vary between pages.
"""

from __future__ import annotations

from typing import Any


class SlsError(Exception):
    """One error answer of the service."""

    def __init__(self, status: int, code: str, message: str, detail: dict[str, Any] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail

    def body(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        answer: dict[str, Any] = {"errorCode": self.code, "errorMessage": self.message}
        if self.detail is not None:
            answer["accessDeniedDetail"] = self.detail
        return answer


DEFAULTS: dict[str, tuple[int, str]] = {
    "InternalServerError": (500, "Internal server error message."),
    "RequestTimeout": (500, "The request is timeout. Please try again later."),
    "ServerBusy": (503, "The server is busy, please try again later."),
    "ReadQuotaExceed": (403, "Read quota is exceeded."),
    "WriteQuotaExceed": (403, "Write quota is exceeded."),
    "ShardReadQuotaExceed": (403, "shard read qps exceed quota limits"),
    "ShardWriteQuotaExceed": (403, "shard write qps exceed quota limits"),
    "MetaOperationQpsLimitExceeded": (403, "Qps limit for the meta operation is exceeded."),
    "ProjectForbidden": (403, "The project has been forbidden by admin."),
    "Unauthorized": (401, "The security token you provided has expired."),
    "SignatureNotMatch": (401, "Signature not matched."),
    "InvalidCursor": (400, "invalid cursor"),
    "ParameterInvalid": (400, "parameter is invalid"),
    "NotExistConsumerWithBody": (400, "non-exist consumer with non-empty body of heartbeat message"),
    "ConsumerNotMatch": (400, "consumer not match"),
    "ConsumerGroupNotExist": (404, "consumer group not exist"),
    "ConsumerNotExist": (404, "consumer not exist"),
    "ShardNotExist": (404, "shard not exist"),
    "ProjectNotExist": (404, "The Project does not exist"),
    "LogStoreNotExist": (404, "logstore does not exist"),
}
"""Status and text a fault rule uses when it names only the code."""


def bad(code: str, message: str) -> SlsError:
    """A 400 answer."""
    return SlsError(400, code, message)


def invalid(message: str) -> SlsError:
    """400 ParameterInvalid."""
    return SlsError(400, "ParameterInvalid", message)


def unauthorized(message: str, code: str = "Unauthorized") -> SlsError:
    """A 401 answer."""
    return SlsError(401, code, message)


def missing(code: str, message: str) -> SlsError:
    """A 404 answer."""
    return SlsError(404, code, message)


def quota(code: str, message: str = "") -> SlsError:
    """A 403 answer for a spent quota."""
    return SlsError(403, code, message or DEFAULTS[code][1])


def no_project(project: str) -> SlsError:
    """404 ProjectNotExist."""
    return missing("ProjectNotExist", f"The Project does not exist : {project}")


def no_logstore(logstore: str) -> SlsError:
    """404 LogStoreNotExist."""
    return missing("LogStoreNotExist", f"logstore {logstore} does not exist")


def no_group() -> SlsError:
    """404 ConsumerGroupNotExist."""
    return missing("ConsumerGroupNotExist", "consumer group not exist")


def no_shard(shard: object, status: int) -> SlsError:
    """ShardNotExist with the status of the calling API."""
    return SlsError(status, "ShardNotExist", f"Shard {shard} does not exist")
