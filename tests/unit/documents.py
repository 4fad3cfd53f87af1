"""The project's Markdown files, as far as tests look into them.

`python -m tests.unit.documents` lists the links that lead out of the project; no test fetches them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
_SKIPPED = {".venv", ".cache", ".git", "build", "dist", "node_modules"}
_FENCE = re.compile(r"(?:<!-- (?P<mark>.*?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.M | re.S)
_INLINE = re.compile(r"`[^`\n]+`")
_LINK = re.compile(r"!?\[(?P<text>[^\]\[]*)\]\((?P<target>[^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.M)


class Block(NamedTuple):
    """A fenced block; `mark` is the comment right before it, "" for none."""

    language: str
    mark: str
    text: str


def documents() -> list[Path]:
    """Every Markdown file of the project."""
    found = [
        path
        for path in sorted(ROOT.rglob("*.md"))
        if not _SKIPPED & set(path.relative_to(ROOT).parts)
        and not path.relative_to(ROOT).parts[0].startswith(".")
    ]
    assert len(found) > 10
    return found


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def blocks(path: Path) -> list[Block]:
    found = _FENCE.finditer(text_of(path))
    return [Block(match["language"], match["mark"] or "", match["text"]) for match in found]


def marked(path: Path, mark: str) -> str:
    """The text of the one block behind `<!-- mark -->`."""
    (block,) = (block for block in blocks(path) if block.mark == mark)
    return block.text


def prose(path: Path) -> str:
    """The text without fenced blocks."""
    return _FENCE.sub("", text_of(path))


def links(path: Path) -> Iterator[str]:
    """The targets of all links and images."""
    yield from (match["target"] for match in _LINK.finditer(_INLINE.sub("", prose(path))))


def anchors(path: Path) -> set[str]:
    """What the headings can be linked by, as GitHub and GitLab name them."""
    found: set[str] = set()
    for heading in _HEADING.findall(prose(path)):
        name = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).replace(" ", "-")
        number = next(n for n in range(100) if (f"{name}-{n}" if n else name) not in found)
        found.add(f"{name}-{number}" if number else name)
    return found


def quoted(path: Path) -> list[str]:
    """What stands between single backticks in the prose."""
    return [match[1:-1] for match in _INLINE.findall(prose(path))]


def outward() -> list[str]:
    """The links that lead out of the project, each with the documents that have it."""
    found: dict[str, list[str]] = {}
    for path in documents():
        for target in links(path):
            if re.match(r"[a-z]+:", target):
                found.setdefault(target, []).append(str(path.relative_to(ROOT)))
    return [f"{target} ({', '.join(sorted(set(paths)))})" for target, paths in sorted(found.items())]


if __name__ == "__main__":
    sys.stdout.write("\n".join([*outward(), ""]))
