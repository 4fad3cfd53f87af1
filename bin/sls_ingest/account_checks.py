"""What can be told of an account without a project: its settings, and whether it gets credentials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable, Protocol

from . import connection
from .access_key import AccessKey
from .checklist import LIMIT, Check, in_time
from .errors import ConfigError, DefiniteError, RetriableError
from .reach import UnreachableError, check_ca_file, impatient
from .temporary import CredentialSource
from .verdict import FAILED, OK, WARNING, Result, found

SETTINGS, CA_FILE, CREDENTIALS = "settings", "CA file", "credentials"


class Site(Protocol):
    """What the checks need of splunkd; each method raises ConfigError or RetriableError."""

    def account(self, name: str) -> connection.AccountSettings: ...

    def proxy(self) -> connection.ProxySettings | None: ...

    def network(self) -> connection.NetworkSettings: ...

    def has_index(self, name: str) -> bool | None: ...


def check_account(
    load: Callable[[], connection.AccountSettings],
    site: Site,
    protect: Callable[..., None],
    limit: float = LIMIT,
) -> list[Result]:
    """The checks of an account; SLS itself is not called.

    Args:
        load: reads the account; raises ConfigError, RetriableError.
        protect: is told secrets that must not get into a log.
        limit: seconds for all of them.
    """
    return in_time(AccountChecks(load, site, protect).all(), limit)


def check_params(
    params: Mapping[str, str], name: str, site: Site, protect: Callable[..., None]
) -> list[Result]:
    """The checks of an account that is about to be saved.

    Only a definite answer fails: the account may be meant for another machine, and STS may just be away.
    """
    checks = AccountChecks(lambda: connection.parse_account(params, name), site, protect, trouble=WARNING)
    return in_time(checks.all(), LIMIT)


class AccountChecks:
    """`load` reads the account, `site` gives the rest of the settings, `trouble` is the state of credentials
    that cannot be had for now.

    What has no value yet gets one in a check that the later ones need.
    """

    def __init__(
        self,
        load: Callable[[], connection.AccountSettings],
        site: Site,
        protect: Callable[..., None],
        trouble: str = FAILED,
    ) -> None:
        self._load, self._site, self._protect, self._trouble = load, site, protect, trouble
        self._account: connection.AccountSettings
        self._proxy: connection.ProxySettings | None = None
        self._network: connection.NetworkSettings
        self._key: AccessKey

    def all(self) -> list[Check]:
        return [
            Check(SETTINGS, (), self.settings),
            Check(CA_FILE, (SETTINGS,), self.ca_file),
            Check(CREDENTIALS, (SETTINGS, CA_FILE), self.credentials, self._trouble),
        ]

    def settings(self) -> Result:
        try:
            self._read()
        except (ConfigError, RetriableError) as error:
            return found(SETTINGS, FAILED, str(error))
        return Result(SETTINGS, OK, "all settings can be used")

    def _read(self) -> None:
        """Raises ConfigError, RetriableError."""
        self._account = self._load()
        self._proxy, self._network = self._site.proxy(), impatient(self._site.network())

    def ca_file(self) -> Result:
        return tried(CA_FILE, lambda: check_ca_file(self._network))

    def credentials(self) -> Result:
        source, name = CredentialSource(self._network, self._proxy, self._protect), self._account.name
        try:
            self._key = source.fetch(self._account)
        except RetriableError as error:
            state = FAILED if isinstance(error, DefiniteError) else self._trouble
            return found(CREDENTIALS, state, str(error), error.kind)
        if not self._account.is_renewed:
            return Result(CREDENTIALS, OK, f"account '{name}' has an AccessKey pair")
        return Result(CREDENTIALS, OK, f"account '{name}' gets credentials that last {self._key.life:.0f} s")


def tried(check: str, step: Callable[[], str]) -> Result:
    """OK with what `step` says, or FAILED with its UnreachableError or ConfigError."""
    try:
        return Result(check, OK, step())
    except (ConfigError, UnreachableError) as error:
        return found(check, FAILED, str(error))
