"""The samples in pytest-splunk-addon's format: valid by its schema, complete, and true to the samples."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import addonfactory_splunk_conf_parser_lib as conf_parser
import pytest
from lxml import etree

from tests.knowledge import cim, psa_format, samples
from tests.knowledge.samples import Sample

FOLDERS = samples.folders()
NAMES = [folder.name for folder in FOLDERS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("psa")
    psa_format.write(folder)
    return folder


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    with zipfile.ZipFile(cim.wheel()) as archive:
        text = archive.read("pytest_splunk_addon/sample_generation/schema.xsd")
    return etree.XMLSchema(etree.parse(io.BytesIO(text)))


def events(folder: Path, name: str) -> list[tuple[Sample, etree._Element]]:
    """The samples of a sourcetype, each with what was written for it."""
    device = etree.parse(folder / "samples" / f"{name}.xml").getroot()
    of_type = [samples.load(path) for path in samples.sample_paths(samples.SAMPLES / name)]
    return list(zip(of_type, device.findall("event")))


def pairs(event: etree._Element, path: str) -> Iterator[tuple[str, str]]:
    return ((field.get("name"), field.get("value")) for field in event.iterfind(path))


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_valid(folder: Path, schema: etree.XMLSchema, name: str) -> None:
    path = folder / "samples" / f"{name}.xml"
    schema.assertValid(etree.parse(path))
    assert path.read_bytes().isascii()


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_is_there_as_the_add_on_writes_it(folder: Path, name: str) -> None:
    found = events(folder, name)
    assert [event.get("name") for _, event in found] == [
        path.stem for path in samples.sample_paths(samples.SAMPLES / name)
    ]
    for sample, event in found:
        indexed = samples.event_of(sample)
        assert event.findtext("raw") == indexed.raw
        assert event.find("transport").get("sourcetype") == indexed.sourcetype


@pytest.mark.parametrize("name", NAMES)
def test_every_expectation_is_there(folder: Path, name: str) -> None:
    for sample, event in events(folder, name):
        expected = {
            field: value if isinstance(value, str) else str(value)
            for field, value in sample.expected_fields.items()
            if value is not None
        }
        told = [*pairs(event, "cim/cim_fields/field"), *pairs(event, "other_mappings/field")]
        odd = dict(pairs(event, "cim/exceptions/field"))
        assert dict(told) == {field: value for field, value in expected.items() if field not in odd}
        assert len(told) == len(dict(told))
        assert not any(value.isprintable() for field, value in expected.items() if field in odd)
        missing = {field.text for field in event.iterfind("cim/missing_recommended_fields/field")}
        assert not missing & expected.keys()
        models = event.iterfind("cim/models/model")
        assert {model.text.partition(":")[0] for model in models} == set(sample.models)


def test_the_conf_names_every_file(folder: Path) -> None:
    parser = conf_parser.TABConfigParser()
    parser.read(folder / psa_format.CONF)
    conf = parser.item_dict()
    assert sorted(conf) == sorted(path.name for path in (folder / "samples").iterdir())
    assert [conf[f"{name}.xml"]["sourcetype"] for name in NAMES] == list(map(samples.sourcetype_of, FOLDERS))
    assert {stanza["input_type"] for stanza in conf.values()} == {"modinput"}


def test_the_bytes_are_the_same_each_time(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "old.xml").touch()
    written = psa_format.write(tmp_path)
    assert {path.relative_to(tmp_path): path.read_bytes() for path in written} == {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    assert not (tmp_path / "samples" / "old.xml").exists()


@pytest.mark.parametrize(
    ("tags", "models"),
    [
        ((), []),
        (("error",), []),
        (("attack", "ids", "web"), ["Intrusion_Detection", "Web"]),
        (("access", "data", "storage", "web"), ["Data_Access", "Web:Storage"]),
        (("database", "query", "stats"), ["Databases:Database_Query:Query_Stats"]),
        (("process", "report"), ["Endpoint:Processes"]),
        (("dns", "network", "resolution"), ["Network_Resolution:DNS"]),
        (("attack", "malware"), ["Malware:Malware_Attacks"]),
        (("account", "change"), ["Change:Account_Management"]),
    ],
)
def test_the_models_are_those_of_the_tags(tags: tuple[str, ...], models: list[str]) -> None:
    sample = samples.load(samples.sample_paths(FOLDERS[0])[0])
    object.__setattr__(sample, "expected_tags", tags)
    assert psa_format.models_of(sample) == models
