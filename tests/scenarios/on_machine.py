"""What to look at on Splunk's machine. Also a script: it is run inside the container by Splunk's own Python.

`python on_machine.py '{"call": "processes", ...}'` prints the answer in JSON. Standard library only, Python
3.7 and up.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

WRITTEN = ("etc", "var/log", "var/run", "var/lib/splunk/modinputs")
"""Folders of SPLUNK_HOME that splunkd and apps write, without the indexes."""
_SKIPPED = {"lib", "appserver", "static", "licenses"}


class Process(NamedTuple):
    """A running process. `parent` are the arguments of its parent; `environ` may be empty if it is not
    ours.
    """

    pid: int
    ppid: int
    argv: list[str]
    environ: dict[str, str]
    parent: list[str]


def processes(script: str) -> list[Process]:
    """Processes that are no zombies and have `script`, an absolute path, in one of their arguments."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            argv = _parts(folder / "cmdline")
            if not any(script in word for word in argv) or _stat(folder)[0] == "Z":
                continue
            ppid = int(_stat(folder)[1])
            pairs = (part.partition("=") for part in _parts(folder / "environ"))
            environ = {name: value for name, _, value in pairs}
            parent = Path("/proc") / str(ppid) / "cmdline"
            found.append(Process(int(folder.name), ppid, argv, environ, _parts(parent)))
        except (OSError, ValueError):  # it has ended, or is another user's
            continue
    return sorted(found)


def _parts(path: Path) -> list[str]:
    return [part for part in path.read_bytes().decode("utf-8", "replace").split("\0") if part]


def _stat(folder: Path) -> list[str]:
    """State, parent, ... of a process."""
    return (folder / "stat").read_text().rpartition(")")[2].split()


def signal(pid: int, number: int) -> None:
    """Raises ProcessLookupError when it is gone."""
    os.kill(pid, number)


def files(home: str, pattern: str) -> dict[str, str]:
    """Text by path under `home`, for files that match the glob pattern."""
    root = Path(home)
    return {
        str(path.relative_to(root)): path.read_text("utf-8", "replace")
        for path in sorted(root.glob(pattern))
        if path.is_file()
    }


def names(home: str, pattern: str) -> list[str]:
    """Paths under `home` that match the glob pattern."""
    return sorted(str(path.relative_to(home)) for path in Path(home).glob(pattern))


def files_with(home: str, words: list[str]) -> list[str]:
    """Files under the folders of WRITTEN that hold one of the words."""
    wanted = [word.encode() for word in words]
    found = []
    for folder in WRITTEN:
        for place, folders, names in os.walk(str(Path(home) / folder)):
            folders[:] = [name for name in folders if name not in _SKIPPED]
            for name in names:
                path = Path(place) / name
                try:
                    content = b"" if path.is_symlink() or not path.is_file() else path.read_bytes()
                except OSError:  # not ours to read, or gone
                    continue
                if any(word in content for word in wanted):
                    found.append(str(path.relative_to(home)))
    return sorted(found)


def write(home: str, path: str, text: str) -> None:
    """Write a file under `home` and the folders it needs."""
    target = Path(home) / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")


def remove(home: str, path: str) -> None:
    """Delete a file under `home`. Raises FileNotFoundError."""
    (Path(home) / path).unlink()


CALLS = {call.__name__: call for call in (processes, signal, files, names, files_with, write, remove)}


def main(order: str) -> str:
    """Carry out one order, `{"call": name, ...arguments}`; the answer in JSON."""
    arguments: dict[str, Any] = json.loads(order)
    return json.dumps(CALLS[arguments.pop("call")](**arguments))


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1] if len(sys.argv) > 1 else sys.stdin.read()) + "\n")
