"""One authenticated call on its way to the code that serves it, and helpers the API families share."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .clock import Clock
from .errors import SlsError, bad, invalid
from .knobs import Knobs
from .message import Request, Response
from .model import Logstore, Project, Store
from .quota import Quotas
from .ram import AccessKey


@dataclass
class Call:
    """What a handler gets: the request, its path parameters, and the service's state."""

    request: Request
    store: Store
    quotas: Quotas
    region: str
    params: dict[str, str] = field(default_factory=dict)
    key: AccessKey | None = None
    found_project: Project | None = None

    @property
    def knobs(self) -> Knobs:
        """The service's switches."""
        return self.store.knobs

    @property
    def clock(self) -> Clock:
        """The service's clock."""
        return self.store.clock

    @property
    def project(self) -> Project:
        """The project the host named."""
        if self.found_project is None:
            raise SlsError(400, "InvalidHost", "no project in the host")
        return self.found_project

    def logstore(self) -> Logstore:
        """The logstore the path names, ready for use; raises LogStoreNotExist."""
        return self.project.ready_logstore(self.params["logstore"])

    def query(self, name: str, default: str = "") -> str:
        """A query parameter."""
        return self.request.query.get(name, default)

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """An integer query parameter inside [low, high]; empty means default; raises ParameterInvalid."""
        return integer(name, self.query(name), default, low, high)

    def json(self, code: str = "PostBodyInvalid") -> Any:
        """The request's JSON body; raises `code`."""
        try:
            return json.loads(self.request.body.decode("utf-8"))
        except (ValueError, UnicodeDecodeError):
            raise bad(code, "the body is not valid JSON") from None

    def json_object(self, code: str = "PostBodyInvalid") -> dict[str, Any]:
        """The request's body as a JSON object; raises `code`."""
        value = self.json(code)
        if not isinstance(value, dict):
            raise bad(code, "the body is not a JSON object")
        return value


Handler = Callable[[Call], Response]


def integer(name: str, text: Any, default: int, low: int, high: int) -> int:
    """`text` as an integer inside [low, high]; raises ParameterInvalid."""
    if text in ("", None):
        return default
    try:
        value = int(str(text))
    except ValueError:
        raise invalid(f"The parameter {name} must be an integer") from None
    if not low <= value <= high:
        raise invalid(f"The parameter {name} must be in [{low}, {high}]")
    return value


def page(call: Call, names: list[str], most: int = 500) -> tuple[list[str], int]:
    """The slice of `names` that offset and size ask for, and the total."""
    offset = call.integer("offset", 0, 0, 1 << 31)
    size = call.integer("size", 100, 0, 1 << 31)
    return names[offset : offset + min(size, most)], len(names)
