"""What the Inputs page offers: projects, logstores and consumer groups, as SLS has them now."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any, Callable, Final, NamedTuple

from aliyun.log import LogException

from . import settings
from .connection import NetworkSettings
from .credentials import CurrentAccount
from .errors import ConfigError, RetriableError
from .explain import explain, explain_network
from .logs import Redactor
from .reach import impatient
from .splunkd import Splunkd
from .temporary import CredentialSource
from .transport import ODD_ANSWERS, Access, SlsLogClient

ASKED_WITH: Final = ("account", "endpoint", "project", "logstore")
"""Settings of an input, in their order: those that are given say what is listed."""
NOTHING: Final = "-"
"""The value of a choice that only says why there are no others; no name is like it."""
_CONNECT_SECONDS, _READ_SECONDS = 5.0, 10.0  # at most: someone waits in front of the page
_PAGE, _MOST = 500, 5000  # names in one call, and in all
_LISTING_SECONDS = 20.0  # after which no further page is asked for
_SLS, _ACCELERATED = ".log.aliyuncs.com", "log-global.aliyuncs.com"
# What parse_input needs and the lists of projects and logstores do not.
_NOT_CHOSEN_YET: Final = {"project": "any", "logstore": "any"}


class Choice(NamedTuple):
    """What the setting becomes, and what the drop-down shows."""

    value: str
    label: str


def offered(given: Mapping[str, str], server_uri: str, session_key: str) -> list[Choice]:
    """The choices that `given` leads to, under the keys ASKED_WITH.

    An account and an endpoint lead to projects, with a project to its logstores, with a logstore to its
    consumer groups. Where they cannot be listed, the one choice is NOTHING, and its label says why.
    """
    redactor = Redactor()
    try:
        names = _listed(given, Splunkd(server_uri, session_key, redactor), redactor.protect)
    except (ConfigError, RetriableError) as error:
        told = redactor.blank(f"Not listed: {error}".rstrip("."))
        return [Choice(NOTHING, f"{told}; a name can be typed.")]
    return [Choice(name, name) for name in names]


def _listed(given: Mapping[str, str], splunkd: Splunkd, protect: Callable[..., None]) -> list[str]:
    if not splunkd.may_configure():
        raise RetriableError("your Splunk role may neither set up inputs nor read the secrets of accounts")
    chosen = {name: value for name, value in given.items() if value}
    wanted = settings.parse_input({**_NOT_CHOSEN_YET, **chosen}, "choices")
    if "." not in wanted.endpoint.host:  # someone is typing it: the page asks at every key
        raise ConfigError("endpoint", wanted.endpoint.host, "give the whole host name")
    account, proxy = splunkd.account(wanted.account), splunkd.proxy()
    network = impatient(splunkd.network(), _CONNECT_SECONDS, _READ_SECONDS)
    settings.check_transport(wanted, account)
    _check_host(wanted.endpoint, network)
    source = CredentialSource(network, proxy, protect)
    current = CurrentAccount(account, logging.getLogger(__name__), lambda: account, source.fetch)
    access = Access(wanted, current, proxy, network)
    try:
        return sorted(_names(SlsLogClient(access, network.read_timeout), wanted, chosen))
    except LogException as error:
        raise RetriableError(_explained(error, access, chosen)) from error
    except ODD_ANSWERS as error:
        raise RetriableError(f"SLS gives an answer that makes no sense ({type(error).__name__})") from error


def _check_host(endpoint: settings.Endpoint, network: NetworkSettings) -> None:
    """Before anything is signed: the host may be half-typed, or somebody's who collects signatures.

    Raises:
        RetriableError: it is not SLS's, and need not prove itself to certificates that were configured.
    """
    is_sls = endpoint.host.endswith(_SLS) or endpoint.host == _ACCELERATED
    if not is_sls and (endpoint.scheme != "https" or not network.ca_bundle):
        raise RetriableError(
            f"'{endpoint.host}' is not a host under log.aliyuncs.com, and others are asked only over https "
            "and with ca_bundle set on the Network tab"
        )


def _names(client: SlsLogClient, wanted: settings.InputSettings, chosen: Mapping[str, str]) -> list[str]:
    """Raises LogException, or one of ODD_ANSWERS."""
    if "logstore" in chosen:
        groups = client.list_consumer_group(wanted.project, wanted.logstore).get_consumer_groups()
        return [str(group.get_consumer_group_name()) for group in groups]
    if "project" in chosen:
        return _paged(lambda offset: client.list_logstore(wanted.project, None, offset, _PAGE), _logstores)
    return _paged(lambda offset: client.list_project(offset, _PAGE), _projects)


def _projects(answer: Any) -> list[str]:
    return [str(project["projectName"]) for project in answer.get_projects()]


def _logstores(answer: Any) -> list[str]:
    return [str(name) for name in answer.get_logstores()]


def _paged(call: Callable[[int], Any], read: Callable[[Any], list[str]]) -> list[str]:
    """The names of all pages; `call` takes the number of those that were listed before."""
    names: list[str] = []
    until = time.monotonic() + _LISTING_SECONDS
    while len(names) < _MOST and time.monotonic() < until:
        answer = call(len(names))
        page = read(answer)
        names += page
        if not page or len(names) >= int(answer.get_total()):
            break
    return names


def _explained(error: LogException, access: Access, chosen: Mapping[str, str]) -> str:
    code, message = error.get_error_code(), str(error.get_error_message())
    if code == "LogRequestError" and "project" not in chosen:  # asked from the endpoint itself
        return explain_network(message, access.settings.endpoint.host)
    return explain(code, message, access.target)
