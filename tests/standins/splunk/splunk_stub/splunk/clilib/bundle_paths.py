"""Paths below SPLUNK_HOME."""

from __future__ import annotations

import os


def make_splunkhome_path(parts: list[str]) -> str:
    """Absolute path of ``parts`` below SPLUNK_HOME. Raises ValueError for one that leaves it."""
    home = os.path.normpath(os.environ["SPLUNK_HOME"])
    path = os.path.normpath(os.path.join(home, *parts))  # noqa: PTH118
    if path != home and not path.startswith(home + os.sep):
        raise ValueError(f"path leaves SPLUNK_HOME: {path}")
    return path
