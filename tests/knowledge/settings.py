"""Checks the app's conf files, each for itself: names as `splunk btool check` does, and also values.

What Splunk knows is in settings_known.json. An app is given as its files: path inside the app -> text.
"""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from tests.knowledge import evalexpr, pcre
from tests.knowledge.errors import KnowledgeError
from tools import knowledge

KNOWN = Path(__file__).with_name("settings_known.json")
DASHBOARD, BUILT_DASHBOARD = "custom_dashboard.json", "custom/custom.json"
FOLDERS = ("default", "lookups", "metadata", "README", "bin")

T = TypeVar("T")
_FIELD = r"(?:\"[^\"]+\"|'[^']+'|[^\s\"',]+)"
_ALIAS = re.compile(rf"({_FIELD})\s+(?:AS|ASNEW)\s+({_FIELD})(?:\s+|$)", re.IGNORECASE)
_EVAL_TOKEN = re.compile(r"""(?P<text>"(?:[^"\\]|\\.)*")|'[^']*'|(?P<name>[A-Za-z_]\w*)|[(),]""", re.DOTALL)
_EVAL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


@dataclass
class Conf:
    """One conf file: stanza -> setting -> value, in order, and what is wrong with the text itself."""

    stanzas: dict[str, dict[str, str]] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)


def read(text: str) -> Conf:
    """Read a conf file as Splunk does: `#` lines are comments, a backslash at the end continues a value."""
    conf = Conf()
    stanza: str | None = None
    lines = iter(enumerate(text.split("\n"), 1))
    for number, line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line.startswith("["):
            if not line.rstrip().endswith("]"):
                conf.mistakes.append(f"line {number}: a stanza's name without its end: {line}")
            stanza = line.strip()[1:-1]
            if stanza in conf.stanzas:
                conf.mistakes.append(f"[{stanza}] is there twice")
            conf.stanzas.setdefault(stanza, {})
            continue
        while line.endswith("\\"):
            more = next(lines, (0, ""))[1]
            if more.lstrip().startswith("#"):
                conf.mistakes.append(f"line {number}: a comment inside a value that goes on over lines")
            line = f"{line[:-1]}\n{more}"
        name, equals, value = line.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not name:
            conf.mistakes.append(f"line {number}: neither stanza nor setting: {line}")
        elif stanza is None:
            conf.mistakes.append(f"line {number}: {name} is in no stanza")
        else:
            if name in conf.stanzas[stanza]:
                conf.mistakes.append(f"[{stanza}] {name} is there twice")
            if value.endswith("\\"):
                conf.mistakes.append(f"[{stanza}] {name}: blanks after the backslash, the value ends there")
            conf.stanzas[stanza][name] = value
    return conf


def built_app(spl: Path) -> dict[str, str]:
    """The files of a package that are checked; of bin/ only the names."""
    files = {}
    with tarfile.open(spl) as archive:
        for member in archive.getmembers():
            path = member.name.partition("/")[2]
            if path.endswith(f"/{BUILT_DASHBOARD}"):
                path = DASHBOARD
            elif path.split("/")[0] not in FOLDERS or path.count("/") != 1:
                continue
            if member.isfile():
                content = archive.extractfile(member)
                assert content is not None
                files[path] = "" if path.startswith("bin/") else content.read().decode("utf-8")
    return files


def source_app(root: Path) -> dict[str, str]:
    """The same out of the source tree: what is written by hand, with the families of knowledge/ joined."""
    paths = (path for name in FOLDERS for path in sorted((root / name).glob("*")) if path.is_file())
    files = {
        str(path.relative_to(root)): "" if path.parent.name == "bin" else path.read_text(encoding="utf-8")
        for path in paths
    }
    files[DASHBOARD] = (root / DASHBOARD).read_text(encoding="utf-8")
    return files | {f"default/{name}": text for name, text in knowledge.joined(root).items()}


def confs(files: Mapping[str, str]) -> dict[str, Conf]:
    """File name -> what it says, for all of default/."""
    return {
        Path(path).name: read(text)
        for path, text in files.items()
        if path.startswith("default/") and path.endswith(".conf")
    }


class Kind(NamedTuple):
    """What a value has to be; `accepted` are the words of "one of" and "list"."""

    name: str
    accepted: tuple[str, ...] = ()


Settings = dict[str, Kind]
Known = dict[str, dict[str, Settings]]  # conf file -> kind of stanza -> setting -> kind


@cache
def splunks() -> Known:
    files: dict[str, dict[str, dict[str, Any]]] = json.loads(KNOWN.read_text(encoding="utf-8"))["files"]
    return {
        name: {stanza: _settings(kinds) for stanza, kinds in stanzas.items()}
        for name, stanzas in files.items()
    }


def _settings(kinds: dict[str, Any]) -> Settings:
    settings: Settings = {}
    for kind, names in kinds.items():
        if kind in ("one of", "list"):
            settings |= {name: Kind(kind, tuple(accepted)) for name, accepted in names.items()}
        else:
            settings |= {name: Kind(kind) for name in names}
    return settings


