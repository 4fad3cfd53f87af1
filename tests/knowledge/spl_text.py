"""The text of a search: macros written out, cut at its pipes, and its words.

Documented (macros.conf.spec, Search Manual): a macro stands between backticks, `name` or `name(a,b)`, which
is the stanza [name] or [name(2)]; its arguments stand as $x$ in the definition; macros may use macros. A
pipe inside of double quotes does not end a command. Refused here: iseval, validation, subsearches, and a
macro inside of quotes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.knowledge.errors import KnowledgeError
from tests.standins.splunk.conf_file import Stanza, is_true

_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_MACRO = re.compile(r"`([^`]*)`")
_CALL = re.compile(r"\s*([\w:-]+)\s*(?:\((.*)\))?\s*", re.DOTALL)
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s,"]+')
_DEEPEST = 10  # macros in macros
_SETTINGS = frozenset({"definition", "args", "description", "iseval"})


def expanded(text: str, macros: Mapping[str, Stanza], depth: int = 0) -> str:
    """`text` with every macro written out.

    Raises:
        KnowledgeError: there is no such macro, or it is of a kind that is not read here.
    """
    if depth > _DEEPEST:
        raise KnowledgeError(f"macros that use each other in a circle: {text!r}")
    if _MACRO.search("".join(_QUOTED.findall(text))):
        raise KnowledgeError(f"a macro inside of quotes: {text!r}")
    return _MACRO.sub(lambda found: expanded(_definition(found[1], macros), macros, depth + 1), text)


def macros_of(text: str) -> set[str]:
    """The macros that a text uses itself, as stanzas are named."""
    return {_stanza(found)[0] for found in _MACRO.findall(text)}


def _stanza(call: str) -> tuple[str, list[str]]:
    found = _CALL.fullmatch(call)
    if found is None:
        raise KnowledgeError(f"`{call}` is no macro")
    given = [] if found[2] is None else [part.strip() for part in found[2].split(",")]
    return found[1] + (f"({len(given)})" if given else ""), given


def _definition(call: str, macros: Mapping[str, Stanza]) -> str:
    name, given = _stanza(call)
    macro = macros.get(name)
    if macro is None:
        raise KnowledgeError(f"the search macro '{name}' cannot be found")
    unknown = macro.keys() - _SETTINGS
    if unknown or is_true(macro.get("iseval"), False) or "definition" not in macro:
        raise KnowledgeError(f"[{name}]: no definition, or settings not read here: {sorted(unknown)}")
    names = [part.strip() for part in macro.get("args", "").split(",") if part.strip()]
    if len(names) != len(given):
        raise KnowledgeError(f"[{name}]: args are {names}, given are {given}")
    text = macro["definition"]
    for argument, value in zip(names, given):
        text = text.replace(f"${argument}$", value)
    return text


def hidden(text: str) -> str:
    """`text` with all that is quoted replaced by x, so that signs in it are not mistaken."""
    return _QUOTED.sub(lambda match: "x" * len(match[0]), text)


def commands(text: str) -> list[str]:
    """The parts between the pipes that stand outside of quotes, trimmed; white space within as it is."""
    signs = hidden(text)
    if "[" in signs or "]" in signs:
        raise KnowledgeError(f"{text!r}: a subsearch")
    places = [-1, *(place for place, sign in enumerate(signs) if sign == "|"), len(text)]
    return [text[start + 1 : end].strip() for start, end in zip(places, places[1:])]


def words(text: str) -> list[str]:
    """Words and quoted names, without their quotes, divided by blanks and commas."""
    left = _WORD.sub("", text)
    if left.strip(", \t\r\n"):
        raise KnowledgeError(f"cannot read {text!r}")
    return [unquoted(word) for word in _WORD.findall(text)]


def unquoted(word: str) -> str:
    if word.startswith('"'):
        return re.sub(r"\\(.)", r"\1", word[1:-1])
    return word


def parts(text: str, sign: str = ",") -> list[str]:
    """Cut at each `sign` that stands outside of quotes and parentheses."""
    found, depth, start = [], 0, 0
    for place, letter in enumerate(hidden(text)):
        depth += (letter == "(") - (letter == ")")
        if letter == sign and not depth:
            found.append(text[start:place].strip())
            start = place + 1
    return [*found, text[start:].strip()]
