"""Puts the libraries into the generated app, checks that all is there, and writes the .spl files into dist/.

The release carries the Pythons that Splunk ships. A development package carries more, so that tests can run
under the Python of their machine; it is a file of its own and never the one to publish.
"""

from __future__ import annotations

import argparse
import os
import re
import sys

from tools import archive, libs, promised
from tools.fetch import fetch
from tools.lock import RELEASE_TARGETS, Target
from tools.stage import TREE, version
from tools.step import ROOT, BuildError, run_step, shown
from tools.times import source_date_epoch

DIST = ROOT / "dist"


def release(offline: bool) -> None:
    libs.unpack(fetch(RELEASE_TARGETS, offline), TREE / "lib")
    _pack(f"{TREE.name}-{version()}.spl")


def development(pythons: list[str], offline: bool) -> None:
    """The release plus compiled files for other Pythons on this machine ("3.11")."""
    extra = [target for target in map(_target, pythons) if not libs.carries(TREE / "lib", target)]
    if extra:
        for folder in fetch(extra, offline)[2:]:  # the first two are the pure sets of the release
            libs.add_target(folder, TREE / "lib")
    _pack(f"{TREE.name}-{version()}-dev.spl")


def _target(python: str) -> Target:
    if not re.fullmatch(r"3\.(9|1[0-3])", python):
        raise BuildError(f"--dev-python {python} is not accepted: give 3.9 to 3.13")
    return Target(python, os.uname().machine)


def _pack(name: str) -> None:
    for absent in promised.missing(TREE):
        raise BuildError(f"the package lacks {absent}")
    archive.write(TREE, DIST / name, source_date_epoch())
    sys.stdout.write(f"{shown(DIST / name)}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--offline", action="store_true", help="fail rather than download")
    parser.add_argument("--dev-python", action="append", default=[], metavar="3.x")
    options = parser.parse_args()
    release(options.offline)
    if options.dev_python:
        development(options.dev_python, options.offline)


if __name__ == "__main__":
    run_step(main)
