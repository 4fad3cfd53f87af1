"""The packaged add-on: find or build the .spl, unpack it once, put it under many homes."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

from tests.addon import APP

ROOT = Path(__file__).resolve().parents[1]

# Whatever of these changes makes an .spl in dist/ stale.
SOURCES = (
    "bin",
    "default",
    "README",
    "knowledge",
    "lookups",
    "metadata",
    "static",
    "appserver",
    "requirements",
    "globalConfig.json",
    "custom_dashboard.json",
    "app.manifest",
    "package.sh",
    "tools",
)


def find_or_build_spl(log: Path) -> Path:
    """The add-on to test: $TA_SPL, else a fresh one from dist/, else a new development build.

    Raises AssertionError with the end of the build's output when the build fails.
    """
    given = os.environ.get("TA_SPL")
    if given:
        return Path(given)
    built = newest_spl()
    if built is not None and _modified(built) >= max(map(_modified, _sources())):
        return built
    with log.open("wb") as out:
        done = subprocess.run(
            ["./package.sh", "--dev-python"], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-30:])
        raise AssertionError(f"./package.sh --dev-python ended with {done.returncode}:\n{tail}")
    fresh = newest_spl()
    assert fresh, "./package.sh --dev-python left no package in dist/"
    return fresh


def newest_spl() -> Path | None:
    """The newest package in dist/; development ones, which run on more Pythons, come first."""
    found = [*(ROOT / "dist").glob("*-dev.spl")] or [*(ROOT / "dist").glob("*.spl")]
    return max(found, key=_modified, default=None)


def _sources() -> Iterator[Path]:
    for name in SOURCES:
        path = ROOT / name
        if path.is_file():
            yield path
        yield from (p for p in path.rglob("*") if p.is_file() and p.suffix != ".pyc")


def _modified(path: Path) -> float:
    return path.stat().st_mtime


def unpack(spl: Path, folder: Path) -> Path:
    """Unpack the add-on once for all forwarders of a session; returns the app's folder."""
    with tarfile.open(spl) as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extractall(folder, filter="data")
        else:
            archive.extractall(folder)
    return folder / APP


def place_app(app: Path, home: Path) -> None:
    """Put the unpacked app under a forwarder's home: small parts as copies, bulky read-only ones as links.

    Linked libraries also share their byte code, so the second start of an input is as quick as in real life.
    """
    target = home / "etc" / "apps" / APP
    target.mkdir(parents=True)
    for part in app.iterdir():
        if part.name in ("lib", "appserver"):
            (target / part.name).symlink_to(part, target_is_directory=True)
        elif part.is_dir():
            shutil.copytree(part, target / part.name)
        else:
            shutil.copy2(part, target / part.name)
