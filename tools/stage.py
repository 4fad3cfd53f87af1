"""Copies what belongs to the app into build/stage, because ucc-gen writes into the folder it reads."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tools import config_check, knowledge
from tools.step import APP, ROOT, BuildError, run_step

BUILD = ROOT / "build"
STAGE = BUILD / "stage"
TREE = BUILD / "ucc" / APP
REQUIRED = (
    "app.manifest",
    "LICENSE",
    "CHANGELOG.md",
    "bin",
    "default",
    "README",
    "lookups",
    "metadata",
    "static",
)
OPTIONAL = ("appserver",)
DASHBOARD = "custom_dashboard.json"  # the tab of our own on the Dashboard page; beside globalConfig.json
# The parts that ucc-gen would write itself, in a form of its own, if ours were missing.
OURS = ("bin/alibaba_sls.py", "bin/import_declare_test.py", "default/inputs.conf", "README/inputs.conf.spec")


def manifest(root: Path = ROOT) -> Any:
    """app.manifest as data.

    Raises:
        BuildError: it is not there or no JSON.
    """
    try:
        return json.loads((root / "app.manifest").read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise BuildError(f"cannot read app.manifest ({error})") from error


def version() -> str:
    """The one version of the app; globalConfig.json has to say the same."""
    stated = str(manifest()["info"]["id"]["version"])
    other = config_check.load(ROOT / config_check.NAME)["meta"]["version"]
    if other != stated:
        raise BuildError(f"app.manifest says version {stated}, {config_check.NAME} says {other}")
    return stated


def stage() -> None:
    """Fill build/stage anew."""
    for name in (*REQUIRED, *OURS, DASHBOARD):
        if not (ROOT / name).exists():
            raise BuildError(f"{name} is missing from the source folder")
    shutil.rmtree(BUILD, ignore_errors=True)
    package = STAGE / "package"
    package.mkdir(parents=True)
    for name in (*REQUIRED, *OPTIONAL):
        _copy(ROOT / name, package / name)
    knowledge.write(package)
    for name in (config_check.NAME, DASHBOARD):
        shutil.copy(ROOT / name, STAGE)


def _copy(source: Path, place: Path) -> None:
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
        shutil.copytree(source, place, ignore=ignored)
    elif source.exists():
        shutil.copy(source, place)


def main() -> None:
    version()
    stage()


if __name__ == "__main__":
    run_step(main)
