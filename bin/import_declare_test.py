"""Puts the add-on's own libraries first on sys.path; import it before anything that is not the standard
library.

The name is fixed: the REST handlers that UCC generates import it. It runs at every start of an input and of
a REST handler, so it imports nothing and looks at four files. On a machine the package was not built for it
ends the process with one sentence that says what is missing.
"""
# pathlib takes longer to import than all of this to run.
# ruff: noqa: PTH100, PTH112, PTH113, PTH118, PTH119, PTH120, PTH208

from __future__ import annotations

import os
import sys

_BIN = os.path.dirname(os.path.abspath(__file__))
_APP = os.path.dirname(_BIN)
_LIB = os.path.join(_APP, "lib")
_OLDEST = (3, 9)
# One compiled file of each library that has them; their names end as this interpreter's own extensions do.
_COMPILED = (("orjson", "orjson"), ("lz4", "_version"), ("lz4", "block", "_block"))


def _platform() -> str:
    machine = os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", "")
    known_as = {"arm64": "aarch64", "AMD64": "x86_64"}
    return f"{sys.platform}_{known_as.get(machine, machine)}"


def _is_compiled(path: str) -> bool:
    from _imp import extension_suffixes

    return any(os.path.isfile(path + suffix) for suffix in extension_suffixes())


def _carried() -> str:
    """What the package was built for, for the error text: cpython-39-x86_64-linux-gnu, ..."""
    names = os.listdir(os.path.join(_LIB, "orjson"))
    return ", ".join(sorted(name.split(".")[1] for name in names if name.count(".") == 2)) or "nothing"


def _missing(plat: str) -> str:
    """One sentence on the first thing that keeps the libraries from being imported, empty if nothing does."""
    this = f"CPython {sys.version_info[0]}.{sys.version_info[1]} on {_platform()}"
    if sys.version_info < _OLDEST:
        return f"needs Python 3.9 or newer, this is {this}"
    if not os.path.isdir(os.path.join(_LIB, "orjson")):
        return f"its libraries are missing ({_LIB}): install the .spl that package.sh builds"
    absent = [name[0] for name in _COMPILED if not _is_compiled(os.path.join(_LIB, *name))]
    if not os.path.isdir(plat):
        absent.append("protobuf")
    if absent:
        return f"this package has no compiled {absent[0]} for {this}; it has them for {_carried()}"
    return ""


def _of_another_app(path: str) -> bool:
    """PYTHONPATH can carry folders of other apps, whose libraries would hide ours."""
    path = os.path.abspath(path) + os.sep
    return path.startswith(os.path.dirname(_APP) + os.sep) and not path.startswith(_APP + os.sep)


def _install() -> None:
    plat = os.path.join(_LIB, "plat", _platform())
    sentence = _missing(plat)
    if sentence:
        sys.exit(f"ERROR {os.path.basename(_APP)}: {sentence}.")
    ours = [plat, _LIB]
    sys.path[:] = ours + [path for path in sys.path if path not in ours and not _of_another_app(path)]


_install()
