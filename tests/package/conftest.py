"""Fixtures for the built packages: the release (published) and the development one (what tests run)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app_package import ROOT, find_or_build_spl, unpack
from tests.package.builds import SOURCES, SourceTree
from tests.pythons import interpreters_for_tests


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """``python``: once per interpreter that can stand for Splunk's."""
    if "python" in metafunc.fixturenames:
        found = interpreters_for_tests()
        metafunc.parametrize("python", [path for _, path in found], ids=[f"py{v}" for v, _ in found])


@pytest.fixture(scope="session")
def dev_spl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return find_or_build_spl(tmp_path_factory.mktemp("build") / "package.log")


@pytest.fixture(scope="session")
def release_spl(dev_spl: Path) -> Path:
    """package.sh writes it beside the development package, from the same tree."""
    spl = dev_spl.with_name(dev_spl.name.replace("-dev.spl", ".spl"))
    assert spl.is_file(), f"{spl} is missing"
    return spl


@pytest.fixture(scope="session")
def dev_app(dev_spl: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack(dev_spl, tmp_path_factory.mktemp("etc") / "apps")


@pytest.fixture(scope="session")
def release_app(release_spl: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack(release_spl, tmp_path_factory.mktemp("etc") / "apps")


@pytest.fixture(scope="session")
def filled_wheelhouse(dev_spl: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a build fetches, as a folder of files. The library cache has most of it, pip's index the rest."""
    folder = tmp_path_factory.mktemp("wheelhouse")
    command = [sys.executable, "-m", "tools.wheelhouse", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def make_sources(tmp_path: Path, dev_spl: Path) -> Callable[..., SourceTree]:
    """``make_sources(name)``: a copy of the sources to break, with this repository's .venv and library cache.

    The cache is a copy, too, so that a test may spoil it. ``dev_spl`` only makes sure that it is filled.
    """

    def make(name: str = "sources") -> SourceTree:
        root = tmp_path / name
        for part in SOURCES:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, root / part, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                root.mkdir(exist_ok=True)
                shutil.copy2(source, root / part)
        shutil.copytree(ROOT / ".cache" / "wheels", root / ".cache" / "wheels")
        (root / ".venv").symlink_to(ROOT / ".venv")
        return SourceTree(root)

    return make
