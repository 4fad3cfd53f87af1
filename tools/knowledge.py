"""Joins knowledge/<family>/*.conf into the app's conf files, and gives every sourcetype its index-time rules.

Splunk reads one props.conf per app; with some fifty sourcetypes that would be one long file in which nothing
is found. So each product family has a folder with its search-time rules, and what is the same for all
sourcetypes is written here once.
"""

from __future__ import annotations

import re
from pathlib import Path

from tools.step import ROOT, BuildError

NAMES = ("props.conf", "transforms.conf", "eventtypes.conf", "tags.conf")
# One event per line, already cut and with its time: nothing may cut, join or re-time it.
INDEX_TIME = """\
SHOULD_LINEMERGE = false
LINE_BREAKER = ([\\r\\n]+)
TRUNCATE = 0
DATETIME_CONFIG = NONE
KV_MODE = json
category = Application
pulldown_type = true
"""
_STANZA = re.compile(r"(?m)^\[(.+)\][ \t]*$")


def joined(root: Path = ROOT) -> dict[str, str]:
    """File name -> text of those of NAMES that the app has: default/<name>, then the families in order.

    Raises:
        BuildError: two families have a stanza of one name.
    """
    texts = {name: _joined(root, name) for name in NAMES}
    return {name: text for name, text in texts.items() if text}


def _joined(root: Path, name: str) -> str:
    own = root / "default" / name
    parts = [own.read_text(encoding="utf-8")] if own.is_file() else []
    taken = {stanza: own for part in parts for stanza in _STANZA.findall(part)}
    for path in sorted(root.glob(f"knowledge/*/{name}")):
        text = path.read_text(encoding="utf-8")
        for stanza in _STANZA.findall(text):
            if stanza in taken:
                raise BuildError(
                    f"[{stanza}] is in {_shown(path, root)} and in {_shown(taken[stanza], root)}"
                )
            taken[stanza] = path
        if name == "props.conf":
            text = _STANZA.sub(lambda match: f"{match[0]}\n{INDEX_TIME.rstrip()}", text)
        parts.append(f"# {path.parent.name}\n{text}")
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _shown(path: Path, root: Path) -> str:
    return str(path.relative_to(root))


def write(package: Path, root: Path = ROOT) -> None:
    """Put the joined files into `package`/default."""
    for name, text in joined(root).items():
        (package / "default" / name).write_text(text, encoding="utf-8")
