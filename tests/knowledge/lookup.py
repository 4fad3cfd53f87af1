"""Automatic lookups in CSV files: LOOKUP- of props.conf and its definition in transforms.conf.

Documented (transforms.conf.spec, props.conf.spec): values are compared with regard to case unless
case_sensitive_match = false; up to max_matches rows match, in the file's order, and give a multivalue;
default_match is for where fewer than min_matches rows match, and min_matches is 0; OUTPUT replaces fields
that exist, and removes them where the event has all inputs and nothing matches; OUTPUTNEW leaves each output
that exists; lookups run in no certain order. Not documented, so UncertainError: an empty cell over a field
that exists, more matches than 100 (by version the default is 100 or 1,000), and a multivalue as input. An
empty cell gives no field.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Callable, Union

from tests.knowledge.conf import Knowledge, Stanza, Table
from tests.knowledge.errors import KnowledgeError, UncertainError
from tests.standins.splunk.conf_file import is_true

FieldValue = Union[str, tuple[str, ...]]
Fields = Mapping[str, FieldValue]
_SURE_MATCHES = 100
_SETTINGS = frozenset(
    {"filename", "match_type", "max_matches", "min_matches", "default_match", "case_sensitive_match"}
)
_WORD = re.compile(r'"[^"]*"|[^\s,]+')


@dataclass(frozen=True)
class Lookup:
    """One LOOKUP- setting; pairs of (column, field)."""

    name: str
    definition: str
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[tuple[str, str], ...]
    new_only: bool
    table: Table
    setting: Stanza

    def run(self, fields: Fields) -> dict[str, FieldValue | None]:
        """The fields that it sets, or removes (None)."""
        wanted = {column: fields.get(field) for column, field in self.inputs}
        if None in wanted.values():
            return {}
        found = self._found({column: self._one(value) for column, value in wanted.items()})
        changed: dict[str, FieldValue | None] = {}
        for column, field in self.outputs:
            if self.new_only and field in fields:
                continue
            values = [row[column] for row in found if row[column]]
            if found and not values and field in fields:
                raise UncertainError(f"{self.name}: an empty cell for {field}, which has a value")
            if values or field in fields:
                changed[field] = tuple(values) if len(values) > 1 else (values[0] if values else None)
        return changed

    def _one(self, value: FieldValue | None) -> str:
        if not isinstance(value, str):
            raise UncertainError(f"{self.name}: an input is a multivalue")
        return value

    def _found(self, wanted: dict[str, str]) -> list[dict[str, str]]:
        tests = [(column, self._test(column, value)) for column, value in wanted.items()]
        found = [row for row in self.table.rows if all(test(row[column]) for column, test in tests)]
        most = self.setting.get("max_matches")
        if most is None and len(found) > _SURE_MATCHES:
            raise UncertainError(f"[{self.definition}]: {len(found)} rows match: set max_matches")
        found = found[: int(most)] if most else found
        if not found and self.setting.get("min_matches", "0") == "1":
            return [dict.fromkeys(self.table.columns, self.setting["default_match"])]
        return found

    def _test(self, column: str, value: str) -> Callable[[str], bool]:
        how = _match_types(self.setting).get(column, "")
        cased = is_true(self.setting.get("case_sensitive_match"), True)
        if how == "CIDR":
            address = _address(value)
            return lambda cell: address is not None and address in ipaddress.ip_network(cell)
        if how == "WILDCARD":
            return lambda cell: _wildcard(cell, cased).fullmatch(value) is not None
        return lambda cell: cell == value if cased else cell.lower() == value.lower()


@cache
def _wildcard(cell: str, cased: bool) -> re.Pattern[str]:
    flags = re.DOTALL | (0 if cased else re.IGNORECASE)
    return re.compile(".*".join(map(re.escape, cell.split("*"))), flags)


def _address(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        return None


def _match_types(setting: Stanza) -> dict[str, str]:
    types = {}
    for part in filter(None, re.split(r"\s*,\s*", setting.get("match_type", ""))):
        found = re.fullmatch(r"(WILDCARD|CIDR)\((\w+)\)", part)
        if found is None:
            raise KnowledgeError(f"match_type {part!r} is neither WILDCARD(x) nor CIDR(x)")
        types[found.group(2)] = found.group(1)
    return types


def parse(name: str, text: str, knowledge: Knowledge) -> Lookup:
    """One LOOKUP- setting.

    Raises:
        KnowledgeError: its syntax, its definition, its file or one of its columns is wrong or missing.
    """
    words = [word.strip('"') for word in _WORD.findall(text)]
    if len(words) < 4:
        raise KnowledgeError(f"{name} = {text}: give a definition, inputs, OUTPUT and outputs")
    definition, rest = words[0], words[1:]
    keywords = [place for place, word in enumerate(rest) if word in ("OUTPUT", "OUTPUTNEW")]
    if len(keywords) != 1:
        raise KnowledgeError(f"{name}: exactly one OUTPUT or OUTPUTNEW is needed")
    setting = knowledge.transforms.get(definition)
    if setting is None:
        raise KnowledgeError(f"{name}: no [{definition}] in transforms.conf")
    unknown = setting.keys() - _SETTINGS
    if unknown or "filename" not in setting:
        raise KnowledgeError(
            f"[{definition}]: no filename, or settings this tool does not read: {sorted(unknown)}"
        )
    if setting.get("min_matches", "0") not in ("0", "1") or (
        ("default_match" in setting) != (setting.get("min_matches", "0") == "1")
    ):
        raise KnowledgeError(f"[{definition}]: default_match needs min_matches = 1, and the other way round")
    table = knowledge.tables.get(setting["filename"])
    if table is None:
        raise KnowledgeError(f"[{definition}]: no lookups/{setting['filename']}")
    inputs, outputs = _pairs(name, rest[: keywords[0]]), _pairs(name, rest[keywords[0] + 1 :])
    missing = {column for column, _ in (*inputs, *outputs)} | _match_types(setting).keys()
    missing -= set(table.columns)
    if missing:
        raise KnowledgeError(f"{name}: {setting['filename']} has no column {sorted(missing)}")
    _check_cells(definition, setting, table)
    return Lookup(name, definition, inputs, outputs, rest[keywords[0]] == "OUTPUTNEW", table, setting)


def _check_cells(definition: str, setting: Stanza, table: Table) -> None:
    for column, how in _match_types(setting).items():
        for row in table.rows if how == "CIDR" else ():
            try:
                ipaddress.ip_network(row[column])
            except ValueError as error:
                raise KnowledgeError(f"[{definition}]: {error}") from error


def _pairs(name: str, words: list[str]) -> tuple[tuple[str, str], ...]:
    pairs, place = [], 0
    while place < len(words):
        if words[place + 1 : place + 2] in (["AS"], ["as"]):
            if place + 2 >= len(words):
                raise KnowledgeError(f"{name}: nothing after AS")
            pairs.append((words[place], words[place + 2]))
            place += 3
        else:
            pairs.append((words[place], words[place]))
            place += 1
    if not pairs:
        raise KnowledgeError(f"{name}: no inputs or no outputs")
    return tuple(pairs)
