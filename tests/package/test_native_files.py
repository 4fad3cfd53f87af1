"""One package for six targets: every compiled file is what its name says, and each target has all of them.

The table of targets is this test's own, not the build's.
"""

from __future__ import annotations

import hashlib
import re
import tarfile
import zipfile
from collections import Counter, defaultdict
from pathlib import Path, PurePosixPath

import pytest

from tests.app_package import ROOT
from tests.package import native

# What an interpreter calls its own extensions -> CPU and system; on Windows, the DLL of Python it needs.
TAGS = {
    ".cpython-39-x86_64-linux-gnu.so": ("linux x86_64", ""),
    ".cpython-313-x86_64-linux-gnu.so": ("linux x86_64", ""),
    ".cpython-39-aarch64-linux-gnu.so": ("linux aarch64", ""),
    ".cpython-313-aarch64-linux-gnu.so": ("linux aarch64", ""),
    ".cp39-win_amd64.pyd": ("windows amd64", "python39.dll"),
    ".cp313-win_amd64.pyd": ("windows amd64", "python313.dll"),
}
# protobuf's: one file for several Pythons, so the folder says what it is for.
UPB = "google/_upb/_message"
SHARED = {
    f"plat/x86_64-linux-gnu/{UPB}.abi3.so": ("linux x86_64", ""),
    f"plat/aarch64-linux-gnu/{UPB}.abi3.so": ("linux aarch64", ""),
    f"plat/win_amd64/{UPB}.pyd": ("windows amd64", "python3.dll"),
    f"plat/win_amd64/{UPB}.cp39-win_amd64.pyd": ("windows amd64", "python39.dll"),
}
EACH = {"lz4/_version", "lz4/block/_block", "orjson/orjson"}
RHEL_7 = (2, 17)  # its glibc; the oldest system of Splunk 9
# All that may be asked for: glibc and GCC's libstdc++; Windows itself, and what Python's own folder has.
SYSTEM = re.compile(
    r"lib(c|m|dl|pthread|rt|stdc\+\+|gcc_s)\.so\.\d|ld-linux-\S+"
    r"|(KERNEL32|msvcrt|VCRUNTIME140|api-ms-win-[a-z0-9-]+)\.dll"
)


@pytest.fixture(scope="module")
def files(release_spl: Path) -> dict[str, bytes]:
    """All files of the release by their name below the app's folder."""
    found = {}
    with tarfile.open(release_spl) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None:
                found[member.name.partition("/")[2]] = content.read()
    return found


@pytest.fixture(scope="module")
def compiled(files: dict[str, bytes]) -> dict[str, bytes]:
    """Compiled files by their name below lib/, found by content."""
    found = {name: content for name, content in files.items() if content[:4] in (b"\x7fELF", b"MZ\x90\0")}
    assert {name for name in files if name.endswith((".so", ".pyd", ".dll", ".exe"))} == set(found)
    assert all(name.startswith("lib/") for name in found)
    return {name[len("lib/") :]: content for name, content in found.items()}


def suffix(name: str) -> str:
    return name[name.index(".") :]


def promised(name: str) -> tuple[str, str]:
    return SHARED.get(name) or TAGS[suffix(name)]


def test_headers_say_what_the_names_say(compiled: dict[str, bytes]) -> None:
    for name, content in compiled.items():
        cpu, library = promised(name)
        read = native.read(content)
        assert read.cpu == cpu, name
        pythons = {needed for needed in read.libraries if needed.lower().startswith("python")}
        assert pythons == ({library} if library else set()), name


def test_nothing_is_needed_that_a_system_may_lack(compiled: dict[str, bytes]) -> None:
    for name, content in compiled.items():
        read = native.read(content)
        others = [needed for needed in read.libraries if not needed.startswith("python")]
        assert [needed for needed in others if not SYSTEM.fullmatch(needed)] == [], name
        assert read.glibc <= RHEL_7, name
        assert read.glibc or "windows" in read.cpu, name


def test_every_target_has_every_module(compiled: dict[str, bytes]) -> None:
    modules = defaultdict(set)
    for name in compiled.keys() - SHARED.keys():
        modules[suffix(name)].add(name[: name.index(".")])
    assert modules == dict.fromkeys(TAGS, EACH)
    assert compiled.keys() >= SHARED.keys()


def test_compiled_files_are_the_published_ones(compiled: dict[str, bytes]) -> None:
    """Byte for byte those of the wheels, whose hashes are locked."""
    known = set()
    for wheel in (ROOT / ".cache" / "wheels").glob("cp*/*.whl"):
        with zipfile.ZipFile(wheel) as opened:
            known |= {digest(opened.read(n)) for n in opened.namelist() if n.endswith((".so", ".pyd"))}
    assert [name for name, content in compiled.items() if digest(content) not in known] == []


def test_nothing_is_there_twice(files: dict[str, bytes]) -> None:
    """Empty and one-line files (__init__.py) aside."""
    seen = Counter(digest(content) for content in files.values() if len(content) > 64)
    assert [name for name, content in files.items() if seen[digest(content)] > 1] == []


def test_no_library_without_its_release_and_none_twice(files: dict[str, bytes]) -> None:
    infos = {PurePosixPath(name).parts[1] for name in files if ".dist-info/" in name}
    names = Counter(info.partition("-")[0].lower().replace("_", "-") for info in infos)
    lock = (ROOT / "requirements" / "lib.txt").read_text(encoding="utf-8")
    assert names == Counter(re.findall(r"(?m)^([a-z0-9-]+)==", lock))


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
