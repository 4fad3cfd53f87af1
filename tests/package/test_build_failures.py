"""Every way the build can fail ends with one clear sentence. Each is made to happen from outside."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.package.builds import NO_NETWORK, SourceTree


@pytest.fixture
def sources(make_sources: Callable[..., SourceTree]) -> SourceTree:
    return make_sources()


def test_no_venv(sources: SourceTree) -> None:
    (sources.root / ".venv").unlink()
    assert sources.refusal() == "there is no .venv/bin/python, run 'make env' first"


def test_python_too_new(sources: SourceTree) -> None:
    python = sources.own_venv() / "python"
    python.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.14.0 && exit 0\nexit 1\n')
    python.chmod(0o755)
    sentence = sources.refusal()
    assert sentence.startswith(".venv/bin/python is Python 3.14.0, Python 3.9 to 3.13 is needed")


def test_no_ucc_gen(sources: SourceTree) -> None:
    (sources.own_venv() / "python").symlink_to(Path(sys.executable).resolve())
    (sources.root / ".venv" / "pyvenv.cfg").write_text(f"home = {sys.base_prefix}/bin\n")
    assert sources.refusal().startswith(".venv lacks ucc-gen or another tool")


def test_no_network(sources: SourceTree) -> None:
    sources.empty_cache()
    sentence = sources.refusal(**NO_NETWORK)
    assert sentence.startswith("cannot get the pure libraries: no network")
    assert ".cache/wheels/pure.log" in sentence


def test_offline_with_an_empty_cache(sources: SourceTree) -> None:
    sources.empty_cache()
    sentence = sources.refusal("--offline")
    assert sentence == "the library cache has no complete pure set, run once without --offline"


@pytest.mark.parametrize("wheel", ["requests", "aliyun_log_python_sdk"])
def test_a_damaged_wheel_in_the_cache_is_not_used(sources: SourceTree, wheel: str) -> None:
    path = sources.wheel(wheel)
    content = bytearray(path.read_bytes())
    content[200] ^= 1
    path.write_bytes(content)
    assert sources.refusal("--offline").startswith("the library cache has no complete ")


def test_broken_config(sources: SourceTree) -> None:
    sources.replace("globalConfig.json", '"meta": {', '"meta": {,')
    assert sources.refusal() == (
        "globalConfig.json is not JSON: line 2, column 12: Expecting property name enclosed in double quotes"
    )


def test_config_against_the_schema(sources: SourceTree) -> None:
    sources.replace("globalConfig.json", '"label": "AccessKey ID"', '"lable": "AccessKey ID"')
    sentence = sources.refusal()
    assert sentence.startswith("globalConfig.json is refused at pages.configuration.tabs.0")
    assert len(sentence) < 400


def test_config_that_ucc_gen_fails_on_with_exit_code_0(sources: SourceTree) -> None:
    """A help text as an object is allowed by the schema, and ends ucc-gen with a traceback and code 0."""
    sources.replace(
        "globalConfig.json",
        '"help": "Made on the Configuration page, tab Accounts."',
        '"help": {"text": "Made on the Configuration page, tab Accounts."}',
    )
    sentence = sources.refusal()
    assert sentence.startswith("ucc-gen did not write ")
    assert "Traceback" in (sources.root / "build" / "ucc-gen.log").read_text(encoding="utf-8")


def test_versions_that_differ(sources: SourceTree) -> None:
    sources.replace("app.manifest", '"version": "', '"version": "9')
    assert sources.refusal().startswith("app.manifest says version 9")


def test_a_missing_source(sources: SourceTree) -> None:
    (sources.root / "README" / "inputs.conf.spec").unlink()
    assert sources.refusal() == "README/inputs.conf.spec is missing from the source folder"


def test_a_promised_file_that_is_missing(sources: SourceTree) -> None:
    (sources.root / "static" / "appIcon.png").unlink()
    assert sources.refusal("--offline") == "the package lacks static/appIcon.png"


def test_a_changed_sdk(sources: SourceTree) -> None:
    sources.change_in_wheel("aliyun_log_python_sdk", "aliyun/log/util.py", "SOCK_DGRAM", "SOCK_STREAM")
    sentence = sources.refusal("--offline")
    assert sentence.startswith("the function get_host_ip in lib/aliyun/log/util.py is not the one")


def test_unknown_options(sources: SourceTree) -> None:
    assert sources.refusal("--fast").startswith("unknown option --fast")
    assert (
        sources.refusal(SOURCE_DATE_EPOCH="today") == "SOURCE_DATE_EPOCH is 'today', give whole epoch seconds"
    )


def test_a_python_that_is_not_supported(sources: SourceTree) -> None:
    done = sources.build("--offline", "--dev-python", "2.7")
    assert (done.returncode, done.stderr) == (
        1,
        "package.sh: --dev-python 2.7 is not accepted: give 3.9 to 3.13\n",
    )
