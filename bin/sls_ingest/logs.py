"""The add-on's own log: one rotating file per stanza, and warnings on standard error for splunkd.log.

No line ever holds an event body or a secret: nobody logs bodies, and a last filter blanks the secrets that
this process has read, whoever logs them.
"""

from __future__ import annotations

import hashlib
import logging
import logging.handlers
import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

from solnlib import log

from .log_fields import quoted
from .outage import KIND
from .scheme import NAME
from .settings import DEFAULT_INDEX

NAMESPACE: Final = "ta_alibaba_sls"
FOR_SPLUNKD: Final = {"for_splunkd": True}
"""`extra` of what is no warning and is to stand in splunkd.log all the same."""
_PASSING = 128  # secrets of temporary credentials; each renewal brings up to eight, with their quoted forms
_SHORTEST = 4  # characters of a secret
VALIDATION, DOCTOR = "validation", "doctor"
"""Names of the log files that are of no input."""
_LIMIT = 2000  # characters of one line; the SDK puts whole answers into some error texts
_LEVELS: Final = {"WARNING": "WARN", "CRITICAL": "FATAL"}  # splunkd's names where they differ
# The names of solnlib's own format, which the panels of UCC's monitoring page look for.
_LINE_FORMAT = (
    "%(asctime)s log_level=%(levelname)s pid=%(process)d tid=%(threadName)s "
    "file=%(module)s:%(lineno)d stanza={stanza} | %(message)s"
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
        kind = getattr(record, KIND, "")
        if kind:
            setattr(record, KIND, self.blank(str(kind)))
        return True


def _joined(known: tuple[str, ...], secrets: Iterable[str]) -> tuple[str, ...]:
    bare = (secret.strip() for secret in secrets)  # as settings are used, whatever blanks are stored
    forms = (form for secret in bare if len(secret) >= _SHORTEST for form in _forms(secret))
    return (*known, *(form for form in forms if form not in known))


def _forms(secret: str) -> list[str]:
    return list(dict.fromkeys((secret, quote(secret, safe=""), quote(secret), quote_plus(secret))))


def _is_for_splunkd(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or bool(getattr(record, "for_splunkd", False))


class _FileFormatter(logging.Formatter):
    """One line of the file: whose it is, and at its end which kind of trouble it tells of."""

    def __init__(self, stanza: str) -> None:
        super().__init__(_LINE_FORMAT.format(stanza=quoted(stanza).replace("%", "%%")))

    def format(self, record: logging.LogRecord) -> str:
        kind = getattr(record, KIND, "")
        return super().format(record) + (f" {KIND}={quoted(kind)}" if kind else "")


class _SplunkdFormatter(logging.Formatter):
    """The form in which splunkd takes the level off a line of standard error."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{_LEVELS.get(record.levelname, record.levelname)} {record.getMessage()}"


def open_input_log(stanza: str, redactor: Redactor) -> logging.Logger:
    """The logger of one input."""
    return open_log(_file_of(stanza), redactor, stanza)


def open_log(name: str, redactor: Redactor, stanza: str = "") -> logging.Logger:
    """The logger that writes to $SPLUNK_HOME/var/log/splunk/ta_alibaba_sls_<name>.log.

    Each line names the stanza, which is `name` unless told otherwise.
    """
    # solnlib would ask Splunk's own Python package for the folder; splunkd's environment says it, too.
    folder = Path(os.environ["SPLUNK_HOME"], "var", "log", "splunk")
    log.Logs.set_context(directory=str(folder), namespace=NAMESPACE)
    logger: logging.Logger = log.Logs().get_logger(name)
    for handler in logger.handlers:
        handler.setFormatter(_FileFormatter(stanza or name))
        if isinstance(handler, logging.handlers.RotatingFileHandler):
            _use_utf8(handler)
    to_splunkd = logging.StreamHandler(sys.stderr)
    to_splunkd.addFilter(_is_for_splunkd)
    to_splunkd.setFormatter(_SplunkdFormatter())
    logger.addHandler(to_splunkd)
    for handler in logger.handlers:
        handler.addFilter(redactor)
    # Libraries say the same in their own words, with bodies and tracebacks: our words are enough.
    logging.getLogger().addHandler(logging.NullHandler())
    _join_sdk(logger, logging.CRITICAL)
    return logger


def _file_of(stanza: str) -> str:
    """How the file is named for it; no two processes must share one, as both would rotate it.

    A stanza written by hand may hold what no file name can, or be called as one of the other files.
    """
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", stanza)
    if plain == stanza and stanza not in ("", VALIDATION, DOCTOR):
        return stanza
    digest = hashlib.sha256(stanza.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{plain}_{digest[:8]}"


def _use_utf8(handler: logging.handlers.RotatingFileHandler) -> None:
    """splunkd reads UTF-8; solnlib leaves it to the system, and on Windows that is a code page."""
    handler.encoding, handler.errors = "utf-8", "backslashreplace"  # for the files to come
    if handler.stream is not None:
        handler.stream.reconfigure(encoding=handler.encoding, errors=handler.errors)


def set_level(logger: logging.Logger, level: str) -> None:
    """Set the level of the Logging page; at DEBUG the SDK's consumer library speaks, too."""
    logger.setLevel(getattr(logging, level.upper(), logging.INFO))
    _join_sdk(logger, logging.INFO if logger.level <= logging.DEBUG else logging.CRITICAL)


def _join_sdk(logger: logging.Logger, level: int) -> None:
    sdk = logging.getLogger("aliyun")
    sdk.handlers, sdk.propagate = list(logger.handlers), False
    sdk.setLevel(level)


def events_ingested(
    logger: logging.Logger, stanza: str, account: str, events: Mapping[tuple[str, str], int]
) -> None:
    """Tell of the events of each sourcetype and index, in solnlib's own form: UCC's panels count these."""
    for (sourcetype, index), count in sorted(events.items()):
        log.events_ingested(logger, f"{NAME}://{stanza}", sourcetype, count, index or DEFAULT_INDEX, account)
