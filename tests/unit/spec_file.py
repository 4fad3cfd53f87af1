"""Reads a README/*.conf.spec the way a person does: stanza, setting, accepted values, default."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_STANZA = re.compile(r"\[(.*)\]")
_SETTING = re.compile(r"([a-z_]+) = (.+)")
_DEFAULT = re.compile(r"\bDefault: (\S+)")


@dataclass
class Setting:
    accepted: str
    text: str = ""

    @property
    def default(self) -> str | None:
        """The value after `Default:`, "" for empty, None where it says "No default"."""
        match = _DEFAULT.search(self.text)
        if match is None:
            assert "No default" in self.text, f"no default told: {self.text}"
            return None
        return "" if match[1] == "empty" else match[1]

    @property
    def choices(self) -> list[str]:
        return self.accepted.split("|")


def read_spec(path: Path) -> dict[str, dict[str, Setting]]:
    """Stanza -> setting -> what the file says of it.

    A line that is neither stanza, setting, bullet, its continuation, comment nor blank fails the test.
    """
    stanzas: dict[str, dict[str, Setting]] = {}
    current: dict[str, Setting] = {}
    last = Setting("")
    for line in path.read_text(encoding="utf-8").splitlines():
        if stanza := _STANZA.fullmatch(line):
            current = stanzas.setdefault(stanza[1], {})
        elif setting := _SETTING.fullmatch(line):
            last = current.setdefault(setting[1], Setting(setting[2]))
        else:
            assert not line or line[0] == "#" or line.startswith(("* ", "  ")), f"{path.name}: {line}"
            last.text += f" {line.strip()}" if line[:1] != "#" else ""
    return stanzas
