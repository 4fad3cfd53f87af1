"""What a check of the gate came to, and how a person reads it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """`detail` is what was found; each problem is one line, and none means that the check is passed."""

    name: str
    detail: str
    problems: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """One line, and one below it for each problem."""
        lines = [f"{'NOT' if self.problems else 'ok '}  {self.name}: {self.detail}"]
        return "\n".join([*lines, *(f"       {problem}" for problem in self.problems)])
