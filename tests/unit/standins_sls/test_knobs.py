"""Every knob is described where people look for it."""

from __future__ import annotations

from pathlib import Path

import tests.standins.sls as package
from tests.standins.sls.knobs import Knobs

README = Path(str(package.__file__)).with_name("README.md")


def test_the_readme_lists_every_knob() -> None:
    lines = README.read_text(encoding="utf-8").splitlines()
    listed = [line.split("`")[1] for line in lines if line.startswith("| `")]
    assert listed == list(Knobs().as_dict())


def test_text_and_values_mean_the_same() -> None:
    for name, value in Knobs().as_dict().items():
        other = Knobs()
        other.set(name, str(value))
        assert getattr(other, name) == value
