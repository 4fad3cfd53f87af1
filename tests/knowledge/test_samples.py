"""Every sample log through the add-on's pipeline and the search-time rules of the built package."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.app_package import find_or_build_spl
from tests.knowledge import check, conf, cover, hostile, kvjson, samples
from tests.knowledge.apply import Applier, parse_rules
from tests.knowledge.check import Checked, CheckedType

FOLDERS = samples.folders()
PATHS = [path for folder in FOLDERS for path in samples.sample_paths(folder)]


@pytest.fixture(scope="session")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> conf.Knowledge:
    return conf.from_package(find_or_build_spl(tmp_path_factory.mktemp("build") / "build.log"))


@pytest.fixture(scope="session")
def applier(knowledge: conf.Knowledge) -> Applier:
    return Applier(knowledge)


@pytest.fixture(scope="session")
def types(applier: Applier) -> dict[Path, CheckedType]:
    return {one.folder: one for one in check.all_types(applier)}


@pytest.fixture(scope="session")
def checked(types: dict[Path, CheckedType]) -> dict[Path, Checked]:
    return {one.path: one for kind in types.values() for one in kind.samples}


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_sample(path: Path, checked: dict[Path, Checked]) -> None:
    assert checked[path].problems == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_sourcetype(folder: Path, types: dict[Path, CheckedType]) -> None:
    assert types[folder].problems == []


def test_event_types_and_tags(applier: Applier) -> None:
    assert applier.problems == []


def test_all_settings_can_be_read(knowledge: conf.Knowledge) -> None:
    problems = {name: parse_rules(setting, knowledge).problems for name, setting in knowledge.props.items()}
    assert {name: found for name, found in problems.items() if found} == {}


def test_every_event_type_has_a_sample(applier: Applier, checked: dict[Path, Checked]) -> None:
    seen = {name for one in checked.values() if one.outcome is not None for name in one.outcome.eventtypes}
    assert sorted(applier.searches.keys() - seen) == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_goals(folder: Path, types: dict[Path, CheckedType]) -> None:
    assert cover.missed_goals([types[folder]], whole=False) == []


def test_every_log_type_has_samples(types: dict[Path, CheckedType]) -> None:
    assert cover.covered_rows(list(types.values()))[1] == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_field_that_is_missing_or_says_nothing(folder: Path, applier: Applier) -> None:
    assert list(hostile.problems(folder, applier, (None, "", "-"), most=1)) == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_long_value_hides_no_tag_and_no_field(folder: Path, applier: Applier) -> None:
    """Whoever sends a URL or a command line chooses how long it is."""
    hidden = []
    for path in samples.sample_paths(folder):
        sample = samples.load(path)
        plain = applier.run(samples.event_of(sample))
        longer = replace(sample, log={"a_long_one": "x" * 11_000, **sample.log})
        for reading in kvjson.READINGS:
            seen = applier.run(samples.event_of(longer), reading)
            hidden += [f"{path.stem}: tags {plain.tags}, {seen.tags}"] * (seen.tags != plain.tags)
            hidden += [
                f"{path.stem}: {name} is {seen.fields.get(name)!r}, not {plain.fields.get(name)!r}"
                for name in sample.expected_fields
                if (seen.fields.get(name) or None) != (plain.fields.get(name) or None)
            ]
    assert hidden == []
