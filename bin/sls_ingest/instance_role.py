"""The credentials of the RAM role of the ECS instance we run on, from its metadata service.

The service has one fixed address, is never asked through a proxy, and answers at once or not at all.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

import requests

from .access_key import AccessKey, UnusableError, read_access_key
from .answer import Answer
from .connection import AccountSettings, NetworkSettings
from .errors import DefiniteError, RetriableError
from .session import NETWORK_TROUBLE, ask, bare_session

_SERVICE = "http://100.100.100.200/latest"
_ROLES = f"{_SERVICE}/meta-data/ram/security-credentials/"
_TIMEOUT = 3.0  # seconds; it is no further away than the machine under the instance
_TOKEN_SECONDS = "60"  # life of the metadata token, which serves one look
_MOST_LIFE = 12 * 3600.0  # seconds; the credentials last about six hours
_ROLE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")


def of_instance(account: AccountSettings, network: NetworkSettings) -> AccessKey:
    """The credentials of the account's role_name, or of the one role that the instance has.

    Raises:
        DefiniteError: the instance has no such role; the text says which account, and what to do.
        RetriableError: there are none for now, or this is no instance; the text says the same.
    """
    timeout = min(_TIMEOUT, network.connect_timeout), min(_TIMEOUT, network.read_timeout)
    try:
        with bare_session() as session:
            look = _Look(account.name, session, timeout)
            return look.access_key(account.role_name or look.role_name())
    except NETWORK_TROUBLE as error:
        raise _failed(
            account.name,
            "away",
            f"the metadata service of an ECS instance is not there at {_SERVICE} ({type(error).__name__}); "
            "run the forwarder on an ECS instance, or let the account sign in otherwise",
        ) from error


class _Look:
    """One look at the metadata service; raises RetriableError, or one of NETWORK_TROUBLE."""

    def __init__(self, account: str, session: requests.Session, timeout: tuple[float, float]) -> None:
        self._account, self._session, self._timeout = account, session, timeout
        self._headers = self._token()

    def _token(self) -> Mapping[str, str]:
        """The header of the token mode; none where the service refuses a token, and may do without."""
        wanted = {"X-aliyun-ecs-metadata-token-ttl-seconds": _TOKEN_SECONDS}
        answer = ask(self._session, "PUT", f"{_SERVICE}/api/token", self._timeout, wanted)
        good = answer.status == 200 and _TOKEN.fullmatch(answer.text)
        return {"X-aliyun-ecs-metadata-token": answer.text} if good else {}

    def role_name(self) -> str:
        """The role that is attached to the instance."""
        answer = self._get(
            _ROLES, "no RAM role is attached to this ECS instance; attach one in the ECS console"
        )
        name = answer.text.partition("\n")[0].strip()
        if not _ROLE_NAME.fullmatch(name):
            sentence = "the ECS metadata service names no RAM role; give role_name"
            raise _failed(self._account, "no role", sentence)
        return name

    def access_key(self, role: str) -> AccessKey:
        """The credentials of `role`."""
        missing = (
            f"RAM role '{role}' is not attached to this ECS instance; "
            "give role_name the name of the one that is, or leave it empty"
        )
        answer = self._get(f"{_ROLES}{role}", missing)
        try:
            return read_access_key(answer.json, answer.date, time.time(), _MOST_LIFE)
        except UnusableError as error:
            raise _failed(
                self._account,
                "unusable",
                f"what the ECS metadata service gives for RAM role '{role}' cannot be used ({error}); "
                "look at the role in the ECS and RAM consoles",
            ) from error

    def _get(self, url: str, missing: str) -> Answer:
        answer = ask(self._session, "GET", url, self._timeout, self._headers)
        if answer.status == 404:
            raise DefiniteError(f"account '{self._account}': {missing}", "ECS: no role")
        if answer.status != 200:
            status = f"HTTP {answer.status}"
            refused = f"the ECS metadata service answers {status}"
            sentence = f"{refused}; allow access to instance metadata in the ECS console"
            raise _failed(self._account, status, sentence)
        return answer


def _failed(account: str, kind: str, sentence: str) -> RetriableError:
    return RetriableError(f"account '{account}': {sentence}", f"ECS: {kind}")
