"""Checks what the conf files, lookup files, pages and metadata of an app say of each other."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

from tests.knowledge import pcre, settings, spl_text
from tests.knowledge.errors import KnowledgeError
from tests.knowledge.settings import Lookup, twice

# Endpoints of Splunk itself that the app's pages read.
SPLUNKS_OWN_ENDPOINTS = {"data/indexes"}
SEARCH_TIME = ("props", "transforms", "eventtypes", "tags", "lookups", "macros")

_TAG_NAME = re.compile(r"[A-Za-z_]\w*")
_ACCESS = re.compile(r"read : \[ [\w*]+(, [\w*]+)* \](, write : \[ [\w*]+(, [\w*]+)* \])?")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def mistakes(files: Mapping[str, str]) -> list[str]:
    """What refers to nothing, and what nothing refers to: one sentence each, with the place."""
    app = _App(files)
    checks = (_props, _transforms, _lookup_files, _eventtypes, _tags, _macros, _meta, _rest, _own_confs)
    return [mistake for check in checks for mistake in check(app)]


class _App:
    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        meta = settings.read(files.get("metadata/default.meta", ""))
        self._confs = settings.confs(files) | {"default.meta": meta}

    def stanzas(self, name: str) -> dict[str, dict[str, str]]:
        return self._confs[name].stanzas if name in self._confs else {}

    def columns(self, transform: str) -> list[str] | None:
        """The columns of a lookup's CSV file; None where there is no such lookup with a file."""
        filename = self.stanzas("transforms.conf").get(transform, {}).get("filename")
        text = self.files.get(f"lookups/{filename}")
        return None if text is None else next(csv.reader(io.StringIO(text)), [])

    def values(self, name: str, *prefixes: str) -> Iterator[tuple[str, str]]:
        """(place, value) of the found of a conf whose names begin with one of `prefixes`."""
        for stanza, found in self.stanzas(name).items():
            for setting, value in found.items():
                if setting.startswith(prefixes):
                    yield f"{name} [{stanza}] {setting}:", value


def _names(value: str) -> list[str]:
    return [name.strip() for name in value.split(",")]


def _lookups(app: _App) -> Iterator[tuple[str, Lookup]]:
    for place, value in app.values("props.conf", "LOOKUP-"):
        with contextlib.suppress(ValueError):  # told where the setting is checked
            yield place, Lookup.parse(value)


def _props(app: _App) -> Iterator[str]:
    transforms = app.stanzas("transforms.conf")
    for place, value in app.values("props.conf", "REPORT-", "TRANSFORMS-", "RULESET-"):
        for name in _names(value):
            if name not in transforms:
                yield f"{place} there is no transform {name}"
            elif not {"REGEX", "DELIMS", "INGEST_EVAL"} & set(transforms[name]):
                yield f"{place} the transform {name} extracts nothing"
    for place, lookup in _lookups(app):
        columns = app.columns(lookup.table)
        if lookup.table not in transforms:
            yield f"{place} there is no lookup {lookup.table}"
        elif columns is None:
            yield f"{place} the lookup {lookup.table} has no file"
        else:
            asked = [*lookup.inputs, *lookup.outputs]
            yield from (f"{place} {lookup.table} has no column {n}" for n in asked if n not in columns)
    for stanza, found in app.stanzas("props.conf").items():
        written = [settings.aliases(value) for name, value in found.items() if name.startswith("FIELDALIAS-")]
        for target in twice(itertools.chain(*written)):
            yield f"props.conf [{stanza}] {target} is the alias of two fields"


