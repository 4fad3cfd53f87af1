"""Runs ucc-gen on the staged copy: pages, conf files and REST handlers."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tools.promised import missing_from_ucc
from tools.stage import BUILD, STAGE, TREE, version
from tools.step import BuildError, run, run_step
from tools.times import source_date_epoch

LOG = BUILD / "ucc-gen.log"


def generate() -> None:
    """Write build/ucc/<app>.

    Raises:
        BuildError: ucc-gen failed; it can do so with exit code 0, so its files are counted.
    """
    tool = Path(sys.executable).with_name("ucc-gen")
    if not tool.is_file():
        raise BuildError("ucc-gen is not installed in .venv: run 'make env'")
    command = [str(tool), "build", "--source", str(STAGE / "package"), "--ta-version", version()]
    command += ["-o", str(TREE.parent), "--python-binary-name", sys.executable]
    run(command, LOG, "ucc-gen failed")
    for name in missing_from_ucc(TREE):
        raise BuildError(f"ucc-gen did not write {name} (its output is in build/{LOG.name})")


def normalise() -> None:
    """Replace the time of the build, which ucc-gen uses as build number, by that of the sources."""
    build = str(source_date_epoch())
    _replace(TREE / "default" / "app.conf", r"(?m)^build = \d+$", f"build = {build}")
    _replace(TREE / "appserver" / "templates" / "base.html", r"static/@\d+/", f"static/@{build}/")


def _replace(path: Path, pattern: str, text: str) -> None:
    changed, count = re.subn(pattern, text, path.read_text(encoding="utf-8"))
    if not count:
        raise BuildError(f"found no build number in {path.name}: ucc-gen has changed, see tools/pages.py")
    path.write_text(changed, encoding="utf-8")


def main() -> None:
    generate()
    normalise()


if __name__ == "__main__":
    run_step(main)