def known_to(files: Mapping[str, str]) -> Known:
    """What Splunk knows, and what the app's own README/*.conf.spec add."""
    known = {name: dict(stanzas) for name, stanzas in splunks().items()}
    for path, text in files.items():
        if path.startswith("README/") and path.endswith(".conf.spec"):
            stanzas = known.setdefault(Path(path).stem, {})
            for stanza, settings in _spec(text).items():
                same = next((name for name in stanzas if _nameless(name) == _nameless(stanza)), stanza)
                stanzas[same] = stanzas.get(same, {}) | settings
    # An input's settings may also stand in the stanza of its scheme, as defaults for all inputs.
    inputs = known["inputs.conf"]
    for stanza in [name for name in inputs if name.endswith("://<name>")]:
        inputs[stanza] = inputs["<scheme>"] | inputs[stanza]
        inputs[stanza.partition("://")[0]] = inputs[stanza]
    inputs.pop("<scheme>")
    return known


def _nameless(stanza: str) -> str:
    return re.sub(r"<[^>]*>", "<>", stanza)


def _spec(text: str) -> dict[str, Settings]:
    stanzas: dict[str, Settings] = {}
    current: Settings = {}
    for line in text.splitlines():
        if stanza := re.fullmatch(r"\[(.*)\]", line):
            current = stanzas.setdefault(stanza[1], {})
        elif setting := re.fullmatch(r"([\w.]+) = (.+)", line):
            current[setting[1]] = _spec_kind(setting[2])
    return stanzas


def _spec_kind(accepted: str) -> Kind:
    kinds = {"<boolean>": "boolean", "<integer>": "integer", "<number>": "number", "<decimal>": "number"}
    if accepted in kinds:
        return Kind(f"{kinds[accepted]} or empty")
    if "|" in accepted and not accepted.startswith("{"):
        return Kind("one of", ("", *accepted.split("|")))
    return Kind("text")


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """A name or value in which <...> stands for any text."""
    return re.compile(
        "".join(".+" if p[:1] == "<" else re.escape(p) for p in re.split(r"(<[^>]*>)", template))
    )


def _matches(template: str, text: str) -> bool:
    return template == text or _pattern(template).fullmatch(text) is not None


def _look_up(known: Mapping[str, Any], name: str) -> Any:
    """The entry for `name`: its own, else the first pattern it fits."""
    if name in known:
        return known[name]
    return next((entry for template, entry in known.items() if _pattern(template).fullmatch(name)), None)


def mistakes(files: Mapping[str, str]) -> list[str]:
    """Names that nobody knows, values that are of the wrong kind: one sentence each, with the place."""
    found: list[str] = []
    known = known_to(files)
    for name, conf in (confs(files) | {"default.meta": read(files.get("metadata/default.meta", ""))}).items():
        found += [f"{name}: {mistake}" for mistake in conf.mistakes]
        if name not in known:
            found.append(f"{name}: neither Splunk's nor described in README/{name}.spec")
            continue
        for stanza, settings in conf.stanzas.items():
            found += (f"{name} [{stanza}] {text}" for text in _stanza(known[name], name, stanza, settings))
    return found


def _stanza(known: dict[str, Settings], name: str, stanza: str, settings: dict[str, str]) -> Iterator[str]:
    accepted = known["<object>"] if name == "default.meta" else _look_up(known, stanza)
    if accepted is None:
        yield "is no stanza that is known"
        return
    for setting, value in settings.items():
        kind = _look_up(accepted, setting)
        if kind is None:
            yield f"{setting}: is no setting that is known"
        else:
            yield from (f"{setting}: {text}" for text in _value(kind, setting, value))


def _value(kind: Kind, setting: str, value: str) -> Iterator[str]:
    name = kind.name.removesuffix(" or empty")
    if not value and kind.name.endswith(" or empty"):
        return
    if name == "boolean" and value.lower() not in ("true", "false", "1", "0"):
        yield f"{value!r} is not true, false, 1 or 0"
    elif name == "integer" and not re.fullmatch(r"-?\d+", value):
        yield f"{value!r} is no whole number"
    elif name == "number" and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        yield f"{value!r} is no number"
    elif name == "one of" and not any(_matches(word, value) for word in kind.accepted):
        yield f"{value!r} is none of {', '.join(kind.accepted)}"
    elif name == "list":
        words = {word.strip() for word in value.split(",")}
        yield from (f"{word!r} is none of {', '.join(kind.accepted)}" for word in words - set(kind.accepted))
    elif name in _SYNTAX:
        yield from _SYNTAX[name](setting, value)


def _regex(_: str, value: str) -> Iterator[str]:
    try:
        pcre.compiled(value)
    except KnowledgeError as error:
        yield str(error)


def _grouped(setting: str, value: str) -> Iterator[str]:
    yield from _regex(setting, value)
    if not any(_regex(setting, value)) and not pcre.compiled(value).groups:
        yield f"{value!r} has no group"


def _extract(setting: str, value: str) -> Iterator[str]:
    regex = extract_regex(value)
    yield from _regex(setting, regex)
    if not pcre.group_names(regex):
        yield f"{value!r} has no named group"


