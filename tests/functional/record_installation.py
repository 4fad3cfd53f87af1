"""Records an installation of a release for the upgrade test: run once per release, with its package.

    python -m tests.functional.record_installation dist/TA_alibaba_sls-<version>-dev.spl

writes tests/data/installations/<version>, made by the packaged add-on itself between both stand-ins.
"""

from __future__ import annotations

import json
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from tests.addon import APP
from tests.functional.harness import KEY_ID, KEY_SECRET, LOGSTORE, PROJECT, Forwarder, wait_for
from tests.functional.installation import READ_BY, prepare, set_up, shown
from tests.functional.recorded import INSTALLATIONS, VAULT, Places
from tests.pythons import pythons_for_splunk
from tests.standins.sls import SlsServer


def record(spl: Path, workdir: Path) -> Path:
    """Returns the folder that was written, anew if it was there."""
    with SlsServer(workdir=workdir / "sls") as sls:
        sls.control.add_access_key(KEY_ID, KEY_SECRET)
        sls.control.create_project(PROJECT)
        sls.control.create_logstore(PROJECT, LOGSTORE, shards=2)
        prepare(sls)
        with Forwarder(workdir / "hf1", sls, pythons=pythons_for_splunk()) as forwarder:
            forwarder.install(spl)
            set_up(forwarder)
            wait_for(lambda: all(_groups(sls).values()), 30, "every input to make its group")
            files = {"shown.json": _json(shown(forwarder)), "groups.json": _json(_groups(sls))}
            app = forwarder.rest("GET", f"/services/apps/local/{APP}", expect=200).json["entry"][0]
        files["files.txt"] = "".join(f"{name}\n" for name in _names(spl))
        files[VAULT.name] = _json(json.loads((workdir / "hf1" / VAULT).read_text(encoding="utf-8")))
        for conf in (workdir / "hf1" / "etc" / "apps" / APP / "local").glob("*.conf"):
            files[f"local/{conf.name}"] = conf.read_text(encoding="utf-8")
        return _written(INSTALLATIONS / app["content"]["version"], files, Places(sls))


def _groups(sls: SlsServer) -> dict[str, dict[str, Any]]:
    """Of each logstore: the settings of its consumer groups."""
    found = {name: sls.control.consumer_groups(PROJECT, name) for name in READ_BY.values()}
    return {
        logstore: {name: {key: group[key] for key in ("timeout", "order")} for name, group in made.items()}
        for logstore, made in found.items()
    }


def _names(spl: Path) -> list[str]:
    """The files of the release, which lies beside the development package."""
    with tarfile.open(spl.with_name(spl.name.replace("-dev.spl", ".spl"))) as package:
        return sorted(member.name.partition("/")[2] for member in package.getmembers() if member.isfile())


def _written(folder: Path, files: dict[str, str], places: Places) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(places.blank(text), encoding="utf-8")
    return folder


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        sys.stdout.write(f"{record(Path(sys.argv[1]), Path(scratch))}\n")
