"""Splunk AppInspect, once for all tags, judged tag by tag.

Each tag has a file in allowed/: {"warnings": {check: reason}, "failures": {check: reason}}. A reason is a
sentence, or {"reason": sentence, "files": [patterns]} where it holds for these files and for no other;
"see cloud" takes over the reason of that tag. A check without a reason is a problem, and so is a reason
without its check.
"""

from __future__ import annotations

import fnmatch
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.release.outcome import Outcome
from tools.step import BuildError

TAGS = ("cloud", "private_victoria", "splunk_appinspect", "future")
_ALLOWED = Path(__file__).with_name("allowed")
_FINE = ("success", "not_applicable")
_KIND_OF = {"warning": "warnings", "failure": "failures"}


@dataclass(frozen=True)
class Check:
    """One check of AppInspect. Messages are (file, text), the file empty where none is named."""

    name: str
    result: str
    tags: frozenset[str]
    messages: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Reason:
    """Why a warning or failure is accepted; no patterns: for whatever file."""

    text: str
    files: tuple[str, ...] = ()

    def covers(self, file: str) -> bool:
        return not self.files or any(fnmatch.fnmatchcase(file, pattern) for pattern in self.files)


Reasons = dict[str, dict[str, Reason]]  # "warnings" or "failures" -> check -> reason


class Inspection:
    """A run of AppInspect in the background."""

    def __init__(self, spl: Path, workdir: Path, tags: tuple[str, ...] = TAGS) -> None:
        self._report = workdir / "appinspect.json"
        self._log = (workdir / "appinspect.log").open("wb")
        tool = Path(sys.executable).with_name("splunk-appinspect")
        command = [
            str(tool),
            "inspect",
            str(spl),
            "--data-format",
            "json",
            "--output-file",
            str(self._report),
        ]
        command += ["--max-messages", "all", *(word for tag in tags for word in ("--included-tags", tag))]
        self._process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT)

    def checks(self, timeout: float = 600) -> list[Check]:
        """Wait for the end, `timeout` seconds at most.

        Raises:
            BuildError: it did not end, or left no report.
        """
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            self._process.kill()
            raise BuildError(f"AppInspect did not end within {timeout:.0f} s") from error
        finally:
            self._log.close()
        if not self._report.is_file():
            raise BuildError(f"AppInspect left no report (its output is in {self._log.name})")
        return parse(json.loads(self._report.read_text(encoding="utf-8")))


def parse(report: Any) -> list[Check]:
    """The checks of a report of AppInspect."""
    rows = [row for part in report["reports"] for group in part["groups"] for row in group["checks"]]
    return [Check(row["name"], row["result"], frozenset(row["tags"]), _messages(row)) for row in rows]


def _messages(row: Any) -> tuple[tuple[str, str], ...]:
    named = ((str(m["message_filename"]), str(m["message"])) for m in row["messages"])
    return tuple(("" if file == "None" else file, text) for file, text in named)


def reasons(tag: str, folder: Path = _ALLOWED) -> Reasons:
    """The allow-list of a tag.

    Raises:
        KeyError: it refers to a reason that there is not.
    """
    stated = json.loads((folder / f"{tag}.json").read_text(encoding="utf-8"))
    return {
        kind: {name: _reason(kind, name, given, folder) for name, given in stated.get(kind, {}).items()}
        for kind in _KIND_OF.values()
    }


def _reason(kind: str, name: str, given: Any, folder: Path) -> Reason:
    if isinstance(given, dict):
        return Reason(given["reason"], tuple(given["files"]))
    if given.startswith("see "):
        return reasons(given[len("see ") :], folder)[kind][name]
    return Reason(given)


def judge(checks: list[Check], tag: str, allowed: Reasons) -> Outcome:
    """What speaks against the package under one tag."""
    looked = [check for check in checks if tag in check.tags]
    passed = [check for check in looked if check.result == "success"]
    problems = [problem for check in looked for problem in _problems(check, allowed)]
    for kind, listed in allowed.items():
        found = {check.name for check in looked if _KIND_OF.get(check.result) == kind}
        problems += [
            f"{name}: is no longer among the {kind}, drop its reason" for name in listed.keys() - found
        ]
    if not passed:
        problems.append("no check was passed: is the tag still there?")
    counts = f"{len(passed)} of {len(looked)} checks passed"
    excused = [f"{len(listed)} {kind} with a reason" for kind, listed in allowed.items() if listed]
    return Outcome(f"AppInspect, {tag}", ", ".join([counts, *excused]), tuple(problems))


def _problems(check: Check, allowed: Reasons) -> list[str]:
    if check.result in _FINE:
        return []
    reason = allowed.get(_KIND_OF.get(check.result, ""), {}).get(check.name)
    if reason is None:
        said = check.messages[0][1] if check.messages else "no message"
        return [f"{check.name}: {check.result} without a reason: {said}"]
    return [
        f"{check.name}: {check.result} that its reason does not cover: {text}"
        for file, text in check.messages
        if not reason.covers(file)
    ]
