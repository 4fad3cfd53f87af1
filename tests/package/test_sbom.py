"""The bill of materials is valid, and names what the package has: no more, no less."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.app_package import ROOT

NAME = "sbom.cdx.json"
COMPILED = {"lz4", "orjson", "protobuf"}


@pytest.fixture(scope="module")
def bill(release_app: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((release_app / NAME).read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def lock() -> dict[str, tuple[str, set[str]]]:
    """Name -> version and hashes."""
    text = (ROOT / "requirements" / "lib.txt").read_text(encoding="utf-8")
    entries = re.split(r"(?m)^(?=[a-z0-9-]+==)", text)[1:]
    return {e.split("==")[0]: (e.split("==")[1].split()[0], hashes(e)) for e in entries}


def hashes(text: str) -> set[str]:
    return set(re.findall(r"\b[0-9a-f]{64}\b", text))


def of_kind(bill: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [entry for entry in bill["components"] if entry["purl"].startswith(f"pkg:{kind}/")]


def test_it_follows_cyclonedx(release_app: Path) -> None:
    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str((release_app / NAME).read_text("utf-8"))
    assert problem is None, str(problem)[:500]


def test_it_is_of_this_release(bill: dict[str, Any], release_app: Path, release_spl: Path) -> None:
    version = json.loads((release_app / "app.manifest").read_text("utf-8"))["info"]["id"]["version"]
    subject = bill["metadata"]["component"]
    assert (subject["name"], subject["version"]) == ("TA_alibaba_sls", version)
    beside = release_spl.with_name(f"TA_alibaba_sls-{version}.cdx.json")
    assert beside.read_bytes() == (release_app / NAME).read_bytes()


def test_every_library_is_in_it_by_what_is_locked(
    bill: dict[str, Any], lock: dict[str, tuple[str, set[str]]]
) -> None:
    found = {entry["name"]: entry for entry in of_kind(bill, "pypi")}
    builder = found.pop("splunk-add-on-ucc-framework")
    assert builder["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    assert {name: entry["version"] for name, entry in found.items()} == {n: v for n, (v, _) in lock.items()}
    for name, entry in found.items():
        assert entry["licenses"], name
        stated = hashes(json.dumps(entry))
        assert stated, name
        assert stated <= lock[name][1], name


def test_compiled_libraries_have_a_file_for_each_target(bill: dict[str, Any]) -> None:
    for entry in of_kind(bill, "pypi"):
        files = [reference["url"] for reference in entry.get("externalReferences", [])]
        assert (len(files) > 1) == (entry["name"] in COMPILED), files
        if entry["name"] in ("lz4", "orjson"):
            assert len(files) == 6
            assert all(
                sum(f"{python}-{python}" in file for file in files) == 3 for python in ("cp39", "cp313")
            )


def test_every_package_of_the_pages_is_in_it(bill: dict[str, Any], release_app: Path) -> None:
    texts = release_app / "appserver" / "static" / "js" / "build" / "licenses.txt"
    named = re.findall(r"(?m)^Name: (\S+)$", texts.read_text(encoding="utf-8"))
    found = ["/".join(filter(None, (e.get("group"), e["name"]))) for e in of_kind(bill, "npm")]
    assert len(found) > 200
    assert sorted(found) == sorted(named)


def test_all_of_it_hangs_together(bill: dict[str, Any]) -> None:
    needs = {entry["ref"]: set(entry.get("dependsOn", [])) for entry in bill["dependencies"]}
    reached, left = set(), [bill["metadata"]["component"]["bom-ref"]]
    while left:
        ref = left.pop()
        reached.add(ref)
        left += needs[ref] - reached
    assert reached - {"TA_alibaba_sls@" + bill["metadata"]["component"]["version"]} == {
        entry["bom-ref"] for entry in bill["components"]
    }


def test_the_notice_names_the_same(bill: dict[str, Any], release_app: Path) -> None:
    notice = (release_app / "THIRD-PARTY-NOTICES.md").read_text(encoding="utf-8")
    for entry in bill["components"]:
        name = "/".join(filter(None, (entry.get("group"), entry["name"])))
        assert re.search(rf"(\| {re.escape(name)} \| |Made by {name} ){re.escape(entry['version'])} ", notice)
