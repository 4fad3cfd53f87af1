"""Writes docs/configuration.md out of README/*.conf.spec and the labels of the pages: nothing is told twice.

python -m tools.configuration
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools import config_check
from tools.step import ROOT

DOCUMENT = Path("docs") / "configuration.md"
_SETTING = re.compile(r"([a-z_]+) = (.+)")
_CASE = re.compile(r"  \S+: ")  # one of the values, and what it means
_DEFAULT = re.compile(r"(.*?)\s*(?:(No default)\.|Default: (.+))")
_HEAD = """# Configuration

Every setting, by the page that has it. In conf files the settings have the same names, and the package's
`README/*.conf.spec` have the same text: this file is written from them (`make configuration`). A value that
is not accepted is refused with one sentence: by the page, by splunkd when a stanza is saved, and in the log
when an input starts.
"""
_INPUTS = """Page **Inputs**, in `inputs.conf`. What follows after the first table is in the form's folded
groups, and has a default that suits most logstores. Projects, logstores and consumer groups are listed as SLS
has them, with the account and the endpoint above them; any name can be typed. Where they cannot be listed,
the list says why: it takes `log:ListProject` and `log:ListLogStores`, which inputs themselves do not need.

![The form of an input](images/input.png)

![The table of inputs](images/inputs.png)
"""


@dataclass
class Setting:
    """One `name = <accepted>` with its bullets, each as one line."""

    name: str
    accepted: str
    told: list[str] = field(default_factory=list)


@dataclass
class Stanza:
    """One `[name]`; `told` are the bullets before its first setting."""

    name: str
    told: list[str] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)


@dataclass(frozen=True)
class Section:
    """One stanza's chapter: title, introduction, and how the page calls and groups its settings."""

    title: str
    spec: str
    stanza: str
    intro: str
    labels: Mapping[str, str]
    groups: Mapping[str, str]


def read_spec(text: str) -> list[Stanza]:
    """The stanzas of a spec file; comments are left out."""
    stanzas: list[Stanza] = []
    told: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            stanzas.append(Stanza(line.strip("[]")))
            told = stanzas[-1].told
        elif setting := _SETTING.fullmatch(line):
            stanzas[-1].settings.append(Setting(setting[1], setting[2]))
            told = stanzas[-1].settings[-1].told
        elif line.startswith("* "):
            told.append(line[2:])
        elif line.startswith("  ") and told:
            told[-1] += ("<br>" if _CASE.match(line) else " ") + line.strip()
    return stanzas


def document(root: Path = ROOT) -> str:
    """What docs/configuration.md has to say."""
    parts = [_HEAD]
    for section in _sections(config_check.load(root / config_check.NAME)):
        spec = (root / "README" / f"{section.spec}.conf.spec").read_text(encoding="utf-8")
        (stanza,) = [found for found in read_spec(spec) if found.name == section.stanza]
        parts.append(_chapter(section, stanza))
    return "\n".join(parts)


def _sections(config: Mapping[str, Any]) -> Iterator[Section]:
    service = config["pages"]["inputs"]["services"][0]
    tabs = {tab["name"]: tab for tab in config["pages"]["configuration"]["tabs"]}
    groups = {name: group["label"] for group in service["groups"] for name in group["fields"]}
    yield Section(
        "Inputs",
        "inputs",
        "alibaba_sls://<name>",
        _INPUTS,
        _labels(service["entity"]),
        groups,
    )
    settings = "ta_alibaba_sls_settings"
    yield _tab(tabs["account"], "ta_alibaba_sls_account", "<name>", "![An account](images/account.png)\n")
    for name, intro in (("proxy", ""), ("network", ""), ("logging", "")):
        yield _tab(tabs[name], settings, name, intro)


def _tab(tab: Mapping[str, Any], spec: str, stanza: str, image: str) -> Section:
    intro = f"Page **Configuration**, tab **{tab['title']}**, in `{spec}.conf`, stanza `[{stanza}]`.\n"
    return Section(tab["title"], spec, stanza, f"{intro}\n{image}" if image else intro, _tab_labels(tab), {})


def _labels(entities: list[Mapping[str, Any]]) -> dict[str, str]:
    return {entity["field"]: entity["label"] for entity in entities}


# What ucc-gen calls the fields of its own tabs where globalConfig.json leaves it to them.
_PREDEFINED = {
    "proxy_enabled": "Enable",
    "proxy_username": "Username",
    "proxy_password": "Password",
    "loglevel": "Log level",
}


def _tab_labels(tab: Mapping[str, Any]) -> dict[str, str]:
    own = [part for part in tab.values() if isinstance(part, dict) and "field" in part]
    return {**_PREDEFINED, **_labels([*tab.get("entity", []), *own])}


def _chapter(section: Section, stanza: Stanza) -> str:
    lines = [f"## {section.title}", "", section.intro]
    lines += [*stanza.told, ""] if stanza.told else []
    for group in dict.fromkeys(["", *section.groups.values()]):
        rows = [row for row in stanza.settings if section.groups.get(row.name, "") == group]
        lines += [f"### {group}", ""] if group else []
        lines += ["| Setting | On the page | Values | Default | |", "|---|---|---|---|---|"]
        lines += [_row(row, section.labels[row.name]) for row in rows]
        lines.append("")
    return "\n".join(lines)


def _row(setting: Setting, label: str) -> str:
    default, told = "", []
    for line in setting.told:
        if found := _DEFAULT.fullmatch(line):
            line, default = found[1], found[3] or ("required" if found[1] == "Required." else "none")
        told += [line] if line not in ("", "Required.") else []
    values = setting.accepted.replace("|", " or ")
    cells = (f"`{setting.name}`", label, f"`{values}`", default, "<br>".join(told))
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    """Bars and what looks like a tag or emphasis are escaped; code between ticks stays as it is."""
    parts = re.split(r"(`[^`]*`|<br>)", text)
    parts[::2] = [re.sub(r"([*_])", r"\\\1", part).replace("<", "&lt;") for part in parts[::2]]
    return "".join(parts).replace("|", r"\|")


def main() -> None:
    (ROOT / DOCUMENT).write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main()
