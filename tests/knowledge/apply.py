"""Search time for one event: EXTRACT, JSON or pairs, FIELDALIAS, EVAL, LOOKUP, event types, tags.

Documented (Knowledge Manager Manual, "The sequence of search-time operations", and props.conf.spec): the
order; all EVALs of an event see the fields from before any of them; an alias replaces its target, and removes
it where the source is missing; lookups run in no certain order; settings of several stanzas that fit are
merged, source:: over host:: over sourcetype. Refused or UncertainError here, as undocumented: an EXTRACT of a
field that the JSON has too, an alias of an alias, a name in the JSON that is metadata too (host, source, ...)
where an expression or a search reads it, a lookup's input that is another lookup's output, and settings
that this tool does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, Union
from urllib.parse import unquote

from tests.knowledge import evalexpr, kvauto, kvjson, lookup, pcre, search
from tests.knowledge.conf import Knowledge, Stanza
from tests.knowledge.errors import KnowledgeError, UncertainError
from tests.knowledge.kvjson import Reading

FieldValue = Union[str, tuple[str, ...]]

_NOT_SEARCH_TIME = frozenset(
    {
        "SHOULD_LINEMERGE",
        "LINE_BREAKER",
        "EVENT_BREAKER",
        "EVENT_BREAKER_ENABLE",
        "TRUNCATE",
        "DATETIME_CONFIG",
        "TIME_PREFIX",
        "TIME_FORMAT",
        "MAX_TIMESTAMP_LOOKAHEAD",
        "sourcetype",
        "CHARSET",
        "category",
        "description",
        "pulldown_type",
    }
)
_CLASSES = ("EXTRACT-", "FIELDALIAS-", "EVAL-", "LOOKUP-")
_METADATA = ("host", "source", "sourcetype")
_RESERVED = frozenset(
    {*_METADATA, "index", "_time", "_raw", "linecount", "punct", "splunk_server", "eventtype", "tag"}
)
_EXTRACT_FLAGS = "(?ms)"  # props.conf.spec: Splunk puts them before the regex of an EXTRACT
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ALIAS = re.compile(r"\s*(\"[^\"]+\"|\S+)\s+(AS|ASNEW|as|asnew)\s+(\"[^\"]+\"|\S+)")


class Event(NamedTuple):
    """What is indexed."""

    raw: str
    sourcetype: str
    source: str
    host: str
    time: str


class EventFields(dict[str, FieldValue]):
    """Fields of an event; reading one of `unsure` raises UncertainError."""

    def __init__(self, given: Mapping[str, FieldValue], unsure: Iterable[str] = ()) -> None:
        super().__init__(given)
        self.unsure = frozenset(unsure)

    def get(self, name: str, default: Any = None) -> Any:
        if name in self.unsure:
            raise UncertainError(
                f"{name} is metadata, too, or there twice, or oddly written: what is read is not sure; "
                f'in JSON use spath(_raw, "{name}")'
            )
        return super().get(name, default)


@dataclass
class Outcome:
    """An event as a search sees it.

    `before` are the fields before any EVAL, `made` what props.conf names. Settings that cannot be read are
    not among the problems: see Rules.
    """

    fields: dict[str, FieldValue] = field(default_factory=dict)
    before: frozenset[str] = frozenset()
    made: frozenset[str] = frozenset()
    eventtypes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    problems: list[str] = field(default_factory=list)
    unsure: frozenset[str] = frozenset()
    """Fields of which it is not sure what they hold."""


class Alias(NamedTuple):
    """One pair of a FIELDALIAS-."""

    setting: str
    source: str
    target: str
    new_only: bool


@dataclass
class Rules:
    """The search-time settings that hold for one event, parsed; `problems` are those that could not be."""

    json: bool = False
    pairs: bool = False
    extracts: list[tuple[str, str, str]] = field(default_factory=list)  # setting, pattern, field it reads
    aliases: list[Alias] = field(default_factory=list)
    evals: dict[str, evalexpr.Expression] = field(default_factory=dict)
    lookups: list[lookup.Lookup] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def made(self) -> frozenset[str]:
        """The names of all fields that the settings can make."""
        extracted = {name for _, pattern, _ in self.extracts for name in pcre.group_names(pattern)}
        looked_up = {name for rule in self.lookups for _, name in rule.outputs}
        return frozenset({*extracted, *(a.target for a in self.aliases), *self.evals, *looked_up})


class Applier:
    """The knowledge of one add-on, applied to events."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._rules: dict[tuple[str, ...], Rules] = {}
        self.problems: list[str] = []
        """What is wrong with event types and tags, whatever the event."""
        self._searches = self._parsed_searches()
        self._tags = self._parsed_tags()

    @property
    def searches(self) -> dict[str, search.Search]:
        """The event types' searches by name."""
        return self._searches

    @property
    def tagged(self) -> frozenset[str]:
        """The event types that have tags."""
        return frozenset(value for name, value in self._tags if name == "eventtype")

    def tags_of(self, eventtype: str) -> tuple[str, ...]:
        """The tags that an event type gives."""
        return tuple(sorted(self._tags.get(("eventtype", eventtype), ())))

    def _parsed_searches(self) -> dict[str, search.Search]:
        found = {}
        for name, setting in self._knowledge.eventtypes.items():
            unknown = setting.keys() - {"search", "description", "priority", "color"}
            if unknown or "search" not in setting:
                self.problems.append(
                    f"eventtypes.conf [{name}]: no search, or unknown settings {sorted(unknown)}"
                )
                continue
            try:
                found[name] = search.parse(setting["search"])
            except KnowledgeError as error:
                self.problems.append(f"eventtypes.conf [{name}]: {error}")
                continue
            if not re.match(r"\(?\s*sourcetype\s*(=|IN\b)", setting["search"]):
                self.problems.append(f"eventtypes.conf [{name}]: does not begin with a sourcetype")
        return found

    def _parsed_tags(self) -> dict[tuple[str, str], tuple[str, ...]]:
        found = {}
        for stanza, setting in self._knowledge.tags.items():
            name, equals, value = unquote(stanza).partition("=")
            if not equals or not value:
                self.problems.append(f"tags.conf [{stanza}]: give field=value")
                continue
            if name == "eventtype" and value not in self._knowledge.eventtypes:
                self.problems.append(f"tags.conf [{stanza}]: no such event type")
            odd = {word for word in setting.values() if word not in ("enabled", "disabled")}
            if odd:
                self.problems.append(f"tags.conf [{stanza}]: {sorted(odd)} instead of enabled")
            found[name, value] = tuple(tag for tag, word in setting.items() if word == "enabled")
        return found

    def rules(self, event: Event) -> Rules:
        """The settings that hold for `event`."""
        names = tuple(self._fitting(event))
        if names not in self._rules:
            merged: Stanza = {}
            for name in names:
                merged.update(self._knowledge.props[name])
            self._rules[names] = parse_rules(merged, self._knowledge)
        return self._rules[names]

    def _fitting(self, event: Event) -> list[str]:
        """Stanzas that fit, the weakest first."""
        props = self._knowledge.props
        hosts = [name for name in props if name.startswith("host::") and fits(name[6:], event.host)]
        sources = [name for name in props if name.startswith("source::") and fits(name[8:], event.source)]
        named = [name for name in ("default", event.sourcetype) if name in props]
        return [*named, *sorted(hosts), *sorted(sources)]

    def run(self, event: Event, reading: Reading = kvjson.READINGS[0]) -> Outcome:
        """Everything that a search sees of `event`; what could not be done is in the outcome's problems."""
        rules = self.rules(event)
        outcome = Outcome(made=rules.made)
        fields = self._extracted(event, rules, reading, outcome.problems)
        _attempt(outcome.problems, "FIELDALIAS", lambda: _alias(fields, rules.aliases))
        outcome.before = frozenset(fields) - {"_raw", "_time"}
        seen = EventFields(fields, fields.unsure)
        for name, expression in rules.evals.items():
            _attempt(
                outcome.problems,
                f"EVAL-{name}",
                lambda e=expression, n=name: _assign(fields, n, e.value(seen)),
            )
        self._look_up(fields, rules, outcome.problems)
        known = self._search_view(fields, event)
        outcome.eventtypes = tuple(self._matching(known, outcome.problems))
        outcome.tags = tuple(sorted(set(self._tags_of(known, outcome.eventtypes))))
        outcome.fields = {name: value for name, value in fields.items() if name != "_raw"}
        outcome.unsure = fields.unsure
        return outcome

    def _extracted(self, event: Event, rules: Rules, reading: Reading, problems: list[str]) -> EventFields:
        metadata = {"host": event.host, "source": event.source, "sourcetype": event.sourcetype}
        own = {"_raw": event.raw, "_time": event.time, **metadata}
        extracted: dict[str, FieldValue] = {}
        for setting, pattern, source in rules.extracts:
            found = pcre.compiled(_EXTRACT_FLAGS + pattern).search(own[source])
            for name, value in (found.groupdict() if found else {}).items():
                if name in extracted:
                    problems.append(f"{setting}: another EXTRACT has given {name} already")
                elif value:
                    extracted[name] = value
        automatic: dict[str, FieldValue] = dict(kvjson.extract(event.raw, reading)) if rules.json else {}
        odd: frozenset[str] = frozenset()
        if rules.pairs:
            pairs, odd = kvauto.extract(event.raw)
            automatic.update(pairs)
        for name in extracted.keys() & (automatic.keys() | odd):
            problems.append(f"EXTRACT and the automatic extraction both give {name}")
        unsure = {name for name in automatic if name in _RESERVED} | odd
        kept = {name: value for name, value in automatic.items() if name not in _RESERVED}
        return EventFields({**own, **extracted, **kept}, unsure)

    @staticmethod
    def _look_up(fields: EventFields, rules: Rules, problems: list[str]) -> None:
        before = EventFields(fields, fields.unsure)
        changed: dict[str, FieldValue | None] = {}

        def run(rule: lookup.Lookup) -> None:
            for name, value in rule.run(before).items():
                if changed.setdefault(name, value) != value:
                    raise UncertainError(f"another lookup gives {name} too: they run in no certain order")
                _assign(fields, name, value)

        for rule in rules.lookups:
            _attempt(problems, rule.name, lambda rule=rule: run(rule))

    @staticmethod
    def _search_view(fields: EventFields, event: Event) -> EventFields:
        view = EventFields(fields, fields.unsure - {"sourcetype", "index"})
        view["sourcetype"] = event.sourcetype
        del view["_raw"]
        return view

    def _matching(self, fields: EventFields, problems: list[str]) -> list[str]:
        found: list[str] = []
        for name, parsed in self._searches.items():

            def run(name: str = name, parsed: search.Search = parsed) -> None:
                if parsed.matches(fields):
                    found.append(name)

            _attempt(problems, f"event type {name}", run)
        return found

    def _tags_of(self, fields: EventFields, eventtypes: tuple[str, ...]) -> Iterable[str]:
        for (name, value), tags in self._tags.items():
            if name == "eventtype":
                if value in eventtypes:
                    yield from tags
                continue
            held = dict(fields).get(name)
            if value in ((held,) if isinstance(held, str) else held or ()):
                yield from tags


