"""What git knows of the sources."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tools.step import BuildError


def git(root: Path, *words: str) -> str:
    """The output of one git command in `root`.

    Raises:
        BuildError: there is no git, or no checkout.
    """
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise BuildError(f"git {words[0]} failed: the gate needs a git checkout ({error})") from error
    return done.stdout
