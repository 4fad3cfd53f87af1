"""What a REST endpoint answers when it refuses. Texts are splunkd's own where somebody recorded them."""

from __future__ import annotations


class RestError(Exception):
    """Ends a request with an HTTP status and one message. ``kind`` is splunkd's message type."""

    def __init__(
        self,
        status: int,
        text: str,
        kind: str = "ERROR",
        headers: dict[str, str] | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.kind = kind
        self.headers = headers or {}
        self.code = code


def no_endpoint() -> RestError:
    """The path names no endpoint (observed)."""
    return RestError(404, "Not Found")


def no_object(name: str) -> RestError:
    """The endpoint has no such entity (observed)."""
    return RestError(404, f"Could not find object id={name}")


def exists(name: str) -> RestError:
    """An entity of this name is there already (observed: the text holds ``name=X already exists``)."""
    return RestError(409, f"An object with name={name} already exists")


def no_target(method: str) -> RestError:
    """A write to a collection without a name (observed)."""
    return RestError(400, f'Cannot perform action "{method}" without a target name to act on.')


def unsupported_argument(name: str) -> RestError:
    """Inferred from widely quoted texts."""
    return RestError(400, f'Argument "{name}" is not supported by this handler.')


def missing_arguments(names: list[str]) -> RestError:
    """Inferred from widely quoted texts."""
    return RestError(400, f"The following required arguments are missing: {', '.join(names)}.")


def not_removable(object_id: str, conf: str) -> RestError:
    """The stanza is part of a default layer (observed)."""
    return RestError(400, f"Object id={object_id} cannot be deleted in config={conf}.")


def forbidden(user: str, capability: str) -> RestError:
    """The role lacks a capability (observed)."""
    text = f"You (user={user}) do not have permission to perform this operation"
    return RestError(403, f"{text} (requires capability: {capability}).")


def not_authenticated() -> RestError:
    """Unknown or expired session key or token (observed)."""
    return RestError(401, "call not properly authenticated", kind="WARN")


def unauthorized() -> RestError:
    """No credentials, or a wrong Basic password (observed)."""
    return RestError(401, "Unauthorized", headers={"WWW-Authenticate": 'Basic realm="/splunk"'})
