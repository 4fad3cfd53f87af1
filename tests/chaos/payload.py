"""LogGroups of numbered logs, encoded ahead: only the number changes, so that a log costs well under 1 us."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tests.standins.ledger import NUMBER_FIELD
from tests.standins.sls.wire import Log, LogGroup, delimited, encode_group, encode_log

DIGITS = 9
_ZEROS = b"0" * DIGITS
_TOPIC, _SOURCE = b"chaos", b"10.0.0.1"
# What XML and line-based readers choke on, in every log.
_HOSTILE = (
    '<event stanza="x"><data>]]></data></event> & &amp; &#0; \'q\' "q"',
    "tab\tnewline\nreturn\rnul\x00bell\x07del\x7f nel\x85 ls\u2028",
    "GET /?q=<script>alert(1)</script>&x=%00 HTTP/1.1 200 \ufffe\uffff",
    "\u65e5\u672c\u8a9e \U0001f600 e\u0301 \u202ertl\u202c zero\u200bwidth </stream>",
)


def templates(when: int) -> list[tuple[bytes, bytes]]:
    """What stands before and after the number in each kind of log of epoch second `when`."""
    made = []
    for text in _HOSTILE:
        contents = [(NUMBER_FIELD.encode(), _ZEROS), (b"message", text.encode("utf-8", "surrogatepass"))]
        log = delimited(1, encode_log(Log(when, contents)))
        before, _, after = log.partition(_ZEROS)
        made.append((before, after))
    return made


def group(first: int, count: int, template: tuple[bytes, bytes], tail: bytes) -> bytes:
    """A serialized LogGroup with the numbers from `first` on."""
    before, after = template
    return b"".join([before + b"%09d" % number + after for number in range(first, first + count)]) + tail


def group_tail(member: int) -> bytes:
    """Topic, source and a tag: the fields of a LogGroup that follow its logs."""
    return encode_group(LogGroup([], _TOPIC, _SOURCE, [(b"__hostname__", b"host-%d" % member)]))


def damaged(rng: random.Random) -> bytes:
    """A LogGroup that cannot be read: cut, with an impossible tag, or no LogGroup at all."""
    good = encode_group(LogGroup([Log(1_700_000_000, [(b"kind", b"damaged on purpose")])], _TOPIC))
    ways: Sequence[bytes] = (
        good[: len(good) // 2],
        good + b"\xff\xff\xff\xff",
        b"\x0a\x7f no log group \xff\xff" + bytes(range(256)) * rng.randint(1, 40),
    )
    return rng.choice(ways)
