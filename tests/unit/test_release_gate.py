"""The release gate lets nothing by: each check against what it has to find."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path

import pytest

from tools.release import inspection, leftovers, versions
from tools.release.inspection import Check, Reason, judge
from tools.release.outcome import Outcome
from tools.step import ROOT

TODAY = datetime.date(2026, 11, 25)
POINT = "\n\n### Added\n\n- Something.\n"


def test_a_problem_is_a_line_of_its_own() -> None:
    assert Outcome("size", "3 MB").text == "ok   size: 3 MB"
    assert Outcome("size", "3 MB", ("too large", "odd")).text.splitlines() == [
        "NOT  size: 3 MB",
        "       too large",
        "       odd",
    ]


def test_the_sources_state_one_version() -> None:
    stated = versions.of_sources(ROOT)
    assert len(stated) == 4
    assert versions.check(stated).problems == ()


def test_another_version_is_named_with_its_place() -> None:
    found = versions.check({"app.manifest": "1.0.0", "pyproject.toml": "1.0", "tag v1.0.1": "1.0.1"})
    assert found.problems == ("pyproject.toml says 1.0", "tag v1.0.1 says 1.0.1")


def test_the_changelog_has_the_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = versions.of_sources(ROOT)["app.manifest"]
    assert versions.check_changelog(text, version, datetime.date.today()).problems == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# Changelog\n", "write one as"),
        (f"## [Unreleased]{POINT}\n## [1.0.0] - 2026-11-25{POINT}", "the newest entry is Unreleased"),
        (f"## [0.9.0] - 2026-11-25{POINT}", "the newest entry is 0.9.0, not 1.0.0"),
        (f"## [1.0.0]{POINT}", "has no date"),
        (f"## [1.0.0] - 2026-11-26{POINT}", "2026-11-26, which has not come"),
        (f"## [1.0.0] - 2026-11-25\n\n## [0.9.0] - 2026-01-01{POINT}", "says nothing"),
    ],
)
def test_a_changelog_that_does_not_do(text: str, problem: str) -> None:
    assert problem in versions.check_changelog(text, "1.0.0", TODAY).problems[0]


def check(name: str, result: str, *files: str) -> Check:
    return Check(name, result, frozenset({"cloud"}), tuple((file, f"about {file}") for file in files))


FINE = check("fine", "success")


@pytest.mark.parametrize(
    ("found", "allowed", "problem"),
    [
        (check("x", "warning", "a.py"), {}, "x: warning without a reason: about a.py"),
        (check("x", "failure", "a.py"), {"warnings": {"x": Reason("why")}}, "x: failure without a reason"),
        (check("x", "error"), {"warnings": {"x": Reason("why")}}, "x: error without a reason"),
        (
            check("x", "warning", "lib/a.py", "bin/b.py"),
            {"warnings": {"x": Reason("why", ("lib/*",))}},
            "x: warning that its reason does not cover: about bin/b.py",
        ),
        (FINE, {"failures": {"x": Reason("why")}}, "x: is no longer among the failures"),
    ],
)
def test_what_a_tag_does_not_let_by(found: Check, allowed: inspection.Reasons, problem: str) -> None:
    outcome = judge([FINE, found], "cloud", allowed)
    assert any(line.startswith(problem) for line in outcome.problems), outcome
    assert judge([FINE], "cloud", {}).problems == ()


def test_a_tag_without_checks_is_no_pass() -> None:
    assert judge([FINE], "private_classic", {}).problems


def test_every_reason_is_a_sentence_and_no_cloud_lets_failures_by() -> None:
    lists = {tag: inspection.reasons(tag) for tag in inspection.TAGS}
    given = [reason for kinds in lists.values() for listed in kinds.values() for reason in listed.values()]
    assert all(len(reason.text) > 20 and reason.text.endswith(".") for reason in given)
    assert all(reason.files for kinds in lists.values() for reason in kinds["failures"].values())
    assert not lists["cloud"]["failures"] and not lists["private_victoria"]["failures"]


def package(folder: Path, **texts: str) -> Path:
    for name, text in {"bin/fine.py": "x = '/var/log'\n", **texts}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("default/x.conf", "\n# TODO more\n", "default/x.conf:2: a note to oneself: # TODO more"),
        ("CHANGELOG.md", "see /home/me/x\n", "CHANGELOG.md:1: a path of some machine"),
        ("README/x.spec", 'such as "C:\\Users\\me"', "README/x.spec:1: a path of some machine"),
        ("bin/x.py", "KEY = 'LTAI5tAbcdefgh12'\n", "bin/x.py:1: an AccessKey id"),
        ("lib/x.so", "/build/here/x.c", "lib/x.so: names /build/here"),
    ],
)
def test_leftovers_in_the_package(tmp_path: Path, name: str, text: str, problem: str) -> None:
    builders = [Path("/build/here")]
    assert leftovers.check_package(package(tmp_path / "fine"), builders).problems == ()
    (found,) = leftovers.check_package(package(tmp_path / "app", **{name: text}), builders).problems
    assert found.startswith(problem)


def test_what_is_not_committed_is_named(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        who = ("-c", "user.name=x", "-c", "user.email=x@example.com")
        subprocess.run(["git", "-C", str(tmp_path), *who, *words], check=True, capture_output=True)

    git("init")
    git("commit", "--allow-empty", "-m", "first")
    assert leftovers.check_tree(tmp_path).problems == ()
    (tmp_path / "new.py").touch()
    assert leftovers.check_tree(tmp_path).problems == ("not committed: new.py",)


def test_debuggers_prints_and_notes_in_python(tmp_path: Path) -> None:
    for folder in ("bin", "tools", "tests"):
        (tmp_path / folder).mkdir()
    assert leftovers.check_python(tmp_path).problems == ()
    (tmp_path / "bin" / "x.py").write_text("import pdb\nprint(1)\n# FIXME later\n", encoding="utf-8")
    found = "\n".join(leftovers.check_python(tmp_path).problems)
    assert {rule for rule in ("T100", "T201", "FIX001") if rule in found} == {"T100", "T201", "FIX001"}
