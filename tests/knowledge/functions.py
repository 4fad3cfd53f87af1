r"""The eval functions that this tool knows. Everything else is refused by the parser.

Unless stated, null in any argument gives null, and a multivalue in a scalar function is uncertain.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any, Callable
from urllib.parse import unquote

from tests.knowledge import kvjson
from tests.knowledge.errors import KnowledgeError, UncertainError
from tests.knowledge.pcre import compiled
from tests.knowledge.values import Moment, Shown, Value, equal, exact, looks_numeric, number_of, text_of

BOOL, VALUE = "bool", "value"


@dataclass(frozen=True)
class Function:
    """`regexes`: which arguments are regexes or replacements, where a backslash stays what it is."""

    run: Callable[..., Value]
    least: int
    most: int | None
    kind: str = VALUE
    regexes: tuple[int, ...] = ()
    literal: tuple[int, ...] = ()
    """Arguments that have to be written as a literal."""


def _strict(run: Callable[..., Value]) -> Callable[..., Value]:
    def guarded(*args: Value) -> Value:
        if any(arg is None for arg in args):
            return None
        if any(isinstance(arg, tuple) for arg in args):
            raise UncertainError("a multivalue in a scalar function")
        return run(*args)

    return guarded


def _texts(run: Callable[..., Value]) -> Callable[..., Value]:
    return _strict(lambda *args: run(*map(text_of, args)))


def _number(value: Value) -> Any:
    found = number_of(value)
    if found is None:
        raise UncertainError(f"text {value!r} where a number is needed: use tonumber()")
    return found


def _coalesce(*args: Value) -> Value:
    return next((arg for arg in args if arg is not None), None)


def _nullif(left: Value, right: Value) -> Value:
    if left is None or right is None:
        return left
    return None if equal(left, right) else left


def _match(text: str, pattern: str) -> bool:
    return compiled(pattern).search(text) is not None


def _like(text: str, pattern: str) -> bool:
    if "\\" in pattern:
        raise UncertainError("a backslash in the pattern of like()")
    return _like_regex(pattern).fullmatch(text) is not None


@cache
def _like_regex(pattern: str) -> re.Pattern[str]:
    parts = {"%": ".*", "_": "."}
    return re.compile("".join(parts.get(c, re.escape(c)) for c in pattern), re.DOTALL)


def _replace(text: str, pattern: str, by: str) -> str:
    regex = compiled(pattern)
    if regex.fullmatch("") and not pattern.startswith("^"):
        raise KnowledgeError(f"replace() with {pattern!r}, which also matches nothing: anchor it with ^")
    parts = _replacement(by)
    return regex.sub(
        lambda m: "".join((m.group(int(p)) or "") if i % 2 else p for i, p in enumerate(parts)), text
    )


@cache
def _replacement(by: str) -> tuple[str, ...]:
    """Text and numbers of groups in turn."""
    parts = re.split(r"\\([0-9])", by)
    if any("\\" in part for part in parts[::2]):
        raise KnowledgeError(f"replace() by {by!r}: a backslash that is no \\1")
    return tuple(parts)


def _in(value: Value, *options: Value) -> bool | None:
    if value is None:
        return None
    answers = [equal(value, option) for option in options]
    return True if any(answers) else (None if None in answers else False)


def _cidrmatch(subnet: str, address: str) -> bool:
    try:
        network = ipaddress.ip_network(subnet)
    except ValueError as error:
        raise KnowledgeError(f"cidrmatch(): {error}") from error
    try:
        return ipaddress.ip_address(address) in network
    except ValueError:
        return False


def _substr(text: Value, start: Value, length: Value = None) -> str:
    whole, first = text_of(text), _whole(start)
    if first == 0:
        raise UncertainError("substr() from 0: positions begin at 1")
    begin = first - 1 if first > 0 else len(whole) + first
    if begin < 0:
        raise UncertainError("substr() from before the start")
    if length is None:
        return whole[begin:]
    if _whole(length) < 0:
        raise UncertainError("substr() with a negative length")
    return whole[begin : begin + _whole(length)]


def _cased(text: str, cased: str) -> str:
    if _other(text) != _other(cased):
        raise UncertainError("lower() or upper() of letters beyond ASCII")
    return cased


def _other(text: str) -> str:
    return "".join(character for character in text if not character.isascii())


def _whole(value: Value) -> int:
    found = _number(value)
    if int(found) != found:
        raise UncertainError(f"{found} where a whole number is needed")
    return int(found)


def _trim(how: Callable[[str, str | None], str]) -> Callable[..., Value]:
    def run(text: str, characters: str = " \t") -> str:
        kept = how(text, characters)
        if characters == " \t" and kept != how(text, None):
            raise UncertainError("trim() of other white space than blanks and tabs")
        return kept

    return _texts(run)


def _split(text: str, delimiter: str) -> Value:
    if not delimiter:
        raise UncertainError("split() at nothing")
    if not text:
        raise UncertainError("split() of empty text")
    return _many(text.split(delimiter))


def _many(parts: Sequence[Value]) -> Value:
    if not parts:
        return None
    return tuple(parts) if len(parts) > 1 else parts[0]


def parts_of(value: Value) -> tuple[Value, ...]:
    """The values of a multivalue; one for a single value, none for null."""
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _mvindex(values: Value, start: Value, end: Value = None) -> Value:
    parts = parts_of(values)
    if start is None or not parts:
        return None
    first = _whole(start)
    last = first if end is None else _whole(end)
    first, last = (place + len(parts) if place < 0 else place for place in (first, last))
    if not 0 <= first <= last < len(parts):
        if first == last:
            return None
        raise UncertainError(f"mvindex() from {first} to {last} of {len(parts)} values")
    return _many(parts[first : last + 1])


def _mvcount(values: Value) -> Value:
    return len(parts_of(values)) or None


def _mvappend(*values: Value) -> Value:
    return _many([part for value in values for part in parts_of(value)])


def _mvdedup(values: Value) -> Value:
    kept: dict[str, Value] = {}
    for part in parts_of(values):
        kept.setdefault(text_of(part), part)
    return _many(list(kept.values()))


def _mvjoin(values: Value, delimiter: Value) -> Value:
    if values is None or delimiter is None:
        return None
    return text_of(delimiter).join(text_of(part) for part in parts_of(values))


def _mvzip(left: Value, right: Value, delimiter: Value = ",") -> Value:
    if left is None or right is None:
        return None
    first, second = parts_of(left), parts_of(right)
    if len(first) != len(second):
        raise UncertainError("mvzip() of different numbers of values")
    return _many([text_of(a) + text_of(delimiter) + text_of(b) for a, b in zip(first, second)])


def _tonumber(text: Value, base: Value = 10) -> Value:
    if isinstance(text, (int, float)):
        return text
    radix = _whole(base)
    if radix == 10:
        return exact(text) if looks_numeric(text) else None
    if not 2 <= radix <= 36:
        raise KnowledgeError("tonumber(): the base is 2 to 36")
    if not re.fullmatch(r"[0-9A-Za-z]+", text):
        raise UncertainError(f"tonumber({text!r}, {radix})")
    try:
        return int(text, radix)
    except ValueError:
        return None


def _tostring(value: Value) -> Value:
    if value is None:
        return None
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, tuple):
        raise UncertainError("tostring() of a multivalue")
    return str(text_of(value))


def _round(value: Value, places: Value = 0) -> Value:
    """Of a half either neighbour may come out, and zeros at the end may be left out: only to be read."""
    number, digits = _number(value), _whole(places)
    shift = 10**digits
    scaled = number * shift
    rounded = math.floor(scaled + 0.5) / shift
    if abs(scaled - math.floor(scaled) - 0.5) < 1e-9:
        return Shown(f"{rounded:.{digits}f}")
    if digits == 0:
        return int(rounded)
    if len(repr(rounded).partition(".")[2]) != digits or rounded.is_integer():
        return Shown(f"{rounded:.{digits}f}")
    return rounded


def _extreme(pick: Callable[..., Any]) -> Callable[..., Value]:
    def run(*args: Value) -> Value:
        if any(arg is None for arg in args):
            raise UncertainError("min() or max() with null")
        return pick(*[_number(arg) for arg in args]) if len(args) > 1 else _number(args[0])

    return run


def _urldecode(text: str) -> str:
    if "+" in text:
        raise UncertainError("urldecode() of '+': a blank or a plus?")
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError as error:
        raise UncertainError("urldecode() of bytes that are no UTF-8") from error


def _isnum(value: Value) -> bool:
    """True for numbers and for fields that look like one, as the examples in the docs use it."""
    if isinstance(value, (int, float)):
        return True
    return value is not None and number_of(_single(value)) is not None


def _isstr(value: Value) -> bool:
    return value is not None and not isinstance(value, (int, float)) and number_of(_single(value)) is None


def _single(value: Value) -> Value:
    if isinstance(value, tuple):
        raise UncertainError("a multivalue in isnum() or isstr()")
    return value


_TIME_PARTS = {
    "Y": r"(?P<Y>\d{4})", "m": r"(?P<m>\d{1,2})", "d": r"(?P<d>\d{1,2})", "H": r"(?P<H>\d{1,2})",
    "M": r"(?P<M>\d{1,2})", "S": r"(?P<S>\d{1,2})", "T": r"(?P<H>\d{1,2}):(?P<M>\d{1,2}):(?P<S>\d{1,2})",
    "F": r"(?P<Y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})", "3N": r"(?P<N>\d{3})", "6N": r"(?P<N>\d{6})",
    "9N": r"(?P<N>\d{9})", "Q": r"(?P<N>\d{3})", "z": r"(?P<z>[+-]\d{4})", ":z": r"(?P<z>[+-]\d\d:\d\d)",
    "Z": r"(?P<Z>Z|UTC|GMT)", "s": r"(?P<s>\d{1,10})",
}  # fmt: skip


def _strptime(text: str, form: str) -> Value:
    """Seconds since 1970. Without a time zone Splunk takes the search head's, so that is refused."""
    pieces = re.split(r"%(3N|6N|9N|:z|[A-Za-z])", form)
    unknown = [piece for piece in pieces[1::2] if piece not in _TIME_PARTS]
    if unknown or not {"z", ":z", "Z", "s"} & set(pieces[1::2]):
        raise KnowledgeError(f"strptime() with {form!r}: unknown parts, or no time zone in it")
    regex = "".join(_TIME_PARTS[p] if i % 2 else re.escape(p) for i, p in enumerate(pieces))
    found = re.match(regex, text)
    if found is None:
        return None
    if found.end() != len(text):
        raise UncertainError(f"strptime() of {text!r}: more text than the format has")
    part = found.groupdict()
    if part.get("s"):
        return Moment(int(part["s"]))
    zone = (part.get("z") or "+0000").replace(":", "")
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5])) * (-1 if zone[0] == "-" else 1)
    try:
        year, month, day = (int(part.get(key) or low) for key, low in (("Y", 1970), ("m", 1), ("d", 1)))
        hour, minute, second = (int(part.get(key) or 0) for key in "HMS")
        when = datetime(year, month, day, hour, minute, second, tzinfo=timezone(offset))
    except ValueError:
        return None
    fraction = part.get("N")
    return Moment(when.timestamp() + (int(fraction) / 10 ** len(fraction) if fraction else 0))


