"""All that is needed to reach the SLS of one input, from what splunkd keeps."""

from __future__ import annotations

import logging
from dataclasses import replace

from .connection import AccountSettings
from .credentials import CurrentAccount
from .logs import Redactor
from .settings import InputSettings, check_transport
from .splunkd import Splunkd
from .temporary import CredentialSource
from .transport import Access


def open_access(
    wanted: InputSettings, splunkd: Splunkd, redactor: Redactor, logger: logging.Logger
) -> tuple[Access, str]:
    """The access, and the GUID of this forwarder.

    Raises:
        RetriableError: splunkd, or whoever gives the account its credentials, does not answer.
        ConfigError: a setting is wrong.
    """

    def load() -> AccountSettings:
        account = splunkd.account(wanted.account)
        check_transport(wanted, account)
        return account

    first, proxy, network = load(), splunkd.proxy(), splunkd.network()
    guid, names = splunkd.identity()
    if wanted.host in names:  # splunkd's default for every input; nobody chose it
        wanted = replace(wanted, host="")
    source = CredentialSource(network, proxy, redactor.protect_passing)
    return Access(wanted, CurrentAccount(first, logger, load, source.fetch), proxy, network), guid
