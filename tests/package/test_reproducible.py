"""Equal sources give equal packages, quickly and without a network once the libraries are there."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.package.builds import NO_NETWORK, SourceTree, sha256

EPOCH = "1700000000"
SECONDS = 20.0


def built(sources: SourceTree) -> dict[str, str]:
    done = sources.build(SOURCE_DATE_EPOCH=EPOCH, **NO_NETWORK)
    assert done.returncode == 0, done.stderr
    return {path.name: sha256(path) for path in (sources.root / "dist").iterdir()}


def test_two_builds_in_two_places_are_equal(make_sources: Callable[..., SourceTree]) -> None:
    started = time.monotonic()
    first = built(make_sources("one"))
    assert time.monotonic() - started < SECONDS
    assert len(first) == 1
    assert built(make_sources("another")) == first


def test_a_build_leaves_the_sources_alone(make_sources: Callable[..., SourceTree]) -> None:
    sources = make_sources()
    before = snapshot(sources)
    built(sources)
    assert snapshot(sources) == before


def snapshot(sources: SourceTree) -> dict[str, str]:
    """Every source file; .venv is not ours, and build/, dist/ and .cache/ are where a build may write."""
    made = ("build", "dist", ".cache", ".venv")
    files = (path for path in sources.root.rglob("*") if path.is_file() and path.suffix != ".pyc")
    relative = ((path, path.relative_to(sources.root)) for path in files)
    return {str(name): sha256(path) for path, name in relative if name.parts[0] not in made}
