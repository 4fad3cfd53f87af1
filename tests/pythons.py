"""The CPythons on this machine that can stand for the ones Splunk ships (3.9 and 3.13).

Splunk starts an input with its own interpreter. Tests and demo borrow one: a CPython 3.9 or 3.13 from PATH or
pyenv, and the machine's own in any case. Version managers put shims on PATH that only print an error, so an
interpreter counts when it has really run and has ssl and sqlite3.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SPLUNK_VERSIONS = ("3.9", "3.13")
VERSIONS = ("3.9", "3.10", "3.11", "3.12", "3.13")
PROBE = (
    "import platform, sqlite3, ssl, sys;"
    "version = '%d.%d' % sys.version_info[:2];"
    "sys.stdout.write(' '.join((platform.python_implementation(), version, sys.executable)))"
)
PROBE_SECONDS = 20


@functools.cache
def find_pythons() -> dict[str, str]:
    """Version ("3.9" .. "3.13") -> path of a CPython that runs; the first found of each version."""
    found: dict[str, str] = {}
    for candidate in _candidates():
        version = _version_named(candidate)
        if version in found:
            continue
        answer = _probe(candidate)
        if answer and answer[0] in VERSIONS:
            found.setdefault(*answer)
    return found


def interpreters_for_tests() -> list[tuple[str, str]]:
    """(version, path) of 3.9 and 3.13 where found, and of the machine's own when it is neither."""
    found = find_pythons()
    wanted = [*SPLUNK_VERSIONS, own_version()]
    return [(version, found[version]) for version in dict.fromkeys(wanted) if version in found]


def pythons_for_splunk() -> dict[str, str]:
    """What a Splunk stand-in is given: "3.9" and "3.13" where found, else the machine's own in place of 3.9.

    Raises RuntimeError when not a single usable CPython 3.9 to 3.13 exists.
    """
    found = find_pythons()
    table = {version: found[version] for version in SPLUNK_VERSIONS if version in found}
    if table:
        return table
    for version in (own_version(), *VERSIONS):
        if version in found:
            return {"3.9": found[version]}
    raise RuntimeError("No CPython 3.9 to 3.13 with ssl and sqlite3 found on PATH or in pyenv.")


def own_version() -> str:
    """Version of the interpreter that runs this, as "3.11"."""
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


def _candidates() -> Iterator[Path]:
    """The base of a virtual environment, not its python: inputs must not see the test tools."""
    yield Path(sys.base_prefix) / "bin" / f"python{own_version()}"
    yield Path(getattr(sys, "_base_executable", sys.executable))
    for root in _pyenv_roots():
        for home in sorted(root.glob("versions/3.*"), key=_version_key, reverse=True):
            yield home / "bin" / "python3"
    for version in VERSIONS:
        for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
            name = shutil.which(f"python{version}", path=folder) if folder else None
            if name and not _in_virtual_environment(Path(name)):
                yield Path(name)


def _pyenv_roots() -> list[Path]:
    roots = [os.environ.get("PYENV_ROOT", ""), str(Path.home() / ".pyenv")]
    return [Path(root) for root in dict.fromkeys(roots) if root]


def _version_key(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", path.name))


def _version_named(path: Path) -> str:
    """The version that the path speaks of ("" when it does not): spares probing what is known already."""
    match = re.search(r"3\.\d+", path.name) or re.search(r"3\.\d+", path.parent.parent.name)
    return match.group() if match else ""


def _in_virtual_environment(python: Path) -> bool:
    return (python.parent.parent / "pyvenv.cfg").is_file()


def _probe(python: Path) -> tuple[str, str] | None:
    """(version, real path) of a CPython that runs and has the modules an input needs."""
    if not os.access(python, os.X_OK):
        return None
    try:
        done = subprocess.run(
            [str(python), "-I", "-c", PROBE],
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    parts = done.stdout.strip().split(" ", 2)
    return (parts[1], parts[2]) if len(parts) == 3 and parts[0] == "CPython" else None
