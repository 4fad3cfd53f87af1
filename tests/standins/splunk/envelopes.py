"""Splunkd's two envelopes, Atom and JSON, rendered from the same entries (shapes recorded from splunkd)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Union
from urllib.parse import quote
from xml.sax.saxutils import escape

BUILD = "de650d36ad46"
VERSION = "10.2.0"
UPDATED = "2026-01-01T00:00:00+00:00"

Value = Union[str, bool, int, float, None, list[Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Acl:
    """Who owns an entity and who may touch it."""

    app: str = "system"
    owner: str = "nobody"
    sharing: str = "system"
    read: tuple[str, ...] = ("*",)
    write: tuple[str, ...] = ("admin",)
    removable: bool = False
    modifiable: bool = True
    perms: bool = True

    def as_dict(self) -> dict[str, Value]:
        """Splunkd's key set; booleans, as JSON shows them."""
        shareable = self.sharing != "system"
        perms: Value = {"read": list(self.read), "write": list(self.write)} if self.perms else None
        return {
            "app": self.app,
            "can_change_perms": True,
            "can_list": True,
            "can_share_app": shareable,
            "can_share_global": shareable,
            "can_share_user": self.sharing == "user",
            "can_write": True,
            "modifiable": self.modifiable,
            "owner": self.owner,
            "perms": perms,
            "removable": self.removable,
            "sharing": self.sharing,
        }


@dataclass(frozen=True)
class Fields:
    """Which arguments an entity's handler takes."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    wildcard: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Value]:
        return {
            "optional": list(self.optional),
            "required": list(self.required),
            "wildcard": list(self.wildcard),
        }


@dataclass
class Entry:
    """One entity. ``path`` is its own address, ``/servicesNS/<owner>/<app>/<endpoint>/<name>``."""

    name: str
    path: str
    content: Mapping[str, Value] = field(default_factory=dict)
    acl: Acl = field(default_factory=Acl)
    fields: Fields | None = None
    verbs: tuple[str, ...] = ("list", "edit", "remove")
    text: str | None = None

    def links(self) -> dict[str, str]:
        """Links by relation; verbs that have a path of their own hang below the entity's."""
        links = {"alternate": self.path}
        for verb in self.verbs:
            below = verb in ("disable", "enable", "_reload", "move", "acl", "package")
            links[verb] = f"{self.path}/{verb}" if below else self.path
        return links


@dataclass
class Feed:
    """A reply made of entries. ``total`` counts the entries before paging."""

    title: str
    path: str
    entries: list[Entry] = field(default_factory=list)
    links: Mapping[str, str] = field(default_factory=dict)
    total: int | None = None
    per_page: int = 30
    offset: int = 0
    status: int = 200
    #: Splunkd shows a search job as a lone entry instead of a feed (observed).
    bare: bool = False
    messages: list[tuple[str, str]] = field(default_factory=list)


def entity_path(owner: str, app: str, endpoint: str, name: str | None = None) -> str:
    """Address of an entity as splunkd links it: a slash inside the name is encoded twice (observed)."""
    base = f"/servicesNS/{quote(owner, safe='')}/{quote(app, safe='')}/{quote(endpoint, safe='/')}"
    return base if name is None else f"{base}/{quote_name(name)}"


def quote_name(name: str) -> str:
    return quote(name.replace("/", "%2F"), safe="")


# -- Atom

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<?xml-stylesheet type="text/xml" href="/static/atom.xsl"?>\n'
_NAMESPACES = (
    'xmlns="http://www.w3.org/2005/Atom" xmlns:s="http://dev.splunk.com/ns/rest"'
    ' xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
)


def to_atom(feed: Feed, origin: str) -> str:
    """Atom text of a feed; ``origin`` is the scheme and authority of the server."""
    if feed.bare:
        root = f"<entry {_NAMESPACES}>"
        return _HEAD + _entry_xml(feed.entries[0], origin).strip().replace("<entry>", root, 1) + "\n"
    total = len(feed.entries) if feed.total is None else feed.total
    links = "".join(
        f'  <link href="{_attr(href)}" rel="{_attr(rel)}"/>\n' for rel, href in feed.links.items()
    )
    return (
        f"{_HEAD}<feed {_NAMESPACES}>\n"
        f"  <title>{escape(feed.title)}</title>\n  <id>{escape(origin + feed.path)}</id>\n"
        f"  <updated>{UPDATED}</updated>\n"
        f'  <generator build="{BUILD}" version="{VERSION}"/>\n'
        "  <author>\n    <name>Splunk</name>\n  </author>\n"
        f"{links}"
        f"  <opensearch:totalResults>{total}</opensearch:totalResults>\n"
        f"  <opensearch:itemsPerPage>{feed.per_page}</opensearch:itemsPerPage>\n"
        f"  <opensearch:startIndex>{feed.offset}</opensearch:startIndex>\n"
        f"{_messages_xml(feed.messages)}"
        f"{''.join(_entry_xml(entry, origin) for entry in feed.entries)}"
        "</feed>\n"
    )


