"""Equal sources give equal packages, quickly and without a network once the libraries are there."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tests.package.builds import NO_NETWORK, SourceTree, sha256

EPOCH = "1700000000"
SECONDS = 20.0
PLAIN = {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "1"}
ODD = {"TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2", "HOME": "/", "COLUMNS": "40"}
ODD_UMASK = 0o077


def built(sources: SourceTree, *options: str, umask: int = 0o022, **environment: str) -> dict[str, str]:
    """Build the release; the SHA-256 of each file in dist/."""
    done = sources.build(*options, umask=umask, SOURCE_DATE_EPOCH=EPOCH, **environment, **NO_NETWORK)
    assert done.returncode == 0, done.stderr
    return {path.name: sha256(path) for path in sorted((sources.root / "dist").iterdir())}


def test_two_builds_in_two_places_are_equal(
    make_sources: Callable[..., SourceTree], filled_wheelhouse: Path
) -> None:
    """The second in another folder, umask, time zone, language, home, and from a wheelhouse, not the cache:
    so libraries that have no wheels are built anew. The first one leaves the sources alone."""
    one, other = make_sources("one"), make_sources("a folder of another name")
    before, started = snapshot(one), time.monotonic()
    first = built(one, **PLAIN)
    assert time.monotonic() - started < SECONDS
    assert snapshot(one) == before
    assert [name.endswith((".cdx.json", ".spl")) for name in first] == [True, True]
    other.empty_cache()
    assert built(other, "--wheelhouse", str(filled_wheelhouse), umask=ODD_UMASK, **ODD) == first


def snapshot(sources: SourceTree) -> dict[str, str]:
    """Every source file; .venv is not ours, and build/, dist/ and .cache/ are where a build may write."""
    made = ("build", "dist", ".cache", ".venv")
    files = (path for path in sources.root.rglob("*") if path.is_file() and path.suffix != ".pyc")
    relative = ((path, path.relative_to(sources.root)) for path in files)
    return {str(name): sha256(path) for path, name in relative if name.parts[0] not in made}
