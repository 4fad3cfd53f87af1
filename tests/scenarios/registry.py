"""The list of scenarios: each is a function that is handed its stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

S = TypeVar("S")

STAND_IN, DOCKER = "stand-in", "docker"


@dataclass(frozen=True)
class Scenario(Generic[S]):
    """`only`: the one kind of site that it runs on, else empty, with the reason in `why`; `slow`: takes more
    than a few seconds on the stand-in, where it runs on demand; `settles`: the numbers of what
    docs/real-splunk.md lists as uncertain.
    """

    run: Callable[[S], None]
    only: str = ""
    why: str = ""
    slow: bool = False
    settles: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.run.__name__

    @property
    def about(self) -> str:
        """The first paragraph of its docstring, on one line."""
        return " ".join((self.run.__doc__ or "").split("\n\n")[0].split())

    def runs_on(self, kind: str) -> bool:
        return self.only in ("", kind)


class Registry(Generic[S]):
    """Scenarios in the order in which they were written down; `prefix` is how their short names begin."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.all: list[Scenario[S]] = []

    def __call__(
        self, *settles: str, only: str = "", why: str = "", slow: bool = False
    ) -> Callable[[Callable[[S], None]], Callable[[S], None]]:
        """Decorator: enters the function."""
        assert bool(only) == bool(why), "a scenario that runs on one kind of site only says why"

        def enter(run: Callable[[S], None]) -> Callable[[S], None]:
            assert run.__doc__, f"{run.__name__} has to say what it shows"
            self.all.append(Scenario(run, only, why, slow, settles))
            return run

        return enter

    def on(self, kind: str, slow: bool = True) -> dict[str, Scenario[S]]:
        """Those that run on one kind of site, by a short name that no other has."""
        numbered = enumerate(self.all, 1)
        return {
            f"{self.prefix}{number}": one
            for number, one in numbered
            if one.runs_on(kind) and (slow or not one.slow)
        }
