"""What is in the release, and what is not."""

from __future__ import annotations

import filecmp
import json
import re
import tarfile
from pathlib import Path

import pytest

from tests.app_package import ROOT
from tools import promised


@pytest.fixture(scope="module")
def members(release_spl: Path) -> list[tarfile.TarInfo]:
    with tarfile.open(release_spl) as archive:
        return archive.getmembers()


def text_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix in (".py", ".conf", ".spec", ".json", ".html")]


def test_everything_promised_is_there(release_app: Path) -> None:
    assert promised.missing(release_app) == []


def test_one_folder_with_plain_files_of_one_time(members: list[tarfile.TarInfo]) -> None:
    assert {member.name.split("/")[0] for member in members} == {"TA_alibaba_sls"}
    assert all(member.isfile() or member.isdir() for member in members)
    assert len({member.mtime for member in members}) == 1
    assert {member.mode for member in members if member.isfile()} == {0o644}
    assert {member.mode for member in members if member.isdir()} == {0o755}
    assert {(member.uid, member.gid, member.uname, member.gname) for member in members} == {(0, 0, "", "")}


def test_nothing_that_does_not_belong(members: list[tarfile.TarInfo]) -> None:
    unwanted = re.compile(
        r"/(local|tests?|__pycache__|\.[^/]+)(/|$)|\.(pyc|pyi|whl|orig|part)$|/(local\.meta|passwords\.conf)$"
    )
    assert [member.name for member in members if unwanted.search(member.name)] == []


def test_our_parts_are_the_sources_unchanged(release_app: Path) -> None:
    for folder in ("bin", "README", "static", "metadata", "lookups"):
        for source in (ROOT / folder).rglob("*"):
            name = source.relative_to(ROOT)
            if source.is_file() and source.suffix != ".pyc" and not any(p[0] == "." for p in name.parts):
                shipped = release_app / name
                assert filecmp.cmp(source, shipped, shallow=False), shipped


def test_it_stays_small(release_spl: Path, members: list[tarfile.TarInfo]) -> None:
    assert release_spl.stat().st_size <= 12_000_000
    assert sum(member.size for member in members) < 45_000_000


def test_no_udp_socket_is_opened(release_app: Path) -> None:
    util = (release_app / "lib" / "aliyun" / "log" / "util.py").read_text(encoding="utf-8")
    assert "SOCK_DGRAM" not in util
    assert "def get_host_ip(logHost):" in util


def test_licences_of_the_libraries_are_there(release_app: Path) -> None:
    """splunk-sdk's own sdist carries no licence text; its files say Apache-2.0."""
    for info in (release_app / "lib").glob("*.dist-info"):
        texts = [path for path in info.rglob("*") if path.name.upper().startswith(("LICEN", "COPYING"))]
        assert texts or info.name.startswith("splunk_sdk-"), info.name


def test_no_machine_is_named(release_app: Path) -> None:
    """No path of the machine that built it."""
    named = re.compile(rf"{re.escape(str(ROOT))}|{re.escape(str(Path.home()))}/")
    ours = [release_app / part for part in ("bin", "default", "README", "appserver", "metadata")]
    found = [path for folder in ours for path in text_files(folder) if named.search(path.read_text("utf-8"))]
    assert found == []


def test_the_build_number_is_the_time_of_the_sources(
    release_app: Path, members: list[tarfile.TarInfo]
) -> None:
    stated = re.findall(r"(?m)^build = (\d+)$", (release_app / "default" / "app.conf").read_text("utf-8"))
    assert stated == [str(int(members[0].mtime))]


def test_conf_files_that_change_are_read_anew_without_a_restart(release_app: Path) -> None:
    app_conf = (release_app / "default" / "app.conf").read_text(encoding="utf-8")
    for name in ("ta_alibaba_sls_account", "ta_alibaba_sls_settings"):
        assert f"reload.{name} = simple" in app_conf


def test_every_rest_handler_runs_on_the_release_pythons(release_app: Path) -> None:
    restmap = (release_app / "default" / "restmap.conf").read_text(encoding="utf-8")
    handlers = re.findall(r"handlerfile = (\S+)", restmap)
    assert len(handlers) == restmap.count("python.required = 3.9, 3.13") == 4
    assert [name for name in handlers if not (release_app / "bin" / name).is_file()] == []


def test_the_pages_have_our_settings(release_app: Path) -> None:
    built = release_app / "appserver" / "static" / "js" / "build" / "globalConfig.json"
    shown = json.loads(built.read_text(encoding="utf-8"))["pages"]["inputs"]["services"][0]["entity"]
    source = json.loads((ROOT / "globalConfig.json").read_text(encoding="utf-8"))
    expected = source["pages"]["inputs"]["services"][0]["entity"]
    assert [entity["field"] for entity in shown] == [entity["field"] for entity in expected]
