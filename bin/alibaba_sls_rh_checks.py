"""Which check stands behind which page: the one that the input itself runs, so that the text is the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable

from sls_ingest import connection, settings

# By what splunktaucclib calls the page: the input's scheme, the configuration tab, the settings stanza.
_CHECKS: Mapping[str, Callable[[Mapping[str, str], str], object]] = {
    "alibaba_sls": settings.parse_input,
    "account": connection.parse_account,
    "proxy": lambda params, _: connection.parse_proxy(params),
    "network": lambda params, _: connection.parse_network(params),
}


def check(page: str, stanza: str, params: Mapping[str, str]) -> None:
    """Raise ConfigError where the run would; a page without a check (logging) passes."""
    if page in _CHECKS:
        _CHECKS[page](params, stanza)


def merged(
    fields: frozenset[str], stored: Mapping[str, object], payload: Mapping[str, str]
) -> dict[str, str]:
    """What the stanza will say after an edit: the stored settings under those that were sent.

    Only `fields` count: splunkd answers with keys of its own, and with numbers where it knows a type.
    """
    kept = {name: str(value) for name, value in stored.items() if name in fields and value is not None}
    return {**kept, **payload}
