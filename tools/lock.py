"""requirements/lib.txt as data: which file of which library goes where in the package."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tools.step import ROOT, BuildError

LOCK = ROOT / "requirements" / "lib.txt"
COMPILED = ("orjson", "lz4", "protobuf")  # one wheel per Python and platform
SOURCE_ONLY = ("aliyun-log-python-sdk", "splunk-sdk")  # published without wheels
_ENTRY = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^\s;\\]+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Library:
    """One locked library; `entry` is its text in the lock file, hashes included."""

    name: str
    version: str
    entry: str

    @property
    def hashes(self) -> frozenset[str]:
        return frozenset(_HASH.findall(self.entry))


@dataclass(frozen=True)
class Target:
    """A Python and a platform to carry compiled files for, such as 3.13 on linux x86_64."""

    python: str  # "3.13"
    machine: str  # "x86_64"

    @property
    def tag(self) -> str:
        return f"cp{self.python.replace('.', '')}"

    @property
    def name(self) -> str:
        return f"{self.tag}-linux_{self.machine}"


RELEASE_TARGETS = (Target("3.9", "x86_64"), Target("3.13", "x86_64"))


def libraries(lock: Path = LOCK) -> list[Library]:
    """All entries of the lock file.

    Raises:
        BuildError: the file is missing, or an entry has no hash.
    """
    try:
        text = lock.read_text(encoding="utf-8")
    except OSError as error:
        raise BuildError(f"cannot read {lock.name} ({error.strerror})") from error
    starts = [*(match.start() for match in _ENTRY.finditer(text)), len(text)]
    found = [_library(text[start:end]) for start, end in zip(starts, starts[1:])]
    for library in found:
        if not library.hashes:
            raise BuildError(f"{lock.name} locks {library.name} without a hash")
    return found


def _library(entry: str) -> Library:
    match = _ENTRY.match(entry)
    if match is None:  # the caller cut the text where the same expression matched
        raise BuildError(f"cannot read the lock entry '{entry[:40]}'")
    return Library(match["name"], match["version"], entry.strip() + "\n")
