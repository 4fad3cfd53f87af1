"""The check behind every Save button; splunktaucclib mixes this class into its handlers by these names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alibaba_sls_rh_checks import check, merged
from splunktaucclib.rest_handler.base_hook_mixin import BaseHookMixin
from splunktaucclib.rest_handler.error import RestError

from sls_ingest.errors import ConfigError


class CustomHookMixin(BaseHookMixin):  # type: ignore[misc]
    """Refuses a value that the input would refuse, with the same sentence."""

    handler: Any
    endpoint: Any

    def create_hook(
        self, session_key: str, config_name: str, stanza_id: str, payload: Mapping[str, str]
    ) -> None:
        _check_or_refuse(config_name, stanza_id, payload)

    def edit_hook(
        self, session_key: str, config_name: str, stanza_id: str, payload: Mapping[str, str]
    ) -> None:
        """An edit may send some settings only, and a secret that was not touched comes masked."""
        fields = frozenset(field.name for field in self.endpoint.model(stanza_id).fields)
        for entity in self.handler.get(stanza_id):
            _check_or_refuse(config_name, stanza_id, merged(fields, entity.content, payload))


def _check_or_refuse(page: str, stanza: str, params: Mapping[str, str]) -> None:
    try:
        check(page, stanza, params)
    except ConfigError as error:
        raise RestError(400, str(error)) from error
