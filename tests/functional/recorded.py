"""Installations of earlier releases in tests/data/installations/<version>, and how they are put back.

`record_installation.py` writes them; test_upgrade.py lays the new package over them. What was a port or a
path of the run that made them stands there as ``@HTTPS@`` and the like.
"""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.addon import APP
from tests.app_package import ROOT
from tests.functional.harness import KEY_ID, KEY_SECRET, PROJECT
from tests.functional.sls_caller import Caller
from tests.standins.sls import SlsServer

INSTALLATIONS = ROOT / "tests" / "data" / "installations"
VAULT = Path("var", "lib", "splunk", "standin", "passwords.json")


@dataclass(frozen=True)
class Places:
    """What differs from run to run, and what stands for it in the recorded files."""

    sls: SlsServer

    def _table(self) -> dict[str, str]:
        return {
            "@CA@": str(self.sls.ca_file),
            "@HTTPS@": str(self.sls.https_port),
            "@HTTP@": str(self.sls.http_port),
        }

    def fill(self, text: str) -> str:
        for mark, value in self._table().items():
            text = text.replace(mark, value)
        return text

    def blank(self, text: str) -> str:
        for mark, value in self._table().items():
            text = text.replace(value, mark)
        return text

    def filled(self, fields: dict[str, str]) -> dict[str, str]:
        return {name: self.fill(value) for name, value in fields.items()}


@dataclass(frozen=True)
class Installation:
    """A recorded one: conf files under local/, the vault of the stand-in, and three JSON or text files."""

    folder: Path

    @property
    def version(self) -> str:
        return self.folder.name

    @property
    def files(self) -> list[str]:
        """Every file of that release, relative to the app's folder."""
        return (self.folder / "files.txt").read_text(encoding="utf-8").splitlines()

    def shown(self, places: Places) -> Any:
        return json.loads(places.fill((self.folder / "shown.json").read_text(encoding="utf-8")))

    def groups(self) -> Any:
        """logstore -> consumer group -> its timeout and order, as that release made them."""
        return json.loads((self.folder / "groups.json").read_text(encoding="utf-8"))

    def put(self, home: Path, places: Places) -> Path:
        """Lay it under a home; of the release's own files only names, so that none of them can be of use."""
        app = home / "etc" / "apps" / APP
        for name in self.files:
            (app / name).parent.mkdir(parents=True, exist_ok=True)
            (app / name).write_text(f"left over from {self.version}\n", encoding="utf-8")
        for source in self.folder.joinpath("local").iterdir():
            target = app / "local" / source.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(places.fill(source.read_text(encoding="utf-8")), encoding="utf-8")
        vault = home / VAULT
        vault.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.folder / VAULT.name, vault)
        vault.chmod(0o600)
        return app


def recorded() -> list[Installation]:
    return [Installation(folder) for folder in sorted(INSTALLATIONS.iterdir())]


def save_ends(sls: SlsServer, installation: Installation) -> None:
    """Make the consumer groups as that release made them, their checkpoints at the present ends."""
    caller = Caller(sls, key_id=KEY_ID, secret=KEY_SECRET)
    with closing(caller.session):
        for logstore, groups in installation.groups().items():
            base = f"/logstores/{logstore}/consumergroups"
            for name, settings in groups.items():
                made = caller("POST", base, None, {"consumerGroup": name, **settings}, project=PROJECT)
                assert made.status_code == 200, made.text
                for row in sls.control.shards(PROJECT, logstore):
                    query = {"type": "checkpoint", "consumer": "hf1-before", "forceSuccess": "true"}
                    body = {"shard": row["shardID"], "checkpoint": row["end"]}
                    saved = caller("POST", f"{base}/{name}", query, body, project=PROJECT)
                    assert saved.status_code == 200, saved.text
