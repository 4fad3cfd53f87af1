"""Unpacks the fetched wheels into one lib/ tree that serves several Pythons.

Compiled files whose names carry Python, CPU and system (orjson, lz4) lie side by side. protobuf's have one
name on several platforms, so they go to lib/plat/<CPU and system>, where import_declare_test.py finds them.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tools.fetch import Wheels
from tools.lock import STABLE_ABI, Target
from tools.prune import prune
from tools.step import BuildError

# Types, tests and what installers leave behind. Licences stay.
_UNUSED_NAMES = (
    *("*.pyi", "py.typed", "*.pyx", "*.pxd"),
    *("RECORD", "WHEEL", "INSTALLER", "top_level.txt", "entry_points.txt", "zip-safe"),
)
_EXTENSIONS = (".so", ".pyd")
_GOOGLE = '''\
"""A regular package, so that another `google` later on sys.path cannot hide this one.

The native part of protobuf is in lib/plat; of other folders with one, none is of this release of protobuf.
"""

import os
import sys

_PLAT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "plat")
__path__ += [os.path.join(path, "google") for path in sys.path if os.path.dirname(path) == _PLAT]
'''
# The only UDP socket in the package: it finds out the host's address for logs that are *sent* to SLS, which
# this add-on never does, and it is refused in Splunk Cloud.
_UDP_FILE = "aliyun/log/util.py"
_UDP_START, _UDP_END = "    def get_host_ip(logHost):\n", "    @staticmethod\n    def cal_md5("
_UDP_SHA256 = "fd9b3b494a718f9c399e34770784e886ca02a6a2f5b12ac8cb995b0cdd77873e"
_UDP_PATCHED = """\
    def get_host_ip(logHost):
        # Replaced by the build of this add-on: no socket is opened for it.
        return "127.0.0.1"

"""


def unpack(wheels: Wheels, lib: Path) -> None:
    """Write `lib` anew: all of the pure wheels and of the first target's, then what the other targets add."""
    first = wheels.compiled[0]
    for folder in (*wheels.pure, first.folder):
        for wheel in sorted(folder.glob("*.whl")):
            for place, content in _files(wheel, first.target):
                _write(lib / place, content)
    prune(lib)
    (lib / "google" / "__init__.py").write_text(_GOOGLE, encoding="utf-8")
    patch_udp(lib / _UDP_FILE)
    for compiled in wheels.compiled[1:]:
        add_target(compiled.folder, compiled.target, lib)


def add_target(folder: Path, target: Target, lib: Path) -> None:
    """Add the compiled files of one more target to a finished `lib`, none into a folder that was pruned.

    Raises:
        BuildError: its wheels' other files are not those that `lib` has: one tree would not do for both.
    """
    for wheel in sorted(folder.glob("*.whl")):
        for place, content in _files(wheel, target):
            path = lib / place
            if place.name.endswith(_EXTENSIONS):
                if path.parent.is_dir() or place.parts[0] == "plat":
                    _write(path, content)
            elif path.is_file() and not _same_text(path, content):
                raise BuildError(f"{wheel.name} has another {place} than the wheels of other platforms")


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _same_text(path: Path, content: bytes) -> bool:
    """Wheels for Windows have the same texts with the line ends of Windows."""
    return path.read_bytes() == content.replace(b"\r\n", b"\n")


def _files(wheel: Path, target: Target) -> Iterator[tuple[PurePosixPath, bytes]]:
    """What a wheel has for lib/, and where."""
    with zipfile.ZipFile(wheel) as opened:
        for member in opened.infolist():
            place = None if member.is_dir() else _place(PurePosixPath(member.filename), wheel.name, target)
            if place is not None:
                yield place, _content(place, opened.read(member))


def _content(place: PurePosixPath, content: bytes) -> bytes:
    """Of METADATA only the header: below it stands a README, which AppInspect reads as if it were ours."""
    if place.name != "METADATA":
        return content
    return content.replace(b"\r\n", b"\n").partition(b"\n\n")[0] + b"\n"


def _place(member: PurePosixPath, wheel: str, target: Target) -> PurePosixPath | None:
    """Where in lib/ a file of a wheel belongs, None if it does not."""
    if member.parts[0].endswith(".data"):
        if member.parts[1] not in ("purelib", "platlib"):
            return None
        member = PurePosixPath(*member.parts[2:])
    if any(member.match(pattern) for pattern in _UNUSED_NAMES):
        return None
    if member.name.endswith(_EXTENSIONS) and wheel.partition("-")[0] in STABLE_ABI:
        return PurePosixPath("plat", target.triplet) / member
    return member


def patch_udp(path: Path) -> None:
    """Replace the SDK function that opens a UDP socket.

    Raises:
        BuildError: its text is not the one this build knows.
    """
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    start, end = text.find(_UDP_START), text.find(_UDP_END)
    known = 0 <= start < end and hashlib.sha256(text[start:end].encode()).hexdigest() == _UDP_SHA256
    if not known:
        raise BuildError(
            f"the function get_host_ip in lib/{_UDP_FILE} is not the one this build knows to patch: "
            "read the new one and update tools/libs.py"
        )
    path.write_text(text[:start] + _UDP_PATCHED + text[end:], encoding="utf-8")


def carries(lib: Path, target: Target) -> bool:
    """Whether `lib` has the compiled files of a Python."""
    return (lib / "orjson" / f"orjson{target.abi}").is_file()
