"""Accounts as the SDK's credential providers, which are asked on every request.

When SLS refuses an account's key, the account is read anew: someone may have entered another key or a fresh
STS token meanwhile. That happens on a thread of its own, so that no heartbeat waits for splunkd.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Callable

from aliyun.log import LogException
from aliyun.log.credentials import Credentials, CredentialsProvider

from .connection import AccountSettings
from .errors import ConfigError, RetriableError

_RELOAD_INTERVAL = 5.0  # seconds between two looks at an account that SLS refuses
_REFUSALS = ("unauthorized", "signature", "accesskey", "securitytoken")  # in error codes, lower case


def is_refusal(error: LogException) -> bool:
    """Whether SLS did not accept the key or the token; a missing RAM permission looks the same (401)."""
    code = str(error.get_error_code()).lower()
    return error.get_resp_status() == 401 or any(word in code for word in _REFUSALS)


class CurrentAccount(CredentialsProvider):  # type: ignore[misc]  # the SDK has no types
    """The account as it is now. `load` reads it again (ConfigError, RetriableError); None = never."""

    def __init__(
        self,
        account: AccountSettings,
        logger: logging.Logger,
        load: Callable[[], AccountSettings] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = account
        self._logger, self._load, self._clock = logger, load, clock
        self._lock = threading.Lock()
        self._looked = clock()

    def get_credentials(self) -> Credentials:
        account = self.settings
        return Credentials(account.access_key_id, account.access_key_secret, account.security_token or None)

    def refused(self) -> None:
        """SLS refused the account: have it read anew, unless that was done just now; returns at once."""
        load = self._load
        if load is None:
            return
        with self._lock:
            if self._clock() - self._looked < _RELOAD_INTERVAL:
                return
            self._looked = self._clock()
        threading.Thread(target=self._reload, args=(load,), name="account", daemon=True).start()

    def _reload(self, load: Callable[[], AccountSettings]) -> None:
        try:
            account = load()
        except (ConfigError, RetriableError) as error:
            self._logger.warning("account '%s' cannot be read anew: %s", self.settings.name, error)
            return
        if account != self.settings:
            self.settings = account
            self._logger.info("account '%s' was changed; its new key is used", account.name)
