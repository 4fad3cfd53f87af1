"""Writes the .spl: a tar.gz whose bytes depend on the files in it and on nothing else."""

from __future__ import annotations

import contextlib
import gzip
import tarfile
from pathlib import Path

LEVEL = 6  # of zlib; 9 takes three seconds more for 0.6 percent


def write(tree: Path, spl: Path, epoch: int) -> None:
    """Pack `tree` as the one top-level folder of `spl`, every time in it set to `epoch` (seconds)."""
    spl.parent.mkdir(parents=True, exist_ok=True)
    unfinished = spl.with_suffix(".part")
    with contextlib.ExitStack() as stack:
        raw = stack.enter_context(unfinished.open("wb"))
        packed = stack.enter_context(gzip.GzipFile("", "wb", LEVEL, raw, mtime=epoch))
        tar = stack.enter_context(tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT))
        for path in [tree, *sorted(tree.rglob("*"))]:
            _add(tar, path, str(path.relative_to(tree.parent)), epoch)
    unfinished.replace(spl)


def _add(tar: tarfile.TarFile, path: Path, name: str, epoch: int) -> None:
    info = tar.gettarinfo(str(path), name)
    info.mtime, info.uid, info.gid, info.uname, info.gname = epoch, 0, 0, "", ""
    info.mode = 0o755 if info.isdir() else 0o644
    if info.isfile():
        with path.open("rb") as content:
            tar.addfile(info, content)
    else:
        tar.addfile(info)
