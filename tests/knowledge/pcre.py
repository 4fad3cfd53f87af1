"""Regular expressions as Splunk (PCRE) reads them, compiled by Python's re; where the two differ, refused."""

from __future__ import annotations

import re
from functools import cache

from tests.knowledge.errors import KnowledgeError

# What PCRE has and Python's re has not (on all versions that the tests run on), or reads in another way.
_REFUSED = (
    (re.compile(r"\(\?>"), "an atomic group"),
    (re.compile(r"(?<!\\)(?:[*+?}])\+"), "a possessive quantifier"),
    (re.compile(r"\[\[:"), "a POSIX class"),
    (re.compile(r"\{,\d"), "{,n}, which PCRE takes literally"),
    (re.compile(r"\\[ZzGKRXhHvVQEKCpPgk]"), "an escape that Python reads in another way or not at all"),
    (re.compile(r"\(\?[|&R0-9+#]"), "recursion, a branch reset or a comment"),
)
_NAMED = re.compile(r"\(\?<(?=[A-Za-z_])")
_GROUP_NAME = re.compile(r"\(\?P?<([A-Za-z_]\w*)>")


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    r"""The compiled pattern; \d, \w and \s are ASCII only, as in PCRE without UCP.

    Raises:
        KnowledgeError: it is no pattern, or one that Python would read in another way than PCRE.
    """
    bare = re.sub(r"\\\\", "", pattern)
    for refused, what in _REFUSED:
        if refused.search(_without_classes(bare) if what.startswith("a poss") else bare):
            raise KnowledgeError(f"regex {pattern!r} has {what}")
    heads = re.match(r"(?:\(\?[ims]+\))*", pattern)
    flags, rest = (heads.group(), pattern[heads.end() :]) if heads else ("", pattern)
    if re.search(r"\(\?[a-z]+\)", rest):
        raise KnowledgeError(f"regex {pattern!r}: flags such as (?i) stand at its start only")
    merged = "".join(sorted(set(flags) & set("ims")))
    try:
        return re.compile((f"(?{merged})" if merged else "") + _NAMED.sub("(?P<", rest), re.ASCII)
    except (re.error, FutureWarning) as error:
        raise KnowledgeError(f"regex {pattern!r}: {error}") from error


def _without_classes(pattern: str) -> str:
    return re.sub(r"\[\^?\]?(?:\\.|[^\]\\])*\]", "c", pattern)


def group_names(pattern: str) -> tuple[str, ...]:
    """The names of its named groups, in order."""
    return tuple(_GROUP_NAME.findall(pattern))
