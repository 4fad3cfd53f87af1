"""Fills .cache/wheels with what requirements/lib.txt locks: from pip's index, or from a folder of files.

A full cache is used without either. Every file that is fetched has the hash that is locked.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tools.lock import COMPILED, RELEASE_TARGETS, SOURCE_ONLY, Library, Target, libraries
from tools.step import ROOT, BuildError, run, run_step, shown

CACHE = ROOT / ".cache" / "wheels"
_PURE = ("--platform", "any", "--python-version", "3.9", "--implementation", "py", "--abi", "none")


@dataclass(frozen=True)
class Source:
    """Where to get what the cache lacks: pip's index, a folder of files, or nowhere (`offline`)."""

    offline: bool = False
    wheelhouse: Path | None = None

    @classmethod
    def from_options(cls, options: argparse.Namespace) -> Source:
        return cls(options.offline, options.wheelhouse and options.wheelhouse.resolve())


def add_options(parser: argparse.ArgumentParser) -> None:
    """--offline and --wheelhouse, as `Source.from_options` reads them."""
    parser.add_argument("--offline", action="store_true", help="take the cache, fail rather than fetch")
    parser.add_argument("--wheelhouse", metavar="DIR", type=Path, help="fetch from here, not from an index")


@dataclass(frozen=True)
class Compiled:
    """The folder with the wheels of one target."""

    target: Target
    folder: Path


@dataclass(frozen=True)
class Wheels:
    """Folders with wheels: those for all targets, and those for each."""

    pure: tuple[Path, ...]
    compiled: tuple[Compiled, ...]


def fetch(targets: Iterable[Target], source: Source, cache: Path = CACHE) -> Wheels:
    """The locked wheels for every target.

    Raises:
        BuildError: a wheel is neither cached nor to be had.
    """
    known = libraries()
    pure = [lib for lib in known if lib.name not in (*COMPILED, *SOURCE_ONLY)]
    built = [lib for lib in known if lib.name in SOURCE_ONLY]
    compiled = [lib for lib in known if lib.name in COMPILED]
    return Wheels(
        (
            _filled(cache, "pure", pure, source, _download(*_PURE)),
            _filled(cache, "built", built, source, ("wheel", "--no-build-isolation", "-w")),
        ),
        tuple(Compiled(t, _filled(cache, t.name, compiled, source, _for_target(t))) for t in targets),
    )


def _download(*choice: str) -> tuple[str, ...]:
    return ("download", "--only-binary", ":all:", *choice, "-d")


def _for_target(target: Target) -> tuple[str, ...]:
    choice = [word for platform in target.wheel_platforms for word in ("--platform", platform)]
    choice += ["--python-version", target.python, "--implementation", "cp"]
    return _download(*choice, "--abi", target.tag, "--abi", "abi3")


def _filled(cache: Path, kind: str, wanted: list[Library], source: Source, how: tuple[str, ...]) -> Path:
    entries = "".join(library.entry for library in wanted)
    folder = cache / f"{kind}-{hashlib.sha256(entries.encode()).hexdigest()[:12]}"
    if not _complete(folder, wanted):
        if source.offline:
            raise BuildError(f"the library cache has no complete {kind} set, run once without --offline")
        _pip(folder, entries, how, kind, source.wheelhouse)
        if not _complete(folder, wanted):
            raise BuildError(f"pip left an incomplete set of {kind} libraries in {folder}")
    return folder


def _pip(folder: Path, entries: str, how: tuple[str, ...], kind: str, wheelhouse: Path | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    listed = folder / "requirements.txt"
    listed.write_text(entries, encoding="utf-8")
    command = [sys.executable, "-m", "pip", how[0], "--no-deps", "--require-hashes", "-r", str(listed)]
    failure = f"cannot get the {kind} libraries: no network, or a locked file is not there for this Python"
    if wheelhouse:  # --isolated: nor does pip look where its settings tell it to
        command += ["--isolated", "--no-index", "--find-links", str(wheelhouse)]
        where = shown(wheelhouse)
        failure = f"cannot get the {kind} libraries from {where}: a locked file is not there, or is another"
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
    add_options(parser)
    fetch(RELEASE_TARGETS, Source.from_options(parser.parse_args()))


if __name__ == "__main__":
    run_step(main)