def _attr(text: str) -> str:
    return escape(text, {'"': "&quot;"})


def _messages_xml(messages: Iterable[tuple[str, str]]) -> str:
    items = "".join(f'    <s:msg type="{kind}">{escape(text)}</s:msg>\n' for kind, text in messages)
    return f"  <s:messages>\n{items}  </s:messages>\n" if items else "  <s:messages/>\n"


def _entry_xml(entry: Entry, origin: str) -> str:
    links = entry.links()
    alternate = links.pop("alternate")
    others = "".join(f'    <link href="{_attr(href)}" rel="{rel}"/>\n' for rel, href in links.items())
    return (
        f"  <entry>\n    <title>{escape(entry.name)}</title>\n    <id>{escape(origin + entry.path)}</id>\n"
        f"    <updated>{UPDATED}</updated>\n"
        f'    <link href="{_attr(alternate)}" rel="alternate"/>\n'
        f"    <author>\n      <name>{escape(entry.acl.owner)}</name>\n    </author>\n"
        f"{others}{_content_xml(entry)}  </entry>\n"
    )


def _content_xml(entry: Entry) -> str:
    if entry.text is not None:
        return f'    <content type="text">{escape(entry.text)}</content>\n'
    content: dict[str, Value] = {**entry.content, "eai:acl": entry.acl.as_dict()}
    if entry.fields is not None:
        content["eai:attributes"] = {f"{key}Fields": names for key, names in entry.fields.as_dict().items()}
    return f'    <content type="text/xml">{value_xml(dict(sorted(content.items())))}</content>\n'


def value_xml(value: Value) -> str:
    """A value as splunkd's s:dict, s:list or text; booleans are 1 and 0 (observed)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Mapping):
        keys = "".join(f'<s:key name="{_attr(key)}">{value_xml(item)}</s:key>' for key, item in value.items())
        return f"<s:dict>{keys}</s:dict>"
    if isinstance(value, list):
        return f"<s:list>{''.join(f'<s:item>{value_xml(item)}</s:item>' for item in value)}</s:list>"
    return escape(str(value))


# -- JSON


def to_json(feed: Feed, origin: str) -> str:
    """JSON text of a feed."""
    total = len(feed.entries) if feed.total is None else feed.total
    return json.dumps(
        {
            "links": dict(feed.links),
            "origin": origin + feed.path,
            "updated": UPDATED,
            "generator": {"build": BUILD, "version": VERSION},
            "entry": [_entry_json(entry, origin) for entry in feed.entries],
            "paging": {"total": total, "perPage": feed.per_page, "offset": feed.offset},
            "messages": [{"type": kind, "text": text} for kind, text in feed.messages],
        },
        separators=(",", ":"),
        ensure_ascii=False,
    )


def _entry_json(entry: Entry, origin: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": entry.name,
        "id": origin + entry.path,
        "updated": UPDATED,
        "links": entry.links(),
        "author": entry.acl.owner,
        "acl": entry.acl.as_dict(),
    }
    if entry.fields is not None:
        shown["fields"] = entry.fields.as_dict()
    if entry.text is not None:
        shown["content"] = entry.text
        return shown
    shown["content"] = {**dict(sorted(entry.content.items())), "eai:acl": None}
    return shown


# -- messages


def messages_xml(messages: Iterable[tuple[str, str]]) -> str:
    """The error envelope. Quotes and apostrophes stay as they are (observed)."""
    items = "".join(f'    <msg type="{kind}">{escape(text)}</msg>\n' for kind, text in messages)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<response>\n  <messages>\n'
    return f"{head}{items}  </messages>\n</response>\n"


def messages_json(messages: Iterable[tuple[str, str]], code: str | None = None) -> str:
    shown = [{"type": kind, "text": text} for kind, text in messages]
    if code:
        shown = [{**message, "code": code} for message in shown]
    return json.dumps({"messages": shown}, separators=(",", ":"), ensure_ascii=False)
