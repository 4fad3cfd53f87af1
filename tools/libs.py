"""Unpacks the fetched wheels into one lib/ tree that serves several Pythons.

Compiled files whose names carry their Python (orjson, lz4) lie side by side. protobuf's has one name for all
of them, so it goes to lib/plat/<platform>, where import_declare_test.py finds it.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from tools.lock import Target
from tools.step import BuildError

# Not on any path of ours, by reason; every line has to match something.
PRUNED = (
    # needs elasticsearch; needs Jupyter; Python 2
    "aliyun/log/es_migration",
    "aliyun/log/ext",
    "aliyun/log/_proto_py2",
    # search commands; results.py needs another library
    "splunklib/searchcommands",
    "splunklib/results.py",
    # needs OpenTelemetry and grpc
    "solnlib/observability.py",
    "solnlib/_observability_flush.py",
    # another way to write modular inputs, with pools and schedulers of its own
    "solnlib/modular_input",
    "solnlib/concurrent",
    "solnlib/schedule",
    # alert actions and the Add-on Builder's world
    "splunktaucclib/alert_actions_base.py",
    "splunktaucclib/cim_actions.py",
    "splunktaucclib/config.py",
    "splunktaucclib/global_config",
    "splunktaucclib/legacy",
    "splunktaucclib/modinput_wrapper",
    "splunktaucclib/splunk_aoblib",
    # SLS uses lz4 blocks, not frames
    "lz4/frame",
    # tests and maintenance scripts
    "certifi/tests",
    "dateutil/zoneinfo/rebuild.py",
    # needs lxml, and its own text calls it deprecated
    "defusedxml/lxml.py",
    # code generation, and messages nobody here speaks
    "google/protobuf/compiler",
    "google/protobuf/testdata",
)
# Types, tests and what installers leave behind. Licences stay.
_UNUSED_NAMES = ("*.pyi", "py.typed", "*.pyx", "*.pxd", "RECORD", "WHEEL", "INSTALLER", "top_level.txt")
_GOOGLE = '''\
"""A regular package, so that another `google` later on sys.path cannot hide this one."""

import os
import sys

__path__ += [os.path.join(p, "google") for p in sys.path if os.path.isdir(os.path.join(p, "google", "_upb"))]
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


def unpack(wheel_folders: Iterable[Path], lib: Path) -> None:
    """Write `lib` anew from all wheels of the folders."""
    for folder in wheel_folders:
        for wheel in sorted(folder.glob("*.whl")):
            _unpack_wheel(wheel, lib)
    _prune(lib)
    (lib / "google" / "__init__.py").write_text(_GOOGLE, encoding="utf-8")
    patch_udp(lib / _UDP_FILE)


def add_target(wheels: Path, lib: Path) -> None:
    """Add the compiled files of one more Python to a finished `lib`; what is there already stays."""
    scratch = lib.with_name(f"{lib.name}-{wheels.name}")
    shutil.rmtree(scratch, ignore_errors=True)
    for wheel in wheels.glob("*.whl"):
        _unpack_wheel(wheel, scratch)
    for path in sorted(scratch.rglob("*.so")):
        place = lib / path.relative_to(scratch)
        if place.parent.is_dir() or "plat" in place.parts:
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, place)
    shutil.rmtree(scratch)


def _unpack_wheel(wheel: Path, lib: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        for member in opened.infolist():
            place = _place(PurePosixPath(member.filename), wheel.name)
            if member.is_dir() or place is None:
                continue
            path = lib / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_content(place, opened.read(member)))


def _content(place: PurePosixPath, content: bytes) -> bytes:
    """Of METADATA only the header: below it stands a README, which AppInspect reads as if it were ours."""
    return content.partition(b"\n\n")[0] + b"\n" if place.name == "METADATA" else content


def _place(member: PurePosixPath, wheel: str) -> PurePosixPath | None:
    """Where in lib/ a file of a wheel belongs, None if it does not."""
    if member.parts[0].endswith(".data"):
        if member.parts[1] not in ("purelib", "platlib"):
            return None
        member = PurePosixPath(*member.parts[2:])
    if any(member.match(pattern) for pattern in _UNUSED_NAMES):
        return None
    if member.name.endswith(".abi3.so"):
        machine = wheel.rsplit("-", 1)[1].partition("_")[2].rsplit(".", 1)[0]
        return PurePosixPath("plat", f"linux_{'aarch64' if 'aarch64' in machine else 'x86_64'}") / member
    return member


def _prune(lib: Path) -> None:
    for name in PRUNED:
        path = lib / name
        if path.is_dir():
            shutil.rmtree(path)
        elif path.is_file():
            path.unlink()
        else:
            raise BuildError(f"nothing to prune at lib/{name}: the library has changed, see tools/libs.py")


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
    return any((lib / "orjson").glob(f"*.cpython-{target.tag[2:]}-{target.machine}-*.so"))
