"""The add-on's search-time conf files and lookups, from the source tree or out of a built package."""

from __future__ import annotations

import csv
import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

from tests.app_package import ROOT
from tests.knowledge.errors import KnowledgeError
from tests.standins.splunk import conf_file
from tests.standins.splunk.conf_file import Stanza, Stanzas

NAMES = ("props.conf", "transforms.conf", "eventtypes.conf", "tags.conf")


@dataclass(frozen=True)
class Table:
    """A lookup's CSV file."""

    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Knowledge:
    """The conf files, parsed, and the text of the CSV files by name."""

    props: Stanzas
    transforms: Stanzas
    eventtypes: Stanzas
    tags: Stanzas
    tables: dict[str, Table]


def from_texts(texts: dict[str, str], lookups: dict[str, str]) -> Knowledge:
    """From the text of conf files (names as in NAMES; what is missing is empty) and of CSV files."""
    props, transforms, eventtypes, tags = (conf_file.parse(texts.get(name, "")) for name in NAMES)
    return Knowledge(props, transforms, eventtypes, tags, {n: table(n, t) for n, t in lookups.items()})


def from_source(root: Path = ROOT) -> Knowledge:
    """From the source tree, as the build joins it."""
    from tools import knowledge

    lookups = {path.name: _text(path.read_bytes()) for path in sorted((root / "lookups").glob("*.csv"))}
    return from_texts(knowledge.joined(root), lookups)


def from_package(spl: Path) -> Knowledge:
    """From a built package."""
    texts: dict[str, str] = {}
    lookups: dict[str, str] = {}
    with tarfile.open(spl) as archive:
        for member in archive.getmembers():
            parts = member.name.split("/")
            into = {"default": texts, "lookups": lookups}.get(parts[1]) if len(parts) == 3 else None
            if into is None or not parts[2].endswith((".conf", ".csv")):
                continue
            content = archive.extractfile(member)
            if content is not None:
                into[parts[2]] = _text(content.read())
    return from_texts(texts, lookups)


def _text(content: bytes) -> str:
    return content.decode("utf-8")


def table(name: str, text: str) -> Table:
    """A CSV file.

    Raises:
        KnowledgeError: a row has another number of cells than the header, or the header is odd.
    """
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise KnowledgeError(f"{name}: {error}") from error
    if not rows or len(set(rows[0])) != len(rows[0]) or not all(rows[0]):
        raise KnowledgeError(f"{name}: no header, or an empty or doubled name in it")
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(rows[0]):
            raise KnowledgeError(f"{name}: row {number} has {len(row)} cells, the header {len(rows[0])}")
        if any(cell != cell.strip() for cell in row):
            raise KnowledgeError(f"{name}: row {number} has a cell with blanks around it")
    return Table(tuple(rows[0]), tuple(dict(zip(rows[0], row)) for row in rows[1:]))


__all__ = ["NAMES", "Knowledge", "Stanza", "Stanzas", "Table", "from_package", "from_source", "from_texts"]
