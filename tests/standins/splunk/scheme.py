"""A modular input scheme: what an app's spec file announces and what its script says about itself."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .conf_file import is_true

_NAME = re.compile(r"[0-9a-zA-Z][0-9a-zA-Z_-]*")
#: Names that splunkd keeps for its own inputs (documented).
_FORBIDDEN = frozenset({"batch", "fifo", "monitor", "script", "splunktcp", "tcp", "udp"})


class SchemeError(Exception):
    """The script's answer to --scheme is no scheme."""


@dataclass(frozen=True)
class SchemeArg:
    """One argument of a scheme; defaults as documented."""

    name: str
    title: str = ""
    description: str = ""
    validation: str = ""
    data_type: str = "string"
    required_on_create: bool = True
    required_on_edit: bool = False


@dataclass(frozen=True)
class Scheme:
    """A registered scheme. `streaming_mode` is "xml" or "simple"; `python` is what introspected it."""

    name: str
    app: str
    script: Path
    title: str = ""
    description: str = ""
    args: Mapping[str, SchemeArg] = field(default_factory=dict)
    use_external_validation: bool = False
    use_single_instance: bool = False
    streaming_mode: str = "simple"
    python: str | None = None


def spec_schemes(spec: Path) -> list[str]:
    """Scheme names of a README/inputs.conf.spec: `[scheme://<name>]` followed by at least one `param =`."""
    if not spec.is_file():
        return []
    names: list[str] = []
    current = ""
    for line in spec.read_text("utf-8", "replace").splitlines():
        header = re.fullmatch(r"\[([^\]]*)\]", line.strip())
        if header:
            current = header.group(1).partition("://")[0] if "://" in header.group(1) else ""
        elif current and re.match(r"\s*[\w.-]+\s*=", line):
            if _NAME.fullmatch(current) and current not in _FORBIDDEN and current not in names:
                names.append(current)
            current = ""
    return names


def script_candidates(
    app_dir: Path, scheme: str, arch_first: bool, extensions: tuple[str, ...]
) -> Iterator[Path]:
    """Where splunkd looks for the script, in its order."""
    directories = [app_dir / "linux_x86_64" / "bin", app_dir / "bin"]
    for directory in directories if arch_first else reversed(directories):
        for extension in extensions:
            yield directory / f"{scheme}{extension}"


def parse_scheme(name: str, app: str, script: Path, stdout: bytes) -> Scheme:
    """Read the answer to --scheme. Raises SchemeError unless it is exactly one `<scheme>` document."""
    try:
        root = ET.fromstring(stdout)
    except ET.ParseError as error:
        raise SchemeError(f"Invalid XML received from script: {error}") from None
    if root.tag != "scheme":
        raise SchemeError(f"Invalid XML received from script: root element is <{root.tag}>")
    mode = (root.findtext("streaming_mode") or "simple").strip()
    if mode not in ("xml", "simple"):
        raise SchemeError(f"Unknown streaming_mode {mode!r}")
    args = [_arg(element) for element in root.iterfind("endpoint/args/arg")]
    return Scheme(
        name,
        app,
        script,
        (root.findtext("title") or name).strip(),
        (root.findtext("description") or "").strip(),
        {arg.name: arg for arg in args},
        is_true(root.findtext("use_external_validation")),
        is_true(root.findtext("use_single_instance")),
        mode,
    )


def _arg(element: ET.Element) -> SchemeArg:
    name = element.get("name", "")
    if not _NAME.fullmatch(name):
        raise SchemeError(f"Bad argument name {name!r}")
    data_type = (element.findtext("data_type") or "string").strip().lower()
    if data_type not in ("string", "number", "boolean"):
        raise SchemeError(f"Bad data_type {data_type!r} of argument {name!r}")
    return SchemeArg(
        name,
        (element.findtext("title") or "").strip(),
        (element.findtext("description") or "").strip(),
        (element.findtext("validation") or "").strip(),
        data_type,
        is_true(element.findtext("required_on_create"), True),
        is_true(element.findtext("required_on_edit")),
    )
