"""What splunkd keeps for us: accounts and their secrets, proxy, network, log level, its own identity."""

from __future__ import annotations

import json
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import ParseError

from requests.exceptions import RequestException
from solnlib.conf_manager import ConfManager
from solnlib.credentials import CredentialNotExistException
from solnlib.soln_exceptions import ConfManagerException, ConfStanzaNotExistException
from solnlib.splunk_rest_client import SplunkRestClient
from splunklib import binding
from splunklib.binding import AuthenticationError, HTTPError, UrlEncoded

from . import connection
from .errors import ConfigError, RetriableError
from .logs import Redactor
from .outage import SPLUNKD
from .scheme import NAME
from .timespec import parse_fixed
from .values import is_true

APP = "TA_alibaba_sls"
ACCOUNT_CONF = "ta_alibaba_sls_account"
SETTINGS_CONF = "ta_alibaba_sls_settings"
EXPIRED = "session key expired"
"""Kind of the error that a new start of the process heals: it gets a new session key."""

# The last two: an answer that is neither XML nor JSON, such as the page of something else on the port.
_FAILURES = (
    HTTPError,
    AuthenticationError,
    RequestException,
    OSError,
    CredentialNotExistException,
    ParseError,
    json.JSONDecodeError,
)

_CONFIGURE = frozenset(("admin_all_objects", f"edit_modinput_{NAME}", "list_storage_passwords"))
"""Capabilities of Splunk; one of them is enough to have an account sign in any case."""


class Identity(NamedTuple):
    """This Splunk instance: its GUID, and the names that it goes by as a host."""

    guid: str
    names: frozenset[str]


def sign_in(server_uri: str, username: str, password: str) -> str:
    """A session key for a person. As everywhere in the add-on, splunkd's own certificate is not verified.

    Raises:
        RetriableError: splunkd does not answer, or does not let them in.
    """
    try:
        where = _where(server_uri)
        token = binding.connect(**where, username=username, password=password, verify=False).token
    except AuthenticationError as error:
        raise RetriableError(f"splunkd does not accept the password of '{username}'", SPLUNKD) from error
    except _FAILURES as error:
        raise RetriableError(f"no answer from splunkd at {server_uri} ({error})", SPLUNKD) from error
    return str(token).replace("Splunk ", "", 1)


