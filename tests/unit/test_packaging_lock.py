"""Names and locks: one name of the app, one version of each library, for every Python that is promised."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from packaging.markers import Marker

from tools import lock

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements"
PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13")


def entries(name: str) -> list[tuple[str, str, str]]:
    """(name, version, marker) of every entry of a lock file."""
    text = (REQUIREMENTS / name).read_text(encoding="utf-8")
    return re.findall(r"(?m)^([a-z0-9-]+)==([^\s;\\]+)(?: ; ([^\\\n]+?))? \\$", text)


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"(?m)^([a-z0-9-]+)==(\S+)$", (REQUIREMENTS / name).read_text(encoding="utf-8")))


def test_the_app_has_one_name() -> None:
    manifest = json.loads((ROOT / "app.manifest").read_text(encoding="utf-8"))
    meta = json.loads((ROOT / "globalConfig.json").read_text(encoding="utf-8"))["meta"]
    assert manifest["info"]["id"]["name"] == meta["name"] == meta["restRoot"]
    assert manifest["info"]["title"] == meta["displayName"]
    assert 5 <= len(meta["displayName"]) <= 80  # AppInspect's bounds


def test_what_ships_is_locked_as_listed() -> None:
    assert {library.name: library.version for library in lock.libraries()} == pins("lib.in")


def test_what_ships_holds_for_every_python() -> None:
    assert [entry for entry in entries("lib.txt") if entry[2]] == []


def test_the_release_is_built_for_the_pythons_that_splunkd_is_told() -> None:
    meta = json.loads((ROOT / "globalConfig.json").read_text(encoding="utf-8"))["meta"]
    assert list(dict.fromkeys(t.python for t in lock.RELEASE_TARGETS)) == meta["supportedPythonVersion"]


@pytest.mark.parametrize("python", PYTHONS)
def test_the_tools_are_locked_once_for_every_python(python: str) -> None:
    """Two versions of one package for one Python would make pip stop."""
    machine = {
        "python_version": python,
        "python_full_version": f"{python}.18",
        "sys_platform": "linux",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }
    locked = entries("dev.txt")
    chosen = [name for name, _, marker in locked if not marker or Marker(marker).evaluate(machine)]
    assert len(chosen) == len(set(chosen))
    assert {"pip", "setuptools", "pytest", "splunk-appinspect", "splunk-add-on-ucc-framework"} <= set(chosen)


def test_tools_and_package_agree_on_libraries() -> None:
    """The stand-ins and the unit tests meet the versions that ship."""
    shipped = pins("lib.in")
    assert [e for e in entries("dev.txt") if e[0] in shipped and shipped[e[0]] != e[1]] == []


@pytest.mark.parametrize("name", ["lib.txt", "dev.txt"])
def test_a_lock_names_no_host(name: str) -> None:
    text = (REQUIREMENTS / name).read_text(encoding="utf-8")
    assert re.findall(r"(?im)https?:|file:|^\s*(?!--hash=)-\S+", text) == []


@pytest.mark.parametrize("name", ["lib.txt", "dev.txt"])
def test_every_locked_file_has_a_hash(name: str) -> None:
    text = (REQUIREMENTS / name).read_text(encoding="utf-8")
    blocks = re.split(r"(?m)^(?=[a-z0-9-]+==)", text)[1:]
    assert len(blocks) == len(entries(name))
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
