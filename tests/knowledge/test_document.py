"""docs/log-types.md is what the table, the samples and the rules make of it."""

from __future__ import annotations

from tests.knowledge import document, samples


def test_the_page_is_up_to_date() -> None:
    page = document.PLACE.read_text(encoding="utf-8")
    assert page == document.from_source(), "run `make knowledge`"


def test_the_page_names_every_topic_and_sourcetype() -> None:
    page = document.PLACE.read_text(encoding="utf-8")
    for row in samples.log_types():
        assert f"`{row.topic or row.sourcetype}`" in page