class Splunkd:
    """splunkd's REST, with the session key it gave to this process.

    Every method raises RetriableError when splunkd does not answer, ConfigError when a setting is wrong.
    """

    def __init__(self, server_uri: str, session_key: str, redactor: Redactor) -> None:
        self._where = _where(server_uri)
        self._session_key, self._redactor = session_key, redactor
        redactor.protect(session_key)

    def account(self, name: str) -> connection.AccountSettings:
        """The account called `name`, with its secrets in clear."""
        params = self._stanza(ACCOUNT_CONF, name)
        if params is None:
            raise ConfigError("account", name, "give the name of an account of the Configuration page")
        self._redactor.protect(params.get("access_key_secret", ""), params.get("security_token", ""))
        return connection.parse_account(params, name)

    def proxy(self) -> connection.ProxySettings | None:
        params = self._stanza(SETTINGS_CONF, "proxy") or {}
        self._redactor.protect(params.get("proxy_password", ""))
        return connection.parse_proxy(params)

    def network(self) -> connection.NetworkSettings:
        return connection.parse_network(self._stanza(SETTINGS_CONF, "network") or {})

    def log_level(self) -> str:
        return (self._stanza(SETTINGS_CONF, "logging") or {}).get("loglevel") or "INFO"

    def identity(self) -> Identity:
        try:
            info = SplunkRestClient(self._session_key, APP, **self._where).info
        except _FAILURES as error:
            raise _unreachable(error) from error
        names = (info.get("serverName"), info.get("host"), info.get("host_resolved"))
        return Identity(
            str(info.get("guid") or info.get("serverName")), frozenset(str(name) for name in names if name)
        )

    def input(self, stanza: str) -> dict[str, str]:
        """The settings of an input as inputs.conf has them, defaults included."""
        params = self._stanza("inputs", f"{NAME}://{stanza}")
        if params is None:
            raise ConfigError("stanza", stanza, "give the name of an input of the Inputs page")
        return params

    def has_index(self, name: str) -> bool | None:
        """Whether there is an enabled index of that name here; None where splunkd does not say."""
        try:
            (entry,) = self._entries(f"data/indexes/{name}")
        except HTTPError as error:
            return False if error.status == 404 else None
        except _FAILURES as error:
            raise _unreachable(error) from error
        return not entry["content"].get("disabled")

    def may_configure(self) -> bool:
        """Whether whoever has the session key may set inputs up, or read what accounts sign with."""
        return not _CONFIGURE.isdisjoint(self._context().get("capabilities") or ())

    def user(self) -> str:
        """Who has the session key."""
        return str(self._context().get("username"))

    def _context(self) -> dict[str, Any]:
        try:
            (entry,) = self._entries("/services/authentication/current-context")
        except _FAILURES as error:
            raise _unreachable(error) from error
        return dict(entry["content"])

    def disable_input(self, stanza: str, end: int | None) -> bool:
        """Disable an input for good, in whatever app it is; one that is gone already needs nothing.

        One whose cursor_end_time is not `end` (epoch seconds) any more is not touched.

        Returns:
            Whether none was left as it is.

        Raises:
            RetriableError: splunkd did not do it; of kind EXPIRED where it does not know the session key.
        """
        try:
            named = [entry for entry in self._inputs() if entry["name"] == stanza]
            read = [entry for entry in named if _ends_at(entry["content"], end)]
            for entry in read:
                self._disable(entry)
        except AuthenticationError as error:
            raise RetriableError(
                "splunkd does not know this process's session key any more", EXPIRED
            ) from error
        except (*_FAILURES, LookupError, TypeError, ValueError) as error:  # the last: no answer of splunkd's
            raise RetriableError(f"splunkd refuses it ({type(error).__name__}: {error})", SPLUNKD) from error
        return len(read) == len(named)

    def _disable(self, entry: dict[str, Any]) -> None:
        # Quoted twice: splunkd takes a slash apart, unless it is one of the name's (observed).
        name = quote(str(entry["name"]).replace("/", "%2F"), safe="")
        path = UrlEncoded(
            f"/servicesNS/nobody/{entry['acl']['app']}/data/inputs/{NAME}/{name}/disable", skip_encode=True
        )
        client = SplunkRestClient(self._session_key, APP, **self._where)
        (after,) = json.loads(client.post(path, output_mode="json").body.read())["entry"]
        if not is_true(str(after["content"].get("disabled"))):
            raise RetriableError("splunkd shows it as enabled all the same", SPLUNKD)

    def active_inputs(self) -> dict[str, dict[str, str]]:
        """The settings of all inputs that are not disabled, of whatever app, by name."""
        try:
            entries = self._inputs()
        except _FAILURES as error:
            raise _unreachable(error) from error
        active = [entry for entry in entries if not is_true(str(entry["content"].get("disabled")))]
        return {
            str(entry["name"]): {
                key: str(value) for key, value in entry["content"].items() if isinstance(value, str)
            }
            for entry in active
        }

    def inputs_of(self, account: str) -> list[str]:
        """Names of the inputs, enabled or not and in whatever app, that sign in with `account`."""
        try:
            entries = self._inputs()
        except _FAILURES as error:
            raise _unreachable(error) from error
        return sorted(str(entry["name"]) for entry in entries if entry["content"].get("account") == account)

    def _inputs(self) -> Any:
        return self._entries(f"data/inputs/{NAME}", owner="nobody", app="-", count=0)

    def _entries(self, path: str, **query: Any) -> Any:
        """The entries of a REST answer; raises one of _FAILURES."""
        client = SplunkRestClient(self._session_key, APP, **self._where)
        return json.loads(client.get(path, output_mode="json", **query).body.read())["entry"]

    def _stanza(self, conf: str, name: str) -> dict[str, str] | None:
        realm = f"__REST_CREDENTIAL__#{APP}#configs/conf-{conf}"
        try:
            stanza = ConfManager(self._session_key, APP, realm=realm, **self._where).get_conf(conf).get(name)
        except (ConfManagerException, ConfStanzaNotExistException):
            return None
        except _FAILURES as error:
            raise _unreachable(error) from error
        return {key: str(value) for key, value in stanza.items() if isinstance(value, str)}


def _where(server_uri: str) -> dict[str, Any]:
    uri = urlsplit(server_uri)
    return {"scheme": uri.scheme, "host": uri.hostname, "port": uri.port}


def _ends_at(params: dict[str, Any], end: int | None) -> bool:
    try:
        return parse_fixed(str(params.get("cursor_end_time"))) == end
    except (ValueError, OverflowError):
        return False


def _unreachable(error: Exception) -> RetriableError:
    sentence = f"splunkd does not give the add-on's settings ({type(error).__name__}: {error})"
    return RetriableError(sentence, SPLUNKD)
