"""Finding interpreters: what does not run does not count."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import pythons


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    pythons.find_pythons.cache_clear()
    yield
    pythons.find_pythons.cache_clear()


def _script(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def only_these(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine whose only interpreters are what the test puts into PATH or the pyenv root."""
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path / "none"))
    monkeypatch.setattr(sys, "_base_executable", str(tmp_path / "none" / "python"), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def test_a_shim_that_fails_is_ignored(only_these: Path) -> None:
    _script(only_these / "bin" / "python3.9", "echo 'pyenv: python3.9: command not found' >&2; exit 127")
    assert pythons.find_pythons() == {}


def test_another_implementation_is_ignored(only_these: Path) -> None:
    _script(only_these / "bin" / "python3.9", "echo PyPy 3.9 /x/pypy")
    assert pythons.find_pythons() == {}


def test_found_on_path_and_in_pyenv(only_these: Path) -> None:
    _script(only_these / "bin" / "python3.9", "echo CPython 3.9 /a/python3.9")
    _script(
        only_these / "pyenv" / "versions" / "3.13.0" / "bin" / "python3", "echo CPython 3.13 /b/python3.13"
    )
    _script(only_these / "pyenv" / "versions" / "3.8.18" / "bin" / "python3", "echo CPython 3.8 /c/python3.8")
    assert pythons.find_pythons() == {"3.9": "/a/python3.9", "3.13": "/b/python3.13"}
    assert pythons.pythons_for_splunk() == {"3.9": "/a/python3.9", "3.13": "/b/python3.13"}


def test_a_lone_other_version_stands_in_for_3_9(only_these: Path) -> None:
    _script(only_these / "bin" / "python3.12", "echo CPython 3.12 /a/python3.12")
    assert pythons.pythons_for_splunk() == {"3.9": "/a/python3.12"}


def test_none_at_all_is_one_clear_sentence(only_these: Path) -> None:
    with pytest.raises(RuntimeError, match=r"No CPython 3\.9 to 3\.13"):
        pythons.pythons_for_splunk()


def test_this_machines_own_python_is_found_outside_its_virtual_environment() -> None:
    found = pythons.find_pythons()
    own = pythons.own_version()
    assert own in found
    if sys.prefix != sys.base_prefix:
        assert not found[own].startswith(sys.prefix + "/")
    assert (own, found[own]) in pythons.interpreters_for_tests()
