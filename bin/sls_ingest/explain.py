"""What SLS or the network answered, as one sentence a person can act on. Pure.

Error codes and their HTTP status are SLS's documented ones; network failures reach us as text only, so they
are told apart by what Python's libraries put into it.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Target(NamedTuple):
    """What the failing call was about, for the sentence."""

    account: str
    access_key_id: str
    endpoint: str
    project: str
    logstore: str
    consumer_group: str
    is_renewed: bool = False
    """Whether the account's credentials are fetched anew by themselves."""


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
        "grant it to the account's user or role (alibaba_sls_doctor.py prints the whole policy)",
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
        "account '{account}': project '{project}' belongs to another Alibaba Cloud account; "
        "check the project's name, and whose AccessKey or role the account has",
    ),
    (
        "bad json format",  # the SDK's words
        "what answers for project '{project}' at endpoint '{endpoint}' does not answer as SLS does "
        "(no JSON); check the endpoint, and whether a proxy answers in its place",
    ),
    (
        "service has not opened",
        "account '{account}': Log Service is not activated in its Alibaba Cloud account ({message}); "
        "activate it in the SLS console",
    ),
)
_RENEWED = (
    "account '{account}': SLS does not accept the role's credentials ({code}: {message}); "
    "they are fetched anew by themselves"
)
_KEY_TROUBLE: Final = tuple(
    (needle, _RENEWED)
    for needle in (
        "signaturenotmatch",
        "invalidaccesskeyid",
        "accesskeyid",
        "security token",
        "securitytoken",
    )
)
_NETWORK: Final[tuple[tuple[str, str], ...]] = (
    ("tls ca certificate bundle", "ca_bundle"),  # before all that the file's path may have in it
    ("failed to parse: ", "proxy address"),
    ("407 proxy", "proxy sign-in"),
    ("socks5 authentication", "proxy sign-in"),
    ("tunnel connection failed", "proxy refusal"),
    ("proxy", "proxy"),
    ("hostname mismatch", "certificate name"),
    ("doesn't match", "certificate name"),  # urllib3's words
    ("ip address mismatch", "certificate name"),
    ("certificate has expired", "certificate time"),
    ("certificate is not yet valid", "certificate time"),
    ("self-signed certificate (", "certificate self-signed"),
    ("self signed certificate (", "certificate self-signed"),  # OpenSSL 1.1.1
    ("certificate verify failed", "certificate"),
    ("ssl", "tls"),
    ("nameresolution", "dns"),
    ("name or service not known", "dns"),
    ("name resolution", "dns"),  # a name server that does not answer
    ("getaddrinfo", "dns"),
    ("timed out", "time-out"),
    ("refused", "refused"),
)
_OTHER_TROUBLE: Final = "other"
_NETWORK_SENTENCES: Final = {
    "ca_bundle": "the file of ca_bundle is not there ({reason}); give the path of a PEM file",
    "proxy address": "the call to '{host}' cannot be made ({reason}); check the proxy's address",
    "proxy sign-in": (
        "the proxy of the Configuration page does not accept its user and password for the call to '{host}' "
        "({reason}); enter them again"
    ),
    "proxy refusal": (
        "the proxy of the Configuration page refuses to let the call to '{host}' through ({reason}); "
        "have it allow CONNECT to that host and port"
    ),
    "proxy": (
        "the proxy of the Configuration page did not let the call to '{host}' through ({reason}); "
        "check its address and password"
    ),
    "certificate name": (
        "the TLS certificate of '{host}' is for another name ({reason}); check the endpoint, and what its "
        "name leads to on this forwarder"
    ),
    "certificate time": (
        "the TLS certificate of '{host}' is not valid at this time ({reason}); check this forwarder's clock, "
        "and the proxy if one inspects TLS"
    ),
    "certificate self-signed": (
        "the TLS certificate of '{host}' is not trusted, because it is signed by itself; "
        "set ca_bundle to it if that is meant to be"
    ),
    "certificate": (
        "the TLS certificate of '{host}' is not trusted; set ca_bundle if a proxy or private CA signs it"
    ),
    "tls": "no TLS connection to '{host}' could be made ({reason}); check the endpoint and the proxy",
    "dns": "the name '{host}' cannot be resolved; check the endpoint and this forwarder's DNS",
    "time-out": "'{host}' did not answer in time; check the network, the proxy and the time-outs",
    "refused": "'{host}' refused the connection; check the endpoint, its port and the firewall",
    _OTHER_TROUBLE: "the call to '{host}' failed ({reason}); check the network, the firewall and the proxy",
}
_INNERMOST = re.compile(r"""(['"])((?:(?!\1).)+)\1[)]*$""")
_NOISE = re.compile(
    r"<[\w.]+ object at 0x[0-9a-f]+>: |\[SSL: CERTIFICATE_VERIFY_FAILED\] certificate verify failed: "
    r"|\.? ?\(_ssl\.c:\d+\)"
)
# What somebody named: a quoted word (hosts, for the most part), a URL, its path, the host of a time-out.
_NAMES = re.compile(r"\\?'[^'\s]+'|\b[a-z][a-z0-9+]*://\S+|(?<= with url: )\S+|(?<=Connection to )\S+")
_ADDRESS = re.compile(r"://(\S+)")
_MESSAGE_LIMIT = 300  # characters of a foreign text that go into a sentence
_NETWORK_CODE = "LogRequestError"


