"""`python -m tests.scenarios`: every scenario, and where it runs."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

from tests.scenarios.every import SCENARIOS, UNCERTAIN
from tests.scenarios.registry import DOCKER, STAND_IN, Scenario

KINDS = (STAND_IN, DOCKER)


def place(one: Scenario[Any], kind: str) -> str:
    """Whether it runs there: "yes", "asked" for what takes long on the stand-in (SCENARIOS=all), or "no"."""
    if not one.runs_on(kind):
        return "no"
    return "asked" if one.slow and kind == STAND_IN else "yes"


def table(title: str, scenarios: Iterable[Scenario[Any]]) -> Iterator[str]:
    yield f"{'':4}{title:62}{KINDS[0]:>10}{KINDS[1]:>8}"
    for number, one in enumerate(scenarios, 1):
        where = "".join(f"{place(one, kind):>{width}}" for kind, width in zip(KINDS, (10, 8)))
        yield f"{number:>3} {one.name:62}{where}"
        settles = f" Settles {', '.join(one.settles)} of docs/real-splunk.md." if one.settles else ""
        why = f" Only there: {one.why}." if one.why else ""
        yield textwrap.indent(textwrap.fill(one.about + settles + why, 100, break_on_hyphens=False), " " * 6)


def main() -> None:
    lines = [
        *table("Scenario", SCENARIOS),
        "",
        *table("What the stand-in assumes of Splunk", UNCERTAIN),
        "",
        "stand-in: tests/functional/test_scenarios.py and test_uncertain.py; docker: tests/docker.",
        "asked: SCENARIOS=all pytest tests/functional/test_scenarios.py tests/functional/test_uncertain.py",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