def _sed(setting: str, value: str) -> Iterator[str]:
    match = re.fullmatch(r"s/((?:[^/\\]|\\.)*)/((?:[^/\\]|\\.)*)/(g|\d+)?|y/[^/]+/[^/]+/", value)
    if match is None:
        yield f"{value!r} is neither s/regex/text/ nor y/letters/letters/"
    elif match[1]:
        yield from _regex(setting, match[1])


def _alias(_: str, value: str) -> Iterator[str]:
    pairs = list(_ALIAS.finditer(value))
    if not pairs or "".join(pair[0] for pair in pairs) != value:
        yield f"{value!r} is not: field AS alias, ..."


def _eval(setting: str, value: str) -> Iterator[str]:
    name = setting.partition("-")[2]
    if not _EVAL_NAME.fullmatch(name):
        yield f"{name!r} is no field name"
    try:
        evalexpr.parse(value)
        eval_regexes(value)
    except (KnowledgeError, ValueError) as error:
        yield str(error)


def _lookup(_: str, value: str) -> Iterator[str]:
    try:
        Lookup.parse(value)
    except ValueError as error:
        yield str(error)


_SYNTAX = {
    "regex": _regex,
    "regex with a group": _grouped,
    "extract": _extract,
    "sed": _sed,
    "alias": _alias,
    "eval": _eval,
    "lookup": _lookup,
}


def twice(items: Iterable[T]) -> list[T]:
    """The second and later ones of equal items."""
    seen: set[T] = set()
    again = []
    for item in items:
        if item in seen:
            again.append(item)
        seen.add(item)
    return again


def aliases(value: str) -> list[str]:
    """The fields that a FIELDALIAS writes."""
    return [pair[2].strip("\"'") for pair in _ALIAS.finditer(value)]


def extract_regex(value: str) -> str:
    """The regex of `EXTRACT-x = <regex> in <field>`."""
    return re.sub(r"\s+in\s+\w+$", "", value)


def eval_regexes(expression: str) -> list[str]:
    """The second arguments of match() and replace() in an eval expression.

    Raises:
        ValueError: one of them is not written out, so that nobody can say what it matches.
    """
    found = []
    tokens = list(_EVAL_TOKEN.finditer(expression))
    for index, token in enumerate(tokens[:-1]):
        if token["name"] in ("match", "replace") and tokens[index + 1][0] == "(":
            argument = list(_second_argument(tokens[index + 2 :]))
            if len(argument) != 1 or not argument[0]["text"]:
                raise ValueError(f"{token[0]}() with a regex that is not one text: {expression!r}")
            found.append(argument[0][0][1:-1].replace(r"\"", '"'))
    return found


def _second_argument(tokens: list[re.Match[str]]) -> Iterator[re.Match[str]]:
    depth = commas = 0
    for token in tokens:
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth < 0 or commas == 2:
            return
        if token[0] == "," and not depth:
            commas += 1
        elif commas == 1:
            yield token


class Lookup(NamedTuple):
    """LOOKUP-x = table in AS field ... OUTPUT out AS field ...: the columns asked, and those that answer."""

    table: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @classmethod
    def parse(cls, value: str) -> Lookup:
        words = [word.strip("\"'") for word in re.findall(_FIELD, value)]
        keywords = [index for index, word in enumerate(words) if word.upper() in ("OUTPUT", "OUTPUTNEW")]
        end = keywords[0] if keywords else len(words)
        inputs, outputs = _columns(words[1:end]), _columns(words[end + 1 :])
        if len(keywords) > 1 or not inputs or (keywords and not outputs):
            raise ValueError(f"{value!r} is not: table column AS field OUTPUT column AS field")
        return cls(words[0], inputs, outputs)


def _columns(words: list[str]) -> tuple[str, ...]:
    """The columns of `column AS field other_column ...`; none where that is not what `words` are."""
    pairs = re.findall(r"(\S+)(?: AS \S+)?(?: |$)", " ".join(words))
    columns = tuple(pair for pair in pairs if pair.upper() != "AS")
    return columns if len(columns) == len(pairs) and not twice(columns) else ()


def regexes(read_confs: Mapping[str, Conf]) -> Iterator[tuple[str, str]]:
    """Where, and what: every regular expression of the conf files."""
    for name, conf in sorted(read_confs.items()):
        for stanza, settings in conf.stanzas.items():
            accepted = _look_up(splunks().get(name, {}), stanza) or {}
            for setting, value in settings.items():
                kind = _look_up(accepted, setting) or Kind("text")
                yield from (
                    (f"{name} [{stanza}] {setting}", regex) for regex in _regexes_of(kind.name, value)
                )


def _regexes_of(kind: str, value: str) -> list[str]:
    if kind in ("regex", "regex with a group"):
        return [value]
    if kind == "extract":
        return [extract_regex(value)]
    if kind == "sed":
        return re.findall(r"^s/((?:[^/\\]|\\.)*)/", value)
    return eval_regexes(value) if kind == "eval" else []