def _attempt(problems: list[str], what: str, run: Any) -> None:
    try:
        run()
    except KnowledgeError as error:
        problems.append(f"{what}: {error}")


def _assign(fields: EventFields, name: str, value: FieldValue | None) -> None:
    if value is None:
        fields.pop(name, None)
    else:
        fields[name] = value


@cache
def fits(pattern: str, value: str) -> bool:
    """source:: and host:: patterns: `...` for any text, `*` for any without a slash."""
    known = {"...": ".*", "*": "[^/]*"}
    regex = "".join(known.get(part, re.escape(part)) for part in re.split(r"(\.\.\.|\*)", pattern))
    return re.fullmatch(regex, value) is not None


def parse_rules(setting: Stanza, knowledge: Knowledge) -> Rules:
    """The settings of the stanzas of one event, merged."""
    rules = Rules(json=setting.get("KV_MODE") == "json", pairs=setting.get("KV_MODE") == "auto")
    if setting.get("KV_MODE", "json") not in ("json", "auto", "none"):
        rules.problems.append(f"KV_MODE = {setting['KV_MODE']} is not known here")
    for key in sorted(setting):
        if key in _NOT_SEARCH_TIME or key == "KV_MODE":
            continue
        if not key.startswith(_CLASSES):
            rules.problems.append(f"props.conf: {key} is not known here")
            continue
        _attempt(rules.problems, key, lambda k=key: _parse_rule(rules, k, setting[k], knowledge))
    _check(rules)
    return rules