def explain(code: str, message: str, target: Target) -> str:
    """One sentence for an SLS error `code` with its `message` (or a network failure's text)."""
    if code == _NETWORK_CODE:
        return explain_network(message, f"{target.project}.{target.endpoint.partition('://')[2]}")
    # What a person would do about a key that was typed in is no use with one that was fetched.
    template = first(_KEY_TROUBLE, f"{code} {message}") if target.is_renewed else ""
    template = template or first(_BY_MESSAGE, message) or first(_BY_CODE, code)
    if not template:
        template = "SLS answered {code}: {message}"
    return template.format(code=code, message=short(message), **target._asdict())


def kind(code: str, message: str) -> str:
    """What makes two failures one trouble to a person.

    SLS's code, and what the message says where that is known: it answers much with one and the same code. Or
    which kind of network failure it is.
    """
    if code == _NETWORK_CODE:
        return f"network: {_network_kind(message)}"
    lowered = message.lower()
    return next((f"{code}: {needle}" for needle, _ in _BY_MESSAGE if needle in lowered), code)


def explain_network(message: str, host: str) -> str:
    """One sentence for the text of a network failure on the way to `host`."""
    return _NETWORK_SENTENCES[_network_kind(message)].format(host=host, reason=reason(message))


def _network_kind(message: str) -> str:
    return first(_NETWORK, without_names(message)) or _OTHER_TROUBLE


def without_names(message: str) -> str:
    """The text of a network failure without hosts and URLs, to look for words in: a project may be called
    proxy-logs."""
    return _NAMES.sub("", message)


def first(rows: tuple[tuple[str, str], ...], text: str) -> str:
    """What stands beside the first needle that `text` contains, whatever the case; "" for none."""
    lowered = text.lower()
    return next((template for needle, template in rows if needle in lowered), "")


def reason(message: str) -> str:
    """The innermost cause of a urllib3 error text, without the URL, classes and addresses around it.

    Of a URL in it, user and password are left out.
    """
    cause = message.rsplit("Caused by ", 1)[-1]
    innermost = _INNERMOST.search(cause)
    text = _NOISE.sub("", innermost.group(2) if innermost else cause.rstrip(")"))
    return short(_ADDRESS.sub(lambda match: "://" + match[1].rpartition("@")[2], text))


def short(message: str) -> str:
    """A foreign text as one line of bounded length."""
    line = " ".join(message.split())
    return line if len(line) <= _MESSAGE_LIMIT else line[:_MESSAGE_LIMIT] + "..."
