"""What the documents point to is there, and their examples are accepted."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

from sls_ingest.connection import parse_account
from sls_ingest.settings import parse_input
from tests.unit.documents import (
    ROOT,
    anchors,
    blocks,
    documents,
    links,
    prose,
    quoted,
    text_of,
)
from tests.unit.spec_file import read_spec

DOCUMENTS = documents()
each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
FOLDERS = "bin|default|docs|knowledge|lookups|metadata|README|requirements|static|tests|tools"
_PATH = re.compile(rf"(?<![\w/.$>-])(?:{FOLDERS})/[\w./*-]*[\w*](?![\w/<])")
_MAKE = re.compile(r"\bmake ([a-z]+(?:-[a-z]+)*)\b")
_TEST = re.compile(r"\b(test_\w+\.py)::(test_\w+)")
_MODULE = re.compile(r"`(\w+\.py)`")
_MACHINE = re.compile(
    r"(?<![\w.])/(?:work|home/\w|root/|Users/|tmp/|builds?/)|[A-Z]:\\|\blocalhost:\d+/simple"
)
ONLY_BUILT = ("bin/", "default/app.conf", "default/restmap.conf", "default/web.conf", "metadata/local.meta")
"""What only a built package has, or an installed one."""
TARGETS = set(re.findall(r"^([a-z-]+):.*##", text_of(ROOT / "Makefile"), re.M))
# Words behind `make` that are no target of it.
PROSE_AFTER_MAKE = frozenset({"lists", "it", "one", "sure", "more", "the", "up", "each", "accounts", "a"})


@each_document
def test_links_lead_somewhere(path: Path) -> None:
    lost = [target for target in links(path) if not _leads(path, target)]
    assert lost == []


def _leads(path: Path, target: str) -> bool:
    if re.match(r"[a-z]+:", target):
        return bool(re.fullmatch(r"https://[\w.-]+\.[a-z]{2,}(/\S*)?", target))  # not fetched
    name, _, anchor = target.partition("#")
    file = (path.parent / name).resolve() if name else path
    if not file.exists() or ROOT not in (file, *file.parents):
        return False
    return not anchor or anchor in anchors(file)


def test_the_readme_leads_to_every_document() -> None:
    named = {target.partition("#")[0] for target in links(ROOT / "README.md")}
    assert {f"docs/{path.name}" for path in DOCUMENTS if path.parent.name == "docs"} - named == set()


@each_document
def test_files_that_are_named_are_there(path: Path) -> None:
    named = {match.rstrip(".") for match in _PATH.findall(text_of(path))}
    assert [name for name in sorted(named) if not _is_there(name, path)] == []


def _is_there(name: str, path: Path) -> bool:
    """In the project, or below the folder of the document."""
    if name.startswith("bin/ta_alibaba") or name in ONLY_BUILT:
        return True
    return any(next(base.glob(name.rstrip("/")), None) is not None for base in (ROOT, path.parent))


@each_document
def test_targets_of_make_that_are_named_are_there(path: Path) -> None:
    code = [*quoted(path), *(block.text for block in blocks(path)), *_indented(path)]
    named = {name for text in code for name in _MAKE.findall(text)}
    assert named - TARGETS - PROSE_AFTER_MAKE == set()


def _indented(path: Path) -> Iterator[str]:
    yield from (line for line in prose(path).splitlines() if line.startswith("    "))


@each_document
def test_tests_that_are_named_are_there(path: Path) -> None:
    for file, name in _TEST.findall(text_of(path)):
        (found,) = (ROOT / "tests").rglob(file)
        names = {
            node.name for node in ast.walk(ast.parse(text_of(found))) if isinstance(node, ast.FunctionDef)
        }
        assert name in names, f"{file} has no {name}"


@each_document
def test_modules_that_are_named_are_there(path: Path) -> None:
    sources = [ROOT / folder for folder in ("bin", "tests", "tools")]
    there = {file.name for folder in sources for file in folder.rglob("*.py")}
    assert set(_MODULE.findall(text_of(path))) - there - {"entry_page.py"} == set()


@each_document
def test_no_path_of_a_machine_is_named(path: Path) -> None:
    assert _MACHINE.findall(text_of(path)) == []


@each_document
def test_json_is_json(path: Path) -> None:
    for block in blocks(path):
        if block.language == "json":
            json.loads(block.text)


# -- settings, words and options


def _spec(name: str) -> dict[str, set[str]]:
    """Stanza -> its settings."""
    return {stanza: set(rows) for stanza, rows in read_spec(ROOT / "README" / f"{name}.conf.spec").items()}


CONFS = ("inputs", "ta_alibaba_sls_account", "ta_alibaba_sls_settings")
SETTINGS = {setting for name in CONFS for rows in _spec(name).values() for setting in rows}
FOR_USERS = [path for path in DOCUMENTS if path.parent in (ROOT, ROOT / "docs")]
each_for_users = pytest.mark.parametrize("path", FOR_USERS, ids=lambda path: str(path.relative_to(ROOT)))
OF_OTHERS = {
    *("force_python3", "admin_all_objects", "list_storage_passwords", "sc_admin", "ssl_verify"),
    *("edit_modinput_alibaba_sls", "check_for_updates_disabled"),
    *(
        "disabled",
        "cron_schedule",
        "definition",
        "export",
        "excludeFromUpdate",
        "restartSplunkd",
        "useACK",
        "source",
        "sourcetype",
        "host",
        "index",
    ),
}
OPTIONS_OF_OTHERS = {"--cacert", "--data-urlencode", "--strict", "--help", "--reload"}
_SNAKE = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")
_SET = re.compile(r"([A-Za-z]+(?:_[a-z0-9]+)*) = .*")
_OPTION = re.compile(r"(?<![\w<-])--[a-z]+(?:-[a-z]+)*(?![\w-])")


def _words(*folders: str) -> set[str]:
    """Every word of the sources, to find out what a document calls by a name that is no more."""
    files = [file for folder in folders for file in (ROOT / folder).rglob("*") if file.is_file()]
    files += [ROOT / name for name in ("globalConfig.json", "package.sh", "app.manifest")]
    texts = (
        file.read_bytes().decode(errors="ignore") for file in files if file.suffix not in (".pyc", ".png")
    )
    return {word for text in texts for word in re.findall(r"--[a-z-]+|\w+", text)}


@pytest.fixture(scope="module")
def words() -> set[str]:
    return _words("bin", "README", "default", "knowledge", "lookups", "tools", "tests")


@each_for_users
def test_settings_that_are_given_a_value_are_settings(path: Path) -> None:
    given = {match[1] for text in quoted(path) if (match := _SET.fullmatch(text))}
    assert given - SETTINGS - OF_OTHERS == set()


@each_for_users
def test_names_that_are_quoted_are_names_of_something(path: Path, words: set[str]) -> None:
    assert {text for text in quoted(path) if _SNAKE.fullmatch(text)} - words - OF_OTHERS == set()


@each_for_users
def test_options_that_are_named_are_options(path: Path, words: set[str]) -> None:
    assert set(_OPTION.findall(text_of(path))) - words - OPTIONS_OF_OTHERS == set()


@each_for_users
def test_conf_examples_are_accepted(path: Path) -> None:
    for block in blocks(path):
        if block.language == "ini":
            conf = ConfigParser(interpolation=None, delimiters=("=",))
            conf.read_string(block.text)
            for stanza in conf.sections():
                _accept(stanza, dict(conf[stanza]))


def _accept(stanza: str, params: dict[str, str]) -> None:
    """Raises ConfigError."""
    unknown = set(params) - SETTINGS - {"disabled"}
    assert not unknown, f"[{stanza}] has {unknown}"
    if stanza.startswith("alibaba_sls://"):
        parse_input(params, stanza.partition("://")[2])
    elif "auth_type" in params:
        parse_account(params, stanza)


def test_something_is_looked_at() -> None:
    """So that no pattern above has silently come to find nothing."""
    assert len(TARGETS) > 15 and len(SETTINGS) > 40
    assert sum(len(list(links(path))) for path in DOCUMENTS) > 60
    assert sum(len(_PATH.findall(text_of(path))) for path in DOCUMENTS) > 80
    assert sum(block.language == "ini" for path in FOR_USERS for block in blocks(path)) >= 2
    assert sum(len(_TEST.findall(text_of(path))) for path in DOCUMENTS) > 10