def _transforms(app: _App) -> Iterator[str]:
    used = {lookup.table for _, lookup in _lookups(app)}
    used |= {
        name
        for _, value in app.values("props.conf", "REPORT-", "TRANSFORMS-", "RULESET-")
        for name in _names(value)
    }
    for stanza, found in app.stanzas("transforms.conf").items():
        place = f"transforms.conf [{stanza}]"
        if stanza not in used:
            yield f"{place} is used by nothing"
        if "filename" in found:
            columns = app.columns(stanza)
            if columns is None:
                yield f"{place} there is no file lookups/{found['filename']}"
                continue
            for kind, column in re.findall(r"(\w+)\(([^)]*)\)", found.get("match_type", "")):
                if kind not in ("WILDCARD", "CIDR", "EXACT") or column not in columns:
                    yield f"{place} match_type: {kind}({column}) is not known"
            if found.get("match_type") and "(" not in found["match_type"]:
                yield f"{place} match_type: {found['match_type']!r} names no column"
        elif not {"REGEX", "DELIMS", "INGEST_EVAL", "external_cmd", "collection"} & set(found):
            yield f"{place} is neither a lookup nor an extraction"
        if "default_match" in found and found.get("min_matches", "0") == "0":
            yield f"{place} default_match: has no effect without min_matches"
        if "REGEX" in found:
            with contextlib.suppress(KnowledgeError):  # told where the setting is checked
                groups = pcre.compiled(found["REGEX"]).groups
                for number in map(int, re.findall(r"\$(\d+)", found.get("FORMAT", ""))):
                    if number > groups:
                        yield f"{place} FORMAT: REGEX has no group {number}"


def _lookup_files(app: _App) -> Iterator[str]:
    defined = {found.get("filename"): found for found in app.stanzas("transforms.conf").values()}
    keys: dict[str, set[tuple[str, ...]]] = {}  # file -> the columns by which it is asked
    for _, lookup in _lookups(app):
        filename = app.stanzas("transforms.conf").get(lookup.table, {}).get("filename", "")
        keys.setdefault(filename, set()).add(lookup.inputs)
    for path, text in app.files.items():
        name = Path(path).name
        if not path.startswith("lookups/") or not name.endswith(".csv"):
            continue
        if name not in defined:
            yield f"{path}: no lookup has this file"
        rows = list(csv.reader(io.StringIO(text)))
        if not rows or not all(rows[0]) or twice(rows[0]):
            yield f"{path}: the first line does not name the columns"
            continue
        header, *rest = rows
        for row in rest:
            if len(row) != len(header):
                yield f"{path}: not as many values as columns: {row}"
            if [value.strip() for value in row] != row:
                yield f"{path}: blanks around a value: {row}"
        exact = defined.get(name, {}).get("case_sensitive_match", "true").lower() in ("true", "1")
        for columns in sorted(keys.get(name, ())):
            asked = [tuple(dict(zip(header, row)).get(column, "") for column in columns) for row in rest]
            if not exact:
                asked = [tuple(value.lower() for value in key) for key in asked]
            yield from (f"{path}: two rows for {', '.join(key)}" for key in dict.fromkeys(twice(asked)))


def _eventtypes(app: _App) -> Iterator[str]:
    sourcetypes = list(app.stanzas("props.conf"))
    for stanza, found in app.stanzas("eventtypes.conf").items():
        place = f"eventtypes.conf [{stanza}] search:"
        search = found.get("search", "")
        bare = _QUOTED.sub('""', search)
        if not search:
            yield f"{place} is missing"
        if bare.count('"') % 2 or bare.count("(") != bare.count(")"):
            yield f"{place} quotes or parentheses that do not pair"
        for sign, what in (("|", "a pipe"), ("[", "a subsearch"), ("`", "a macro")):
            if sign in bare:
                yield f"{place} has {what}"
        if re.search(r"\b(eventtype|index|savedsearch|tag)\s*=", bare):
            yield f"{place} depends on an eventtype, a tag, a report or an index"
        for name in _sourcetypes(search):
            wanted = re.compile(".*".join(map(re.escape, name.split("*"))))
            if not any(wanted.fullmatch(sourcetype) for sourcetype in sourcetypes):
                yield f"{place} there is no sourcetype {name}"


