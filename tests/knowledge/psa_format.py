"""`python -m tests.knowledge.psa_format <folder>`: the samples in the format of Splunk's pytest-splunk-addon.

With it, the same expectations can be tried on a real Splunk that has the add-on: it sends each sample's
event, and compares fields and data models. One samples/<sourcetype>.xml for each sourcetype, and the
pytest-splunk-addon-data.conf that goes with them; the folder is what --splunk-data-generator takes.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from tests.knowledge import cim, samples
from tests.knowledge.cim import Dataset
from tests.knowledge.samples import Sample, TypeInfo

CONF = "pytest-splunk-addon-data.conf"
SAMPLES = "samples"
VENDOR = "Alibaba Cloud"
_TAGS_OF_MODELS = "pytest_splunk_addon/fields_tests/requirement_test_datamodel_tag_constants.py"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# modinput goes to the HTTP event endpoint, one event for each <raw>, with the sourcetype that is told here;
# plugin: it chooses a host for each event, by which its tests tell them apart, and the time.
_STANZA = """\
[{file}]
requirement_test_sample = 1
input_type = modinput
host_type = plugin
timestamp_type = plugin
source = {source}
sourcetype = {sourcetype}
sourcetype_to_search = {sourcetype}
"""


def write(folder: Path, root: Path = samples.SAMPLES) -> list[Path]:
    """Write all samples, in place of those of an earlier run; returns the files."""
    (folder / SAMPLES).mkdir(parents=True, exist_ok=True)
    for old in (folder / SAMPLES).glob("*.xml"):
        old.unlink()
    stanzas, written = [], []
    for kind in samples.folders(root=root):
        device = device_of(
            samples.load_type(kind), [samples.load(path) for path in samples.sample_paths(kind)]
        )
        ElementTree.indent(device)
        path = folder / SAMPLES / f"{kind.name}.xml"
        # Only ASCII: it refuses characters of no width, and reads the file in the machine's encoding.
        path.write_bytes(ElementTree.tostring(device, "us-ascii", xml_declaration=True) + b"\n")
        written.append(path)
        source = device.find("event/transport")
        assert source is not None
        stanzas.append(_STANZA.format(file=path.name, **source.attrib))
    conf = folder / CONF
    conf.write_text("\n".join(stanzas), encoding="utf-8")
    return [conf, *written]


def device_of(info: TypeInfo, of_type: list[Sample]) -> Element:
    """The file of one sourcetype."""
    device = Element("device")
    _add(device, "vendor", VENDOR)
    _add(device, "product", info.product)
    _add(device, "version", id="cloud service")
    device.extend(event_of(sample) for sample in of_type)
    return device


def event_of(sample: Sample) -> Element:
    """One sample: the line that is indexed, and what is to come of it."""
    indexed = samples.event_of(sample)
    event = Element("event", code="", name=sample.path.stem, format="JSON")
    _add(event, "transport", type="modinput", sourcetype=indexed.sourcetype, source=indexed.source)
    _add(_add(event, "source"), "comment", sample.about)
    _add(event, "raw", indexed.raw)
    fields = {name: _shown(value) for name, value in sample.expected_fields.items() if value is not None}
    models = models_of(sample)
    recommended = set(_recommended(sample)) if models else set()
    cim_part = _add(event, "cim", version="latest")
    if models:
        names = _add(cim_part, "models")
        for model in models:
            _add(names, "model", model)
        own = _add(cim_part, "cim_fields")
        for name in sorted(recommended & fields.keys()):
            if _fits(fields[name]):
                _add(own, "field", name=name, value=fields[name])
        missing = _add(cim_part, "missing_recommended_fields")
        for name in sorted(recommended - fields.keys()):
            _add(missing, "field", name)
    odd = sorted(name for name, value in fields.items() if not _fits(value))
    if odd:
        exceptions = _add(cim_part, "exceptions")
        for name in odd:
            _add(exceptions, "field", name=name, value="", reason="XML cannot hold its characters")
    others = sorted(fields.keys() - recommended - set(odd))
    if others:
        mappings = _add(event, "other_mappings")
        for name in others:
            _add(mappings, "field", name=name, value=fields[name])
    return event


def _add(above: Element, tag: str, text: str | None = None, /, **attributes: str) -> Element:
    element = SubElement(above, tag, attributes)
    element.text = text
    return element


def _fits(value: str) -> bool:
    return not _NOT_IN_XML.search(value)


def _shown(value: Any) -> str:
    """A value as its tests see it: a multivalue is printed as a list of Python."""
    return value if isinstance(value, str) else str(value)


def models_of(sample: Sample) -> list[str]:
    """The data models by its rule, as "Model:Dataset".

    They are those whose tags the event has, without those whose tags are a part of another one's.
    """
    tags = set(sample.expected_tags)
    found = {name: wanted for name, wanted in tags_of_models().items() if wanted <= tags}
    return sorted(
        _with_colons(name)
        for name, wanted in found.items()
        if not any(wanted <= others and name != other for other, others in found.items())
    )


@cache
def tags_of_models() -> dict[str, frozenset[str]]:
    """Its table of data models and datasets ("Model_Dataset") and their tags."""
    with zipfile.ZipFile(cim.wheel()) as archive:
        tree = ast.parse(archive.read(_TAGS_OF_MODELS))
    (table,) = (node.value for node in tree.body if isinstance(node, ast.Assign))
    return {name: frozenset(tags) for name, tags in ast.literal_eval(table).items()}


def _with_colons(name: str) -> str:
    """Databases_Database_Query_Query_Stats -> Databases:Database_Query:Query_Stats."""
    models = {model.replace(" ", "_"): roots for model, roots in cim.models().items()}
    model = max((model for model in models if f"{name}_".startswith(f"{model}_")), key=len)
    parts, rest = [model], name[len(model) + 1 :]
    known = {
        dataset.path.split(".")[-1].replace(" ", "_") for root in models[model] for dataset in _all(root)
    }
    while rest:
        part = max((one for one in known if f"{rest}_".startswith(f"{one}_")), key=len, default=rest)
        parts.append(part)
        rest = rest[len(part) + 1 :]
    return ":".join(parts)


def _recommended(sample: Sample) -> Iterator[str]:
    """The fields of the datasets whose tags the event has."""
    tags = set(sample.expected_tags)
    for roots in cim.models().values():
        for dataset in (dataset for root in roots for dataset in _all(root)):
            if any(wanted <= tags for wanted in dataset.tags):
                yield from (field.name for field in dataset.fields)


def _all(dataset: Dataset) -> Iterator[Dataset]:
    yield dataset
    for child in dataset.children:
        yield from _all(child)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    written = write(parser.parse_args().folder)
    sys.stdout.write(f"{len(written) - 1} sourcetypes in {written[0].parent}\n")


if __name__ == "__main__":
    main()
