"""Run inside an interpreter that stands for another: which files would the package take there?

``shim_elsewhere.py <app folder> <JSON>``; the JSON, {"suffixes": [".so", ...], "glibc": "2.28" or null}, is
what that interpreter calls its extensions, and what its C library says of itself. Prints one JSON object.
"""

from __future__ import annotations

import _imp
import importlib
import json
import os
import sys
from importlib.machinery import ExtensionFileLoader, FileFinder
from pathlib import Path

MODULES = (("orjson", "orjson"), ("lz4", "_version"), ("lz4.block", "_block"), ("google._upb", "_message"))


def main(app: Path, there: dict[str, object]) -> None:
    _imp.extension_suffixes = lambda: there["suffixes"]
    os.confstr = lambda name: told(there["glibc"])
    sys.path.insert(0, str(app / "bin"))
    importlib.import_module("import_declare_test")
    seen = {f"{package}.{name}": found(package, name, there["suffixes"]) for package, name in MODULES}
    sys.stdout.write(json.dumps({"files": seen, "path": sys.path[:2]}))


def told(glibc: object) -> str:
    """What os.confstr says; musl does not know the question."""
    if glibc is None:
        raise ValueError("unrecognized configuration name")
    return f"glibc {glibc}"


def found(package: str, name: str, suffixes: object) -> str:
    """The file that an import would load, by the import system's own finder; empty when there is none."""
    for folder in folders(package):
        spec = FileFinder(folder, (ExtensionFileLoader, suffixes)).find_spec(name)
        if spec is not None and spec.origin:
            return spec.origin
    return ""


def folders(package: str) -> list[str]:
    """Without importing packages that would load compiled files, which are not for here; google is pure."""
    top, _, rest = package.partition(".")
    if top == "google":
        return [str(Path(path, rest)) for path in importlib.import_module(top).__path__]
    return [str(Path(path, *package.split("."))) for path in sys.path[:2]]


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
