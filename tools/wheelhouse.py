"""Fills a folder with all that a build fetches, for a machine without an index (package.sh --wheelhouse).

The files are those of requirements/lib.txt for every target, by their locked hashes; libraries that are
published without wheels come as their sources.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from tools.fetch import Source, fetch
from tools.lock import RELEASE_TARGETS, SOURCE_ONLY, libraries
from tools.step import BuildError, run, run_step, shown


def fill(folder: Path) -> None:
    """The libraries of the package.

    Raises:
        BuildError: one is not to be had.
    """
    _make(folder)
    wheels = fetch(RELEASE_TARGETS, Source())
    locked = wheels.pure[0], *(compiled.folder for compiled in wheels.compiled)
    for wheel in (wheel for source in locked for wheel in source.glob("*.whl")):
        shutil.copy2(wheel, folder)
    sources = folder / "sources.txt"
    sources.write_text("".join(lib.entry for lib in libraries() if lib.name in SOURCE_ONLY), encoding="utf-8")
    _download(folder, "--no-deps", "--no-build-isolation", "-r", str(sources))
    sources.unlink()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BuildError(f"cannot make {shown(folder)} ({error.strerror})") from error


def _download(folder: Path, *what: str) -> None:
    log = folder / "pip.log"
    command = [sys.executable, "-m", "pip", "download", "--require-hashes", "-d", str(folder), *what]
    run(command, log, f"cannot fill {shown(folder)}: no network, or a locked file is not there")
    log.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder.resolve()
    fill(folder)
    sys.stdout.write(f"{shown(folder)}: {len(list(folder.iterdir()))} files\n")


if __name__ == "__main__":
    run_step(main)
