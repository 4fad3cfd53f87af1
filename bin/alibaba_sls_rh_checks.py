"""Which check stands behind which page: the one that the input itself runs, so that the text is the same.

An input's way to SLS is not tried here: the page's handler hands the stanza to splunkd, and splunkd has it
validated by the input's own script (--validate-arguments), which tries it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable

from sls_ingest import connection, settings
from sls_ingest.account_checks import check_params
from sls_ingest.logs import Redactor
from sls_ingest.reach import check_ca_file
from sls_ingest.splunkd import Splunkd
from sls_ingest.verdict import raise_first_failure


def _check_network(params: Mapping[str, str], _: str) -> None:
    """The time-outs, and what no input can look at before it needs it: whether the CA bundle is one."""
    check_ca_file(connection.parse_network(params))


# By what splunktaucclib calls the page: the input's scheme, the configuration tab, the settings stanza.
_CHECKS: Mapping[str, Callable[[Mapping[str, str], str], object]] = {
    "alibaba_sls": settings.parse_input,
    "account": connection.parse_account,
    "proxy": lambda params, _: connection.parse_proxy(params),
    "network": _check_network,
}
SECRETS = ("access_key_secret", "security_token", "proxy_password")
_MASKS = ("******", "********")  # what a page sends for a secret that was not touched


def check(page: str, stanza: str, params: Mapping[str, str]) -> None:
    """Raise ConfigError where the run would; a page without a check (logging) passes."""
    if page in _CHECKS:
        _CHECKS[page](params, stanza)


def check_credentials(
    name: str, params: Mapping[str, str], server_uri: str, session_key: str, redactor: Redactor
) -> None:
    """Get the credentials of a role, as its inputs would. What an AccessKey may do only a project can tell.

    Raises:
        RefusedError: there are none; the text says why.
    """
    if connection.parse_account(params, name).is_renewed:
        splunkd = Splunkd(server_uri, session_key, redactor)
        raise_first_failure(check_params(params, name, splunkd, redactor.protect))


def merged(
    fields: frozenset[str], stored: Mapping[str, object], payload: Mapping[str, str]
) -> dict[str, str]:
    """What the stanza will say after an edit: the stored settings under those that were sent.

    Only `fields` count: splunkd answers with keys of its own, and with numbers where it knows a type.
    A secret that comes masked was not touched.
    """
    kept = {name: str(value) for name, value in stored.items() if name in fields and value is not None}
    sent = {name: value for name, value in payload.items() if value not in _MASKS or name not in kept}
    return {**kept, **sent}