def _sourcetypes(search: str) -> Iterator[str]:
    for one, several in re.findall(r"\bsourcetype\s*(?:=\s*([^\s()]+)|IN\s*\(([^)]*)\))", search):
        yield from (name.strip('" ') for name in ([one] if one else several.split(",")))


def _tags(app: _App) -> Iterator[str]:
    for stanza, found in app.stanzas("tags.conf").items():
        place = f"tags.conf [{stanza}]"
        name, _, value = stanza.partition("=")
        if name == "eventtype" and unquote(value) not in app.stanzas("eventtypes.conf"):
            yield f"{place} there is no eventtype {value}"
        if not found:
            yield f"{place} gives no tag"
        yield from (f"{place} {tag!r} is no tag's name" for tag in found if not _TAG_NAME.fullmatch(tag))


def _macros(app: _App) -> Iterator[str]:
    """The pages' searches count, where the app has pages."""
    macros = app.stanzas("macros.conf")
    texts = [(f"macros.conf [{name}]", found.get("definition", "")) for name, found in macros.items()]
    texts += list(app.values("savedsearches.conf", "search"))
    texts += [(settings.DASHBOARD, app.files[settings.DASHBOARD])] if settings.DASHBOARD in app.files else []
    used: set[str] = set()
    for place, text in texts:
        names = spl_text.macros_of(text)
        used |= names
        yield from (f"{place} there is no macro {name}" for name in sorted(names - set(macros)))
    if settings.DASHBOARD in app.files:
        yield from (f"macros.conf [{name}] is used by nothing" for name in sorted(set(macros) - used))


def _meta(app: _App) -> Iterator[str]:
    """Searches run in other apps: what is not exported, works only inside the add-on."""
    stanzas = app.stanzas("default.meta")
    everything = stanzas.get("", {})
    if not everything:
        yield "default.meta: nothing is said of the whole app"
    for stanza, found in stanzas.items():
        access = found.get("access")
        if access is not None and not _ACCESS.fullmatch(access):
            yield f"default.meta [{stanza}] access: {access!r} is not read : [ roles ], write : [ roles ]"
    for kind in SEARCH_TIME:
        found = everything | stanzas.get(kind, {})
        if found.get("export") != "system":
            yield f"default.meta: {kind} are not exported to other apps"
        if not found.get("access", "").startswith("read : [ * ]"):
            yield f"default.meta: not everyone may read {kind}"
    for stanza, found in stanzas.items():
        if stanza.split("/")[0] in SEARCH_TIME and found.get("export", "system") != "system":
            yield f"default.meta [{stanza}] is not exported to other apps"


def _rest(app: _App) -> Iterator[str]:
    stanzas = app.stanzas("restmap.conf")
    external = {name.partition(":")[2] for name in stanzas if name.startswith("admin_external:")}
    members = {
        member
        for name, found in stanzas.items()
        if name.startswith("admin:")
        for member in _names(found.get("members", ""))
    }
    yield from (
        f"restmap.conf: {name} is in no admin stanza, or has no handler" for name in members ^ external
    )
    for place, value in app.values("restmap.conf", "handlerfile"):
        if f"bin/{value}" not in app.files:
            yield f"{place} there is no bin/{value}"
    for place, value in app.values("web.conf", "pattern"):
        endpoint = value.removesuffix("/*")
        if endpoint not in members | SPLUNKS_OWN_ENDPOINTS:
            yield f"{place} there is no endpoint {endpoint}"


def _own_confs(app: _App) -> Iterator[str]:
    """The app's own conf files that app.conf and server.conf name: they are described in README/."""
    own = {Path(path).name.split(".")[0] for path in app.files if path.startswith("README/")}
    for conf, prefix in (("app.conf", "reload."), ("server.conf", "conf_replication_include.")):
        for stanza, found in app.stanzas(conf).items():
            for name in found:
                if name.startswith(prefix) and name.removeprefix(prefix).split(".")[0] not in own:
                    yield f"{conf} [{stanza}] {name}: the app has no such conf file"
