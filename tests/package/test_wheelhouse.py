"""What a wheelhouse has in place of a locked file is refused. test_reproducible.py builds with one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.package.builds import SourceTree


@pytest.fixture
def sources(make_sources: Callable[..., SourceTree]) -> SourceTree:
    return make_sources()


@pytest.fixture
def wheelhouse(filled_wheelhouse: Path, sources: SourceTree) -> Path:
    return Path(shutil.copytree(filled_wheelhouse, sources.root / "some" / "wheels"))


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("orjson-*-cp39-win_amd64.whl", "cp39-win_amd64"),
        ("requests-*", "pure"),
        ("splunk-sdk-*.tar.gz", "built"),
    ],
)
@pytest.mark.parametrize("spoilt", ["missing", "another"])
def test_what_is_not_the_locked_file_is_refused(
    sources: SourceTree, wheelhouse: Path, file: str, told: str, spoilt: str
) -> None:
    (path,) = wheelhouse.glob(file)
    if spoilt == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b"\n")
    (kept,) = sources.root.glob(f".cache/wheels/{told}-*/")
    shutil.rmtree(kept)
    done = subprocess.run(
        [sys.executable, "-m", "tools.fetch", "--wheelhouse", str(wheelhouse)],
        cwd=sources.root,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"package.sh: cannot get the {told} libraries from some/wheels: a locked file"
    )


def test_no_such_folder(sources: SourceTree) -> None:
    assert sources.refusal("--wheelhouse", "nowhere") == "--wheelhouse nowhere is not a folder"
    assert sources.refusal("--wheelhouse") == "--wheelhouse needs a folder"
