"""The package finds its own libraries, all of them, wherever and however splunkd starts it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.app_package import ROOT

IMPORT_ALL = Path(__file__).with_name("import_all.py")
# Modules that only work elsewhere; nothing of ours imports them.
ELSEWHERE = {
    "dateutil.tz.win",
    "splunktaucclib.common.log",
    "splunktaucclib.rest_handler.admin_external",
    "urllib3.contrib.pyopenssl",
}

# os and what it imports.
OS_MODULES = {"_collections_abc", "_stat", "abc", "_abc", "genericpath", "os", "os.path", "posixpath", "stat"}


def run(python: str, *words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start it as splunkd does: from another folder, with none of our test environment in the way."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return subprocess.run(
        [python, "-B", "-S", *map(str, words)],
        cwd="/",
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


def imported(python: str, app: Path, **environment: str) -> dict[str, Any]:
    done = run(python, IMPORT_ALL, app, **environment)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def test_every_module_that_ships_can_be_imported(python: str, dev_app: Path) -> None:
    seen = imported(python, dev_app)
    assert seen["count"] > 300
    assert set(seen["refused"]) == ELSEWHERE
    assert seen["foreign"] == []


def test_protobuf_is_the_fast_one(python: str, dev_app: Path) -> None:
    assert imported(python, dev_app)["protobuf"] == "upb"


def test_libraries_of_others_do_not_hide_ours(python: str, dev_app: Path, tmp_path: Path) -> None:
    """PYTHONPATH with Splunk's own libraries and with another app's, each of them broken."""
    splunks, others = tmp_path / "site-packages", dev_app.parent / "another_app" / "lib"
    for folder in (splunks, others):
        for name in ("google", "requests", "urllib3", "six", "splunklib", "aliyun", "lz4"):
            (folder / name).mkdir(parents=True)
            (folder / name / "__init__.py").write_text("raise RuntimeError('the wrong library')\n")
    try:
        seen = imported(python, dev_app, PYTHONPATH=os.pathsep.join([str(others), str(splunks)]))
    finally:
        shutil.rmtree(others.parent)
    assert seen["protobuf"] == "upb"
    assert seen["foreign"] == []


def test_the_scheme_is_told(python: str, dev_app: Path) -> None:
    done = run(python, dev_app / "bin" / "alibaba_sls.py", "--scheme")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("<scheme>")
    assert done.stdout.rstrip().endswith("</scheme>")


def refusal(app: Path, *, lacks: str) -> str:
    for path in app.glob(lacks):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    done = run(sys.executable, app / "bin" / "alibaba_sls.py", "--scheme")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("ERROR TA_alibaba_sls: ")
    return line


@pytest.mark.parametrize(
    ("lacks", "told"),
    [
        ("lib/orjson/*.so", "no compiled orjson for Python 3."),
        ("lib/lz4/block/*.so", "no compiled lz4 for Python 3."),
        ("lib", "its libraries are missing"),
    ],
)
def test_an_unsupported_machine_is_told_what_is_missing(
    dev_app: Path, tmp_path: Path, lacks: str, told: str
) -> None:
    app = tmp_path / "TA_alibaba_sls"
    shutil.copytree(dev_app / "bin", app / "bin")
    shutil.copytree(dev_app / "lib" / "orjson", app / "lib" / "orjson")
    shutil.copytree(dev_app / "lib" / "lz4", app / "lib" / "lz4")
    assert told in refusal(app, lacks=lacks)


def test_the_path_shim_is_quick_to_import() -> None:
    """It runs at every start: what it needs is in every interpreter already."""
    code = "import sys; before = set(sys.modules)\n"
    code += "try: import import_declare_test\nexcept SystemExit: pass\n"
    code += "print(*sorted(set(sys.modules) - before))"
    done = run(sys.executable, "-c", code, PYTHONPATH=str(ROOT / "bin"))
    loaded = set(done.stdout.split())
    assert "os" in loaded, done.stderr
    assert loaded <= {"import_declare_test", "__future__", *OS_MODULES}
