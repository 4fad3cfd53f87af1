"""Putting an app package on an instance, as ``splunk install app`` does."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from .conf_layers import app_dir


class AppPackageError(ValueError):
    """The file is no app package: not a tar, no single top folder, or members that leave it."""


def install(home: Path, spl: Path) -> str:
    """Unpack a ``.spl`` or ``.tar.gz`` under ``etc/apps``; an upgrade keeps ``local``. Returns the app's id.

    Raises AppPackageError, and OSError when the file cannot be read.
    """
    with tempfile.TemporaryDirectory(dir=_scratch(home)) as folder:
        app = _unpack(spl, Path(folder))
        _replace(Path(folder) / app, app_dir(home, app))
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


def _replace(fresh: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir():
        for kept in ("local", "metadata/local.meta"):
            _keep(target / kept, fresh / kept)
        shutil.rmtree(target)
    shutil.move(str(fresh), str(target))


def _keep(old: Path, new: Path) -> None:
    if old.is_dir():
        shutil.copytree(old, new, dirs_exist_ok=True)
    elif old.is_file():
        new.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(old, new)
