"""Runs package.sh in a copy of the sources."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.app_package import SOURCES as STALE_WHEN_CHANGED

SOURCES = (*STALE_WHEN_CHANGED, "LICENSE", "CHANGELOG.md")
# pip looks nowhere but at a closed port of this machine: the same as a machine without a network.
NO_NETWORK = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_INDEX_URL": "http://127.0.0.1:1/simple",
    "PIP_FIND_LINKS": "",
    "PIP_RETRIES": "0",
    "PIP_DEFAULT_TIMEOUT": "2",
}
BUILD_SECONDS = 120


@dataclass
class SourceTree:
    root: Path

    def build(
        self, *options: str, umask: int = 0o022, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["./package.sh", *options],
            cwd=self.root,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=BUILD_SECONDS,
            umask=umask,
        )

    def refusal(self, *options: str, **environment: str) -> str:
        """The one sentence a failing build ends with; anything else on stderr fails the test."""
        done = self.build(*options, **environment)
        assert done.returncode == 1, done.stdout + done.stderr
        lines = done.stderr.splitlines()
        assert len(lines) == 1, done.stderr
        assert lines[0].startswith("package.sh: ")
        assert not list(self.root.glob("dist/*.spl")), "a failed build left a package"
        return lines[0][len("package.sh: ") :]

    def replace(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} does not say {old}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def wheel(self, name: str) -> Path:
        (found,) = (self.root / ".cache" / "wheels").glob(f"*/{name}-*.whl")
        return found

    def change_in_wheel(self, wheel: str, member: str, old: str, new: str) -> None:
        """Rewrite one file of a cached wheel, as another release of the library would have it."""
        path = self.wheel(wheel)
        changed = path.with_suffix(".new")
        with zipfile.ZipFile(path) as source, zipfile.ZipFile(changed, "w") as target:
            for info in source.infolist():
                content = source.read(info)
                if info.filename == member:
                    assert old.encode() in content
                    content = content.replace(old.encode(), new.encode(), 1)
                target.writestr(info, content)
        changed.replace(path)

    def own_venv(self) -> Path:
        """Replace the link to .venv by an empty folder; returns its bin."""
        (self.root / ".venv").unlink()
        folder = self.root / ".venv" / "bin"
        folder.mkdir(parents=True)
        return folder

    def empty_cache(self) -> None:
        shutil.rmtree(self.root / ".cache")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
