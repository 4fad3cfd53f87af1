"""What must not be left in sources and package: notes to oneself, traces of a machine, keys."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tools.release.git import git
from tools.release.outcome import Outcome
from tools.step import ROOT

# ruff's rules: debuggers, prints, notes such as "to do" in comments.
_RULES = "T10,T20,FIX"
_PYTHON = ("bin", "tools", "tests")
# Files of ours that ruff does not read, and what UCC made of them.
_TEXT = (".conf", ".spec", ".meta", ".json", ".md", ".csv", ".xml", ".html", ".manifest", ".py")
_OURS = ("bin", "default", "README", "lookups", "metadata", "appserver/static/js/build/globalConfig.json")
_LEFT = {
    "a note to oneself": r"\b(?:TODO|FIXME|XXX|HACK)\b",
    "a path of some machine": r"(?:^|[\s\"'=(])(?:/home/|/root/|/Users/|/tmp/|[A-Za-z]:\\\\?Users\\)",
    "an AccessKey id": r"\bLTAI[A-Za-z0-9]{12,}",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
}


def check_tree(root: Path) -> Outcome:
    """Whether the working tree is the commit."""
    changed = git(root, "status", "--porcelain").splitlines()
    problems = [f"not committed: {line[3:]}" for line in changed]
    return Outcome(
        "working tree", f"commit {git(root, 'rev-parse', '--short', 'HEAD').strip()}", tuple(problems)
    )


def check_python(root: Path) -> Outcome:
    """Whether ruff finds a debugger, a print or a note to oneself."""
    command = [sys.executable, "-m", "ruff", "check", "--select", _RULES, "--output-format", "concise"]
    done = subprocess.run([*command, *_PYTHON], cwd=root, capture_output=True, text=True)
    problems = done.stdout.splitlines() + done.stderr.splitlines() if done.returncode else []
    return Outcome("leftovers in Python", f"{', '.join(_PYTHON)} read by ruff", tuple(problems))


def check_package(app: Path, builders: Iterable[Path]) -> Outcome:
    """Whether our files in the package hold something of `_LEFT`, or any file a folder of its build."""
    files = [path for path in sorted(app.rglob("*")) if path.is_file()]
    problems = [found for path in files if _is_ours(path, app) for found in _left_in(path, app)]
    traces = sorted({str(folder).encode() for folder in (*builders, ROOT)})
    for path in files:
        content = path.read_bytes()
        problems += [f"{path.relative_to(app)}: names {t.decode()}" for t in traces if t in content]
    return Outcome("leftovers in the package", f"{len(files)} files", tuple(problems))


def _is_ours(path: Path, app: Path) -> bool:
    name = path.relative_to(app).as_posix()
    return path.suffix in _TEXT and ("/" not in name or name.startswith(_OURS))


def _left_in(path: Path, app: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [
        f"{path.relative_to(app)}:{number}: {what}: {line.strip()[:100]}"
        for number, line in enumerate(lines, 1)
        for what, pattern in _LEFT.items()
        if re.search(pattern, line)
    ]