def _strftime(moment: Value, form: str) -> Value:
    """Splunk prints in the time zone of whoever searches; here in UTC, and only to be read."""
    unknown = re.sub(r"%[YmdHMSFT%]", "", form)
    if "%" in unknown:
        raise KnowledgeError(f"strftime() with {form!r}")
    return Shown(datetime.fromtimestamp(_number(moment), timezone.utc).strftime(form))


def _spath(text: str, path: str) -> Value:
    """Values below `path`; several become a multivalue. A whole object or array is refused."""
    return _many(kvjson.at_path(text, path))


def _json_extract(text: str, path: str) -> Value:
    if "{}" in path:
        raise UncertainError("json_extract() with {} gives JSON text: use spath()")
    return _spath(text, path)


FUNCTIONS = {
    "coalesce": Function(_coalesce, 1, None),
    "nullif": Function(_nullif, 2, 2),
    "isnull": Function(lambda value: value is None, 1, 1, BOOL),
    "isnotnull": Function(lambda value: value is not None, 1, 1, BOOL),
    "isnum": Function(_isnum, 1, 1, BOOL),
    "isstr": Function(_isstr, 1, 1, BOOL),
    "true": Function(lambda: True, 0, 0, BOOL),
    "false": Function(lambda: False, 0, 0, BOOL),
    "match": Function(_texts(_match), 2, 2, BOOL, regexes=(1,), literal=(1,)),
    "like": Function(_texts(_like), 2, 2, BOOL, literal=(1,)),
    "in": Function(_in, 2, None, BOOL),
    "cidrmatch": Function(_texts(_cidrmatch), 2, 2, BOOL, literal=(0,)),
    "lower": Function(_texts(lambda text: _cased(text, text.lower())), 1, 1),
    "upper": Function(_texts(lambda text: _cased(text, text.upper())), 1, 1),
    "len": Function(_texts(len), 1, 1),
    "replace": Function(_texts(_replace), 3, 3, regexes=(1, 2), literal=(1, 2)),
    "substr": Function(_strict(_substr), 2, 3),
    "trim": Function(_trim(str.strip), 1, 2),
    "ltrim": Function(_trim(str.lstrip), 1, 2),
    "rtrim": Function(_trim(str.rstrip), 1, 2),
    "split": Function(_texts(_split), 2, 2),
    "mvindex": Function(_mvindex, 2, 3),
    "mvcount": Function(_mvcount, 1, 1),
    "mvappend": Function(_mvappend, 1, None),
    "mvdedup": Function(_mvdedup, 1, 1),
    "mvjoin": Function(_mvjoin, 2, 2),
    "mvzip": Function(_mvzip, 2, 3),
    "tonumber": Function(_strict(_tonumber), 1, 2),
    "tostring": Function(_tostring, 1, 1),
    "round": Function(_strict(_round), 1, 2),
    "floor": Function(_strict(lambda value: math.floor(_number(value))), 1, 1),
    "ceiling": Function(_strict(lambda value: math.ceil(_number(value))), 1, 1),
    "abs": Function(_strict(lambda value: abs(_number(value))), 1, 1),
    "min": Function(_extreme(min), 1, None),
    "max": Function(_extreme(max), 1, None),
    "urldecode": Function(_texts(_urldecode), 1, 1),
    "strptime": Function(_texts(_strptime), 2, 2, literal=(1,)),
    "strftime": Function(_strict(_strftime), 2, 2, literal=(1,)),
    "spath": Function(_texts(_spath), 2, 2, literal=(1,)),
    "json_extract": Function(_texts(_json_extract), 2, 2, literal=(1,)),
}
