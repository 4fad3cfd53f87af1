"""Where the fuzz tests get their log groups from: hypothesis, a seeded generator, and damage to the bytes."""

from __future__ import annotations

import random

from hypothesis import strategies as st

from tests.unit.core.fuzz_wire import Group, Log, Pair, varint

# What has broken a parser somewhere: XML's and JSON's own signs, what they forbid, and what is not UTF-8.
NASTY = (
    b"",
    b"x",
    b"]]>",
    b"]]",
    b"</event>",
    b"</data></event><event><data>",
    b"<![CDATA[",
    b"<!--",
    b"&#0;",
    b"&amp;lt;",
    b"&lt",
    b"a\x00b",
    bytes(range(0x20)),
    b"\x7f\xc2\x85\xe2\x80\xa8",
    "\ufffe\uffff".encode(),
    "\ufffd".encode(),
    "\U0010ffff\U0001f600".encode(),
    b"\\ufffe\\u0000",
    b'"\\',
    b"\r\n\t ",
    b"\xed\xa0\x80\xed\xb0\x80",  # surrogates
    b"\xef\xbf",  # a cut U+FFFE
    b"\xc0\x80",  # an overlong NUL
    b"\xf4\x90\x80\x80",  # beyond U+10FFFF
    b"ok \xff\xfe bad",
)
NAMES = (
    b"",
    b"message",
    b"a",
    b"a__2",
    b"a__2__2",
    b"a\xff",
    b"a\xfe",
    b"a\xef\xbf\xbd",
    b"__topic__",
    b"__source__",
    b"__tag__:x",
    b"__tag__:x__2",
    b"__time_ns_part__",
    b"__event_id__",
    b"__topic____2",
)
TOPICS = (
    b"",
    b"actiontrail_event",
    b"waf_access_log",
    b"keep_this",
    b"drop_this",
    b"keep\nthis",
    b"\xffdrop_",
)
SECONDS = (0, 1, 1_700_000_000, 2**31, 2**32 - 1)
NANOS = (None, 0, 1, 999_999, 999_999_999, 1_000_000_000, 1_000_000_007, 2**32 - 1)
_SIZES = (300, 5_000, 70_000)

# -- hypothesis --------------------------------------------------------------------------------------------

_long = st.builds(lambda text, size: text * size, st.sampled_from(NASTY), st.sampled_from(_SIZES))
_short = st.one_of(
    st.sampled_from(NASTY), st.binary(max_size=12), st.text(max_size=8).map(lambda t: _utf8(t))
)
# One long value in some hundred: they cost most of the time and find least.
_values = st.integers(0, 299).flatmap(lambda n: _short if n else _long)
_keys = st.one_of(st.sampled_from(NAMES), st.sampled_from(NAMES), _short)
_pairs = st.lists(st.tuples(_keys, _values), max_size=6).map(tuple)
_logs = st.builds(Log, st.sampled_from(SECONDS), st.sampled_from(NANOS), _pairs)
_tags = st.lists(st.tuples(st.sampled_from((b"x", b"x__2", *NASTY)), _short), max_size=3).map(tuple)
_group = st.builds(
    Group,
    st.one_of(st.sampled_from(TOPICS), _short),
    _short,
    _tags,
    st.lists(_logs, max_size=3).map(tuple),
)
batches = st.lists(_group, max_size=3).map(tuple)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


# -- seeded ------------------------------------------------------------------------------------------------


def random_batch(rng: random.Random) -> tuple[Group, ...]:
    """Like `batches`, much faster, and without the gift of shrinking."""
    return tuple(_random_group(rng) for _ in range(rng.randint(1, 4)))


def _random_group(rng: random.Random) -> Group:
    topic = rng.choice(TOPICS) if rng.random() < 0.7 else _random_text(rng)
    tags = tuple((rng.choice((b"x", _random_text(rng))), _random_text(rng)) for _ in range(rng.randint(0, 2)))
    return Group(topic, _random_text(rng), tags, tuple(_random_log(rng) for _ in range(rng.randint(0, 4))))


def _random_log(rng: random.Random) -> Log:
    pairs: list[Pair] = [
        (rng.choice((rng.choice(NAMES), _random_text(rng))), _random_text(rng))
        for _ in range(rng.randint(0, 7))
    ]
    return Log(rng.choice(SECONDS), rng.choice(NANOS), tuple(pairs))


def _random_text(rng: random.Random) -> bytes:
    if rng.random() < 0.01:
        return rng.choice(NASTY) * rng.choice(_SIZES)
    return rng.choice(NASTY) if rng.random() < 0.6 else rng.randbytes(rng.randint(0, 20))


# -- damage ------------------------------------------------------------------------------------------------


def damaged(raw: bytes, other: bytes, rng: random.Random) -> bytes:
    """`raw` after one to three accidents; `other` is a second batch to take pieces from."""
    out = bytearray(raw)
    for _ in range(rng.choice((1, 1, 2, 3))):
        rng.choice(_ACCIDENTS)(out, other, rng)
    return bytes(out)


def _span(size: int, rng: random.Random) -> slice:
    start = rng.randint(0, size)
    return slice(start, min(size, start + int(rng.expovariate(0.05))))


def _flip(out: bytearray, other: bytes, rng: random.Random) -> None:
    if out:
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)


def _truncate(out: bytearray, other: bytes, rng: random.Random) -> None:
    del out[rng.randint(0, len(out)) :]


def _remove(out: bytearray, other: bytes, rng: random.Random) -> None:
    del out[_span(len(out), rng)]


def _repeat(out: bytearray, other: bytes, rng: random.Random) -> None:
    span = _span(len(out), rng)
    out[span] = out[span] * rng.randint(2, 9)


def _splice(out: bytearray, other: bytes, rng: random.Random) -> None:
    out[_span(len(out), rng)] = other[_span(len(other), rng)]


def _append(out: bytearray, other: bytes, rng: random.Random) -> None:
    """Two batches in a row are one batch."""
    out += other


def _insert(out: bytearray, other: bytes, rng: random.Random) -> None:
    position = rng.randint(0, len(out))
    out[position:position] = rng.randbytes(rng.randint(1, 6))


def _damage_varint(out: bytearray, other: bytes, rng: random.Random) -> None:
    """A length or tag near the front, where it matters most, becomes another, a huge or an endless one."""
    position = rng.randint(0, min(len(out), 40))
    wrong = (varint(rng.randint(0, 300)), varint(2 ** rng.randint(7, 64) - 1), b"\xff" * 11, b"\x80\x80\x00")
    out[position : position + 1] = rng.choice(wrong)


_ACCIDENTS = (_flip, _flip, _truncate, _remove, _repeat, _splice, _append, _insert, _damage_varint)
