"""Run inside an interpreter that stands for Splunk's: imports every module in lib/ and prints what it saw.

``import_all.py <app folder>``; prints one JSON object. Standard library only.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
import warnings
from pathlib import Path


def main(app: Path) -> None:
    sys.path.insert(0, str(app / "bin"))
    importlib.import_module("import_declare_test")
    lib = app / "lib"
    refused = {}
    names = sorted(set(module_names(lib)))
    warnings.simplefilter("ignore")
    for name in names:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                importlib.import_module(name)
            except (ImportError, SystemExit) as error:
                refused[name] = type(error).__name__
    protobuf = importlib.import_module("google.protobuf.internal.api_implementation")
    foreign = sorted(name for name in loaded_names(set(names)) if not lies_in(app, name))
    seen = {"count": len(names), "refused": refused, "protobuf": protobuf.Type(), "foreign": foreign}
    sys.stdout.write(json.dumps(seen))


def module_names(lib: Path) -> list[str]:
    paths = [path.relative_to(lib).with_suffix("") for path in lib.rglob("*.py")]
    parts = [path.parts[:-1] if path.name == "__init__" else path.parts for path in paths]
    return [".".join(part) for part in parts]


def loaded_names(ours: set[str]) -> list[str]:
    """Modules by names of ours, without the aliases that six.moves makes."""
    return [name for name, module in sys.modules.items() if name in ours and module.__name__ == name]


def lies_in(app: Path, name: str) -> bool:
    return str(sys.modules[name].__file__).startswith(str(app))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
