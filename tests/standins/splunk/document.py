"""The XML documents that splunkd writes to a script's stdin (shape observed in dumps of real ones)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr


@dataclass(frozen=True)
class Header:
    """What every document starts with. The session key is a secret: it travels on stdin and nowhere else."""

    server_host: str
    server_uri: str
    session_key: str = field(repr=False)
    checkpoint_dir: str

    def lines(self) -> list[str]:
        names = ("server_host", "server_uri", "session_key", "checkpoint_dir")
        return [f"  <{name}>{escape(getattr(self, name))}</{name}>" for name in names]


@dataclass(frozen=True)
class StanzaParams:
    """A stanza of the run document: full name, the app it belongs to, its merged parameters as written."""

    name: str
    app: str
    params: Mapping[str, str]


def run_document(header: Header, stanzas: Iterable[StanzaParams], params_sorted: bool = True) -> bytes:
    """The document of run mode: UTF-8, two blanks per level."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<input>", *header.lines(), "  <configuration>"]
    for stanza in stanzas:
        lines.append(f"    <stanza name={_quote(stanza.name)} app={_quote(stanza.app)}>")
        lines += [f"      {param}" for param in _params(stanza.params, params_sorted)]
        lines.append("    </stanza>")
    lines += ["  </configuration>", "</input>"]
    return ("\n".join(lines) + "\n").encode()


def validation_document(header: Header, name: str, params: Mapping[str, str]) -> bytes:
    """The document of --validate-arguments: one item, named without its scheme (documented)."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<items>", *header.lines()]
    lines += [f"  <item name={_quote(name)}>", *(f"    {param}" for param in _params(params, True))]
    lines += ["  </item>", "</items>"]
    return ("\n".join(lines) + "\n").encode()


def _params(params: Mapping[str, str], in_order: bool) -> list[str]:
    names = sorted(params, reverse=not in_order)
    return [f"<param name={_quote(name)}>{escape(params[name])}</param>" for name in names]


def _quote(text: str) -> str:
    return quoteattr(text, {'"': "&quot;"})
