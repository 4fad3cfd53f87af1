"""Reading and writing one Splunk .conf file (documented format: stanzas, key = value, continuation lines)."""

from __future__ import annotations

from pathlib import Path

Stanza = dict[str, str]
Stanzas = dict[str, Stanza]

_TRUE = frozenset({"1", "true", "t", "yes", "y", "on", "enabled"})
_FALSE = frozenset({"0", "false", "f", "no", "n", "off", "disabled"})


def is_true(value: str | None, default: bool = False) -> bool:
    """Splunk's reading of a boolean setting; ``default`` for a missing or unknown word."""
    word = (value or "").strip().lower()
    if word in _TRUE:
        return True
    return False if word in _FALSE else default


def _logical_lines(text: str) -> list[str]:
    """Join continuation lines; the line break itself stays part of the value."""
    lines: list[str] = []
    pending: str | None = None
    for raw in text.split("\n"):
        line = raw.rstrip("\r")
        whole = line if pending is None else f"{pending}\n{line}"
        if whole.endswith("\\") and not whole.lstrip().startswith("#"):
            pending = whole[:-1]
            continue
        pending = None
        lines.append(whole)
    if pending is not None:
        lines.append(pending)
    return lines


def parse(text: str) -> Stanzas:
    """Stanzas of a conf text in file order; settings above the first header belong to ``default``."""
    stanzas: Stanzas = {}
    name = "default"
    for line in _logical_lines(text.removeprefix("\ufeff")):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if stripped.startswith("[") and "]" in stripped:
            name = stripped[1 : stripped.rindex("]")] or "default"
            stanzas.setdefault(name, {})
            continue
        key, equals, value = line.partition("=")
        if equals and key.strip():
            stanzas.setdefault(name, {})[key.strip()] = value.strip()
    return stanzas


def render(stanzas: Stanzas) -> str:
    """Conf text that :func:`parse` reads back unchanged."""
    blocks = []
    for name, settings in stanzas.items():
        lines = [f"[{name}]"]
        lines += [f"{key} = {_escaped(value)}" for key, value in settings.items()]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _escaped(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\n", "\\\n")


def read(path: Path) -> Stanzas:
    """Stanzas of a file; a missing file reads as empty. Raises OSError and UnicodeDecodeError."""
    return parse(path.read_text(encoding="utf-8-sig")) if path.is_file() else {}


def write(path: Path, stanzas: Stanzas) -> None:
    """Replace a conf file in one step, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(path.name + ".tmp")
    scratch.write_text(render(stanzas), encoding="utf-8")
    scratch.replace(path)
