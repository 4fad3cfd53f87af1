"""How a step of the build ends: silently, or with one sentence on stderr and exit code 1."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Callable

ROOT = Path(__file__).resolve().parent.parent
APP = "TA_alibaba_sls"


class BuildError(Exception):
    """The build cannot go on; the text is the one sentence its user reads."""


def run_step(main: Callable[[], None]) -> None:
    """Run a step as a program: the process boundary of every module here."""
    try:
        main()
    except BuildError as error:
        sys.exit(f"package.sh: {error}")


def run(command: Sequence[str], log: Path, failure: str, cwd: Path = ROOT) -> None:
    """Run a tool with its output in `log`.

    Raises:
        BuildError: it could not be started, or ended with a code other than 0, which `failure` explains.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        try:
            code = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, cwd=cwd).returncode
        except OSError as error:
            raise BuildError(f"cannot start {command[0]} ({error.strerror})") from error
    if code:
        raise BuildError(f"{failure} (its output is in {shown(log)})")


def shown(path: Path) -> str:
    """A path as its reader would type it: relative to the source folder where it lies in there."""
    return str(path.relative_to(ROOT)) if ROOT in path.parents else str(path)
