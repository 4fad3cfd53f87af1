"""Accounts as the SDK's credential providers, which are asked on every request.

- A role's credentials expire: they are renewed before half of their life is over, and again and again with
  back-off while that fails. What is in use stays in use, until SLS refuses it and beyond.
- When SLS refuses an account, and before each renewal, the account is read anew: someone may have entered
  another key, a fresh STS token or another role meanwhile.

Both happen on a thread of their own, so that no heartbeat and no fetch waits for splunkd or STS.
"""

from __future__ import annotations

import logging
import math
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable

from aliyun.log import LogException
from aliyun.log.credentials import Credentials, CredentialsProvider

from .access_key import AccessKey
from .connection import AccountSettings
from .errors import ConfigError, RetriableError
from .outage import INTERNAL, SETTINGS, Backoff, OutageLog

_RELOAD_INTERVAL = 5.0  # seconds between two looks at an account that SLS refuses
# Seconds until refused credentials of a role are fetched again before their time: a missing RAM permission
# looks like a refusal, and no number of fresh credentials heals it.
_REFETCH_INTERVAL = 60.0
_REFUSALS = ("unauthorized", "signature", "accesskey", "securitytoken")  # in error codes, lower case
_LONGEST_WAIT = 3600.0  # seconds; a lock cannot be waited for without end


def is_refusal(error: LogException) -> bool:
    """Whether SLS did not accept the key or the token; a missing RAM permission looks the same (401)."""
    code = str(error.get_error_code()).lower()
    return error.get_resp_status() == 401 or any(word in code for word in _REFUSALS)


class CurrentAccount(CredentialsProvider):  # type: ignore[misc]  # the SDK has no types
    """The account as it is now, and what it signs with.

    `fetch` gets an account's credentials (RetriableError), the first ones here and at once. `load` reads the
    account again (ConfigError, RetriableError). Both go on only inside `kept_fresh`.
    """

    def __init__(
        self,
        account: AccountSettings,
        logger: logging.Logger,
        load: Callable[[], AccountSettings],
        fetch: Callable[[AccountSettings], AccessKey],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = account
        self._logger, self._load, self._fetch, self._clock = logger, load, fetch, clock
        self._outages, self._backoff = OutageLog(logger, clock), Backoff(1.0, 60.0)
        self._wake, self._over, self._is_refused = threading.Event(), False, False
        self._looked = self._tried = clock()
        self.access_key = fetch(account)
        self._ends, self._due = self._tried + self.access_key.life, self._tried + self.access_key.renewal()

    def get_credentials(self) -> Credentials:
        key = self.access_key
        return Credentials(key.id, key.secret, key.security_token or None)

    def refused(self) -> None:
        """SLS refused the account: have it read anew, unless that was done just now; returns at once."""
        now = self._clock()
        if now - self._looked < _RELOAD_INTERVAL:
            return
        self._looked, self._is_refused = now, True
        self._wake.set()

    @contextmanager
    def kept_fresh(self) -> Iterator[None]:
        """Keep the account and its credentials up to date meanwhile."""
        threading.Thread(target=self._look_after, name="account", daemon=True).start()
        try:
            yield
        finally:
            self._over = True  # nobody waits for the thread: it may hang in the network
            self._wake.set()

    def _look_after(self) -> None:
        what, backoff = f"looking after account '{self.settings.name}'", Backoff(1.0, 60.0)
        while not self._over:
            try:
                self.look()
            except Exception as error:  # noqa: BLE001  # without this thread, credentials would expire for good
                self._due = max(self._due, self._clock() + backoff.delay())
                sentence = f"{what} failed ({_unforeseen(error)}); it is tried again"
                self._outages.failed(what, INTERNAL, sentence)
            else:
                backoff.reset()
                self._outages.recovered(what)
            self._wake.wait(min(max(self._due - self._clock(), 0.0), _LONGEST_WAIT))
            self._wake.clear()

    def look(self) -> None:
        """Do what is due now: read the account anew, renew its credentials."""
        refused, self._is_refused = self._is_refused, False
        if not refused and self._clock() < self._due:
            return
        changed = self._reload()
        is_stale = refused and self.settings.is_renewed and self._clock() - self._tried >= _REFETCH_INTERVAL
        if changed or is_stale or self._clock() >= self._due:
            self._renew()

    def _reload(self) -> bool:
        """Read the account anew; whether it was changed."""
        what = f"reading account '{self.settings.name}' anew"
        try:
            account = _foreseen(self._load)
        except (ConfigError, RetriableError) as error:
            sentence = f"account '{self.settings.name}' cannot be read anew: {error}"
            kind = error.kind if isinstance(error, RetriableError) else SETTINGS
            self._outages.failed(what, kind, sentence)
            return False
        self._outages.recovered(what)
        if account == self.settings:
            return False
        self.settings = account
        self._logger.info("account '%s' was changed; its new settings are used", account.name)
        return True

    def _renew(self) -> None:
        what = f"renewing the credentials of account '{self.settings.name}'"
        self._tried = self._clock()
        try:
            key = _foreseen(self._fetch, self.settings)
        except RetriableError as error:
            self._due = self._clock() + self._backoff.delay()
            self._outages.failed(what, error.kind, f"{error} ({self._rest()})")
            return
        self.access_key, self._ends = key, self._tried + key.life
        self._due = self._tried + key.renewal()
        self._backoff.reset()
        self._outages.recovered(what)
        self._logger.info("account '%s': fresh credentials, good for %.0f s", self.settings.name, key.life)

    def _rest(self) -> str:
        """What is left of the credentials in use, for people."""
        left = self._ends - self._clock()
        if left == math.inf:
            return "the key in use stays in use"
        return f"those in use last {left / 60:.0f} more minutes" if left > 0 else "those in use have expired"


def _foreseen(call: Callable[..., Any], *args: Any) -> Any:
    """What `call` returns. Whatever else it raises becomes a RetriableError: it may heal as well.

    Raises:
        ConfigError, RetriableError
    """
    try:
        return call(*args)
    except (ConfigError, RetriableError):
        raise
    except Exception as error:
        raise RetriableError(_unforeseen(error), INTERNAL) from error


def _unforeseen(error: Exception) -> str:
    """An error that nobody thought of, by its class and place: its text may hold anything."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"unexpected {type(error).__name__} in {Path(frame.filename).name}:{frame.lineno}"
