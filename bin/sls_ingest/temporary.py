"""Fetches what an account signs with: its own AccessKey pair, or the temporary credentials of a role.

STS is asked through the add-on's proxy and against its CA bundle. Every secret is made known to the log's
redactor before anyone can log it.
"""

from __future__ import annotations

import secrets
import time
from typing import Callable

from .access_key import AccessKey
from .answer import Answer
from .connection import AccountSettings, AssumedRole, NetworkSettings, ProxySettings
from .errors import RetriableError
from .explain import explain_network
from .instance_role import of_instance
from .session import NETWORK_TROUBLE, ask, open_session
from .sts import assume_role_form, read_answer


class CredentialSource:
    """Gives accounts their credentials. `protect` keeps secrets out of the log from then on."""

    def __init__(
        self, network: NetworkSettings, proxy: ProxySettings | None, protect: Callable[..., None]
    ) -> None:
        self._network, self._proxy, self._protect = network, proxy, protect

    def fetch(self, account: AccountSettings) -> AccessKey:
        """What the account signs with now.

        Raises:
            RetriableError: its role gets no credentials; the text says which account, why, and what to do.
        """
        if account.source == "access_key":
            key = AccessKey(account.access_key_id, (account.access_key_secret, account.security_token))
        else:
            key = self._known(of_instance(account, self._network))
        return self._known(self._assumed(account, account.role, key)) if account.role else key

    def _known(self, key: AccessKey) -> AccessKey:
        self._protect(key.secret, key.security_token)
        return key

    def _assumed(self, account: AccountSettings, role: AssumedRole, key: AccessKey) -> AccessKey:
        form = assume_role_form(role, key, secrets.token_hex(16), time.time())
        try:
            answer = self._post(role.sts_url, form)
        except NETWORK_TROUBLE as error:
            told = explain_network(str(error), role.sts_url.partition("://")[2])
            # Whatever the network does, STS is away: one trouble, to be said once.
            raise RetriableError(
                f"account '{account.name}': no answer from STS: {told}", "STS: away"
            ) from error
        return read_answer(answer, account, role, key, time.time())

    def _post(self, url: str, form: dict[str, str]) -> Answer:
        timeout = self._network.connect_timeout, self._network.read_timeout
        with open_session(url, self._proxy, self._network) as session:
            return ask(session, "POST", f"{url}/", timeout, form=form)