def _parse_rule(rules: Rules, key: str, text: str, knowledge: Knowledge) -> None:
    name = key.partition("-")[2]
    if not name:
        raise KnowledgeError("a name is missing")
    if key.startswith("EVAL-"):
        if not _NAME.fullmatch(name) or name in _RESERVED:
            raise KnowledgeError("no name for a field")
        rules.evals[name] = evalexpr.parse(text)
    elif key.startswith("EXTRACT-"):
        found = re.fullmatch(r"(.*?)(?:\s+in\s+([A-Za-z_]\w*))?", text, re.DOTALL)
        pattern, source = (found.group(1), found.group(2) or "_raw") if found else (text, "_raw")
        if source not in ("_raw", *_METADATA):
            raise KnowledgeError(f"an EXTRACT runs before the JSON is read: it cannot look into {source}")
        pcre.compiled(_EXTRACT_FLAGS + pattern)
        if not pcre.group_names(pattern):
            raise KnowledgeError("no named group")
        rules.extracts.append((key, pattern, source))
    elif key.startswith("FIELDALIAS-"):
        rules.aliases.extend(_parse_aliases(key, text))
    else:
        rules.lookups.append(lookup.parse(key, text, knowledge))


def _parse_aliases(key: str, text: str) -> list[Alias]:
    found, place = [], 0
    while text[place:].strip():
        match = _ALIAS.match(text, place)
        if match is None:
            raise KnowledgeError(f"cannot read {text[place:]!r}")
        source, how, target = match.groups()
        found.append(Alias(key, source.strip('"'), target.strip('"'), how.upper() == "ASNEW"))
        place = match.end()
    return found


