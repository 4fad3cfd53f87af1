"""REST handler of the inputs: what splunktaucclib does, with one value made readable."""

from __future__ import annotations

from typing import Any

import import_declare_test  # noqa: F401  sets sys.path
from splunktaucclib.rest_handler.admin_external import AdminExternalHandler
from splunktaucclib.rest_handler.endpoint.converter import Converter

from sls_ingest.settings import DEFAULT_HOST


class UnsetHost(Converter):  # type: ignore[misc]
    """Splunk fills an unset host with a placeholder, which the form would show as if someone chose it."""

    def encode(self, value: str, request: object) -> str:
        return value

    def decode(self, value: str, response: object) -> str:
        return "" if value == DEFAULT_HOST else value


class InputHandler(AdminExternalHandler):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.endpoint.model(None).fields:
            if field.name == "host":
                field.converter = UnsetHost()
