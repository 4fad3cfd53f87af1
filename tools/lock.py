"""requirements/lib.txt as data: which file of which library goes where in the package."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tools.step import ROOT, BuildError

LOCK = ROOT / "requirements" / "lib.txt"
COMPILED = ("orjson", "lz4", "protobuf")  # one wheel per Python and platform
STABLE_ABI = (
    "protobuf",
)  # of these, those whose files do not all have Python, CPU and system in their names
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
    """A Python and a platform to carry compiled files for, such as 3.13 on linux_x86_64."""

    python: str  # "3.13"
    platform: str  # "linux_x86_64", "linux_aarch64" or "win_amd64"

    @property
    def tag(self) -> str:
        return f"cp{self.python.replace('.', '')}"

    @property
    def name(self) -> str:
        return f"{self.tag}-{self.platform}"

    @property
    def is_windows(self) -> bool:
        return self.platform.startswith("win_")

    @property
    def abi(self) -> str:
        """How its extensions end: `.cpython-313-x86_64-linux-gnu.so`, `.cp39-win_amd64.pyd`."""
        if self.is_windows:
            return f".{self.name}.pyd"
        return f".cpython-{self.tag[2:]}-{self.triplet}.so"

    @property
    def triplet(self) -> str:
        """CPU and system as they stand in `abi`, and in the name of the platform's folder in lib/plat."""
        if self.is_windows:
            return self.platform
        return f"{self.platform[len('linux_') :]}-linux-gnu"

    @property
    def wheel_platforms(self) -> tuple[str, ...]:
        """Platform tags of the wheels that fit: for Linux those that run on glibc 2.17 (RHEL 7)."""
        if self.is_windows:
            return (self.platform,)
        machine = self.platform[len("linux_") :]
        return (f"manylinux2014_{machine}", f"manylinux_2_17_{machine}")


RELEASE_TARGETS = tuple(
    Target(python, platform)
    for platform in ("linux_x86_64", "linux_aarch64", "win_amd64")
    for python in ("3.9", "3.13")
)


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
