"""What is wrong with bytes that expat refuses, and taking such bytes out of a stream."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from xml.parsers.expat import errors

#: Bytes that XML 1.0 never allows.
CONTROL_BYTES = bytes({*range(0x20)} - {0x09, 0x0A, 0x0D})

_BAD_CHARACTER_REFERENCE = errors.codes[errors.XML_ERROR_BAD_CHAR_REF]
_INVALID_TOKEN = errors.codes[errors.XML_ERROR_INVALID_TOKEN]


def classify(code: int, data: bytes, offset: int) -> str:
    """Kind of a syntax error, from expat's error code and the byte of `data` at which it stopped."""
    if code == _BAD_CHARACTER_REFERENCE:
        return "control_char"
    if code == _INVALID_TOKEN and 0 <= offset < len(data):
        if data[offset] in CONTROL_BYTES or data[offset : offset + 3] in (b"\xef\xbf\xbe", b"\xef\xbf\xbf"):
            return "control_char"
        if data[offset] >= 0x80 and not _is_character(data[offset : offset + 4]):
            return "invalid_utf8"
    return "malformed_xml"


def _is_character(data: bytes) -> bool:
    return any(_decodes(data[:length]) for length in (1, 2, 3, 4))


def _decodes(data: bytes) -> bool:
    try:
        return len(data.decode("utf-8")) == 1
    except UnicodeDecodeError:
        return False


class Cleaner:
    """Removes what XML forbids before it is parsed, and reports that it had to."""

    def __init__(self, report: Callable[[str, str], None]) -> None:
        self._report = report
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._seen = self._kept = 0

    def clean(self, data: bytes) -> bytes:
        """The allowed part; a character cut by the end of `data` comes with the next call."""
        legal = data.translate(None, CONTROL_BYTES)
        if len(legal) < len(data):
            self._report("control_char", f"{len(data) - len(legal)} bytes dropped")
        text = self._decoder.decode(legal).encode()
        self._seen += len(legal)
        self._kept += len(text)
        missing = self._seen - self._kept - len(self._decoder.getstate()[0])
        if missing:
            self._report("invalid_utf8", f"{missing} bytes dropped")
            self._kept += missing
        plain = text.replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"")
        if len(plain) < len(text):
            self._report("control_char", "U+FFFE or U+FFFF dropped")
        return plain
