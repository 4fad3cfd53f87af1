"""A new package over an installation of an earlier release: accounts, inputs and checkpoints go on."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.addon import SCHEME
from tests.functional.harness import PROJECT, Forwarder, Traffic, ends, wait_for
from tests.functional.installation import PAGES, READ_BY, prepare, shown
from tests.functional.recorded import Installation, Places, recorded, save_ends
from tests.pythons import pythons_for_splunk
from tests.standins.sls import SlsServer

EACH = 6
IN_FORCE = ("default/", "metadata/", "README/")
"""Splunk reads what lies there because it lies there."""

WARNING = re.compile(r"level=(WARNING|ERROR|CRITICAL)")


@pytest.fixture(params=recorded(), ids=lambda found: str(found.version))
def installation(request: pytest.FixtureRequest) -> Installation:
    found: Installation = request.param
    return found


@pytest.fixture
def forwarder(installation: Installation, sls: SlsServer, tmp_path: Path) -> Iterator[Forwarder]:
    """One that has the earlier release and is stopped."""
    prepare(sls)
    installation.put(tmp_path / "hf1", Places(sls))
    forwarder = Forwarder(tmp_path / "hf1", sls, pythons=pythons_for_splunk())
    yield forwarder
    forwarder.close()
    assert forwarder.problems() == []


def test_everything_goes_on_from_where_it_was(
    forwarder: Forwarder, installation: Installation, sls: SlsServer, spl: Path
) -> None:
    read, unread = Traffic(sls.control, seed=1), Traffic(sls.control, seed=2)
    put(read)
    save_ends(sls, installation)
    put(unread)

    forwarder.install(spl)  # over the old files, which stay
    forwarder.start()
    says_the_same(forwarder, installation, *PAGES)
    unread.wait_until_all_arrived(forwarder)
    wait_for(lambda: saved_to_the_end(sls, installation), 15, "the checkpoints to follow")
    forwarder.stop()

    forwarder.knobs.upgrade_keeps_old_files = False
    forwarder.install(spl)  # in place of the old files
    put(unread)
    forwarder.start()
    says_the_same(forwarder, installation, SCHEME)
    assert unread.wait_until_all_arrived(forwarder).total.duplicate == 0
    assert forwarder.event_count("sourcetype LIKE 'alibaba:%'") == 2 * EACH * len(READ_BY)
    routed = forwarder.events("host = 'edge-1'")
    assert {(event.sourcetype, event.source, event.index) for event in routed} == {
        ("alibaba:ours", "sls: second", "history")
    }
    assert [line for line in forwarder.addon.log_text().splitlines() if WARNING.search(line)] == []


def put(traffic: Traffic) -> None:
    for logstore in READ_BY.values():
        traffic.put(EACH, logstore=logstore, group_size=2)


def says_the_same(forwarder: Forwarder, installation: Installation, *pages: str) -> None:
    """The pages list the same accounts and inputs, with the same values of every setting there was."""
    found, before = shown(forwarder, pages), installation.shown(Places(forwarder.sls))
    for page in pages:
        assert found[page].keys() == before[page].keys()
        for name, settings in before[page].items():
            assert {key: found[page][name].get(key) for key in settings} == settings, (page, name)


def saved_to_the_end(sls: SlsServer, installation: Installation) -> bool:
    """Every group, and no other than those of the earlier release, has read its logstore to the end."""
    for logstore, expected in installation.groups().items():
        groups = sls.control.consumer_groups(PROJECT, logstore)
        assert groups.keys() == expected.keys()
        for group in groups.values():
            if {n: row["checkpoint"] for n, row in group["shards"].items()} != ends(sls, logstore):
                return False
    return True


def test_no_file_that_splunk_reads_is_left_behind(installation: Installation, spl: Path) -> None:
    """An upgrade removes nothing. What is to go from these folders goes by shipping it empty."""
    with tarfile.open(spl) as package:
        shipped = {member.name.partition("/")[2] for member in package.getmembers()}
    left = set(installation.files) - shipped
    assert sorted(name for name in left if name.startswith(IN_FORCE)) == []
