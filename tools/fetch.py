"""Fills .cache/wheels with what requirements/lib.txt locks. A full cache is used without any network."""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

from tools.lock import COMPILED, RELEASE_TARGETS, SOURCE_ONLY, Library, Target, libraries
from tools.step import ROOT, BuildError, run, run_step

CACHE = ROOT / ".cache" / "wheels"
_PURE = ("--platform", "any", "--python-version", "3.9", "--implementation", "py", "--abi", "none")


def fetch(targets: Iterable[Target], offline: bool, cache: Path = CACHE) -> list[Path]:
    """The wheels of the release for every target, one folder per kind.

    Raises:
        BuildError: a wheel is neither cached nor to be had.
    """
    known = libraries()
    pure = [lib for lib in known if lib.name not in (*COMPILED, *SOURCE_ONLY)]
    built = [lib for lib in known if lib.name in SOURCE_ONLY]
    compiled = [lib for lib in known if lib.name in COMPILED]
    folders = [_filled(cache, "pure", pure, offline, _download(*_PURE))]
    folders.append(_filled(cache, "built", built, offline, ("wheel", "--no-build-isolation", "-w")))
    folders += [_filled(cache, t.name, compiled, offline, _for_target(t)) for t in targets]
    return folders


def _download(*choice: str) -> tuple[str, ...]:
    return ("download", "--only-binary", ":all:", *choice, "-d")


def _for_target(target: Target) -> tuple[str, ...]:
    platforms = [f"{tag}_{target.machine}" for tag in ("manylinux2014", "manylinux_2_17")]
    choice = [word for platform in platforms for word in ("--platform", platform)]
    choice += ["--python-version", target.python, "--implementation", "cp"]
    return _download(*choice, "--abi", target.tag, "--abi", "abi3")


def _filled(cache: Path, kind: str, wanted: list[Library], offline: bool, how: tuple[str, ...]) -> Path:
    entries = "".join(library.entry for library in wanted)
    folder = cache / f"{kind}-{hashlib.sha256(entries.encode()).hexdigest()[:12]}"
    if not _complete(folder, wanted):
        if offline:
            raise BuildError(f"the library cache has no complete {kind} set, run once without --offline")
        _pip(folder, entries, how, kind)
        if not _complete(folder, wanted):
            raise BuildError(f"pip left an incomplete set of {kind} libraries in {folder}")
    return folder


def _pip(folder: Path, entries: str, how: tuple[str, ...], kind: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    listed = folder / "requirements.txt"
    listed.write_text(entries, encoding="utf-8")
    command = [sys.executable, "-m", "pip", how[0], "--no-deps", "--require-hashes", "-r", str(listed)]
    failure = f"cannot get the {kind} libraries: no network, or a locked file is not there for this Python"
    run([*command, *how[1:], str(folder)], folder.parent / f"{kind}.log", failure)


def _complete(folder: Path, wanted: list[Library]) -> bool:
    """Every library is there, unharmed. A wheel built here has no locked hash: its own checksums must do."""
    wheels = {wheel.name.split("-")[0].lower().replace("_", "-"): wheel for wheel in folder.glob("*.whl")}
    return len(wheels) == len(wanted) and all(
        library.name in wheels and _unharmed(wheels[library.name], library) for library in wanted
    )


def _unharmed(wheel: Path, library: Library) -> bool:
    if library.name not in SOURCE_ONLY:
        return hashlib.sha256(wheel.read_bytes()).hexdigest() in library.hashes
    try:
        with zipfile.ZipFile(wheel) as opened:
            return opened.testzip() is None
    except zipfile.BadZipFile:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--offline", action="store_true", help="fail rather than download")
    options = parser.parse_args()
    fetch(RELEASE_TARGETS, options.offline)


if __name__ == "__main__":
    run_step(main)
