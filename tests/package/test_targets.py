"""On every target the package takes that target's files; elsewhere it says what is missing.

Other systems are stood for by this one: a child interpreter is told what an interpreter there calls its
extensions, and what its C library is. What such an interpreter then does with the files is not shown here;
test_native_files.py reads their headers.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("shim_elsewhere.py")


def linux(python: str, cpu: str, libc: str = "gnu") -> list[str]:
    return [f".cpython-{python}-{cpu}-linux-{libc}.so", ".abi3.so", ".so"]


def windows(python: str, cpu: str = "win_amd64") -> list[str]:
    return [f".cp{python}-{cpu}.pyd", ".pyd"]


# What an interpreter calls its extensions -> the end of the path to protobuf's.
TARGETS = [
    (linux("39", "x86_64"), "plat/x86_64-linux-gnu/google/_upb/_message.abi3.so"),
    (linux("313", "x86_64"), "plat/x86_64-linux-gnu/google/_upb/_message.abi3.so"),
    (linux("39", "aarch64"), "plat/aarch64-linux-gnu/google/_upb/_message.abi3.so"),
    (linux("313", "aarch64"), "plat/aarch64-linux-gnu/google/_upb/_message.abi3.so"),
    (windows("39"), "plat/win_amd64/google/_upb/_message.cp39-win_amd64.pyd"),
    (windows("313"), "plat/win_amd64/google/_upb/_message.pyd"),
]
ELSEWHERE = [
    (linux("312", "x86_64"), "no compiled orjson for Python {} (cpython-312-x86_64-linux-gnu)"),
    (linux("313t", "x86_64"), "no compiled orjson for Python {} (cpython-313t-x86_64-linux-gnu)"),
    (linux("313", "x86_64", "musl"), "no compiled orjson for Python {} (cpython-313-x86_64-linux-musl)"),
    (linux("313", "riscv64"), "no compiled orjson for Python {} (cpython-313-riscv64-linux-gnu)"),
    ([".cpython-313-darwin.so", ".abi3.so", ".so"], "no compiled orjson for Python {} (cpython-313-darwin)"),
    (windows("313", "win_arm64"), "no compiled orjson for Python {} (cp313-win_arm64)"),
    (windows("39", "win32"), "no compiled orjson for Python {} (cp39-win32)"),
    ([], "no compiled orjson for Python {} ()"),
]


def start(app: Path, suffixes: list[str], glibc: str | None) -> subprocess.CompletedProcess[str]:
    there = json.dumps({"suffixes": suffixes, "glibc": glibc})
    command = [sys.executable, "-I", "-S", "-B", str(SCRIPT), str(app), there]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=60)


def refusal(app: Path, suffixes: list[str], glibc: str | None = "2.28") -> str:
    done = start(app, suffixes, glibc)
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("ERROR TA_alibaba_sls: ")
    return line


@pytest.mark.parametrize(("suffixes", "protobuf"), TARGETS, ids=[names[0] for names, _ in TARGETS])
def test_each_target_takes_its_own_files(release_app: Path, suffixes: list[str], protobuf: str) -> None:
    done = start(release_app, suffixes, "2.17" if suffixes[0].endswith("gnu.so") else None)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["path"] == [
        str(release_app / "lib" / protobuf.partition("/google")[0]),
        str(release_app / "lib"),
    ]
    assert seen["files"] == {
        "orjson.orjson": str(release_app / "lib" / f"orjson/orjson{suffixes[0]}"),
        "lz4._version": str(release_app / "lib" / f"lz4/_version{suffixes[0]}"),
        "lz4.block._block": str(release_app / "lib" / f"lz4/block/_block{suffixes[0]}"),
        "google._upb._message": str(release_app / "lib" / protobuf),
    }


@pytest.mark.parametrize(
    ("suffixes", "told"), ELSEWHERE, ids=[(names or ["none"])[0] for names, _ in ELSEWHERE]
)
def test_elsewhere_it_says_what_is_missing(release_app: Path, suffixes: list[str], told: str) -> None:
    line = refusal(release_app, suffixes)
    assert told.format(f"{sys.version_info[0]}.{sys.version_info[1]}") in line
    assert "it has it for cp313-win_amd64, cp39-win_amd64, cpython-313-aarch64-linux-gnu, " in line


@pytest.mark.parametrize(("glibc", "told"), [("2.12", "is 2.12"), (None, "is another")])
def test_a_c_library_that_will_not_do(release_app: Path, glibc: str | None, told: str) -> None:
    """RHEL 6; and an old Python on musl, which calls its extensions as glibc's are called."""
    line = refusal(release_app, linux("39", "x86_64"), glibc)
    assert line.endswith(f"its compiled files need glibc 2.17 or newer, the C library here {told}.")


def test_protobuf_alone_can_do_without_its_compiled_part(release_app: Path, tmp_path: Path) -> None:
    app = tmp_path / "TA_alibaba_sls"
    for part in ("bin", "lib"):
        shutil.copytree(release_app / part, app / part, ignore=shutil.ignore_patterns("plat"))
    done = start(app, linux("39", "aarch64"), "2.28")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["files"]["google._upb._message"] == ""
