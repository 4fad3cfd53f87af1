"""The release gate, a line for each check: python -m tools.release. Exit code 1 when one is not passed."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tools import sizes
from tools.release import inspection, leftovers, rebuild, versions
from tools.release.outcome import Outcome
from tools.step import APP, ROOT, BuildError

# What `make test` runs too, and what a package may not be published without.
TESTS = {
    "contents": "tests/package/test_contents.py",
    "native files": "tests/package/test_native_files.py",
    "platforms": "tests/package/test_targets.py",
    "bill of materials": "tests/package/test_sbom.py",
    "upgrade": "tests/functional/test_upgrade.py",
}


def outcomes(scratch: Path) -> Iterator[Outcome]:
    """Every check, as it ends; AppInspect runs beside the tests.

    Raises:
        BuildError: there is no package to look at.
    """
    sources = versions.of_sources(ROOT)
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    yield leftovers.check_tree(ROOT)
    yield versions.check_changelog(changelog, sources["app.manifest"], datetime.date.today())
    yield leftovers.check_python(ROOT)
    spl, rebuilt = rebuild.twice(scratch)
    yield rebuilt
    inspected = inspection.Inspection(spl, scratch)
    app = _unpacked(spl, scratch)
    yield versions.check({**sources, **versions.of_tags(ROOT), **versions.of_package(spl, app)})
    yield leftovers.check_package(app, [scratch])
    yield Outcome("size", f"{sizes.line(spl).removeprefix(f'{spl.parent}/')}\n{sizes.table(spl)}")
    for name, path in TESTS.items():
        yield _tested(name, path, spl)
    checks = inspected.checks()
    for tag in inspection.TAGS:
        yield inspection.judge(checks, tag, inspection.reasons(tag))


def _unpacked(spl: Path, scratch: Path) -> Path:
    """The package comes from our own build: nothing in it leads out of `scratch`."""
    with tarfile.open(spl) as archive:
        archive.extractall(scratch / "unpacked")
    return scratch / "unpacked" / APP


def _tested(name: str, path: str, spl: Path) -> Outcome:
    """Run tests against the package that was just built, in its form for this machine's Pythons."""
    environment = {**os.environ, "TA_SPL": str(spl.with_name(f"{spl.stem}-dev.spl"))}
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=short", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, path], cwd=ROOT, env=environment, capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    problems = tuple(lines[-40:]) if done.returncode else ()
    return Outcome(name, f"{path}: {lines[-1] if lines else done.stderr.strip()}", problems)


def _to_the_end(found: Iterator[Outcome]) -> Iterator[Outcome]:
    """The same; what keeps the gate from going on is its last line."""
    try:
        yield from found
    except BuildError as error:
        yield Outcome("gate", "cannot go on", (str(error),))


def main() -> None:
    started, failed = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix="release-") as scratch:
        for outcome in _to_the_end(outcomes(Path(scratch).resolve())):
            sys.stdout.write(f"{outcome.text}\n")
            sys.stdout.flush()
            failed += bool(outcome.problems)
    seconds = time.monotonic() - started
    sys.stdout.write(f"\n{'NOT ready' if failed else 'ready'} to be released; {seconds:.0f} s\n")
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
