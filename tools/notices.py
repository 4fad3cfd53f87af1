"""Writes THIRD-PARTY-NOTICES.md: whose work ships in the package, and under which licence."""

from __future__ import annotations

from pathlib import Path

from tools.components import BUNDLE, Shipped
from tools.step import APP

NAME = "THIRD-PARTY-NOTICES.md"


def write(tree: Path, shipped: Shipped) -> None:
    """Write it into `tree`."""
    (tree / NAME).write_text(document(shipped), encoding="utf-8")


def document(shipped: Shipped) -> str:
    """The notice as Markdown."""
    builder = shipped.builder
    rows = [f"| {c.name} | {c.version} | {c.licence} |" for c in shipped.libraries]
    scripts = [f"| {c.name} | {c.version} | {_stated(c.licence)} |" for c in shipped.parts]
    return "\n".join(
        [
            "# Third-party notices",
            "",
            f"{APP} is under the Apache License 2.0 (`LICENSE`). It carries the work of others, listed",
            "here with the licence that each of them states. `sbom.cdx.json` (CycloneDX) has the same list",
            "for programs.",
            "",
            "## Python libraries",
            "",
            "In `lib/`, with their licence texts in `lib/<name>-<version>.dist-info`. splunk-sdk has none:",
            "its licence is that of this add-on. Parts that are not needed are left out, and the function",
            "`get_host_ip` in `lib/aliyun/log/util.py` is replaced: it opened a socket.",
            "",
            "| Library | Version | Licence |",
            "|---|---|---|",
            *rows,
            "",
            "## Pages",
            "",
            f"Made by {builder.name} {builder.version} ({builder.licence}). The scripts in `{BUNDLE}`",
            "contain these packages; their licence texts are in `licenses.txt` there.",
            "",
            "| Package | Version | Licence |",
            "|---|---|---|",
            *scripts,
            "",
        ]
    )


def _stated(licence: str) -> str:
    return "none stated" if licence == "null" else licence
