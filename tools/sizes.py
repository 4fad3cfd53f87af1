"""How large the package is, and what makes it so: python -m tools.sizes dist/TA_alibaba_sls-<version>.spl

A part's packed size is what its files add to the compressed stream; what is left of the whole is the
archive's own: names, times, the padding of tar.
"""

from __future__ import annotations

import argparse
import sys
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools import archive
from tools.lock import RELEASE_TARGETS
from tools.step import BuildError, run_step, shown

MB = 1_000_000  # bytes
_NATIVE = (".so", ".pyd")
_OF_FOLDERS = {
    "appserver": "pages",
    "bin": "our code",
    "default": "search-time knowledge and defaults",
    "lookups": "search-time knowledge and defaults",
    "lib": "libraries, pure Python",
}
_DOCS = "documents, licences, icons"


@dataclass
class Part:
    """Files that belong together; sizes in bytes."""

    name: str
    files: int = 0
    packed: int = 0
    unpacked: int = 0

    def add(self, unpacked: int, packed: int) -> None:
        self.files += 1
        self.packed += packed
        self.unpacked += unpacked


def parts(spl: Path) -> list[Part]:
    """What `spl` consists of, the largest part first, and what the archive itself takes last."""
    found: dict[str, Part] = {}
    stream = zlib.compressobj(archive.LEVEL)
    for name, content in _files(spl):
        part = found.setdefault(_part(name), Part(_part(name)))
        part.add(len(content), len(stream.compress(content)) + len(stream.flush(zlib.Z_SYNC_FLUSH)))
    listed = sorted(found.values(), key=lambda part: -part.packed)
    return [*listed, Part("the archive itself", 0, spl.stat().st_size - sum(part.packed for part in listed))]


def table(spl: Path) -> str:
    """The parts as a Markdown table, with their sum."""
    listed = parts(spl)
    whole = Part("**all**", *(sum(getattr(p, of) for p in listed) for of in ("files", "packed", "unpacked")))
    rows = ["| Part | Files | Packed, MB | Unpacked, MB |", "|---|---:|---:|---:|"]
    rows += [
        f"| {p.name} | {p.files} | {p.packed / MB:.2f} | {p.unpacked / MB:.2f} |" for p in (*listed, whole)
    ]
    return "\n".join(rows)


def line(spl: Path) -> str:
    """The same in one line: the name of the package, and its size."""
    unpacked = sum(len(content) for _, content in _files(spl))
    return f"{shown(spl)}: {spl.stat().st_size / MB:.1f} MB, unpacked {unpacked / MB:.1f} MB"


def _files(spl: Path) -> Iterator[tuple[str, bytes]]:
    """Name below the app's folder, and content."""
    try:
        with tarfile.open(spl) as opened:
            for member in opened:
                content = opened.extractfile(member)
                if content is not None:
                    yield member.name.partition("/")[2], content.read()
    except (OSError, tarfile.TarError) as error:
        raise BuildError(f"cannot read {shown(spl)} ({error})") from error


def _part(name: str) -> str:
    folder = name.partition("/")[0]
    if name.endswith(_NATIVE):
        return f"native, {_target(name)}"
    if ".dist-info/" in name or "licenses" in name.rpartition("/")[2]:
        return _DOCS
    return _OF_FOLDERS.get(folder, _DOCS)


def _target(name: str) -> str:
    for target in RELEASE_TARGETS:
        if name.endswith(target.abi):
            return f"{target.platform} {target.python}"
    for target in RELEASE_TARGETS:
        if name.startswith(f"lib/plat/{target.triplet}/"):
            return f"{target.platform}, several Pythons"
    return "other Pythons"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("spl", type=Path, nargs="+")
    for spl in parser.parse_args().spl:
        sys.stdout.write(f"{line(spl)}\n\n{table(spl)}\n")


if __name__ == "__main__":
    run_step(main)
