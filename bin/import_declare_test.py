"""Puts the add-on's own libraries first on sys.path; import it before anything that is not the standard
library.

The name is fixed: the REST handlers that UCC generates import it. It runs at every start of an input and of
a REST handler, so it imports nothing and looks at four files. Which compiled files fit - by version, CPU and
system - is told by the interpreter itself, in what its own extensions are called. On a machine the package
was not built for it ends the process with one sentence that says what is missing; protobuf alone can do
without its compiled part, several times slower, which the input warns about.
"""
# pathlib takes longer to import than all of this to run.
# ruff: noqa: PTH100, PTH112, PTH113, PTH118, PTH119, PTH120, PTH208

from __future__ import annotations

import os
import sys
from _imp import extension_suffixes

_BIN = os.path.dirname(os.path.abspath(__file__))
_APP = os.path.dirname(_BIN)
_LIB = os.path.join(_APP, "lib")
_OLDEST = (3, 9)
_OLDEST_GLIBC = (2, 17)  # what the compiled files need; tests/package/test_native_files.py reads it off them
# One compiled file of each library that has them and cannot do without.
_COMPILED = (("orjson", "orjson"), ("lz4", "_version"), ("lz4", "block", "_block"))
# .cpython-39-x86_64-linux-gnu.so, .cp313-win_amd64.pyd, .cpython-312-darwin.so, ...
_SUFFIX = (*extension_suffixes(), "")[0]
_TAG = _SUFFIX.strip(".").rpartition(".")[0]
# CPU and system in it: x86_64-linux-gnu, win_amd64, darwin, ...
_TRIPLET = _TAG.split("-", 2 if _TAG.startswith("cpython-") else 1)[-1]


def _glibc() -> str:
    """Its version where the tag names it, else empty. Old Pythons' tags name it on musl, too."""
    if not _TRIPLET.endswith("-linux-gnu"):
        return ""
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "another").rpartition(" ")[2]
    except (OSError, ValueError):
        return "another"


def _is_too_old(glibc: str) -> bool:
    parts = glibc.split(".")
    return not all(part.isdigit() for part in parts) or tuple(map(int, parts)) < _OLDEST_GLIBC


def _carried() -> str:
    """What the package was built for, for the error text: cp313-win_amd64, cpython-39-x86_64-linux-gnu"""
    names = os.listdir(os.path.join(_LIB, "orjson"))
    return ", ".join(sorted(name.split(".")[1] for name in names if name.count(".") == 2)) or "nothing"


def _missing() -> str:
    """One sentence on the first thing that keeps the libraries from being imported, empty if nothing does."""
    this = f"Python {sys.version_info[0]}.{sys.version_info[1]} ({_TAG})"
    if sys.version_info < _OLDEST:
        return f"needs Python 3.9 or newer, this is {this}"
    if not os.path.isdir(os.path.join(_LIB, "orjson")):
        return f"its libraries are missing ({_LIB}): install the .spl that package.sh builds"
    for name in _COMPILED:
        if not os.path.isfile(os.path.join(_LIB, *name) + _SUFFIX):
            return f"this package has no compiled {name[0]} for {this}; it has it for {_carried()}"
    glibc = _glibc()
    if glibc and _is_too_old(glibc):
        return f"its compiled files need glibc 2.17 or newer, the C library here is {glibc}"
    return ""


def _of_another_app(path: str) -> bool:
    """PYTHONPATH can carry folders of other apps, whose libraries would hide ours."""
    path = os.path.normcase(os.path.abspath(path)) + os.sep
    apps, ours = (os.path.normcase(folder) + os.sep for folder in (os.path.dirname(_APP), _APP))
    return path.startswith(apps) and not path.startswith(ours)


def _install() -> None:
    sentence = _missing()
    if sentence:
        sys.exit(f"ERROR {os.path.basename(_APP)}: {sentence}.")
    ours = [os.path.join(_LIB, "plat", _TRIPLET), _LIB]
    sys.path[:] = ours + [path for path in sys.path if path not in ours and not _of_another_app(path)]


_install()
