"""The add-on's own log: one rotating file per stanza, and warnings on standard error for splunkd.log.

No line ever holds an event body or a secret: nobody logs bodies, and a last filter blanks the secrets that
this process has read, whoever logs them.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

from solnlib import log

NAMESPACE: Final = "ta_alibaba_sls"
_PASSING = 128  # secrets of temporary credentials; each renewal brings up to eight, with their quoted forms
_SHORTEST = 4  # characters of a secret
_LIMIT = 2000  # characters of one line; the SDK puts whole answers into some error texts
_LEVELS: Final = {"WARNING": "WARN", "CRITICAL": "FATAL"}  # splunkd's names where they differ
_LINE_FORMAT = (
    "%(asctime)s level=%(levelname)s pid=%(process)d thread=%(threadName)s "
    "%(module)s:%(lineno)d | %(message)s"
)


class Redactor(logging.Filter):
    """Blanks known secrets, keeps a record to one line of bounded length, drops tracebacks."""

    def __init__(self) -> None:
        super().__init__()
        # Tuples, replaced as a whole: other threads log while one adds to them.
        self._secrets: tuple[str, ...] = ()
        self._passing: tuple[str, ...] = ()

    def protect(self, *secrets: str) -> None:
        """Never let any of `secrets` through; one of under four characters would blank half of all words."""
        self._secrets = _joined(self._secrets, secrets)

    def protect_passing(self, *secrets: str) -> None:
        """The same for secrets that expire: the last ones are kept in mind, many more than are valid."""
        self._passing = _joined(self._passing, secrets)[-_PASSING:]

    def blank(self, text: str) -> str:
        """`text` without any of the secrets, as they are or as a URL or a form has them."""
        # The longest first: what is left of one must not be a piece of another.
        for secret in sorted((*self._secrets, *self._passing), key=len, reverse=True):
            text = text.replace(secret, "******")
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        message = self.blank(record.getMessage())
        message = " ".join(message.split())[:_LIMIT]  # after that, or half a secret could be left
        record.msg, record.args, record.exc_info, record.exc_text = message, None, None, None
        return True


def _joined(known: tuple[str, ...], secrets: Iterable[str]) -> tuple[str, ...]:
    forms = (form for secret in secrets if len(secret) >= _SHORTEST for form in _forms(secret))
    return (*known, *(form for form in forms if form not in known))


def _forms(secret: str) -> list[str]:
    return list(dict.fromkeys((secret, quote(secret, safe=""), quote(secret), quote_plus(secret))))


class _SplunkdFormatter(logging.Formatter):
    """The form in which splunkd takes the level off a line of standard error."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{_LEVELS.get(record.levelname, record.levelname)} {record.getMessage()}"


def open_log(name: str, redactor: Redactor) -> logging.Logger:
    """The logger of one stanza (or of the checks on save), writing to $SPLUNK_HOME/var/log/splunk."""
    # solnlib would ask Splunk's own Python package for the folder; splunkd's environment says it, too.
    folder = Path(os.environ["SPLUNK_HOME"], "var", "log", "splunk")
    log.Logs.set_context(directory=str(folder), namespace=NAMESPACE, log_format=_LINE_FORMAT)
    logger: logging.Logger = log.Logs().get_logger(re.sub(r"[^A-Za-z0-9_-]", "_", name) or "input")
    to_splunkd = logging.StreamHandler(sys.stderr)
    to_splunkd.setLevel(logging.WARNING)
    to_splunkd.setFormatter(_SplunkdFormatter())
    logger.addHandler(to_splunkd)
    for handler in logger.handlers:
        handler.addFilter(redactor)
    # Libraries say the same in their own words, with bodies and tracebacks: our words are enough.
    logging.getLogger().addHandler(logging.NullHandler())
    _join_sdk(logger, logging.CRITICAL)
    return logger


def set_level(logger: logging.Logger, level: str) -> None:
    """Set the level of the Logging page; at DEBUG the SDK's consumer library speaks, too."""
    logger.setLevel(getattr(logging, level.upper(), logging.INFO))
    _join_sdk(logger, logging.INFO if logger.level <= logging.DEBUG else logging.CRITICAL)


def _join_sdk(logger: logging.Logger, level: int) -> None:
    sdk = logging.getLogger("aliyun")
    sdk.handlers, sdk.propagate = list(logger.handlers), False
    sdk.setLevel(level)
