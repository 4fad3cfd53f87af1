"""Who may import whom, across the borders that import-linter does not see."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from sls_ingest.log_types import GENERIC_SOURCETYPE, LOG_TYPES
from sls_ingest.notices import GAP_SOURCETYPE, QUARANTINE_SOURCETYPE
from tools import knowledge

ROOT = Path(__file__).resolve().parents[2]
OURS = {path.stem for path in (ROOT / "bin").iterdir() if path.suffix == ".py" or path.is_dir()}
PRODUCT_LIBRARIES = {"aliyun", "splunklib", "solnlib", "splunktaucclib"}


def imported(path: Path) -> Iterator[str]:
    """The first part of every name that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module.partition(".")[0]


def python_files(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.py"))
    assert len(found) > 5
    return found


def test_the_add_on_never_imports_tests_or_tools() -> None:
    guilty = [path.name for path in python_files("bin") if {"tests", "tools"} & set(imported(path))]
    assert guilty == []


@pytest.mark.parametrize("standin", ["sls", "splunk"])
def test_a_stand_in_shares_no_code_with_the_add_on(standin: str) -> None:
    forbidden = OURS | PRODUCT_LIBRARIES
    files = python_files(f"tests/standins/{standin}")
    assert [path.name for path in files if forbidden & set(imported(path))] == []


def test_no_module_of_ours_hides_one_of_pythons_or_a_librarys() -> None:
    import sys

    assert OURS & (set(getattr(sys, "stdlib_module_names", ())) | PRODUCT_LIBRARIES) == set()


def test_every_sourcetype_has_its_index_time_rules() -> None:
    props = knowledge.joined()["props.conf"]
    own = {GENERIC_SOURCETYPE, GAP_SOURCETYPE, QUARANTINE_SOURCETYPE}
    for sourcetype in {*own, *(row.sourcetype for row in LOG_TYPES)}:
        assert f"[{sourcetype}]\nSHOULD_LINEMERGE = false\nLINE_BREAKER" in props
