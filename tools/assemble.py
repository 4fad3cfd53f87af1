"""Puts the libraries into the generated app, checks that all is there, and writes the .spl files into dist/.

The release carries the Pythons that Splunk ships. A development package carries more, so that tests can run
under the Python of their machine; it is a file of its own and never the one to publish.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys

from tools import archive, components, libs, notices, promised, sbom, sizes
from tools.fetch import Source, add_options, fetch
from tools.lock import RELEASE_TARGETS, Target
from tools.stage import TREE, version
from tools.step import ROOT, BuildError, run_step
from tools.times import source_date_epoch

DIST = ROOT / "dist"


def release(source: Source) -> None:
    wheels = fetch(RELEASE_TARGETS, source)
    libs.unpack(wheels, TREE / "lib")
    shipped = components.shipped(wheels, TREE)
    notices.write(TREE, shipped)
    sbom.write(TREE, shipped, version(), source_date_epoch())
    _pack(f"{TREE.name}-{version()}.spl")
    shutil.copy(TREE / sbom.NAME, DIST / f"{TREE.name}-{version()}.cdx.json")


def development(targets: list[Target], source: Source) -> None:
    """The release plus compiled files for other Pythons on this machine."""
    extra = [target for target in targets if not libs.carries(TREE / "lib", target)]
    for compiled in fetch(extra, source).compiled:
        libs.add_target(compiled.folder, compiled.target, TREE / "lib")
    _pack(f"{TREE.name}-{version()}-dev.spl")


def _target(python: str) -> Target:
    if not re.fullmatch(r"3\.(9|1[0-3])", python):
        raise BuildError(f"--dev-python {python} is not accepted: give 3.9 to 3.13")
    return Target(python, f"linux_{os.uname().machine}")


def _pack(name: str) -> None:
    for absent in promised.missing(TREE):
        raise BuildError(f"the package lacks {absent}")
    archive.write(TREE, DIST / name, source_date_epoch())
    sys.stdout.write(f"{sizes.line(DIST / name)}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser)
    parser.add_argument("--dev-python", action="append", default=[], metavar="3.x")
    options = parser.parse_args()
    source, others = Source.from_options(options), [_target(python) for python in options.dev_python]
    release(source)
    if others:
        development(others, source)


if __name__ == "__main__":
    run_step(main)
