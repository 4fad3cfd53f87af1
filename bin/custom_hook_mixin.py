"""The check behind every Save button; splunktaucclib mixes this class into its handlers by these names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from alibaba_sls_rh_checks import SECRETS, check, check_credentials, merged
from splunktaucclib.rest_handler.base_hook_mixin import BaseHookMixin
from splunktaucclib.rest_handler.error import RestError

from sls_ingest.errors import ConfigError, RetriableError
from sls_ingest.logs import Redactor
from sls_ingest.splunkd import Splunkd
from sls_ingest.verdict import RefusedError


class CustomHookMixin(BaseHookMixin):  # type: ignore[misc]
    """Refuses a value that the input would refuse, with the same sentence."""

    handler: Any
    endpoint: Any

    def create_hook(
        self, session_key: str, config_name: str, stanza_id: str, payload: Mapping[str, str]
    ) -> None:
        _check_or_refuse(config_name, stanza_id, payload, session_key)

    def edit_hook(
        self, session_key: str, config_name: str, stanza_id: str, payload: Mapping[str, str]
    ) -> None:
        """An edit may send some settings only, and a secret that was not touched comes masked."""
        fields = frozenset(field.name for field in self.endpoint.model(stanza_id).fields)
        for entity in self.handler.get(stanza_id, decrypt=True):
            _check_or_refuse(config_name, stanza_id, merged(fields, entity.content, payload), session_key)

    def delete_hook(self, session_key: str, config_name: str, stanza_id: str) -> None:
        """An account that inputs sign in with stays: without it they would stop at their next start."""
        if config_name == "account":
            # splunktaucclib has set the variable where splunkd did not.
            redactor = Redactor()
            splunkd = Splunkd(os.environ["SPLUNKD_URI"], session_key, redactor)
            _refuse_if_used(stanza_id, splunkd, redactor)


def _refuse_if_used(account: str, splunkd: Splunkd, redactor: Redactor) -> None:
    try:
        inputs = splunkd.inputs_of(account)
    except RetriableError as error:
        raise RestError(503, redactor.blank(str(error))) from None
    if inputs:
        names = ", ".join(f"'{name}'" for name in inputs)
        raise RestError(
            409, f"account '{account}' is used by input {names}; give it another account, or delete it, first"
        )


def _check_or_refuse(page: str, stanza: str, params: Mapping[str, str], session_key: str) -> None:
    redactor = Redactor()
    redactor.protect(*(params.get(name) or "" for name in SECRETS))
    try:
        check(page, stanza, params)
        if page == "account":
            check_credentials(stanza, params, os.environ["SPLUNKD_URI"], session_key, redactor)
    except (ConfigError, RefusedError) as error:
        raise RestError(400, redactor.blank(str(error))) from None  # a traceback would show it as it was
