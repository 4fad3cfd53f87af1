"""One version, in every place that states it: sources, changelog, tag, package."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path

from tools import sbom
from tools.release.git import git
from tools.release.outcome import Outcome

_ENTRY = re.compile(r"(?m)^## \[([^\]]+)\](?: - (\d{4}-\d\d-\d\d))?$")
_TAG = re.compile(r"v?(\d+\.\d+\.\d+\S*)")


def of_sources(root: Path) -> dict[str, str]:
    """Place -> the version it states."""
    newest = _ENTRY.search(_text(root / "CHANGELOG.md"))
    project = re.search(r'(?m)^version = "(.+)"$', _text(root / "pyproject.toml"))
    return {
        "app.manifest": _manifest_version(_text(root / "app.manifest")),
        "globalConfig.json": _config_version(_text(root / "globalConfig.json")),
        "pyproject.toml": project.group(1) if project else "none",
        "CHANGELOG.md": newest.group(1) if newest else "none",
    }


def of_tags(root: Path) -> dict[str, str]:
    """The version tags of the commit; a commit has none until it is released."""
    listed = git(root, "tag", "--points-at", "HEAD").split()
    matches = {tag: _TAG.fullmatch(tag) for tag in listed}
    return {f"tag {tag}": match.group(1) for tag, match in matches.items() if match}


def of_package(spl: Path, app: Path) -> dict[str, str]:
    """What the package states, `app` being its unpacked folder."""
    app_conf = _text(app / "default" / "app.conf")
    built = "appserver/static/js/build/globalConfig.json"
    bill = json.loads(_text(app / sbom.NAME))
    return {
        "the package's file name": spl.stem.rpartition("-")[2],
        "the package's VERSION": " and ".join(sorted(set(_text(app / "VERSION").split()))),
        "the package's app.manifest": _manifest_version(_text(app / "app.manifest")),
        f"the package's {built}": _config_version(_text(app / built)),
        f"the package's {sbom.NAME}": str(bill["metadata"]["component"]["version"]),
        **{
            f"the package's app.conf, [{stanza}]": version
            for stanza, version in re.findall(r"(?m)^\[(launcher|id)\]\nversion = (.+)$", app_conf)
        },
    }


def check(stated: dict[str, str]) -> Outcome:
    """Whether all places say what app.manifest says."""
    version = stated["app.manifest"]
    others = [f"{place} says {said}" for place, said in stated.items() if said != version]
    return Outcome("version", f"{version}, stated in {len(stated)} places", tuple(others))


def check_changelog(text: str, version: str, today: datetime.date) -> Outcome:
    """Whether the newest entry is that version's, has a date that has come, and says something."""
    entries = list(_ENTRY.finditer(text))
    if not entries:
        return Outcome("changelog", "no entry", ("write one as '## [<version>] - <year>-<month>-<day>'",))
    newest = entries[0]
    end = entries[1].start() if len(entries) > 1 else len(text)
    points = re.findall(r"(?m)^- \S", text[newest.end() : end])
    problems = []
    if newest.group(1) != version:
        problems.append(f"the newest entry is {newest.group(1)}, not {version}")
    if not newest.group(2):
        problems.append("the newest entry has no date")
    elif datetime.date.fromisoformat(newest.group(2)) > today:
        problems.append(f"the newest entry is of {newest.group(2)}, which has not come")
    if not points:
        problems.append("the newest entry says nothing")
    return Outcome("changelog", f"{newest.group(0)[3:]}, {len(points)} points", tuple(problems))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _manifest_version(text: str) -> str:
    return str(json.loads(text)["info"]["id"]["version"])


def _config_version(text: str) -> str:
    return str(json.loads(text)["meta"]["version"])
