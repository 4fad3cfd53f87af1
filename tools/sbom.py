"""Writes sbom.cdx.json: a CycloneDX bill of what ships, the same for the same package.

The Python libraries are named with the SHA-256 of the files they come from. Compiled ones come from a file
for each target, so those stand among a library's distributions. Of what a library has compiled into itself
(the LZ4 library in lz4, Rust crates in orjson) its files do not tell.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timezone
from pathlib import Path

from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component as Entry
from cyclonedx.model.component import ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from tools.components import Component, Shipped
from tools.step import APP

NAME = "sbom.cdx.json"


def write(tree: Path, shipped: Shipped, version: str, epoch: int) -> None:
    """Write it into `tree`, dated `epoch` (seconds)."""
    (tree / NAME).write_text(document(shipped, version, epoch), encoding="utf-8")


def document(shipped: Shipped, version: str, epoch: int) -> str:
    """The bill: the app needs the libraries and ucc-gen, and that brings the pages' packages."""
    app = Entry(
        name=APP,
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref=f"{APP}@{version}",
        licenses=[LicenseFactory().make_from_string("Apache-2.0")],
    )
    needed, scripts = ([_entry(c) for c in listed] for listed in (shipped.libraries, shipped.parts))
    pages = _entry(shipped.builder)
    bom = Bom(components=[*needed, pages, *scripts], serial_number=uuid.UUID(int=0))
    bom.metadata.component = app
    bom.metadata.timestamp = datetime.fromtimestamp(epoch, timezone.utc)
    bom.register_dependency(app, [*needed, pages])
    bom.register_dependency(pages, scripts)
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_OID, JsonV1Dot6(bom).output_as_string())
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


def _entry(component: Component) -> Entry:
    group, _, name = component.name.rpartition("/")
    purl = PackageURL(component.kind, group or None, name, component.version)
    digests = [_hash(digest) for _, digest in component.files]
    stated = component.licence != "null"  # as a package says it that states none
    return Entry(
        name=name,
        group=group or None,
        version=component.version,
        type=ComponentType.LIBRARY,
        bom_ref=str(purl),
        purl=purl,
        licenses=[LicenseFactory().make_from_string(component.licence)] if stated else None,
        hashes=digests if len(digests) == 1 else None,
        external_references=[
            ExternalReference(
                type=ExternalReferenceType.DISTRIBUTION, url=XsUri(file), hashes=[_hash(digest)]
            )
            for file, digest in component.files
            if file
        ],
    )


def _hash(digest: str) -> HashType:
    return HashType(alg=HashAlgorithm.SHA_256, content=digest)