def _check(rules: Rules) -> None:
    targets = [alias.target for alias in rules.aliases]
    for alias in rules.aliases:
        if alias.source in targets:
            rules.problems.append(f"{alias.setting}: {alias.source} is an alias itself")
        if targets.count(alias.target) > 1 or alias.target in rules.evals or alias.target in _RESERVED:
            rules.problems.append(f"{alias.setting}: {alias.target} is made by another setting too")
    made = [name for rule in rules.lookups for _, name in rule.outputs]
    replacing = {name for rule in rules.lookups if not rule.new_only for _, name in rule.outputs}
    for name in sorted({name for name in made if made.count(name) > 1} & replacing):
        rules.problems.append(
            f"two lookups give {name}: they run in no certain order, so use OUTPUTNEW in both, "
            "and see that only one of them matches"
        )
    outputs = set(made)
    for rule in rules.lookups:
        late = outputs & {name for _, name in rule.inputs}
        if late:
            rules.problems.append(f"{rule.name}: reads {sorted(late)}, which a lookup makes")


def _alias(fields: EventFields, aliases: list[Alias]) -> None:
    before = dict(fields)
    for alias in aliases:
        if alias.new_only and alias.target in before:
            continue
        if alias.source in fields.unsure:
            raise UncertainError(f"{alias.setting}: {alias.source} is metadata and a field of the log")
        if alias.source in before:
            fields[alias.target] = before[alias.source]
        elif not alias.new_only:
            fields.pop(alias.target, None)
