"""What SLS or the network answered, as one sentence a person can act on. Pure.

Error codes and their HTTP status are SLS's documented ones; network failures reach us as text only, so they
are told apart by what Python's libraries put into it.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Target(NamedTuple):
    """What the failing call was about, for the sentence."""

    account: str
    access_key_id: str
    endpoint: str
    project: str
    logstore: str
    consumer_group: str


_CLOCK: Final = (
    "the clock of this forwarder differs from SLS's by more than 15 minutes ({message}); "
    "set the clock, for example with NTP"
)
_BY_CODE: Final[tuple[tuple[str, str], ...]] = (
    (
        "signaturenotmatch",
        "account '{account}': SLS does not accept the AccessKey secret of '{access_key_id}'; "
        "enter the secret again",
    ),
    ("requesttimeexpired", _CLOCK),
    ("requesttimetooskewed", _CLOCK),
    (
        "projectnotexist",
        "project '{project}' does not exist at endpoint '{endpoint}'; "
        "check the project's name and its region's endpoint",
    ),
    (
        "projectforbidden",
        "project '{project}' is forbidden or suspended ({message}); look at it in the SLS console",
    ),
    (
        "logstorenotexist",
        "logstore '{logstore}' does not exist in project '{project}'; check the logstore's name",
    ),
    (
        "consumergroupquotaexceed",
        "logstore '{logstore}' has no room for consumer group '{consumer_group}' (ConsumerGroupQuotaExceed: "
        "SLS allows a limited number for each logstore); delete an unused group in the SLS console, "
        "or set consumer_group to an existing one",
    ),
    (
        "invalidaccesskeyid",
        "account '{account}': SLS does not know AccessKey id '{access_key_id}' ({message}); check the id",
    ),
    (
        "readquotaexceed",
        "SLS throttles reads ({code}: {message}); raise the quota, split the shard or add no more readers",
    ),
    (
        "metaoperationqps",
        "SLS throttles control calls ({code}: {message}); raise heartbeat_interval or use fewer inputs",
    ),
    ("serverbusy", "SLS is busy ({message})"),
    ("internalservererror", "SLS failed inside ({code}: {message})"),
)
_BY_MESSAGE: Final[tuple[tuple[str, str], ...]] = (
    (
        "denied by sts or ram",
        "account '{account}': a RAM permission is missing ({message}); "
        "grant it to the account's user or role",
    ),
    (
        "accesskeyid not found",
        "account '{account}': AccessKey id '{access_key_id}' does not exist; check the id",
    ),
    (
        "accesskeyid is disabled",
        "account '{account}': AccessKey '{access_key_id}' is disabled; enable it or enter another",
    ),
    ("security token", "account '{account}': the STS token is not accepted ({message}); enter a fresh one"),
    (
        "does not belong to you",
        "account '{account}': project '{project}' belongs to another Alibaba Cloud account",
    ),
)
_NETWORK: Final[tuple[tuple[str, str], ...]] = (
    (
        "proxy",
        "the proxy of the Configuration page did not let the call to '{host}' through ({reason}); "
        "check its address and password",
    ),
    (
        "certificate verify failed",
        "the TLS certificate of '{host}' is not trusted; set ca_bundle if a proxy or private CA signs it",
    ),
    ("ssl", "no TLS connection to '{host}' could be made ({reason}); check the endpoint and the proxy"),
    ("nameresolution", "the name '{host}' cannot be resolved; check the endpoint and this forwarder's DNS"),
    (
        "name or service not known",
        "the name '{host}' cannot be resolved; check the endpoint and this forwarder's DNS",
    ),
    (
        "name resolution",  # a name server that does not answer
        "the name '{host}' cannot be resolved; check the endpoint and this forwarder's DNS",
    ),
    ("getaddrinfo", "the name '{host}' cannot be resolved; check the endpoint and this forwarder's DNS"),
    ("timed out", "'{host}' did not answer in time; check the network, the proxy and the time-outs"),
    ("refused", "'{host}' refused the connection; check the endpoint, its port and the firewall"),
)
_MESSAGE_LIMIT = 300  # characters of a foreign text that go into a sentence
_NETWORK_CODE = "LogRequestError"


def explain(code: str, message: str, target: Target) -> str:
    """One sentence for an SLS error `code` with its `message` (or a network failure's text)."""
    if code == _NETWORK_CODE:
        return _network(message, target)
    template = _first(_BY_MESSAGE, message) or _first(_BY_CODE, code)
    if not template:
        template = "SLS answered {code}: {message}"
    return template.format(code=code, message=_short(message), **target._asdict())


def kind(code: str, message: str) -> str:
    """What makes two failures one trouble to a person: SLS's code, or which kind of network failure it is."""
    if code != _NETWORK_CODE:
        return code
    return f"{code} {_first(_NETWORK, message)}"


def _network(message: str, target: Target) -> str:
    host = f"{target.project}.{target.endpoint.partition('://')[2]}"
    template = _first(_NETWORK, message) or "the call to '{host}' failed ({reason})"
    return template.format(host=host, reason=_reason(message))


def _first(rows: tuple[tuple[str, str], ...], text: str) -> str:
    lowered = text.lower()
    return next((template for needle, template in rows if needle in lowered), "")


def _reason(message: str) -> str:
    """The innermost cause of a urllib3 error text, without the URL around it."""
    return _short(message.rsplit("Caused by ", 1)[-1].rstrip(")"))


def _short(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _MESSAGE_LIMIT else line[:_MESSAGE_LIMIT] + "..."
