"""Which Python runs a script: the documented rules of python.required and python.version."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: What plain "python3" or no setting at all means on the emulated release (inferred for 10.x).
DEFAULT_VERSION = "3.9"


class InterpreterError(Exception):
    """No interpreter of the table satisfies what a stanza asks for."""


def default_pythons() -> dict[str, str]:
    """A table for a machine with one Python: the running one stands for the default version."""
    return {DEFAULT_VERSION: sys.executable}


@dataclass(frozen=True)
class Interpreters:
    """The table version -> path of the Pythons that this instance "ships"."""

    pythons: Mapping[str, str]

    def for_run(self, *stanzas: Mapping[str, str]) -> str:
        """Path of the Python for a run; `stanzas` in order of precedence (instance, then scheme).

        Raises InterpreterError when a list names no version of the table.
        """
        for params in stanzas:
            if params.get("python.required", "").strip():
                return self._highest(_wanted(params["python.required"]))
        return self._by_version(*stanzas)

    def for_introspection(self, scheme: Mapping[str, str], enabled: Iterable[Mapping[str, str]]) -> str:
        """As documented: the scheme's list, else the highest of its instances, else python.version."""
        if scheme.get("python.required", "").strip():
            return self.for_run(scheme)
        wanted = [version for params in enabled for version in _wanted(params.get("python.required", ""))]
        return self._highest(wanted) if wanted else self._by_version(scheme)

    def _highest(self, wanted: list[str]) -> str:
        newest = max(self.pythons, key=_number, default="")
        available = [newest if version == "latest" else version for version in wanted]
        available = [version for version in available if version in self.pythons]
        if not available:
            raise InterpreterError(f"python.required={','.join(wanted)}: have only {self._names()}")
        return self.pythons[max(available, key=_number)]

    def _by_version(self, *stanzas: Mapping[str, str]) -> str:
        version = next((p["python.version"].strip() for p in stanzas if p.get("python.version")), "python3")
        if version in ("python", "python3", "default", "force_python3"):
            fallback = min(self.pythons, key=_number, default="")
            return self._highest([DEFAULT_VERSION if DEFAULT_VERSION in self.pythons else fallback])
        if version == "latest":
            return self._highest(["latest"])
        found = re.fullmatch(r"python(3\.\d+)", version)
        # 3.7 is gone from the emulated releases; such scripts get the oldest Python there is (inferred).
        wanted = DEFAULT_VERSION if found and found.group(1) in ("3.7", "3.8") else found and found.group(1)
        if not wanted:
            raise InterpreterError(f"python.version={version} is not supported")
        return self._highest([wanted])

    def _names(self) -> str:
        return ", ".join(sorted(self.pythons, key=_number)) or "none"


def _wanted(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
