"""What of others ships in the package: Python libraries by their wheels, and the JavaScript of UCC's pages.

The licences are those that each of them states; the table has what some of them say in words of their own.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email.parser import HeaderParser
from importlib import metadata
from pathlib import Path
from typing import Any

from license_expression import get_spdx_licensing  # type: ignore[import-untyped]

from tools.fetch import Wheels
from tools.lock import SOURCE_ONLY, Library, libraries
from tools.step import BuildError

BUNDLE = Path("appserver") / "static" / "js" / "build"
_UCC = "splunk-add-on-ucc-framework"
_JS = re.compile(r"^Name: (?P<name>\S+)\nVersion: (?P<version>\S+)\nLicense: (?P<licence>.+)\n", re.MULTILINE)
# What they say, and what their licence texts are.
_IN_WORDS = {
    "aliyun-log-python-sdk": ("MIT License", "MIT"),
    "defusedxml": ("PSFL", "PSF-2.0"),
    "lz4": ("BSD License", "BSD-3-Clause"),
    "protobuf": ("3-Clause BSD License", "BSD-3-Clause"),
    "pysocks": ("BSD", "BSD-3-Clause"),
    "python-dateutil": ("Dual License", "Apache-2.0 AND BSD-3-Clause"),
    "sortedcontainers": ("Apache 2.0", "Apache-2.0"),
    "splunk-sdk": ("http://www.apache.org/licenses/LICENSE-2.0", "Apache-2.0"),
}


@dataclass(frozen=True)
class Component:
    """One thing that ships. `licence` is an SPDX expression, or its own words; `files` are name and SHA-256.

    A file without a name is the source distribution, of which the wheel was built.
    """

    name: str
    version: str
    licence: str
    kind: str  # "pypi" or "npm"
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Shipped:
    """The libraries in lib/; ucc-gen, which makes the pages; and the packages in the pages' scripts."""

    libraries: list[Component]
    builder: Component
    parts: list[Component]


def shipped(wheels: Wheels, tree: Path) -> Shipped:
    """What `tree` has of others.

    Raises:
        BuildError: a library states a licence that is not known here, or the pages none at all.
    """
    builder = Component(_UCC, metadata.version(_UCC), "Apache-2.0", "pypi")
    return Shipped(_python_libraries(wheels, tree), builder, _page_parts(tree))


def _python_libraries(wheels: Wheels, tree: Path) -> list[Component]:
    folders = (*wheels.pure, *(compiled.folder for compiled in wheels.compiled))
    found = [wheel for folder in folders for wheel in folder.glob("*.whl")]
    spdx = get_spdx_licensing()
    return [
        Component(lib.name, lib.version, _licence(lib, tree / "lib", spdx), "pypi", _files(lib, found))
        for lib in libraries()
    ]


def _page_parts(tree: Path) -> list[Component]:
    """As far as the bundle's own licence file tells."""
    text = (tree / BUNDLE / "licenses.txt").read_text(encoding="utf-8")
    found = {
        (m["name"], m["version"]): Component(m["name"], m["version"], m["licence"], "npm")
        for m in _JS.finditer(text)
    }
    if not found:
        raise BuildError(
            f"{BUNDLE}/licenses.txt names no package: ucc-gen has changed, see tools/components.py"
        )
    return [found[key] for key in sorted(found)]


def _files(library: Library, wheels: list[Path]) -> tuple[tuple[str, str], ...]:
    if library.name in SOURCE_ONLY:
        return tuple(("", digest) for digest in sorted(library.hashes))
    ours = {wheel.name: wheel for wheel in wheels if _distribution(wheel.name) == library.name}
    return tuple((name, hashlib.sha256(ours[name].read_bytes()).hexdigest()) for name in sorted(ours))


def _distribution(file: str) -> str:
    return file.partition("-")[0].lower().replace("_", "-")


def _licence(library: Library, lib: Path, licensing: Any) -> str:
    (info,) = (path for path in lib.glob("*.dist-info") if _distribution(path.name) == library.name)
    header = HeaderParser().parsestr((info / "METADATA").read_text(encoding="utf-8"))
    classifiers = [
        line.rpartition(" :: ")[2] for line in header.get_all("Classifier", []) if "License ::" in line
    ]
    stated = str(header["License-Expression"] or header["License"] or " AND ".join(classifiers))
    words, spdx = _IN_WORDS.get(library.name, (stated, stated))
    if words != stated or licensing.validate(spdx).errors:
        raise BuildError(
            f"{library.name} {library.version} states the licence '{stated}': see tools/components.py"
        )
    return spdx
