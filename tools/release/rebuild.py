"""Builds the package twice, far from the working tree and from each other, and compares the bytes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from tools.release.git import git
from tools.release.outcome import Outcome
from tools.step import ROOT, BuildError
from tools.times import source_date_epoch

# The second build differs in all that must not matter.
_ELSEWHERE = {"TZ": "Asia/Shanghai", "LC_ALL": "C", "PYTHONHASHSEED": "4711", "HOME": os.devnull}


def export(place: Path) -> Path:
    """Copy the sources as git has them, with what is not committed yet; .venv and .cache as links."""
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place / name)
    for shared in (".venv", ".cache"):
        (ROOT / shared).mkdir(exist_ok=True)
        (place / shared).symlink_to(ROOT / shared, target_is_directory=True)
    return place


def build(place: Path, *options: str, environment: dict[str, str] | None = None, umask: int = 0o022) -> Path:
    """Run package.sh in `place`; returns the release.

    Raises:
        BuildError: it failed.
    """
    epoch = {"SOURCE_DATE_EPOCH": str(source_date_epoch())}
    done = subprocess.run(
        ["./package.sh", *options],
        cwd=place,
        env={**os.environ, **epoch, **(environment or {})},
        umask=umask,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise BuildError(f"a clean build failed: {done.stderr.strip()}")
    (release,) = (path for path in (place / "dist").glob("*.spl") if not path.name.endswith("-dev.spl"))
    return release


def twice(scratch: Path) -> tuple[Path, Outcome]:
    """Build in two folders below `scratch`; returns the first release, a development package beside it."""
    first = build(export(scratch / "one"), "--dev-python")
    again = build(export(scratch / "another" / "place"), "--offline", environment=_ELSEWHERE, umask=0o077)
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (first, again)]
    problems = () if hashes[0] == hashes[1] else ("the two packages differ",)
    return first, Outcome(
        "rebuild", f"{first.name}, built twice\n       {hashes[0]}\n       {hashes[1]}", problems
    )
