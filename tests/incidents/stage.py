"""Both stand-ins and the packaged add-on, outside of pytest."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.app_package import find_or_build_spl, place_app, unpack
from tests.functional.harness import Forwarder
from tests.incidents.scene import Scene
from tests.pythons import pythons_for_splunk
from tests.standins.sls import SlsServer


@contextmanager
def running_scene() -> Iterator[Scene]:
    """A scene that has not begun, on stand-ins that end with the context."""
    with tempfile.TemporaryDirectory(prefix="sls-incidents-") as name:
        folder = Path(name)
        app = unpack(find_or_build_spl(folder / "package.log"), folder / "app")
        with SlsServer(workdir=folder / "sls") as sls, forwarder_on(folder / "hf1", app, sls) as forwarder:
            yield Scene(sls, forwarder)


@contextmanager
def forwarder_on(home: Path, app: Path, sls: SlsServer) -> Iterator[Forwarder]:
    """A forwarder with the add-on and pages, which trusts this SLS."""
    place_app(app, home)
    with Forwarder(home, sls, server_name=home.name, web_port=0, pythons=pythons_for_splunk()) as forwarder:
        forwarder.addon.set_network(ca_bundle=sls.ca_file)
        yield forwarder
