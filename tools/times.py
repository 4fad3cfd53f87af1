"""One time for everything in the package, so that equal sources give equal packages."""

from __future__ import annotations

import os
import subprocess

from tools.step import ROOT, BuildError

_ZIP_EPOCH = 315532800  # 1980, for sources without git


def source_date_epoch() -> int:
    """SOURCE_DATE_EPOCH, or the time of the last commit (epoch seconds).

    Raises:
        BuildError: SOURCE_DATE_EPOCH is not a whole number.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given:
        if not given.isdecimal():
            raise BuildError(f"SOURCE_DATE_EPOCH is '{given}', give whole epoch seconds")
        return int(given)
    return _last_commit()


def _last_commit() -> int:
    try:
        command = ["git", "log", "-1", "--format=%ct"]
        answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    except OSError:
        return _ZIP_EPOCH
    return int(answer.stdout) if answer.stdout.strip().isdecimal() else _ZIP_EPOCH
