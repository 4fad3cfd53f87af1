"""Putting an app package on an instance, as ``splunk install app`` does."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from .conf_layers import app_dir


class AppPackageError(ValueError):
    """The file is no app package: not a tar, no single top folder, or members that leave it."""


def install(home: Path, spl: Path, *, keep_old_files: bool = True) -> str:
    """Unpack a ``.spl`` or ``.tar.gz`` under ``etc/apps``; returns the app's id.

    An upgrade copies the new files over those of the installed app. Files that the package no longer has stay
    (documented in upgrade notes of Splunk's own add-ons), or go first without ``keep_old_files``; ``local``
    stays. Raises AppPackageError, and OSError when the file cannot be read.
    """
    with tempfile.TemporaryDirectory(dir=_scratch(home)) as folder:
        app = _unpack(spl, Path(folder))
        target = app_dir(home, app)
        if not keep_old_files:
            _clear(target)
        # In place, file by file, as splunkd does it (observed: "copying source to destination", "Text file
        # busy"): a process that has one of them mapped feels it.
        shutil.copytree(Path(folder) / app, target, dirs_exist_ok=True)
    return app


def remove(home: Path, app: str) -> None:
    """Delete an app with everything it wrote. Raises FileNotFoundError."""
    shutil.rmtree(app_dir(home, app))


def create(home: Path, app: str, settings: dict[str, dict[str, str]]) -> None:
    """A new, empty app; ``settings`` is its default/app.conf."""
    from . import conf_file

    conf_file.write(app_dir(home, app) / "default" / "app.conf", settings)
    conf_file.write(app_dir(home, app) / "metadata" / "default.meta", {"": {"access": "read : [ * ]"}})


def _scratch(home: Path) -> Path:
    folder = home / "var" / "run" / "splunk"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _unpack(spl: Path, folder: Path) -> str:
    try:
        with tarfile.open(spl, "r:*") as package:
            members = [member for member in package.getmembers() if PurePosixPath(member.name).parts]
            tops = {_checked(member) for member in members}
            if len(tops) != 1:
                raise AppPackageError(f"{spl.name}: expected one top folder, found {sorted(tops)}")
            # Newer Pythons want the filter named; older ones do not know it. Names were checked above.
            if hasattr(tarfile, "data_filter"):
                package.extractall(folder, members, filter="tar")
            else:
                package.extractall(folder, members)
    except tarfile.TarError as error:
        raise AppPackageError(f"{spl.name}: {error}") from error
    return tops.pop()


def _checked(member: tarfile.TarInfo) -> str:
    parts = PurePosixPath(member.name).parts
    if member.name.startswith("/") or ".." in parts or not (member.isfile() or member.isdir()):
        raise AppPackageError(f"member not allowed in an app package: {member.name}")
    return next(part for part in parts if part != ".") if set(parts) != {"."} else ""


def _clear(target: Path) -> None:
    """Remove an installed app but for what its users made."""
    kept = (target / "local", target / "metadata" / "local.meta")
    for path in sorted(target.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif not any(path == keep or keep in path.parents for keep in kept):
            path.unlink()
